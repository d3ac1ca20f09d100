package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.operator.Forest.Decision;
import dev.systole.frontend.onnx.operator.Forest.Mode;
import dev.systole.frontend.onnx.operator.Forest.Nodes;
import dev.systole.frontend.onnx.operator.Forest.Tree;
import dev.systole.ir.number.Elements;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Reads the attributes of tree ensembles. */
final class TreeNodes {
    private static final List<Mode> NUMBERED =
            List.of(Mode.LEQ, Mode.LT, Mode.GTE, Mode.GT, Mode.EQ, Mode.NEQ, Mode.MEMBER);
    private static final Map<String, Mode> NAMED = Map.of(
            "BRANCH_LEQ", Mode.LEQ,
            "BRANCH_LT", Mode.LT,
            "BRANCH_GTE", Mode.GTE,
            "BRANCH_GT", Mode.GT,
            "BRANCH_EQ", Mode.EQ,
            "BRANCH_NEQ", Mode.NEQ);

    private TreeNodes() {}

    /** A node by its tree and its number there. */
    private record Key(long tree, long node) {}

    /** Numbers of an attribute that is a list, or a tensor under a longer name. */
    static List<Double> numbers(OnnxNode n, String name) {
        if (n.attributes().has(name + "_as_tensor")) {
            return elements(n, name + "_as_tensor");
        }
        return n.attributes().reals(name).orElse(List.of()).stream()
                .map(f -> (double) f)
                .toList();
    }

    private static List<Double> elements(OnnxNode n, String name) {
        if (!n.attributes().has(name)) {
            return List.of();
        }
        var tensor = n.attributes().tensor(name).orElseThrow();
        return IntStream.range(0, Math.toIntExact(tensor.type().shape().elements()))
                .mapToObj(i ->
                        Elements.readDouble(tensor.bytes(), i, tensor.type().dtype()))
                .toList();
    }

    private static List<Long> integers(OnnxNode n, String name) {
        return n.attributes().integers(name).orElse(List.of());
    }

    private static void require(OnnxNode n, String name, int actual, int expected) {
        if (actual != expected) {
            throw n.fault("attribute \"" + name + "\" holds " + actual + " numbers, not " + expected);
        }
    }

    private static <T> T at(OnnxNode n, String name, List<T> list, long i) {
        if (i < 0 || i >= list.size()) {
            throw n.fault("there is no element " + i + " of \"" + name + "\"");
        }
        return list.get((int) i);
    }

    /**
     * Trees whose nodes have a number for the tree and one for the node.
     *
     * @param leaves "target" or "class": what the attributes of the leaves begin with
     * @param ids attribute with the outputs of the leaves
     */
    static List<Tree> byNumber(OnnxNode n, String leaves, String ids) {
        var treeIds = integers(n, "nodes_treeids");
        var nodeIds = integers(n, "nodes_nodeids");
        require(n, "nodes_nodeids", nodeIds.size(), treeIds.size());
        var at = new HashMap<Key, Integer>();
        var roots = new LinkedHashMap<Long, Key>();
        for (int i = 0; i < treeIds.size(); i++) {
            var key = new Key(treeIds.get(i), nodeIds.get(i));
            at.put(key, i);
            roots.putIfAbsent(treeIds.get(i), key);
        }
        var weights = weights(n, leaves, ids);
        var nodes = new Numbered(n, at, weights);
        return roots.values().stream().map(r -> Forest.tree(nodes, r)).toList();
    }

    private static Map<Key, Map<Integer, Double>> weights(OnnxNode n, String leaves, String ids) {
        var trees = integers(n, leaves + "_treeids");
        var nodes = integers(n, leaves + "_nodeids");
        var outputs = integers(n, ids);
        var numbers = numbers(n, leaves + "_weights");
        var weights = new HashMap<Key, Map<Integer, Double>>();
        for (int i = 0; i < numbers.size(); i++) {
            var key = new Key(at(n, leaves + "_treeids", trees, i), at(n, leaves + "_nodeids", nodes, i));
            weights.computeIfAbsent(key, k -> new HashMap<>())
                    .merge(Math.toIntExact(at(n, ids, outputs, i)), numbers.get(i), Double::sum);
        }
        return weights;
    }

    /** The nodes of TreeEnsembleRegressor and TreeEnsembleClassifier. */
    private static final class Numbered implements Nodes<Key> {
        private final OnnxNode n;
        private final Map<Key, Integer> at;
        private final Map<Key, Map<Integer, Double>> weights;
        private final List<String> modes;
        private final List<Long> features;
        private final List<Double> values;
        private final List<Long> whenTrue;
        private final List<Long> whenFalse;
        private final List<Long> missing;

        Numbered(OnnxNode n, Map<Key, Integer> at, Map<Key, Map<Integer, Double>> weights) {
            this.n = n;
            this.at = at;
            this.weights = weights;
            modes = n.attributes().texts("nodes_modes").orElse(List.of());
            features = integers(n, "nodes_featureids");
            values = numbers(n, "nodes_values");
            whenTrue = integers(n, "nodes_truenodeids");
            whenFalse = integers(n, "nodes_falsenodeids");
            missing = integers(n, "nodes_missing_value_tracks_true");
        }

