package dev.systole.passes;

import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import java.util.Map;
import java.util.Optional;

/**
 * Estimates of how long a product of two matrices takes with its result in a layout, which says what is stationary. Rows of the result that lie on partitions
 * are columns of what is stationary; a short side had better pass the array, a middling one be stationary: fp32 products begin anew for
 * each block and each of their passes.
 *
 * @param definitions of the values of the graph
 */
record ProductSeconds(Target target, Map<Value, Node> definitions) {
    /** While the array multiplies in a region of products. */
    double of(Node region, Layout layout) {
        double cycles = ((Op.Fused) region.op())
                .body().nodes().stream()
                        .filter(n -> n.op() instanceof Op.MatMul)
                        .mapToDouble(n -> cycles(n, layout))
                        .sum();
        return cycles / target.tensor().clockHz();
    }

    /** While the weights of a region of products come from memory. */
    double ofWeights(Node region) {
        long weights = region.inputs().stream()
                .distinct()
                .filter(v ->
                        origin(v).filter(n -> n.op() instanceof Op.Constant).isPresent())
                .mapToLong(v -> v.type().bytes())
                .sum();
        double memory =
                Math.min(target.dma().bytesPerSecondPerCore(), target.memory().hbmBytesPerSecondPerCore());
        return weights / memory;
    }

    /**
     * While TensorE transposes so many elements, which lie like those of a result, and while these are copied from PSUM: both take as long for
     * part of a block as for a whole one. Many matrices are turned beside each other.
     */
    double ofTurning(long elements, TensorType result) {
        var array = target.tensor();
        double transpose = (result.dtype() == DType.F32 ? array.fp32TransposePassFactor() : 1) / array.clockHz();
        double copy = 1 / target.vector().clockHz();
        double filled = result.shape().dims().asList().stream()
                .filter(n -> result.shape().rank() == 2)
                .mapToDouble(this::filled)
                .reduce(1, (a, b) -> a * b);
        return elements / filled / array.maxContractionRows() * (transpose + copy);
    }

    private double filled(long size) {
        int block = target.tensor().maxContractionRows();
        return (double) Math.max(1, size) / (Math.ceilDiv(Math.max(1, size), block) * block);
    }

    private double cycles(Node product, Layout layout) {
        var array = target.tensor();
        var shape = product.type().shape();
        boolean isTurned = !layout.isNatural();
        long stationary = shape.dim(isTurned ? 1 : 0);
        long moving = shape.dim(isTurned ? 0 : 1);
        long blocks = Math.ceilDiv(product.input(0).type().shape().dim(1), array.maxContractionRows())
                * Math.ceilDiv(stationary, array.maxStationaryFree());
        // Few columns of what is stationary leave room for other blocks beside them.
        long ofTile = Math.ceilDiv(moving, array.columns() / array.columnTile(stationary));
        long instructions = Math.ceilDiv(ofTile, array.maxMovingFree());
        double least = Math.min(array.minIssueIntervalCycles(), stationary);
        double cycles = Math.max(ofTile, instructions * least);
        return product.input(0).type().dtype() == DType.F32
                ? blocks * array.fp32PassFactor() * (cycles + instructions * array.fp32PassOverheadCycles())
                : blocks * cycles;
    }

    /** What makes a value, seen through views; nothing makes inputs. */
    private Optional<Node> origin(Value v) {
        var node = definitions.get(v);
        while (node != null && node.op().isView()) {
            node = definitions.get(node.input(0));
        }
        return Optional.ofNullable(node);
    }
}
