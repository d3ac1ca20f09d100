package dev.systole.trainium.isa;

import java.util.List;
import java.util.Locale;

/**
 * What an instruction does with the accumulators of its engine, one fp32 value a partition (nki.isa.reduce_cmd). What an accumulator
 * holds after an instruction that could have used it but was idle is not defined.
 */
public enum ReduceCommand {
    /** Leaves them alone. */
    IDLE,
    /** Sets them to the reduction's identity and does not reduce. */
    RESET,
    /** Reduces into what they hold. */
    REDUCE,
    /** Reduces from the identity. */
    RESET_REDUCE,
    /** Reduces from a value that the instruction brings. */
    LOAD_REDUCE;

    static final List<ReduceCommand> ALL = List.of(values());

    /** True if results go into the accumulators. */
    public boolean reduces() {
        return this == REDUCE || this == RESET_REDUCE || this == LOAD_REDUCE;
    }

    /** The printed name. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