        private int index(Key node) {
            return Optional.ofNullable(at.get(node))
                    .orElseThrow(() -> n.fault("tree " + node.tree() + " has no node " + node.node()));
        }

        @Override
        public Optional<Decision> decision(Key node) {
            int i = index(node);
            var name = at(n, "nodes_modes", modes, i);
            if (name.equals("LEAF")) {
                return Optional.empty();
            }
            var mode = Optional.ofNullable(NAMED.get(name))
                    .orElseThrow(() -> n.fault("attribute \"nodes_modes\" holds \"" + name + "\""));
            return Optional.of(new Decision(
                    mode,
                    Math.toIntExact(at(n, "nodes_featureids", features, i)),
                    List.of(at(n, "nodes_values", values, i)),
                    i < missing.size() && missing.get(i) != 0));
        }

        @Override
        public Key next(Key node, boolean holds) {
            int i = index(node);
            return new Key(
                    node.tree(),
                    holds ? at(n, "nodes_truenodeids", whenTrue, i) : at(n, "nodes_falsenodeids", whenFalse, i));
        }

        @Override
        public Map<Integer, Double> weights(Key leaf) {
            return weights.getOrDefault(leaf, Map.of());
        }
    }

    /** A node of TreeEnsemble: decisions and leaves are counted apart. */
    private record Place(boolean isLeaf, long index) {}

    /** Trees whose decisions and leaves are lists of their own. */
    static List<Tree> byPlace(OnnxNode n) {
        var nodes = new Placed(n);
        var roots = integers(n, "tree_roots");
        return roots.stream().map(r -> Forest.tree(nodes, new Place(false, r))).toList();
    }

    /** The nodes of TreeEnsemble. */
    private static final class Placed implements Nodes<Place> {
        private final OnnxNode n;
        private final List<Double> modes;
        private final List<Long> features;
        private final List<Double> splits;
        private final List<Long> whenTrue;
        private final List<Long> whenFalse;
        private final List<Long> trueLeaves;
        private final List<Long> falseLeaves;
        private final List<Long> missing;
        private final List<Double> weights;
        private final List<Long> targets;
        private final Map<Integer, List<Double>> members;

        Placed(OnnxNode n) {
            this.n = n;
            modes = elements(n, "nodes_modes");
            features = integers(n, "nodes_featureids");
            splits = elements(n, "nodes_splits");
            whenTrue = integers(n, "nodes_truenodeids");
            whenFalse = integers(n, "nodes_falsenodeids");
            trueLeaves = integers(n, "nodes_trueleafs");
            falseLeaves = integers(n, "nodes_falseleafs");
            missing = integers(n, "nodes_missing_value_tracks_true");
            weights = elements(n, "leaf_weights");
            targets = integers(n, "leaf_targetids");
            members = members(elements(n, "membership_values"));
        }

        private Mode mode(int i) {
            return at(n, "modes", NUMBERED, Math.round(modes.get(i)));
        }

        /** Sets follow one another in the order of the decisions that ask for them, each ended by NaN. */
        private Map<Integer, List<Double>> members(List<Double> values) {
            var sets = new HashMap<Integer, List<Double>>();
            int next = 0;
            for (int i = 0; i < modes.size(); i++) {
                if (mode(i) == Mode.MEMBER) {
                    var set = new ArrayList<Double>();
                    while (next < values.size() && !Double.isNaN(values.get(next))) {
                        set.add(values.get(next++));
                    }
                    next++;
                    sets.put(i, set);
                }
            }
            return sets;
        }

        @Override
        public Optional<Decision> decision(Place place) {
            if (place.isLeaf()) {
                return Optional.empty();
            }
            at(n, "nodes_modes", modes, place.index());
            int i = (int) place.index();
            var mode = mode(i);
            return Optional.of(new Decision(
                    mode,
                    Math.toIntExact(at(n, "nodes_featureids", features, i)),
                    mode == Mode.MEMBER ? members.get(i) : List.of(at(n, "nodes_splits", splits, i)),
                    i < missing.size() && missing.get(i) != 0));
        }

        @Override
        public Place next(Place place, boolean holds) {
            long i = place.index();
            return holds
                    ? new Place(at(n, "nodes_trueleafs", trueLeaves, i) != 0, at(n, "nodes_truenodeids", whenTrue, i))
                    : new Place(
                            at(n, "nodes_falseleafs", falseLeaves, i) != 0, at(n, "nodes_falsenodeids", whenFalse, i));
        }

        @Override
        public Map<Integer, Double> weights(Place leaf) {
            return Map.of(
                    Math.toIntExact(at(n, "leaf_targetids", targets, leaf.index())),
                    at(n, "leaf_weights", weights, leaf.index()));
        }
    }
}
