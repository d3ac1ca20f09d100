package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Afterwards every operation on constants alone is a constant, as the interpreter computes it. A broadcast stays what it is, as it
 * costs nothing, and so does a long iota; but what is computed from broadcasts is a constant, so that weights that a model makes
 * from vectors are made once. Elements of less than a byte stay so, unless they are few: the machine unpacks them.
 */
public final class FoldConstants implements GraphPass {
    /** Broadcasts and iotas up to this size are folded, and up to as many elements of less than a byte are widened. */
    static final long SMALL_BYTES = 4096;

    /** Results that are larger than their operands are folded up to this size. */
    private static final long MOST_BYTES = 1L << 28;

    @Override
    public String name() {
        return "fold-constants";
    }

    @Override
    public Graph run(Graph graph) {
        var b = GraphBuilder.rewriting(graph);
        var known = new HashMap<Value, Tensor>();
        var spread = new HashMap<Value, Node>();
        for (var node : graph.nodes()) {
            var uniform = uniform(node, known, spread);
            if (uniform.isPresent()) {
                var scalar = b.at(node.location()).constant(uniform.get());
                known.put(scalar, uniform.get());
                var wide = new Node(
                        new Op.Broadcast(node.type().shape()), List.of(scalar), node.outputs(), node.location());
                spread.put(node.output(), wide);
                b.keep(wide);
            } else if (node.op() instanceof Op.Constant(var tensor)) {
                known.put(node.output(), tensor);
                b.keep(node);
            } else if (isFoldable(node)
                    && node.inputs().stream().allMatch(v -> known.containsKey(v) || spread.containsKey(v))
                    && isWorthwhile(node, node.inputs().stream().allMatch(known::containsKey))) {
                var in = node.inputs().stream()
                        .map(v -> known.containsKey(v) ? known.get(v) : evaluate(spread.get(v), known))
                        .toList();
                var types = node.outputs().stream().map(Value::type).toList();
                List<Tensor> results;
                try {
                    results = GraphInterpreter.evaluate(node.op(), in, types);
                } catch (GraphException e) {
                    // An index outside or a division by zero: an error of the run, if the value is needed at all.
                    b.keep(node);
                    continue;
                }
                for (int i = 0; i < results.size(); i++) {
                    var v = node.outputs().get(i);
                    known.put(v, results.get(i));
                    b.keep(new Node(new Op.Constant(results.get(i)), List.of(), List.of(v), node.location()));
                }
            } else {
                if (node.op() instanceof Op.Broadcast && known.containsKey(node.input(0))) {
                    spread.put(node.output(), node);
                }
                b.keep(node);
            }
        }
        graph.outputs().forEach(o -> b.output(o.name(), o.value()));
        return b.build();
    }

    private static boolean isFoldable(Node node) {
        return !(node.op() instanceof Op.Random
                || node.op() instanceof Op.Unpack
                || node.op() instanceof Op.Pack
                || unpacks(node));
    }

    /** True for what makes wider elements of many that are less than a byte. */
    private static boolean unpacks(Node node) {
        return node.outputs().stream()
                        .anyMatch(v ->
                                v.type().dtype().bits() >= 8 && v.type().shape().elements() > SMALL_BYTES)
                && node.inputs().stream()
                        .anyMatch(v ->
                                v.type().dtype().bits() < 8 && v.type().shape().elements() > SMALL_BYTES);
    }

    /** The one number, of as many dimensions, of what an elementwise operation makes of broadcasts of single numbers. */
    private static Optional<Tensor> uniform(Node node, Map<Value, Tensor> known, Map<Value, Node> spread) {
        if (!node.op().isElementwise() || node.type().shape().elements() < 2) {
            return Optional.empty();
        }
        var numbers = new ArrayList<Tensor>();
        var one = Shape.of(Collections.nCopies(node.type().shape().rank(), 1L));
        for (var v : node.inputs()) {
            var from = spread.get(v);
            if (from == null || from.input(0).type().shape().elements() > 1) {
                return Optional.empty();
            }
            numbers.add(known.get(from.input(0)).reshape(one));
        }
        try {
            return Optional.of(GraphInterpreter.evaluate(
                            node.op(), numbers, List.of(node.type().with(one)))
                    .getFirst());
        } catch (GraphException e) {
            return Optional.empty();
        }
    }

    private static Tensor evaluate(Node node, Map<Value, Tensor> known) {
        return GraphInterpreter.evaluate(node.op(), List.of(known.get(node.input(0))), List.of(node.type()))
                .getFirst();
    }

    /** @param isKnown false if an operand is a broadcast, of which a view costs nothing */
    private static boolean isWorthwhile(Node node, boolean isKnown) {
        long result = node.outputs().stream()
                .mapToLong(v -> v.type().shape().elements())
                .sum();
        long bytes = node.outputs().stream().mapToLong(v -> v.type().bytes()).sum();
        long operands = node.inputs().stream()
                .mapToLong(v -> v.type().shape().elements())
                .sum();
        return switch (node.op()) {
            case Op.Broadcast o -> result <= operands;
            case Op.Reshape o -> isKnown;
            case Op.Transpose o -> isKnown;
            case Op.Slice o -> isKnown;
            case Op.Iota o -> bytes <= SMALL_BYTES;
            default -> bytes <= MOST_BYTES || result <= operands;
        };
    }
}
