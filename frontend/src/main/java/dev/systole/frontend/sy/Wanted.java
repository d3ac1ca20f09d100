package dev.systole.frontend.sy;

import java.util.List;
import java.util.Optional;

/**
 * What becomes of the results of an expression.
 *
 * @param call the variable that is given the whole expression, after which a call is named
 * @param results what is wanted of each
 */
record Wanted(Optional<String> call, List<Result> results) {
    /** One result without a name. */
    static final Wanted ONE = new Wanted(Optional.empty(), List.of(new Result.Unnamed()));

    /** What is wanted of a result. */
    sealed interface Result {
        record Nothing() implements Result {}

        record Unnamed() implements Result {}

        /** A full name, or one like it. */
        record Named(String name) implements Result {}

        /** The reserved name of a result of the model. */
        record Output(String name) implements Result {}
    }

    Wanted {
        results = List.copyOf(results);
    }

    /** The same of one result of several. */
    Wanted member(int i) {
        return new Wanted(Optional.empty(), List.of(results.get(i)));
    }

    /** The same for an expression that a function gives. */
    Wanted inside() {
        return new Wanted(Optional.empty(), results);
    }
}
