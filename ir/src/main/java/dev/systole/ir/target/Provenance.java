package dev.systole.ir.target;

/** Where a number comes from. */
public sealed interface Provenance {
    /** A page of the AWS Neuron documentation, the public kernel driver, or a derivation from those. */
    record Source(String page) implements Provenance {
        @Override
        public String toString() {
            return page;
        }
    }

    /** No page gives the value; this is why it was chosen. */
    record Assumption(String why) implements Provenance {
        @Override
        public String toString() {
            return why;
        }
    }
}
