package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.ScatterMode;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts of sequences of numbers: each sequence is compared with what stands at every place, in all distances. */
final class NGrams {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("TfIdfVectorizer", NGrams::build);

    private NGrams() {}

    /**
     * Sequences of one length.
     *
     * @param items [count, length]
     * @param first number of the first one among all
     */
    private record Pool(int length, List<Long> items, int first) {
        int count() {
            return items.size() / length;
        }
    }

    private static List<Value> build(OnnxNode n) {
        var pools = pools(n);
        var indexes = n.attributes().integers("ngram_indexes").orElse(List.of());
        long width = 1 + indexes.stream().mapToLong(i -> i).max().orElse(-1);
        var x = n.input(0);
        var rows = n.cast(Features.rows(n, x), DType.I64);
        long count = rows.type().shape().dim(0);
        var result = n.splat(DType.F32, Shape.of(width, count), 0);
        for (var pool : pools) {
            if (pool.first() + pool.count() > indexes.size()) {
                throw n.fault("has " + indexes.size() + " indexes for more sequences");
            }
            var places = n.longs(indexes.subList(pool.first(), pool.first() + pool.count()));
            result = n.add(new Op.Scatter(ScatterMode.ADD), result, places, counts(n, rows, pool));
        }
        var weighted = weighted(n, n.transpose(result, List.of(1, 0)), indexes, width);
        return List.of(x.type().shape().rank() == 1 ? n.reshape(weighted, Shape.of(width)) : weighted);
    }

    /** Sequences by length, as far as their lengths are wanted. */
    private static List<Pool> pools(OnnxNode n) {
        var items = n.attributes().integers("pool_int64s").filter(p -> !p.isEmpty());
        if (items.isEmpty()) {
            throw n.fault("has no \"pool_int64s\"; sequences of texts are not supported");
        }
        var starts = n.attributes().integers("ngram_counts").orElse(List.of());
        var pools = new ArrayList<Pool>();
        int first = 0;
        for (int i = 0; i < starts.size(); i++) {
            int length = i + 1;
            long from = starts.get(i);
            long to = i + 1 < starts.size() ? starts.get(i + 1) : items.get().size();
            if (from < 0 || from > to || to > items.get().size() || (to - from) % length != 0) {
                throw n.fault("has %d to %d of %d numbers for sequences of length %d"
                        .formatted(from, to, items.get().size(), length));
            }
            var pool = new Pool(length, items.get().subList((int) from, (int) to), first);
            first += pool.count();
            boolean isWanted = length >= n.attributes().integer("min_gram_length")
                    && length <= n.attributes().integer("max_gram_length");
            if (isWanted && pool.count() > 0) {
                pools.add(pool);
            }
        }
        return pools;
    }

    /** [sequences, N]: in how many places each stands, its items next to each other or with items skipped between them. */
    private static Value counts(OnnxNode n, Value rows, Pool pool) {
        long skips = pool.length() == 1 ? 0 : n.attributes().integer("max_skip_count");
        long count = rows.type().shape().dim(0);
        long width = rows.type().shape().dim(1);
        var sum = n.splat(DType.F32, Shape.of(pool.count(), count), 0);
        for (long distance = 1; distance <= skips + 1; distance++) {
            long places = width - (pool.length() - 1) * distance;
            if (places <= 0) {
                break;
            }
            Optional<Value> stands = Optional.empty();
            for (int i = 0; i < pool.length(); i++) {
                var item = n.reshape(column(n, pool, i), Shape.of(pool.count(), 1, 1));
                var there = n.reshape(n.slice(rows, 1, i * distance, places), Shape.of(1, count, places));
                var equal = n.binary(BinaryOp.EQ, there, item);
                stands = Optional.of(
                        stands.map(s -> n.binary(BinaryOp.AND, s, equal)).orElse(equal));
            }
            var found = n.add(new Op.Reduce(ReduceOp.SUM, List.of(2)), n.cast(stands.orElseThrow(), DType.F32));
            sum = n.binary(BinaryOp.ADD, sum, n.reshape(found, Shape.of(pool.count(), count)));
        }
        return sum;
    }

    private static Value column(OnnxNode n, Pool pool, int i) {
        var items = new ArrayList<Long>();
        for (int k = 0; k < pool.count(); k++) {
            items.add(pool.items().get(k * pool.length() + i));
        }
        return n.longs(items);
    }

    /** Counts as they are, whether there is one, or counts, the latter two by weight. */
    private static Value weighted(OnnxNode n, Value counts, List<Long> indexes, long width) {
        var mode = n.attributes().text("mode");
        if (mode.equals("TF")) {
            return counts;
        }
        if (!mode.equals("IDF") && !mode.equals("TFIDF")) {
            throw n.fault("attribute \"mode\" is \"" + mode + "\"; there are TF, IDF and TFIDF");
        }
        var values = mode.equals("IDF") ? n.cast(n.binary(BinaryOp.GT, counts, 0), DType.F32) : counts;
        var weights = n.attributes().reals("weights").orElse(List.of());
        if (weights.isEmpty()) {
            return values;
        }
        if (weights.size() != indexes.size()) {
            throw n.fault("has " + weights.size() + " weights for " + indexes.size() + " sequences");
        }
        var ordered = new ArrayList<>(Collections.nCopies((int) width, 1f));
        for (int i = 0; i < indexes.size(); i++) {
            ordered.set(Math.toIntExact(indexes.get(i)), weights.get(i));
        }
        return n.binary(BinaryOp.MUL, values, Features.floats(n, Shape.of(width), ordered));
    }
}
