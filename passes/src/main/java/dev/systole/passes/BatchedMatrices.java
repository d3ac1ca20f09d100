package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.Shape;
import dev.systole.passes.ValueReaders.Reader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Layouts of values of many matrices, as the scores of texts and heads are, whose rows one after the other would begin at partitions where
 * no operand may: they would pass through memory from region to region, row by row.
 *
 * <ul>
 *   <li>Rows that are reduced between two products lie row by row: row i of all matrices on partition i.
 *   <li>Matrices of a single row each, as one query for each of many keys, are made with their elements on partitions, so that TensorE
 *       turns all of them together for what reduces them, and back for the next product.
 *   <li>What a product contracts of each matrix is copied so that it begins at the first partition.
 * </ul>
 *
 * <p>The other design pads each matrix to where an operand may begin. Then engines compute with what is between, which has to be
 * written first, and 17 rows take as much room as 32.
 */
final class BatchedMatrices {
    /** Lines that are sooner turned together than each by itself. */
    private static final long FEWEST_LINES = 4;

    private final ValueReaders readers;
    private final PartitionStarts starts;
    private final Map<Value, Node> definitions;

    BatchedMatrices(Graph graph, ValueReaders readers, Target target) {
        this.readers = readers;
        this.starts = new PartitionStarts(target.memory());
        this.definitions = graph.definitions();
    }

    /** Layouts of the values that such a node makes, and of those that it reads. */
    Map<Value, Layout> layouts(Node node) {
        var layouts = new HashMap<Value, Layout>();
        if (reducesAmidBlocks(node)) {
            int rank = node.type().shape().rank();
            var rowByRow = Layout.natural(rank).outermost(rank - 2);
            layouts.put(node.output(), rowByRow);
            matrices(node).forEach(v -> layouts.put(v, rowByRow));
        } else if (makesLines(node)) {
            int rank = node.type().shape().rank();
            layouts.put(node.output(), Layout.natural(rank).outermost(rank - 1));
        }
        return layouts;
    }

    /** True for rows of matrices, reduced between two products, that would begin where no operand may. */
    private boolean reducesAmidBlocks(Node node) {
        if (!(node.op() instanceof Op.Fused(var kind, var body))
                || kind != FusionKind.ROWS
                || node.outputs().size() != 1) {
            return false;
        }
        var shape = node.type().shape();
        int rank = shape.rank();
        boolean reduces = body.nodes().stream()
                .anyMatch(n -> n.op() instanceof Op.Reduce(var f, var axes) && axes.equals(List.of(rank - 1)));
        return reduces
                && rank > 2
                && shape.dim(rank - 2) > 1
                && !starts.permit(StridedView.of(shape, Layout.natural(rank)), rank - 2)
                && !readers.isResult(node.output())
                && areReadByProducts(node.output(), Layout.natural(rank).outermost(rank - 2))
                && matrices(node).stream().allMatch(this::isMadeForOneReader);
    }

    private boolean areReadByProducts(Value v, Layout layout) {
        return readers.of(v).stream()
                .allMatch(r ->
                        isProduct(r.node()) && r.sees(v.type().shape(), layout).isPresent());
    }

    /** The operands of as many elements as the result that are computed. */
    private List<Value> matrices(Node node) {
        return node.inputs().stream()
                .filter(v -> v.type().shape().equals(node.type().shape()))
                .filter(v -> definitions.containsKey(v)
                        && !(definitions.get(v).op() instanceof Op.Broadcast
                                || definitions.get(v).op() instanceof Op.Constant))
                .toList();
    }

    private boolean isMadeForOneReader(Value v) {
        return isProduct(definitions.get(v))
                && !readers.isResult(v)
                && readers.of(v).size() == 1;
    }

    /** True for products of a single row each that are reduced next: each would have to come to a partition of its own. */
    boolean makesLines(Node node) {
        if (!isProduct(node) || node.outputs().size() != 1 || readers.isResult(node.output())) {
            return false;
        }
        var shape = node.type().shape();
        var list = readers.of(node.output());
        return areLines(shape, shape.rank() - 1)
                && list.size() == 1
                && list.getFirst().node().op() instanceof Op.Fused(var kind, var body)
                && kind == FusionKind.ROWS;
    }

    /** True for several matrices of a single row or column. */
    private static boolean areLines(Shape shape, int along) {
        int rank = shape.rank();
        return rank > 2
                && shape.dim(along) > 1
                && shape.elements() >= FEWEST_LINES * shape.dim(along)
                && shape.dim(rank - 2) * shape.dim(rank - 1) == shape.dim(along);
    }

    /**
     * The layout in which a product had better see what it contracts of a value of other regions.
     *
     * @param layout that the value has
     * @param isWanted true if the reader would take it as it is
     */
    Optional<Layout> contractedFirst(Value v, Reader reader, Layout layout, boolean isWanted) {
        if (!isProduct(reader.node())
                || !definitions.containsKey(v)
                || !(definitions.get(v).op() instanceof Op.Fused(var kind, var made))
                || kind != FusionKind.MATMUL && kind != FusionKind.ROWS) {
            return Optional.empty();
        }
        var body = ((Op.Fused) reader.node().op()).body();
        var operand = body.inputs().get(reader.operand()).value();
        var product = body.nodes().stream()
                .filter(n -> n.op() instanceof Op.MatMul)
                .findFirst()
                .orElseThrow();
        int rank = product.type().shape().rank();
        int contracted = product.input(0).equals(operand) ? rank - 1 : rank - 2;
        boolean isFactor = product.inputs().contains(operand);
        return reader.sees(v.type().shape(), layout)
                .filter(view -> isFactor)
                .filter(view -> isWanted
                        ? kind == FusionKind.MATMUL && !starts.permit(view, contracted)
                        : areLines(view.shape(), contracted))
                .map(view -> Layout.natural(rank).outermost(contracted));
    }

    static boolean isProduct(Node node) {
        return node.op() instanceof Op.Fused(var kind, var body) && kind == FusionKind.MATMUL;
    }
}
