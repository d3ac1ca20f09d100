package dev.systole.frontend.sy;

/** How much elaboration may do, so that a short text cannot ask for more than there is. Mutable. */
final class Budget {
    private static final int MOST_STEPS = 1_000_000;
    private static final int MOST_NODES = 1 << 17;

    /** Of numbers that the text makes; what files hold is mapped and does not count. */
    private static final long MOST_BYTES = 2L << 30;

    /** Expressions in expressions and calls in calls; measured: 1 MiB of stack holds twice as many. */
    private static final int DEEPEST = 400;

    private final Faults faults;
    private int steps;
    private int nodes;
    private long bytes;
    private int depth;

    /** @param faults that are reported when the budget is spent */
    Budget(Faults faults) {
        this.faults = faults;
    }

    /**
     * Counts a statement that is carried out.
     *
     * @throws SyException with all faults so far if it is one too many, which ends the elaboration
     */
    void step(Site site) {
        if (++steps > MOST_STEPS) {
            end(site, "the model carries out more than " + MOST_STEPS + " statements");
        }
    }

    /** The same of a node of the model. */
    void node(Site site) {
        if (++nodes > MOST_NODES) {
            end(site, "the model has more than " + MOST_NODES + " nodes");
        }
    }

    /** The same of numbers that are not in a file. */
    void numbers(Site site, long more) {
        bytes += more;
        if (more > MOST_BYTES || bytes > MOST_BYTES) {
            end(
                    site,
                    "the model makes more than " + (MOST_BYTES >> 20)
                            + " MiB of numbers itself; large parameters belong in a file");
        }
    }

    /** The same of an expression that is begun. */
    void enter(Site site) {
        if (++depth > DEEPEST) {
            end(site, "calls and expressions nest deeper than " + DEEPEST);
        }
    }

    /** Counts an expression that is done. */
    void leave() {
        depth--;
    }

    private void end(Site site, String why) {
        faults.add(new SyError("SYS1515", site, why).fault());
        faults.check();
    }
}
