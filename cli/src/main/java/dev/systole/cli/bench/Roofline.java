package dev.systole.cli.bench;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import dev.systole.passes.AssignPrecision.AutoCast;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a model needs of a machine at least, whatever the program: its multiply-adds at the array's peak, and every input, output and
 * constant once over HBM, constants of equal numbers aside.
 *
 * @param matmulFlops of the products, two for a multiply-add
 * @param matmulSeconds of the array at the peak of the operands' types
 * @param hbmBytes of inputs, outputs and constants
 * @param hbmSeconds of those bytes at the rate of HBM that one core has
 * @param elementOperations of everything that is not a product: one for each element that an operation computes or a reduction reads
 */
record Roofline(double matmulFlops, double matmulSeconds, long hbmBytes, double hbmSeconds, double elementOperations) {
    /** Seconds in which no program can run the model. */
    double seconds() {
        return Math.max(matmulSeconds, hbmSeconds);
    }

    /** Which of both it is. */
    String bound() {
        return matmulSeconds >= hbmSeconds ? "matmul" : "HBM";
    }

    /**
     * @param workload whose imported model the graph is
     * @param cast the type in which f32 products and constants may be held
     */
    static Roofline of(Graph graph, Workload workload, Target target, AutoCast autoCast, DType cast) {
        var narrow = autoCast == AutoCast.NONE ? Optional.<DType>empty() : Optional.of(cast);
        double flops = 0;
        double matmul = 0;
        double elements = 0;
        for (var node : graph.nodes()) {
            flops += flops(node);
            matmul += flops(node) / peak(node, target, narrow);
            elements += elementOperations(node);
        }
        double share = workload.matmulShare().orElse(1);
        long bytes = bytes(graph, narrow);
        return new Roofline(
                flops * share,
                matmul * share,
                bytes,
                bytes / target.memory().hbmBytesPerSecondPerCore(),
                workload.elementOperations().orElse(elements));
    }

    /** Two for each multiply-add of a product; 0 for other operations. */
    static double flops(Node node) {
        return switch (node.op()) {
            case Op.MatMul m ->
                2.0 * node.type().shape().elements() * last(node.input(0).type());
            case Op.Convolution c -> {
                var weights = node.input(1).type().shape();
                yield 2.0 * node.type().shape().elements() * weights.elements() / weights.dim(0);
            }
            default -> 0;
        };
    }

    private static long last(TensorType type) {
        return type.shape().dim(type.shape().rank() - 1);
    }

    private static double peak(Node node, Target target, Optional<DType> narrow) {
        var peak = target.tensor().peak();
        if (node.inputs().isEmpty()) {
            return peak.bf16Flops();
        }
        var given = node.input(0).type().dtype();
        var dtype = given == DType.F32 ? narrow.orElse(given) : given;
        return dtype == DType.F32 ? peak.fp32Flops() : dtype.bits() == 8 ? peak.fp8Flops() : peak.bf16Flops();
    }

    private static double elementOperations(Node node) {
        return switch (node.op()) {
            case Op.Unary u -> node.type().shape().elements();
            case Op.Binary b -> node.type().shape().elements();
            case Op.Select s -> node.type().shape().elements();
            case Op.Reduce r -> node.input(0).type().shape().elements();
            case Op.Recurrence r -> 2.0 * node.type().shape().elements();
            case Op.Scan s -> node.type().shape().elements();
            case Op.WindowReduce w ->
                (double) node.type().shape().elements() * w.window().stream().reduce(1L, (a, b) -> a * b);
            default -> 0;
        };
    }

    private static long bytes(Graph graph, Optional<DType> narrow) {
        long bytes = 0;
        for (var input : graph.inputs()) {
            bytes += carried(input.value().type());
        }
        for (var output : graph.outputs()) {
            bytes += carried(output.value().type());
        }
        var read = rowsRead(graph);
        var live = live(graph);
        for (var node : graph.nodes()) {
            // Equal numbers can stand in instructions.
            boolean held =
                    node.op() instanceof Op.Constant && Op.splat(node.op()).isEmpty();
            if (held && live.contains(node.output())) {
                var type = node.type();
                var narrowed = type.dtype() == DType.F32 ? type.with(narrow.orElse(DType.F32)) : type;
                bytes += Math.min(carried(narrowed), read.getOrDefault(node.output(), Long.MAX_VALUE));
            }
        }
        return bytes;
    }

    private static long carried(TensorType type) {
        return type.stored().bytes();
    }

    /** Of constants that only gathers read: bytes of the rows that they take. */
    private static Map<Value, Long> rowsRead(Graph graph) {
        var rows = new HashMap<Value, Long>();
        for (var node : graph.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                boolean gathers = node.op() instanceof Op.Gather && i == 0;
                long more = gathers ? carried(node.type()) : Long.MAX_VALUE;
                rows.merge(node.input(i), more, (a, b) -> Math.max(a, b) == Long.MAX_VALUE ? Long.MAX_VALUE : a + b);
            }
        }
        return rows;
    }

    /** Values that an output depends on. */
    private static Set<Value> live(Graph graph) {
        var live = new HashSet<>(graph.outputValues());
        for (var node : graph.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(live::contains)) {
                live.addAll(node.inputs());
            }
        }
        return live;
    }
}
