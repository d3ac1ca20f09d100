package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * In which order a region computes rows that are too long to be in SBUF with everything that is computed of them. A reduction's result exists once the
 * whole row has passed, so the rows pass in stages, chunk by chunk: in the first one for what reductions of the operands need, in the next ones for what
 * needs the results of the stage before. What a later stage needs of an earlier one stays in SBUF, is computed again or loaded again, see {@link Keep}.
 */
final class RowStages {
    /** What stays in SBUF from stage to stage. */
    enum Keep {
        /** Operands, and what functions are computed of them. */
        FUNCTIONS,
        OPERANDS,
        NOTHING
    }

    /**
     * One pass over the chunks.
     *
     * @param columns what is computed once a row before, of what reductions have left
     * @param nodes what is computed of each chunk
     * @param reductions of what is there of each chunk then
     */
    record Stage(List<Node> columns, List<Node> nodes, List<Node> reductions) {}

    private final Graph body;
    private final Shape full;
    private final Keep keep;
    private final Map<Value, Node> definitions = new HashMap<>();
    private final Map<Value, Integer> depth = new HashMap<>();
    private final Map<Value, Integer> made = new HashMap<>();
    private final Map<Value, Integer> lastRead = new HashMap<>();
    private final List<Stage> stages = new ArrayList<>();

    private RowStages(Graph body, Shape full, Keep keep) {
        this.body = body;
        this.full = full;
        this.keep = keep;
        for (var n : body.nodes()) {
            definitions.put(n.output(), n);
            int last = n.inputs().stream().mapToInt(this::depth).max().orElse(0);
            depth.put(n.output(), n.op() instanceof Op.Reduce ? last + 1 : last);
        }
        int count = 1
                + Stream.concat(depth.values().stream(), Stream.of(0))
                        .mapToInt(d -> d)
                        .max()
                        .orElseThrow();
        for (int s = 0; s < count; s++) {
            stages.add(stage(s));
        }
    }

    /**
     * Keeps as much as there is room for.
     *
     * @param full shape of what is reduced
     * @param bytes of an element of a value on chip
     * @param room bytes of an element that may be kept
     */
    static RowStages of(Graph body, Shape full, ToLongFunction<Value> bytes, double room) {
        return Stream.of(Keep.FUNCTIONS, Keep.OPERANDS)
                .map(keep -> new RowStages(body, full, keep))
                .filter(stages -> stages.keptBytes(bytes) <= room)
                .findFirst()
                .orElseGet(() -> new RowStages(body, full, Keep.NOTHING));
    }

    List<Stage> stages() {
        return stages;
    }

    /** Before which stage a value of one element a row, or in which one a longer value, can be computed. */
    int depth(Value v) {
        return depth.getOrDefault(v, 0);
    }

    /** True if a later stage than this one reads what this one has. */
    boolean isKept(Value v, int stage) {
        return made.containsKey(v) && lastRead.getOrDefault(v, -1) > stage;
    }

    /** Bytes that stay for each element of a row, at most. */
    private long keptBytes(ToLongFunction<Value> bytes) {
        long most = 0;
        for (int s = 0; s < stages.size() - 1; s++) {
            long kept = 0;
            for (var v : made.keySet()) {
                kept += made.get(v) <= s && isKept(v, s) ? bytes.applyAsLong(v) : 0;
            }
            most = Math.max(most, kept);
        }
        return most;
    }

    private Stage stage(int s) {
        var columns = body.nodes().stream()
                .filter(n -> !isFull(n.output()) && !(n.op() instanceof Op.Reduce) && depth(n.output()) == s)
                .toList();
        var reductions = body.nodes().stream()
                .filter(n -> n.op() instanceof Op.Reduce && depth(n.output()) == s + 1)
                .toList();
        var wanted = Stream.concat(
                reductions.stream().map(n -> n.input(0)),
                body.outputs().stream().map(o -> o.value()).filter(v -> isFull(v) && depth(v) == s));
        var reached = new HashSet<Value>();
        wanted.forEach(v -> reach(v, s, reached));
        var nodes = body.nodes().stream()
                .filter(n -> reached.contains(n.output()) && !made.containsKey(n.output()))
                .toList();
        reached.stream().filter(isKeepable()).forEach(v -> made.putIfAbsent(v, s));
        return new Stage(columns, nodes, reductions);
    }

    /** Collects what a value is computed of, as far as it is not there from an earlier stage. */
    private void reach(Value v, int stage, Set<Value> reached) {
        if (!isFull(v) || !reached.add(v)) {
            return;
        }
        lastRead.put(v, stage);
        if (!made.containsKey(v) && definitions.containsKey(v)) {
            definitions.get(v).inputs().forEach(x -> reach(x, stage, reached));
        }
    }

    private Predicate<Value> isKeepable() {
        return v -> switch (keep) {
            case NOTHING -> false;
            case OPERANDS -> !definitions.containsKey(v);
            case FUNCTIONS -> !definitions.containsKey(v) || definitions.get(v).op() instanceof Op.Unary;
        };
    }

    private boolean isFull(Value v) {
        return v.type().shape().equals(full);
    }
}
