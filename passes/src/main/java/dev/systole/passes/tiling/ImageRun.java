package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Nodes that follow one another and work on each image by itself, while the values of all images do not fit SBUF: a few images pass
 * through all of them before the next ones do, so that what is between two nodes stays on chip.
 *
 * @param nodes with the constants between them
 * @param shared values that other nodes read, too, in the order of the nodes that make them
 * @param images that there are
 * @param step images at a time
 */
record ImageRun(List<Node> nodes, List<Value> shared, long images, long step) {

    /** The index after the run that begins at a node; the node's own if there is none. */
    static int end(Target target, Graph graph, int first) {
        var known = new HashSet<Value>();
        long images = 0;
        int end = first;
        int count = 0;
        for (int i = first; i < graph.nodes().size(); i++) {
            var node = graph.nodes().get(i);
            if (slides(node.op())) {
                long n = node.outputs().getFirst().type().shape().dim(0);
                if (n < 2 || images > 0 && n != images || !isLarge(target, node)) {
                    break;
                }
                images = n;
                count++;
                end = i + 1;
            } else if (node.op() instanceof Op.Constant
                    || node.op() instanceof Op.Broadcast && known.containsAll(node.inputs())) {
                known.addAll(node.outputs());
            } else {
                break;
            }
        }
        return count > 1 ? end : first;
    }

    static ImageRun of(Target target, Graph graph, int first, int end) {
        var nodes = graph.nodes().subList(first, end);
        var made = new LinkedHashSet<Value>();
        nodes.stream().filter(n -> slides(n.op())).forEach(n -> made.addAll(n.outputs()));
        var read = new HashSet<>(graph.outputValues());
        for (int i = end; i < graph.nodes().size(); i++) {
            read.addAll(graph.nodes().get(i).inputs());
        }
        var shared = made.stream().filter(read::contains).toList();
        long images = made.iterator().next().type().shape().dim(0);
        long most = nodes.stream()
                .filter(n -> slides(n.op()))
                .mapToLong(n -> bytes(target, made, n) / images)
                .max()
                .orElseThrow();
        long fit = Math.clamp(target.memory().sbufBytesPerPartition() / 4 / Math.max(1, most), 1, images);
        return new ImageRun(nodes, shared, images, Math.ceilDiv(images, Math.ceilDiv(images, fit)));
    }

    /** Convolutions and reductions of windows. */
    static boolean slides(Op op) {
        return op instanceof Op.WindowReduce
                || op instanceof Op.Fused(var kind, var body) && kind == Op.FusionKind.CONVOLUTION;
    }

    /** True for an operand whose first dimension is the result's images: all but a convolution's weights. */
    static boolean isOfImages(Node node, int operand) {
        if (!(node.op() instanceof Op.Fused(var kind, var body))) {
            return true;
        }
        return !Expression.convolution(body)
                .orElseThrow()
                .input(1)
                .equals(body.inputs().get(operand).value());
    }

    /** True if the values of all images would take much of SBUF. */
    private static boolean isLarge(Target target, Node node) {
        long most = target.memory().sbufBytesPerPartition() / 8;
        return Stream.concat(node.outputs().stream(), Stream.of(node.input(0))).anyMatch(v -> bytes(target, v) > most);
    }

    /** In a partition, of what a node reads and writes of the run's values. */
    private static long bytes(Target target, Set<Value> made, Node node) {
        return Stream.concat(node.inputs().stream().filter(made::contains), node.outputs().stream())
                .mapToLong(v -> bytes(target, v))
                .sum();
    }

    private static long bytes(Target target, Value v) {
        var shape = v.type().shape();
        long planes = Math.ceilDiv(shape.dim(1), target.memory().partitions());
        return shape.dim(0)
                * planes
                * shape.dim(2)
                * shape.dim(3)
                * v.type().dtype().carrier().bytes();
    }
}
