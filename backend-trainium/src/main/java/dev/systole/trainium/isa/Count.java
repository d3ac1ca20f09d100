package dev.systole.trainium.isa;

/** A bound of a loop: known when the program is made, or what a register holds. */
public sealed interface Count {
    /** A known value. */
    record Immediate(int value) implements Count {
        @Override
        public String toString() {
            return Integer.toString(value);
        }
    }

    /** What a register of the engine's sequencer holds. */
    record Register(int number) implements Count {
        @Override
        public String toString() {
            return "r" + number;
        }
    }
}
