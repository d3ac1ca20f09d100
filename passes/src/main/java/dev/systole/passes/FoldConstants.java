package dev.systole.passes;

import dev.systole.ir.graph.ElementBlocks;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** Weights that are all one number are made up to this size, so that they are laid out as others are. */
    private static final long MOST_WEIGHT_BYTES = 1L << 24;

    /** Elementwise results from this size are computed with what uses them. */
    private static final long LONG_ELEMENTS = 1 << 14;

    /** At most so many operations are computed together, so that one that is used twice is not made twice too often. */
    private static final int MOST_PENDING = 64;

    @Override
    public String name() {
        return "fold-constants";
    }

    @Override
    public Graph run(Graph graph) {
        return new Folding(GraphBuilder.rewriting(graph)).run(graph);
    }

    private static final class Folding {
        private final GraphBuilder b;
        private final Map<Value, Tensor> known = new HashMap<>();
        /** Broadcasts of what is known. */
        private final Map<Value, Node> spread = new HashMap<>();
        /** Long elementwise results that are neither computed nor kept: what uses them may be all that is needed. */
        private final Map<Value, Node> pending = new HashMap<>();

        /** Constants in place of broadcasts that products read. */
        private final Map<Value, Value> weights = new HashMap<>();

        private Folding(GraphBuilder b) {
            this.b = b;
        }

        private Graph run(Graph graph) {
            graph.nodes().forEach(this::visit);
            graph.outputs().forEach(o -> {
                settle(o.value());
                b.output(o.name(), o.value());
            });
            return b.build();
        }

        private void visit(Node node) {
            var uniform = uniform(node, known, spread);
            if (uniform.isPresent()) {
                var scalar = b.at(node.location()).constant(uniform.get());
                known.put(scalar, uniform.get());
                keepSpread(new Node(
                        new Op.Broadcast(node.type().shape()), List.of(scalar), node.outputs(), node.location()));
            } else if (node.op() instanceof Op.Constant(var tensor)) {
                known.put(node.output(), tensor);
                b.keep(node);
            } else if (!isFoldable(node)
                    || !node.inputs().stream().allMatch(this::isConstant)
                    || !isWorthwhile(node, node.inputs().stream().noneMatch(spread::containsKey))) {
                keep(node);
            } else if (isLong(node)) {
                pending.put(node.output(), node);
                if (expression(node.output()).size() > MOST_PENDING) {
                    settle(node.output());
                }
            } else {
                fold(node);
            }
        }

        private boolean isConstant(Value v) {
            return known.containsKey(v) || spread.containsKey(v) || pending.containsKey(v);
        }

        private void keep(Node node) {
            node.inputs().forEach(this::settle);
            if (node.op() instanceof Op.Broadcast && known.containsKey(node.input(0))) {
                keepSpread(node);
            } else if (node.op() instanceof Op.MatMul || node.op() instanceof Op.Convolution) {
                var operands = node.inputs().stream()
                        .map(v -> isMatrixOrKernel(v, node) ? whole(v) : v)
                        .toList();
                b.keep(new Node(node.op(), operands, node.outputs(), node.location()));
            } else {
                b.keep(node);
            }
        }

        /** False for several matrices, which stay a spread one. */
        private static boolean isMatrixOrKernel(Value operand, Node product) {
            var dims = operand.type().shape().toArray();
            return product.op() instanceof Op.Convolution
                    || Arrays.stream(dims, 0, dims.length - 2).allMatch(d -> d == 1);
        }

        /** Of weights that are all one number, a constant: as a broadcast they would be loaded number by number. */
        private Value whole(Value operand) {
            var from = spread.get(operand);
            if (from == null
                    || from.input(0).type().shape().elements() > 1
                    || operand.type().bytes() > MOST_WEIGHT_BYTES) {
                return operand;
            }
            return weights.computeIfAbsent(operand, v -> b.at(from.location()).constant(evaluate(from, known)));
        }

        private void keepSpread(Node broadcast) {
            spread.put(broadcast.output(), broadcast);
            b.keep(broadcast);
        }

        private void fold(Node node) {
            node.inputs().forEach(this::settle);
            if (!node.inputs().stream().allMatch(this::isConstant)) {
                b.keep(node);
                return;
            }
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
                return;
            }
            for (int i = 0; i < results.size(); i++) {
                become(node.outputs().get(i), results.get(i), node.location());
            }
        }

        private void become(Value v, Tensor tensor, Location location) {
            known.put(v, tensor);
            b.keep(new Node(new Op.Constant(tensor), List.of(), List.of(v), location));
        }

        /** Computes a value that is pending, or keeps its operations if they are errors. */
        private void settle(Value v) {
            var root = pending.get(v);
            if (root == null) {
                return;
            }
            var nodes = expression(v);
            boolean isKnown = nodes.stream().flatMap(n -> n.inputs().stream()).allMatch(this::isConstant);
            if (isKnown) {
                try {
                    var tensor = ElementBlocks.evaluate(nodes, known);
                    pending.remove(v);
                    become(v, tensor, root.location());
                    return;
                } catch (GraphException e) {
                    // As above.
                }
            }
            for (var node : nodes) {
                if (pending.remove(node.output(), node)) {
                    b.keep(node);
                }
            }
        }

        /** The operations that make a pending value of what is known, in order. */
        private List<Node> expression(Value v) {
            var nodes = new LinkedHashMap<Value, Node>();
            collect(v, nodes);
            return List.copyOf(nodes.values());
        }

        private void collect(Value v, Map<Value, Node> nodes) {
            var node = pending.getOrDefault(v, spread.get(v));
            if (node != null && !nodes.containsKey(v)) {
                if (pending.containsKey(v)) {
                    node.inputs().forEach(i -> collect(i, nodes));
                }
                nodes.put(v, node);
            }
        }
    }

    /** True for what is computed block by block, with what it is computed of. */
    private static boolean isLong(Node node) {
        return node.op().isElementwise()
                && node.type().shape().elements() >= LONG_ELEMENTS
                && Stream.concat(node.inputs().stream(), Stream.of(node.output()))
                        .allMatch(v -> v.type().dtype().bits() >= 8);
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

    /** The one number, of as many dimensions, of what an elementwise operation or a view makes of broadcasts of single numbers. */
    private static Optional<Tensor> uniform(Node node, Map<Value, Tensor> known, Map<Value, Node> spread) {
        boolean isView =
                node.op() instanceof Op.Transpose || node.op() instanceof Op.Reshape || node.op() instanceof Op.Slice;
        if (!(isView || node.op().isElementwise()) || node.type().shape().elements() < 2) {
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
        if (isView) {
            return Optional.of(numbers.getFirst());
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
