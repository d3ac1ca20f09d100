package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Afterwards products of many vectors, each with a small matrix or another vector of its own, are sums of elementwise products. The array
 * takes one matrix at a time, and needs its operands on partitions; lanes take a matrix each, where it lies.
 *
 * <p>Two designs were considered. Blocks of 32 rows and columns of the array hold 16 small matrices at once, but each operand has to be
 * brought to its block. Lanes need nothing brought if at most one operand is spread along a row: a thousand scalar products of 64 take 30
 * microseconds instead of 1800. Products of many matrices with matrices stay with the array: there one of them would have to be turned.
 */
public final class MultiplyVectors implements GraphPass {
    /** Multiplications of one product up to which a lane is faster than the array with all that it needs, 0.4 to 2 microseconds a product. */
    private static final long MOST_MULTIPLICATIONS = 1024;

    /** Fewer leave lanes without work. */
    private final int fewestProducts;

    /** @param partitions of the machine, with a product each */
    public MultiplyVectors(int partitions) {
        fewestProducts = partitions / 2;
    }

    @Override
    public String name() {
        return "multiply-vectors";
    }

    @Override
    public Graph run(Graph graph) {
        return Rewriting.apply(graph, List.of(this::product));
    }

    private Optional<Value> product(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.MatMul(var dtype))) {
            return Optional.empty();
        }
        var left = in.get(0).type().shape();
        int rank = left.rank();
        long rows = left.dim(rank - 2);
        long depth = left.dim(rank - 1);
        long columns = in.get(1).type().shape().dim(rank - 1);
        long multiplications = rows * depth * columns;
        boolean isSmall = multiplications > 0 && multiplications <= MOST_MULTIPLICATIONS;
        boolean hasVector = rows == 1 || columns == 1 || depth == 1;
        if (!isSmall
                || !hasVector
                || left.elements() / (rows * depth) < fewestProducts
                || in.stream().anyMatch(v -> isSpread(r, v))) {
            return Optional.empty();
        }
        // [batch..., rows, columns, depth]
        var dims = new ArrayList<>(left.dims().asList());
        dims.add(rank - 1, columns);
        var product = Shape.of(dims);
        var a = r.reshape(r.cast(in.get(0), dtype), product.with(rank - 1, 1));
        var turned = r.transpose(r.cast(in.get(1), dtype), swapped(rank));
        var b = r.reshape(turned, product.with(rank - 2, 1));
        var all = r.add(new Op.Binary(BinaryOp.MUL), r.broadcast(a, product), r.broadcast(b, product));
        var sum = depth == 1 ? all : r.add(new Op.Reduce(ReduceOp.SUM, List.of(rank)), all);
        return Optional.of(r.reshape(sum, Shape.of(dims.subList(0, rank))));
    }

    /** True for one matrix in place of many: all rows are multiplied by it at once. */
    private static boolean isSpread(Rewriting r, Value v) {
        return r.definition(v).filter(n -> n.op() instanceof Op.Broadcast).isPresent();
    }

    private static List<Integer> swapped(int rank) {
        var order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        order.set(rank - 2, rank - 1);
        order.set(rank - 1, rank - 2);
        return order;
    }
}
