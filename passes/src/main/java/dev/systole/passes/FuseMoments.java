package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Afterwards the mean of a tile's rows and the mean of their squared distances from it are one statement of a straight-line program
 * ({@link Statement.Moments}), which VectorE computes in one pass over the rows.
 *
 * <p>What is between the two means has one writer, and nobody else reads it; the distances themselves may have other readers.
 */
public final class FuseMoments implements TilePass {
    @Override
    public String name() {
        return "fuse-moments";
    }

    @Override
    public TileProgram run(TileProgram program) {
        return new TileProgram(program.name(), program.contract(), program.buffers(), new Rows(program.body()).fuse());
    }

    /** An element of each partition of a tile that takes another one's place. */
    private record Column(Tile tile, int element) {}

    /** The statements that make a variance of distances: their squares, the sum of these, and its share of a row. */
    private record Variance(int squares, int sum, int mean) {}

    private static final class Rows {
        private final List<Statement> body;
        private final Map<Tile, List<Integer>> writers = new HashMap<>();
        private final Map<Tile, List<Integer>> readers = new HashMap<>();
        private final Map<Integer, Statement.Moments> moments = new HashMap<>();
        private final Map<Tile, Column> columns = new HashMap<>();
        private final Set<Integer> dropped = new HashSet<>();
        private final Set<Tile> gone = new HashSet<>();
        private int nextTile;

        Rows(List<Statement> body) {
            this.body = body;
            nextTile = TileRewriter.nextTile(body);
            for (int i = 0; i < body.size(); i++) {
                int at = i;
                TileRewriter.writes(body.get(i))
                        .forEach(r -> writers.computeIfAbsent(r.tile(), k -> new ArrayList<>())
                                .add(at));
                TileRewriter.reads(body.get(i))
                        .forEach(r -> readers.computeIfAbsent(r.tile(), k -> new ArrayList<>())
                                .add(at));
            }
        }

        List<Statement> fuse() {
            for (int i = 0; i < body.size(); i++) {
                if (isSumOfRow(i)) {
                    fuse(i);
                }
            }
            var result = new ArrayList<Statement>();
            for (int i = 0; i < body.size(); i++) {
                if (moments.containsKey(i)) {
                    var m = moments.get(i);
                    result.add(new Statement.Alloc(m.to().tile(), m.location()));
                    result.add(m);
                } else if (body.get(i) instanceof Statement.Alloc(var t, var at)) {
                    if (!gone.contains(t)) {
                        result.add(body.get(i));
                    }
                } else if (!dropped.contains(i)) {
                    result.add(TileRewriter.map(body.get(i), this::column, r -> r, a -> a));
                }
            }
            return result;
        }

        private TileRef column(TileRef r) {
            var c = columns.get(r.tile());
            return c == null
                    ? r
                    : new TileRef(
                            c.tile,
                            r.startPartition(),
                            r.partitions(),
                            r.offset().plus(c.element),
                            r.dims());
        }

        /** Takes the sum of a row for what it is, if it is there for the sake of a mean and a variance only. */
        private void fuse(int sum) {
            var x = read(sum);
            var mean = mean(sum, x.free());
            boolean isUnwritten =
                    writers.getOrDefault(x.tile(), List.of()).stream().allMatch(w -> w < sum);
            if (mean.isEmpty() || !isUnwritten) {
                return;
            }
            for (int distance : readers(mean.get())) {
                var variance =
                        isDistance(distance, x, written(mean.get())) ? variance(distance) : Optional.<Variance>empty();
                if (variance.isPresent()) {
                    replace(sum, mean.get(), variance.get());
                    return;
                }
            }
        }

        private void replace(int sum, int mean, Variance variance) {
            var to = new Tile(nextTile++, false, DType.F32, written(sum).partitions(), 2);
            moments.put(
                    sum,
                    new Statement.Moments(
                            TileRef.of(to), read(sum), body.get(sum).location()));
            columns.put(written(mean).tile(), new Column(to, 0));
            columns.put(written(variance.mean).tile(), new Column(to, 1));
            for (int made : List.of(sum, mean, variance.squares, variance.sum, variance.mean)) {
                dropped.add(made);
                gone.add(written(made).tile());
            }
        }

        private Optional<Variance> variance(int distance) {
            if (!isMadeOnce(distance)) {
                return Optional.empty();
            }
            for (int squares : readers(distance)) {
                boolean isSquare = body.get(squares) instanceof Statement.Unary u
                        && u.function() == UnaryOp.SQUARE
                        && u.x().equals(written(distance));
                var sum = isSquare ? onlyReader(squares).filter(this::isSumOfRow) : Optional.<Integer>empty();
                var mean = sum.filter(s -> read(s).equals(written(squares)))
                        .flatMap(s -> mean(s, written(squares).free()));
                if (mean.isPresent()) {
                    return Optional.of(new Variance(squares, sum.get(), mean.get()));
                }
            }
            return Optional.empty();
        }

        private boolean isSumOfRow(int at) {
            return body.get(at) instanceof Statement.Reduce(var to, var f, var x, var where)
                    && f == ReduceOp.SUM
                    && to.free() == 1
                    && x.free() > 1
                    && x.isContiguous()
                    && x.tile().dtype().isFloat();
        }

        /** The only reader of a sum, if it divides it by the number of summands. */
        private Optional<Integer> mean(int sum, long n) {
            return onlyReader(sum)
                    .filter(at -> body.get(at) instanceof Statement.Binary(var to, var f, var a, var b, var where)
                            && f == BinaryOp.MUL
                            && a.equals(written(sum))
                            && b instanceof Operand.Immediate(var share)
                            && (float) share == 1f / n
                            && to.tile().dtype() == DType.F32
                            && isMadeOnce(at));
        }

        /** True if a statement subtracts its mean from each element of a row. */
        private boolean isDistance(int at, TileRef x, TileRef mean) {
            return body.get(at) instanceof Statement.Binary(var to, var f, var a, var b, var where)
                    && f == BinaryOp.SUB
                    && a.equals(x)
                    && to.tile().dtype() == DType.F32
                    && b instanceof TileRef m
                    && m.tile().equals(mean.tile());
        }

        private Optional<Integer> onlyReader(int at) {
            return Optional.of(readers(at))
                    .filter(r -> r.size() == 1 && isMadeOnce(at))
                    .map(List::getFirst);
        }

        /** True if a statement writes a whole tile, which nothing else does. */
        private boolean isMadeOnce(int at) {
            var to = written(at);
            return to.equals(TileRef.of(to.tile())) && writers.get(to.tile()).size() == 1;
        }

        private List<Integer> readers(int at) {
            return readers.getOrDefault(written(at).tile(), List.of());
        }

        private TileRef written(int at) {
            return TileRewriter.writes(body.get(at)).getFirst();
        }

        private TileRef read(int at) {
            return TileRewriter.reads(body.get(at)).getFirst();
        }
    }
}
