package dev.systole.ir.graph;

import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.text.Literals;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.text.TextException;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the printed form of graphs, see {@link GraphPrinter}. Mutable: one graph. */
public final class GraphParser {
    private final Scanner s;
    private final Constants constants;
    private final List<Graph.Parameter> inputs = new ArrayList<>();
    private final List<Graph.Result> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private Contract contract = Contract.NONE;
    private final Map<Value, Layout> layouts = new HashMap<>();
    private final Map<Integer, Value> values = new HashMap<>();

    private GraphParser(Scanner s, Constants constants) {
        this.s = s;
        this.constants = constants;
    }

    /**
     * @param source the file, as messages call it
     * @param constants where constants that are printed as hashes come from
     * @throws TextException if the text is no graph; what {@link GraphVerifier} asks of a graph is not checked
     */
    public static Graph parse(String text, String source, Constants constants) {
        var s = new Scanner(text, source);
        s.expectWord("graph");
        var graph = new GraphParser(s, constants).graph();
        if (!s.isAtEnd()) {
            throw s.fault("expected nothing more");
        }
        return graph;
    }

    private Graph graph() {
        s.enter();
        var name = s.string("the graph's name");
        s.expect("{");
        while (!s.accept("}")) {
            if (s.seesWord("state") || s.seesWord("extent")) {
                contract = contract.and(Contract.parse(s));
            } else if (s.acceptWord("output")) {
                outputs.add(new Graph.Result(s.string("the output's name"), value()));
            } else {
                definition();
            }
        }
        s.leave();
        return new Graph(name, inputs, outputs, contract, nodes, layouts);
    }

    private int id() {
        s.expect("%");
        return s.integer("a value's number", 0, Integer.MAX_VALUE - 1);
    }

    private Value value() {
        int place = s.mark();
        int id = id();
        var v = values.get(id);
        if (v == null) {
            throw s.fault("%" + id + " is not defined before this", place);
        }
        return v;
    }

    private Value define(int id, TensorType type, int place) {
        var v = new Value(id, type);
        if (values.putIfAbsent(id, v) != null) {
            throw s.fault("%" + id + " is defined twice", place);
        }
        return v;
    }

    private void definition() {
        int place = s.mark();
        var ids = new ArrayList<Integer>();
        do {
            ids.add(id());
        } while (s.accept(","));
        s.expect("=");
        if (s.acceptWord("input")) {
            var name = s.string("the input's name");
            s.expect(":");
            inputs.add(new Graph.Parameter(name, define(ids.getFirst(), Literals.type(s), place)));
            layout(inputs.getLast().value());
            return;
        }
        int opPlace = s.mark();
        var mnemonic = s.word("an operator");
        var in = new ArrayList<Value>();
        if (s.sees("%")) {
            do {
                in.add(value());
            } while (s.accept(","));
        }
        s.expect(":");
        var out = new ArrayList<Value>();
        for (int i = 0; i < ids.size(); i++) {
            if (i > 0) {
                s.expect(",");
            }
            out.add(define(ids.get(i), Literals.type(s), place));
            layout(out.getLast());
        }
        var attributes = new Attributes(out.getFirst().type());
        if (s.acceptOnLine("{")) {
            attributes.read();
            s.expect("}");
        }
        var location =
                s.comment().map(text -> Location.parse(s.unescaped(text))).orElse(Location.COMPILER);
        while (s.acceptWord("region")) {
            attributes.regions.add(new GraphParser(s, constants).graph());
        }
        var op = op(mnemonic, out.getFirst().type(), attributes)
                .orElseThrow(() -> s.fault("there is no operator \"" + mnemonic + "\" with these attributes", opPlace));
        nodes.add(new Node(op, in, out, location));
    }

    private void layout(Value v) {
        if (!s.acceptOnLine("layout(")) {
            return;
        }
        int place = s.mark();
        int rank = v.type().shape().rank();
        var order = new ArrayList<Integer>();
        do {
            order.add(s.integer("a dimension", 0, Math.max(0, rank - 1)));
        } while (s.accept(","));
        s.expect(")");
        if (order.size() != rank || order.stream().distinct().count() != rank) {
            throw s.fault("a layout names each of the " + rank + " dimensions once", place);
        }
        layouts.put(v, new Layout(order));
    }

    /** What stands in braces behind an operation, and its regions. */
    private final class Attributes {
        private final TensorType type;
        private final Map<String, List<Long>> lists = new HashMap<>();
        private final Map<String, Long> numbers = new HashMap<>();
        private final List<String> flags = new ArrayList<>();
        private final List<Graph> regions = new ArrayList<>();
        private Optional<Op> constant = Optional.empty();

        Attributes(TensorType type) {
            this.type = type;
        }

        void read() {
            if (s.sees("value") || s.sees("splat") || s.sees("sha256")) {
                constant = Optional.of(new Op.Constant(Literals.parse(s, type, constants)));
                return;
            }
            do {
                var name = s.word("an attribute");
                if (!s.accept(":")) {
                    flags.add(name);
                } else if (s.sees("[")) {
                    lists.put(name, s.integers("a number"));
                } else {
                    numbers.put(name, s.integer("a number"));
                }
            } while (s.accept(","));
        }

        boolean has(String flag) {
            return flags.contains(flag);
        }

