package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import java.util.HashSet;
import java.util.Set;

/**
 * Which values of a graph nothing reads, through views and copies, but products that contract them.
 *
 * @param readOtherwise all others
 */
record Contracted(Set<Value> readOtherwise) {
    static Contracted in(Graph graph) {
        var found = new HashSet<>(graph.outputValues());
        for (var node : graph.nodes().reversed()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                boolean passes = node.op().isView() || node.op() instanceof Op.Relayout;
                if (passes ? found.contains(node.output()) : !contracts(node.op(), i)) {
                    found.add(node.input(i));
                }
            }
        }
        return new Contracted(found);
    }

    boolean contains(Value v) {
        return !readOtherwise.contains(v);
    }

    private static boolean contracts(Op op, int operand) {
        if (!(op instanceof Op.Fused(var kind, var body))
                || kind != Op.FusionKind.MATMUL && kind != Op.FusionKind.ATTENTION) {
            return false;
        }
        var parameter = body.inputs().get(operand).value();
        return !body.outputValues().contains(parameter)
                && body.nodes().stream()
                        .filter(n -> n.inputs().contains(parameter))
                        .allMatch(n -> n.op() instanceof Op.MatMul);
    }
}
