package dev.systole.frontend.sy;

import java.util.List;
import java.util.Map;

/**
 * What all parts of one elaboration share.
 *
 * @param functions of the file, by name
 * @param states that were declared so far; grows
 */
record Elaboration(
        Map<String, Syntax.Function> functions,
        Faults faults,
        Emission emission,
        Parameters parameters,
        Budget budget,
        List<State> states) {

    /**
     * A state.
     *
     * @param next name of the output
     * @param variable that holds its next value in the end
     */
    record State(Term.Flow input, String next, Scope.Variable variable, Site site) {}
}