        long number(String name) {
            if (!numbers.containsKey(name)) {
                throw s.fault("the operation before this needs the attribute \"" + name + "\"");
            }
            return numbers.get(name);
        }

        int axis() {
            return (int) Math.clamp(number("axis"), -1, Integer.MAX_VALUE);
        }

        /** Of the result along the axis. */
        long extent() {
            var shape = type.shape();
            if (axis() < 0 || axis() >= shape.rank()) {
                throw s.fault("the operation before this has no axis " + axis() + ": its result is " + type);
            }
            return shape.dim(axis());
        }

        List<Long> list(String name) {
            if (!lists.containsKey(name)) {
                throw s.fault("the operation before this needs the attribute \"" + name + "\"");
            }
            return lists.get(name);
        }

        List<Integer> axes(String name) {
            return list(name).stream()
                    .map(x -> (int) Math.clamp(x, -1, Integer.MAX_VALUE))
                    .toList();
        }

        Graph region(int i) {
            if (regions.size() <= i) {
                throw s.fault("the operation before this needs another region");
            }
            return regions.get(i);
        }
    }

    private Optional<Op> op(String mnemonic, TensorType type, Attributes a) {
        var simple = switch (mnemonic) {
            case "constant" -> a.constant;
            case "iota" -> Optional.<Op>of(new Op.Iota(type, a.axis()));
            case "random" -> Optional.<Op>of(new Op.Random(type, a.number("seed")));
            case "select" -> Optional.<Op>of(new Op.Select());
            case "cast" -> Optional.<Op>of(new Op.Cast(type.dtype(), a.has("saturate")));
            case "bitcast" -> Optional.<Op>of(new Op.Bitcast(type.dtype()));
            case "broadcast" -> Optional.<Op>of(new Op.Broadcast(type.shape()));
            case "reshape" -> Optional.<Op>of(new Op.Reshape(type.shape()));
            case "transpose" -> Optional.<Op>of(new Op.Transpose(a.axes("permutation")));
            case "slice" ->
                Optional.<Op>of(
                        new Op.Slice(a.list("starts"), type.shape().dims().asList(), a.list("steps")));
            case "pad" -> Optional.<Op>of(new Op.Pad(a.list("low"), a.list("high")));
            case "concat" -> Optional.<Op>of(new Op.Concat(a.axis()));
            case "gather" -> Optional.<Op>of(new Op.Gather());
            case "gather_elements" -> Optional.<Op>of(new Op.GatherElements(a.axis()));
            case "argmax", "argmin" ->
                Optional.<Op>of(new Op.ArgReduce(mnemonic.equals("argmax"), a.axis(), a.has("last")));
            case "sort" -> Optional.<Op>of(new Op.Sort(a.axis(), a.has("descending")));
            case "topk" -> Optional.<Op>of(new Op.TopK(a.axis(), a.extent(), !a.has("smallest")));
            case "recurrence" -> Optional.<Op>of(new Op.Recurrence(a.axis()));
            case "matmul" -> Optional.<Op>of(new Op.MatMul(type.dtype()));
            case "convolution" ->
                Optional.<Op>of(new Op.Convolution(
                        type.dtype(),
                        a.list("strides"),
                        a.list("low"),
                        a.list("high"),
                        a.list("dilations"),
                        a.number("groups")));
            case "if" -> Optional.<Op>of(new Op.If(a.region(0), a.region(1)));
            case "loop" -> Optional.<Op>of(new Op.Loop(a.number("count"), a.region(0)));
            case "relayout" -> Optional.<Op>of(new Op.Relayout());
            default -> Optional.<Op>empty();
        };
        return simple.or(() -> function(mnemonic)).or(() -> prefixed(mnemonic, a));
    }

    private static Optional<Op> function(String mnemonic) {
        return named(UnaryOp.values(), mnemonic)
                .<Op>map(Op.Unary::new)
                .or(() -> named(BinaryOp.values(), mnemonic).map(Op.Binary::new));
    }

    private static Optional<Op> prefixed(String mnemonic, Attributes a) {
        int at = mnemonic.indexOf('_');
        if (at < 0) {
            return Optional.empty();
        }
        var rest = mnemonic.substring(at + 1);
        return switch (mnemonic.substring(0, at)) {
            case "scatter" -> named(Op.ScatterMode.values(), rest).map(Op.Scatter::new);
            case "reduce" -> named(ReduceOp.values(), rest).map(f -> new Op.Reduce(f, a.axes("axes")));
            case "scan" ->
                named(ReduceOp.values(), rest).map(f -> new Op.Scan(f, a.axis(), a.has("exclusive"), a.has("reverse")));
            case "window" ->
                named(ReduceOp.values(), rest)
                        .map(f -> new Op.WindowReduce(
                                f,
                                a.list("window"),
                                a.list("strides"),
                                a.list("low"),
                                a.list("high"),
                                a.list("dilations")));
            case "fused" -> named(FusionKind.values(), rest).map(k -> new Op.Fused(k, a.region(0)));
            default -> Optional.empty();
        };
    }

    private static <T extends Enum<T>> Optional<T> named(T[] all, String mnemonic) {
        return Arrays.stream(all)
                .filter(f -> f.name().toLowerCase(Locale.ROOT).equals(mnemonic))
                .findFirst();
    }
}
