package dev.systole.trainium.isa;

/** The engines of a NeuronCore; each executes an instruction stream of its own. */
public enum Engine {
    TENSOR,
    VECTOR,
    SCALAR,
    GPSIMD,
    SYNC;

    /** The printed name. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
