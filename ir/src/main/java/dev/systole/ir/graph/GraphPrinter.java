package dev.systole.ir.graph;

import com.google.common.hash.Hashing;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The printed form of a graph, one operation a line:
 *
 * <pre>
 * graph "model" {
 *   %0 = input "x" : f32[1,128,384]
 *   %2 = matmul %0, %1 : f32[1,128,128] {result: f32}  // /layer.0/MatMul (MatMul)
 *   output "y" %2
 * }
 * </pre>
 *
 * Constants of up to eight elements print their values, larger ones their SHA-256.
 */
public final class GraphPrinter {
    private static final int LITERAL_ELEMENTS = 8;

    private final StringBuilder out = new StringBuilder();

    private GraphPrinter() {}

    public static String print(Graph graph) {
        var p = new GraphPrinter();
        p.graph("graph \"" + graph.name() + "\" ", graph, "");
        return p.out.toString();
    }

    private void graph(String head, Graph g, String indent) {
        out.append(indent).append(head).append("{\n");
        var inner = indent + "  ";
        for (var p : g.inputs()) {
            out.append(inner)
                    .append("%s = input \"%s\" : %s"
                            .formatted(p.value(), p.name(), p.value().type()));
            layout(g, p.value());
            out.append('\n');
        }
        for (var s : g.states()) {
            out.append(inner).append("state input %d output %d\n".formatted(s.input(), s.output()));
        }
        for (var n : g.nodes()) {
            node(g, n, inner);
        }
        for (var o : g.outputs()) {
            out.append(inner).append("output \"%s\" %s\n".formatted(o.name(), o.value()));
        }
        out.append(indent).append("}\n");
    }

    private void node(Graph g, Node n, String indent) {
        out.append(indent).append(join(n.outputs())).append(" = ").append(n.op().mnemonic());
        if (!n.inputs().isEmpty()) {
            out.append(' ').append(join(n.inputs()));
        }
        out.append(" : ")
                .append(n.outputs().stream().map(v -> v.type().toString()).collect(Collectors.joining(", ")));
        var attributes = attributes(n.op());
        if (!attributes.isEmpty()) {
            out.append(" {").append(attributes).append('}');
        }
        n.outputs().forEach(v -> layout(g, v));
        if (!n.location().equals(Location.COMPILER)) {
            out.append("  // ").append(n.location());
        }
        out.append('\n');
        for (var r : n.op().regions()) {
            graph("", r, indent + "  ");
        }
    }

    private void layout(Graph g, Value v) {
        var layout = g.layout(v);
        if (!layout.isNatural()) {
            out.append(" layout").append(layout);
        }
    }

    private static String join(List<Value> values) {
        return values.stream().map(Value::toString).collect(Collectors.joining(", "));
    }

    private static String attributes(Op op) {
        return switch (op) {
            case Op.Constant(var tensor) -> literal(tensor);
            case Op.Iota(var type, var axis) -> "axis: " + axis;
            case Op.Random(var type, var seed) -> "seed: " + seed;
            case Op.Cast(var to, var saturate) -> saturate ? "saturate" : "";
            case Op.Transpose(var permutation) -> "permutation: " + permutation;
            case Op.Slice(var starts, var sizes, var steps) -> "starts: " + starts + ", steps: " + steps;
            case Op.Pad(var low, var high) -> "low: " + low + ", high: " + high;
            case Op.Concat(var axis) -> "axis: " + axis;
            case Op.GatherElements(var axis) -> "axis: " + axis;
            case Op.Reduce(var f, var axes) -> "axes: " + axes;
            case Op.ArgReduce(var largest, var axis, var last) -> "axis: " + axis + (last ? ", last" : "");
            case Op.Scan(var f, var axis, var exclusive, var reverse) ->
                "axis: " + axis + (exclusive ? ", exclusive" : "") + (reverse ? ", reverse" : "");
            case Op.Sort(var axis, var descending) -> "axis: " + axis + (descending ? ", descending" : "");
            case Op.Convolution(var strides, var low, var high, var dilations, var groups) ->
                "strides: %s, low: %s, high: %s, dilations: %s, groups: %d"
                        .formatted(strides, low, high, dilations, groups);
            case Op.WindowReduce(var f, var window, var strides, var low, var high, var dilations) ->
                "window: %s, strides: %s, low: %s, high: %s, dilations: %s"
                        .formatted(window, strides, low, high, dilations);
            case Op.Loop(var count, var body) -> "count: " + count;
            case Op.Unary u -> "";
            case Op.Binary b -> "";
            case Op.Select s -> "";
            case Op.Broadcast b -> "";
            case Op.Reshape r -> "";
            case Op.Gather g -> "";
            case Op.Scatter s -> "";
            case Op.MatMul m -> "";
            case Op.If i -> "";
            case Op.Relayout r -> "";
            case Op.Fused f -> "";
        };
    }

    private static String literal(Tensor tensor) {
        long n = tensor.type().shape().elements();
        var dtype = tensor.type().dtype();
        if (n <= LITERAL_ELEMENTS && dtype.bits() >= 8) {
            var values = new StringBuilder("value: [");
            for (long i = 0; i < n; i++) {
                values.append(i == 0 ? "" : ", ").append(element(tensor, i, dtype));
            }
            return values.append(']').toString();
        }
        return "sha256: "
                + Hashing.sha256()
                        .hashBytes(tensor.bytes().asByteBuffer())
                        .toString()
                        .substring(0, 16);
    }

    private static String element(Tensor tensor, long i, DType dtype) {
        return dtype.isFloat()
                ? Float.toString(dev.systole.ir.number.Elements.readFloat(tensor.bytes(), i, dtype))
                : Long.toString(dev.systole.ir.number.Elements.readInteger(tensor.bytes(), i, dtype));
    }
}
