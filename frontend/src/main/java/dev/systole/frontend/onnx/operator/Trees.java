package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.operator.Forest.Decision;
import dev.systole.frontend.onnx.operator.Forest.Mode;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Ensembles of decision trees as products: all decisions are taken at once, a product with the paths counts for each leaf those that go its
 * way, and the leaf where all do chooses its weights, which is a product again. Trees lie beside each other, filled up to the largest.
 */
final class Trees {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "ai.onnx.ml.TreeEnsemble",
            Trees::ensemble,
            "ai.onnx.ml.TreeEnsembleRegressor",
            Trees::regress,
            "ai.onnx.ml.TreeEnsembleClassifier",
            Trees::classify);

    /** Numbers in the largest table of paths. */
    private static final long MOST_NUMBERS = 1L << 26;

    private static final List<String> AGGREGATES = List.of("AVERAGE", "SUM", "MIN", "MAX");
    private static final List<String> TRANSFORMS = List.of("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");

    private final OnnxNode n;
    private final Forest forest;
    private final DType dtype;
    private final long trees;
    private final long decisions;
    private final long leaves;

    private Trees(OnnxNode n, Forest forest, DType dtype) {
        this.n = n;
        this.forest = forest;
        this.dtype = dtype;
        trees = forest.trees().size();
        decisions = Math.max(1, forest.mostDecisions());
        leaves = forest.mostLeaves();
        if (trees == 0) {
            throw n.fault("has no trees");
        }
        if (trees * decisions * leaves > MOST_NUMBERS) {
            throw n.fault("%d trees of up to %d leaves are more than the %d numbers of paths that are supported"
                    .formatted(trees, leaves, MOST_NUMBERS));
        }
    }

    private static List<Value> ensemble(OnnxNode n) {
        var dtype = n.input(0).type().dtype();
        var forest =
                new Forest(TreeNodes.byPlace(n), Math.toIntExact(n.attributes().integer("n_targets", 1)));
        var wide = n.widened(n.input(0));
        var scores = new Trees(n, forest, wide.type().dtype())
                .scores(wide, named(n, AGGREGATES, n.attributes().integer("aggregate_function")));
        var transform = named(n, TRANSFORMS, n.attributes().integer("post_transform"));
        return List.of(n.cast(Scores.transformed(n, transform, scores), dtype));
    }

    private static String named(OnnxNode n, List<String> names, long number) {
        if (number < 0 || number >= names.size()) {
            throw n.fault("has " + number + " where 0 to " + (names.size() - 1) + " stand for " + names);
        }
        return names.get((int) number);
    }

    /** Integers are compared as they are; the results are fp32. */
    private static Value input(OnnxNode n) {
        var x = n.input(0);
        return x.type().dtype() == DType.F32 ? x : n.cast(x, DType.F64);
    }

    private static List<Value> regress(OnnxNode n) {
        int targets = Math.toIntExact(n.attributes().integer("n_targets", 1));
        var forest = new Forest(TreeNodes.byNumber(n, "target", "target_ids"), targets);
        var x = input(n);
        var scores =
                new Trees(n, forest, x.type().dtype()).scores(x, n.attributes().text("aggregate_function"));
        var based = n.cast(withBase(n, scores, targets), DType.F32);
        return List.of(LinearModels.transformed(n, based));
    }

    private static Value withBase(OnnxNode n, Value scores, int targets) {
        var base = TreeNodes.numbers(n, "base_values");
        if (base.isEmpty()) {
            return scores;
        }
        if (base.size() != targets) {
            throw n.fault("has " + base.size() + " base values for " + targets + " outputs");
        }
        return n.binary(
                BinaryOp.ADD, scores, constant(n, TensorType.of(scores.type().dtype(), targets), base));
    }

    private static List<Value> classify(OnnxNode n) {
        var labels = Scores.labels(n, "classlabels_int64s");
        int classes = (int) labels.type().shape().dim(0);
        var ids = n.attributes().integers("class_ids").orElse(List.of());
        var x = input(n);
        boolean isBinary = classes == 2 && ids.stream().distinct().count() == 1;
        if (isBinary) {
            return binary(n, x, labels, Math.toIntExact(ids.getFirst()));
        }
        var forest = new Forest(TreeNodes.byNumber(n, "class", "class_ids"), classes);
        var scores = n.cast(withBase(n, new Trees(n, forest, x.type().dtype()).scores(x, "SUM"), classes), DType.F32);
        return List.of(
                Scores.best(n, labels, scores),
                Scores.transformed(n, n.attributes().text("post_transform"), scores));
    }

    /**
     * All leaves speak for one of two classes. As ONNX Runtime has it, weights without a negative one are probabilities, and weights of the
     * first class alone are those of the second.
     */
    private static List<Value> binary(OnnxNode n, Value x, Value labels, int only) {
        var forest = new Forest(TreeNodes.byNumber(n, "class", "class_ids"), only + 1);
        var all = new Trees(n, forest, x.type().dtype()).scores(x, "SUM");
        var score = n.cast(withBase(n, n.slice(all, 1, only, 1), 1), DType.F32);
        boolean isProbability = TreeNodes.numbers(n, "class_weights").stream().allMatch(w -> w >= 0);
        var label = Scores.above(n, labels, score, isProbability ? 0.5 : 0);
        var transform = n.attributes().text("post_transform");
        if (only == 1) {
            var pair = Scores.both(n, n.binary(BinaryOp.MUL, score, 0), score);
            return List.of(label, Scores.transformed(n, transform, pair));
        }
        var opposite = n.unary(UnaryOp.NEG, score);
        return switch (transform) {
            case "LOGISTIC" ->
                List.of(label, Scores.both(n, n.unary(UnaryOp.SIGMOID, opposite), n.unary(UnaryOp.SIGMOID, score)));
            case "PROBIT" -> throw n.fault("transforms the score of one class by PROBIT");
            default ->
                List.of(label, Scores.both(n, isProbability ? n.binary(BinaryOp.ADD, opposite, 1) : opposite, score));
        };
    }

    /** [N, targets], what all trees say of each row. */
    private Value scores(Value x, String aggregate) {
        var rows = Features.rows(n, x);
        long count = rows.type().shape().dim(0);
        var holds = n.cast(decided(rows), DType.F32);
        var paths = constant(TensorType.of(DType.F32, trees, leaves, decisions), this::path);
        var needed = constant(TensorType.of(DType.F32, trees, leaves, 1), i -> needed(tree(i), i[1]));
        var agreeing = n.add(new Op.MatMul(DType.F32), paths, n.reshape(holds, Shape.of(trees, decisions, count)));
        var reached = n.cast(n.binary(BinaryOp.EQ, agreeing, needed), dtype);
        var results = n.transpose(aggregated(reached, aggregate), List.of(1, 0));
        return aggregate.equals("AVERAGE") ? n.binary(BinaryOp.DIV, results, trees) : results;
    }

    /** [targets, N]. A leaf that says nothing of a target does not count for it. */
    private Value aggregated(Value reached, String aggregate) {
        long targets = forest.targets();
        var type = TensorType.of(dtype, trees, targets, leaves);
        var said = n.add(new Op.MatMul(dtype), constant(type, i -> weight(i).orElse(0)), reached);
        var result = Shape.of(targets, reached.type().shape().dim(2));
        if (aggregate.equals("SUM") || aggregate.equals("AVERAGE")) {
            return n.reshape(n.add(new Op.Reduce(ReduceOp.SUM, List.of(0)), said), result);
        }
        if (!aggregate.equals("MIN") && !aggregate.equals("MAX")) {
            throw n.fault("aggregates by \"" + aggregate + "\"; there are " + AGGREGATES);
        }
        boolean isMin = aggregate.equals("MIN");
        var speaks = n.binary(
                BinaryOp.GT,
                n.add(new Op.MatMul(dtype), constant(type, i -> weight(i).isPresent() ? 1 : 0), reached),
                0);
        double none = isMin ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        var function = new Op.Reduce(isMin ? ReduceOp.MIN : ReduceOp.MAX, List.of(0));
        var extreme = n.reshape(n.add(function, n.select(speaks, said, n.scalar(dtype, none))), result);
        return n.select(n.binary(BinaryOp.EQ, extreme, none), n.scalar(dtype, 0), extreme);
    }

    /** [trees · decisions, N], whether each decision holds. */
    private Value decided(Value rows) {
        var all = new ArrayList<Decision>();
        var filler = new Decision(Mode.LEQ, 0, List.of(0.0), false);
        for (var tree : forest.trees()) {
            for (int i = 0; i < decisions; i++) {
                all.add(i < tree.decisions().size() ? tree.decisions().get(i) : filler);
            }
        }
        long features = rows.type().shape().dim(1);
        for (var d : all) {
            if (d.feature() < 0 || d.feature() >= features) {
                throw n.fault("asks for feature " + d.feature() + " of " + features);
            }
        }
        var chosen = n.longs(all.stream().map(d -> (long) d.feature()).toList());
        var x = n.add(new Op.Gather(), n.transpose(rows, List.of(1, 0)), chosen);
        var modes = all.stream().map(Decision::mode).distinct().toList();
        var holds = compared(x, all, modes.getFirst());
        for (var mode : modes.subList(1, modes.size())) {
            var is = mask(all.stream().map(d -> d.mode() == mode).toList());
            holds = n.select(is, compared(x, all, mode), holds);
        }
        if (all.stream().noneMatch(Decision::missing)) {
            return holds;
        }
        var isMissing = n.binary(BinaryOp.NE, x, x);
        var tracked = n.broadcast(
                mask(all.stream().map(Decision::missing).toList()), x.type().shape());
        return n.binary(BinaryOp.OR, holds, n.binary(BinaryOp.AND, isMissing, tracked));
    }

    private Value mask(List<Boolean> flags) {
        var tensor = Tensor.allocate(TensorType.of(DType.BOOL, flags.size(), 1));
        for (int i = 0; i < flags.size(); i++) {
            Elements.writeInteger(tensor.bytes(), i, DType.BOOL, flags.get(i) ? 1 : 0);
        }
        return n.constant(tensor);
    }

    /** What the comparison of one mode says everywhere, with what the decisions compare with, or no number where they do not. */
    private Value compared(Value x, List<Decision> all, Mode mode) {
        return switch (mode) {
            case LEQ -> n.binary(BinaryOp.LE, x, split(all, 0));
            case LT -> n.binary(BinaryOp.LT, x, split(all, 0));
            case GTE -> n.binary(BinaryOp.GE, x, split(all, 0));
            case GT -> n.binary(BinaryOp.GT, x, split(all, 0));
            case EQ -> n.binary(BinaryOp.EQ, x, split(all, 0));
            case NEQ -> n.binary(BinaryOp.NE, x, split(all, 0));
            case MEMBER -> {
                int most = all.stream()
                        .filter(d -> d.mode() == Mode.MEMBER)
                        .mapToInt(d -> d.numbers().size())
                        .max()
                        .orElse(0);
                var holds = n.splat(DType.BOOL, x.type().shape(), 0);
                for (int i = 0; i < most; i++) {
                    holds = n.binary(BinaryOp.OR, holds, n.binary(BinaryOp.EQ, x, split(all, i)));
                }
                yield holds;
            }
        };
    }

    private Value split(List<Decision> all, int i) {
        var numbers = all.stream()
                .map(d -> i < d.numbers().size() ? d.numbers().get(i) : Double.NaN)
                .toList();
        return constant(n, TensorType.of(dtype, all.size(), 1), numbers);
    }

    private Forest.Tree tree(int[] index) {
        return forest.trees().get(index[0]);
    }

    /** 1 for a decision that must hold on the way to a leaf, -1 for one that must not. */
    private double path(int[] index) {
        var tree = tree(index);
        if (index[1] >= tree.leaves().size()) {
            return 0;
        }
        var holds = tree.leaves().get(index[1]).path().get(index[2]);
        return holds == null ? 0 : holds ? 1 : -1;
    }

    /** The sum that only a row which goes all the way reaches; none reaches a leaf that is not there. */
    private static double needed(Forest.Tree tree, int leaf) {
        return leaf >= tree.leaves().size()
                ? 1
                : tree.leaves().get(leaf).path().values().stream()
                        .filter(h -> h)
                        .count();
    }

    private OptionalDouble weight(int[] index) {
        var leaves = tree(index).leaves();
        var weight = index[2] < leaves.size() ? leaves.get(index[2]).weights().get(index[1]) : null;
        return weight == null ? OptionalDouble.empty() : OptionalDouble.of(weight);
    }

    private Value constant(TensorType type, ToDoubleFunction<int[]> element) {
        var tensor = Tensor.allocate(type);
        var dims = type.shape().toArray();
        var index = new int[dims.length];
        for (long i = 0; i < type.shape().elements(); i++) {
            Elements.writeDouble(tensor.bytes(), i, type.dtype(), element.applyAsDouble(index));
            for (int d = dims.length - 1; d >= 0 && ++index[d] == dims[d]; d--) {
                index[d] = 0;
            }
        }
        return n.constant(tensor);
    }

    private static Value constant(OnnxNode n, TensorType type, List<Double> numbers) {
        var tensor = Tensor.allocate(type);
        for (int i = 0; i < numbers.size(); i++) {
            Elements.writeDouble(tensor.bytes(), i, type.dtype(), numbers.get(i));
        }
        return n.constant(tensor);
    }
}
