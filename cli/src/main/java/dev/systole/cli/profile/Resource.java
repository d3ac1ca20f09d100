package dev.systole.cli.profile;

/**
 * Something that a run keeps busy.
 *
 * @param name of an engine, or {@link #DMA}
 * @param share of the run in which it is
 */
record Resource(String name, double share) {
    /** The DMA engines of a core together. */
    static final String DMA = "DMA";
}
