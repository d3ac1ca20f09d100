package dev.systole.trainium.isa;

/** The memories that an access can name. */
public enum Memory {
    /** Device memory, one linear space a core. */
    HBM,
    /** The state buffer: partitions by bytes. */
    SBUF,
    /** The partial-sum buffer: partitions by banks. */
    PSUM;

    /** The printed name. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
