package dev.systole.frontend.onnx.operator;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decision trees, spelled out: for each leaf the decisions on the way to it.
 *
 * @param trees each a list of its leaves
 * @param targets number of outputs
 */
record Forest(List<Tree> trees, int targets) {
    /** How a feature is compared with a number. */
    enum Mode {
        LEQ,
        LT,
        GTE,
        GT,
        EQ,
        NEQ,
        MEMBER
    }

    /**
     * A node that decides.
     *
     * @param numbers one, or the members of a set
     * @param missing true where NaN goes the way of what holds
     */
    record Decision(Mode mode, int feature, List<Double> numbers, boolean missing) {}

    /**
     * A leaf.
     *
     * @param path decisions by their number in the tree, and whether they hold
     * @param weights by output
     */
    record Leaf(Map<Integer, Boolean> path, Map<Integer, Double> weights) {}

    /** A tree, whose decisions are numbered. */
    record Tree(List<Decision> decisions, List<Leaf> leaves) {}

    /** The nodes of a model, by whatever number they have; a leaf has none of them. */
    interface Nodes<K> {
        /** Nothing for a leaf. */
        Optional<Decision> decision(K node);

        K next(K node, boolean holds);

        Map<Integer, Double> weights(K leaf);
    }

    /**
     * The tree from a root.
     *
     * @throws IllegalArgumentException if a node is reached twice
     */
    static <K> Tree tree(Nodes<K> nodes, K root) {
        var decisions = new ArrayList<Decision>();
        var leaves = new ArrayList<Leaf>();
        walk(nodes, root, List.of(), decisions, leaves, new HashSet<>());
        return new Tree(decisions, leaves);
    }

    /** A step on the way to a leaf. */
    private record Turn(int decision, boolean holds) {}

    /** A node that is still to be visited, with the way to it. */
    private record Visit<K>(K node, List<Turn> path) {}

    private static <K> void walk(
            Nodes<K> nodes, K root, List<Turn> start, List<Decision> decisions, List<Leaf> leaves, Set<K> seen) {
        var pending = new ArrayList<Visit<K>>();
        pending.add(new Visit<>(root, start));
        while (!pending.isEmpty()) {
            var visit = pending.removeLast();
            if (!seen.add(visit.node())) {
                throw new IllegalArgumentException("its nodes are no trees: one is reached twice");
            }
            var decision = nodes.decision(visit.node());
            if (decision.isEmpty()) {
                var path = new TreeMap<Integer, Boolean>();
                visit.path().forEach(t -> path.put(t.decision(), t.holds()));
                leaves.add(new Leaf(path, nodes.weights(visit.node())));
                continue;
            }
            int number = decisions.size();
            decisions.add(decision.get());
            for (boolean holds : new boolean[] {false, true}) {
                var path = new ArrayList<>(visit.path());
                path.add(new Turn(number, holds));
                pending.add(new Visit<>(nodes.next(visit.node(), holds), path));
            }
        }
    }

    int mostDecisions() {
        return trees.stream().mapToInt(t -> t.decisions().size()).max().orElse(0);
    }

    int mostLeaves() {
        return trees.stream().mapToInt(t -> t.leaves().size()).max().orElse(0);
    }
}
