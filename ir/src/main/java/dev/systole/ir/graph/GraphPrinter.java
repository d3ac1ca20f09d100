package dev.systole.ir.graph;

import dev.systole.ir.text.Literals;
import dev.systole.ir.text.Scanner;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The printed form of a graph, one operation a line:
 *
 * <pre>
 * graph "model" {
 *   %0 = input "x" : f32[1,128,384]
 *   %2 = matmul %0, %1 : f32[1,128,128]  // /layer.0/MatMul (MatMul)
 *   output "y" %2
 * }
 * </pre>
 *
 * Constants print as {@link Literals} says. {@link GraphParser} reads the form.
 */
public final class GraphPrinter {
    private final StringBuilder out = new StringBuilder();

    private GraphPrinter() {}

    public static String print(Graph graph) {
        var p = new GraphPrinter();
        p.graph("graph", graph, "");
        return p.out.toString();
    }

    private void graph(String head, Graph g, String indent) {
        out.append("%s%s %s {\n".formatted(indent, head, Scanner.quoted(g.name())));
        var inner = indent + "  ";
        for (var p : g.inputs()) {
            out.append("%s%s = input %s : %s%s\n"
                    .formatted(
                            inner,
                            p.value(),
                            Scanner.quoted(p.name()),
                            p.value().type(),
                            layout(g, p.value())));
        }
        out.append(g.contract().lines(inner));
        for (var n : g.nodes()) {
            node(g, n, inner);
        }
        for (var o : g.outputs()) {
            out.append("%soutput %s %s\n".formatted(inner, Scanner.quoted(o.name()), o.value()));
        }
        out.append(indent).append("}\n");
    }

    private void node(Graph g, Node n, String indent) {
        out.append(indent).append(join(n.outputs())).append(" = ").append(n.op().mnemonic());
        if (!n.inputs().isEmpty()) {
            out.append(' ').append(join(n.inputs()));
        }
        var results = n.outputs().stream().map(v -> v.type() + layout(g, v)).collect(Collectors.joining(", "));
        out.append(" : ").append(results);
        var attributes = attributes(n.op());
        if (!attributes.isEmpty()) {
            out.append(" {").append(attributes).append('}');
        }
        if (!n.location().equals(Location.COMPILER)) {
            out.append("  // ").append(Scanner.escaped(n.location().toString()));
        }
        out.append('\n');
        for (var r : n.op().regions()) {
            graph("region", r, indent + "  ");
        }
    }

    private static String layout(Graph g, Value v) {
        var layout = g.layout(v);
        return layout.isNatural() ? "" : " layout" + layout;
    }

    private static String join(List<Value> values) {
        return values.stream().map(Value::toString).collect(Collectors.joining(", "));
    }

    private static String attributes(Op op) {
        return switch (op) {
            case Op.Constant(var tensor) -> Literals.print(tensor);
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
            case Op.Recurrence(var axis) -> "axis: " + axis;
            case Op.Sort(var axis, var descending) -> "axis: " + axis + (descending ? ", descending" : "");
            case Op.TopK(var axis, var k, var largest) -> "axis: " + axis + (largest ? "" : ", smallest");
            case Op.Convolution(var result, var strides, var low, var high, var dilations, var groups) ->
                "strides: %s, low: %s, high: %s, dilations: %s, groups: %d"
                        .formatted(strides, low, high, dilations, groups);
            case Op.WindowReduce(var f, var window, var strides, var low, var high, var dilations) ->
                "window: %s, strides: %s, low: %s, high: %s, dilations: %s"
                        .formatted(window, strides, low, high, dilations);
            case Op.Loop(var count, var body) -> "count: " + count;
            case Op.Unary u -> "";
            case Op.Binary b -> "";
            case Op.Select s -> "";
            case Op.Bitcast b -> "";
            case Op.Unpack u -> "";
            case Op.Pack p -> "";
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
}
