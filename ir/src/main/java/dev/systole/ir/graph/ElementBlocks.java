package dev.systole.ir.graph;

import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Elementwise expressions of constants, computed block by block: what is made on the way never exists as a whole, so that a
 * weight that a model makes by twenty operations costs the memory of one.
 */
public final class ElementBlocks {
    /** As many elements as a core's cache holds of each operand while an expression goes over them. */
    private static final long BLOCK = 1 << 12;

    private final Shape shape;
    /** The dimension of which a block has several indices; it has one of those outside and all of those inside. */
    private final int cut;
    /** Elements of the dimensions inside of the one that is cut. */
    private final long row;
    /** Rows of a block, at most. */
    private final long rows;

    private ElementBlocks(Shape shape) {
        this.shape = shape;
        int dimension = 0;
        long inside = shape.elements() / shape.dim(0);
        while (inside > BLOCK) {
            inside /= shape.dim(++dimension);
        }
        cut = dimension;
        row = inside;
        rows = Math.min(BLOCK / inside, shape.dim(dimension));
    }

    /**
     * The value of the last node.
     *
     * @param nodes in order, of one shape with at least one dimension and one element, and of types of at least a byte: elementwise
     *     ones, whose operands are known or made by nodes before, and broadcasts of what is known
     * @throws GraphException as {@link GraphInterpreter#run}
     */
    public static Tensor evaluate(List<Node> nodes, Map<Value, Tensor> known) {
        var result = Tensor.allocate(nodes.getLast().type());
        new ElementBlocks(result.type().shape()).fill(result, nodes, known);
        return result;
    }

    /** Every core fills a run of rows; the tensor is the same however many there are. */
    private void fill(Tensor result, List<Node> nodes, Map<Value, Tensor> known) {
        long height = shape.elements() / row;
        int runs = Math.clamp(height / rows, 1, Runtime.getRuntime().availableProcessors());
        IntStream.range(0, runs)
                .parallel()
                .forEach(i -> fill(result, nodes, known, height * i / runs, height * (i + 1) / runs));
    }

    private void fill(Tensor result, List<Node> nodes, Map<Value, Tensor> known, long begin, long end) {
        try (var arena = Arena.ofConfined()) {
            var buffers = new HashMap<Value, Tensor>();
            for (var node : nodes) {
                var type = node.type().with(Shape.of(rows * row));
                var buffer = new Tensor(type, arena.allocate(type.bytes(), 8));
                buffers.put(node.output(), buffer);
                if (isOfOneNumber(node)) {
                    MovementEvaluation.broadcast(known.get(node.input(0)).reshape(Shape.of(1)), buffer);
                }
            }
            long count;
            for (long first = begin; first < end; first += count) {
                count = Math.min(Math.min(rows, end - first), shape.dim(cut) - first % shape.dim(cut));
                for (var node : nodes) {
                    if (!isOfOneNumber(node)) {
                        boolean isLast = node == nodes.getLast();
                        var block = isLast ? part(result, first, count) : head(buffers.get(node.output()), count);
                        compute(node, block, first, count, known, buffers);
                    }
                }
            }
        }
    }

    private static boolean isOfOneNumber(Node node) {
        return node.op() instanceof Op.Broadcast && node.input(0).type().shape().elements() == 1;
    }

    private void compute(
            Node node, Tensor block, long first, long count, Map<Value, Tensor> known, Map<Value, Tensor> buffers) {
        var operands = node.inputs().stream()
                .map(v -> known.containsKey(v) ? part(known.get(v), first, count) : head(buffers.get(v), count))
                .toList();
        if (node.op() instanceof Op.Broadcast) {
            MovementEvaluation.broadcast(operands.getFirst(), block.reshape(dims(shape, count)));
        } else {
            ElementFunctions.apply(node.op(), operands, block);
        }
    }

    /** The first rows of a buffer. */
    private Tensor head(Tensor buffer, long count) {
        var type = buffer.type().with(Shape.of(count * row));
        return new Tensor(type, buffer.bytes().asSlice(0, type.bytes()));
    }

    /** Rows of a tensor of this shape, or of one that has extents of 1 where it is spread. */
    private Tensor part(Tensor whole, long first, long count) {
        var strides = whole.type().shape().strides();
        long at = 0;
        long index = first;
        for (int d = cut; d >= 0; d--) {
            at += whole.type().shape().dim(d) == 1 ? 0 : index % shape.dim(d) * strides[d];
            index /= shape.dim(d);
        }
        var type = whole.type().with(dims(whole.type().shape(), count));
        return new Tensor(type, whole.bytes().asSlice(at * type.dtype().bytes(), type.bytes()));
    }

    private Shape dims(Shape of, long count) {
        var dims = of.toArray();
        Arrays.fill(dims, 0, cut, 1);
        dims[cut] = Math.min(dims[cut], count);
        return Shape.of(dims);
    }
}
