package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the weights of an attention come to have keys on partitions. Either TensorE computes scores twice, or it transposes weights, which VectorE
 * and ScalarE copy, or the DMA engines transpose them. VectorE and ScalarE pass twice over all scores, of which they can have half each only
 * in part; TensorE passes three times over them. The engines with more to do decide, products counted that can run beside the attention: those
 * that neither lead to it nor follow from it, one share for each attention among them.
 */
record AttentionChoice(Target target, Graph graph) {
    private static final int VECTOR_PASSES = 2;
    private static final int TENSOR_PASSES = 3;

    /** What gives an attention's product with the values what it wants. */
    enum Way {
        SCORES_TWICE,
        TRANSPOSED_BY_TENSOR,
        TRANSPOSED_BY_DMA
    }

    Way of(Node attention, AttentionOperands operands) {
        double scores = operands.pattern().scores().type().shape().elements();
        double vector = VECTOR_PASSES
                * scores
                / target.memory().partitions()
                / target.vector().clockHz();
        double tensor = TENSOR_PASSES * seconds(scores * target.tensor().rows());
        boolean vectorHasMore = vector > tensor + beside(attention);
        if (vectorHasMore && TransposedAttention.applies(operands)) {
            return Way.SCORES_TWICE;
        }
        // The array waits for the first transfer at least as long as it would take for few transposes.
        boolean isShort = tensor / TENSOR_PASSES < target.dma().fixedOverheadSeconds();
        return vectorHasMore || isShort || !AttentionLoops.canTransfer(operands)
                ? Way.TRANSPOSED_BY_TENSOR
                : Way.TRANSPOSED_BY_DMA;
    }

    /** Time of TensorE for products that run beside an attention. */
    private double beside(Node attention) {
        var bound = new HashSet<Node>();
        reach(attention, graph.definitions(), bound);
        follow(attention, bound);
        double products = 0;
        int attentions = 0;
        for (var node : graph.nodes()) {
            if (!bound.contains(node) && node.op() instanceof Op.Fused(var kind, var body)) {
                attentions += kind == FusionKind.ATTENTION ? 1 : 0;
                products += kind == FusionKind.MATMUL ? products(body) : 0;
            }
        }
        return products / Math.max(1, attentions);
    }

    private double products(Graph body) {
        return body.nodes().stream()
                .filter(n -> n.op() instanceof Op.MatMul)
                .mapToDouble(n -> seconds((double) n.type().shape().elements()
                        * n.input(0)
                                .type()
                                .shape()
                                .dim(n.input(0).type().shape().rank() - 1)))
                .sum();
    }

    private double seconds(double multiplyAdds) {
        var tensor = target.tensor();
        return multiplyAdds / tensor.rows() / tensor.columns() / tensor.clockHz();
    }

    private static void reach(Node from, Map<Value, Node> definitions, Set<Node> reached) {
        var open = new ArrayList<>(List.of(from));
        while (!open.isEmpty()) {
            var node = open.removeLast();
            if (reached.add(node)) {
                node.inputs().stream()
                        .filter(definitions::containsKey)
                        .map(definitions::get)
                        .forEach(open::add);
            }
        }
    }

    private void follow(Node from, Set<Node> reached) {
        var following = new HashSet<Value>(from.outputs());
        for (var node : graph.nodes()) {
            if (node.inputs().stream().anyMatch(following::contains)) {
                following.addAll(node.outputs());
                reached.add(node);
            }
        }
    }
}
