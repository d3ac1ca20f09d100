package dev.systole.testdata;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.Level;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Holds every level of a compile that has an interpreter to what the graph computes. What a pass leaves as it was is not computed
 * again. Mutable: one compile.
 */
final class SameMeaning implements BiConsumer<String, Level> {
    private final String what;
    private final List<Tensor> inputs;
    private final List<double[]> expected;
    private final double relative;
    private Level last;

    /** @param relative see {@link Meanings#assertClose(String, List, List, double)} */
    SameMeaning(String what, Graph graph, List<Tensor> inputs, List<double[]> expected, double relative) {
        this.what = what;
        this.inputs = inputs;
        this.expected = expected;
        this.relative = relative;
        last = new Level.OfGraph(graph);
    }

    @Override
    public void accept(String pass, Level level) {
        if (Meanings.inputs(level).isPresent() && !level.equals(last)) {
            Meanings.assertClose(what + " after " + pass, Meanings.run(level, inputs), expected, relative);
        }
        last = level;
    }
}
