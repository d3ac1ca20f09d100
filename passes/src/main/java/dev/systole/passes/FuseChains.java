package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.tile.Dim;
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
 * Afterwards a straight-line program computes in one statement what an engine computes in one instruction:
 *
 * <ul>
 *   <li>a function of a scaled or shifted tile takes scale and bias along ({@link Statement.Activate}), and the sum of its results;
 *   <li>an operation with a number or a column, followed by another one, is a {@link Statement.Chain}.
 * </ul>
 *
 * <p>Where the program rounds to whole numbers, scale and bias do not go together: engines round their sum once ({@link Rounding#isIn}).
 *
 * <p>What is between the two is an fp32 tile with one writer, and nothing writes the writer's operands before the reader. The reader
 * recomputes it, which costs nothing; a tile that nobody reads any more is gone.
 */
public final class FuseChains implements TilePass {
    /** Banks of PSUM that may be taken while one waits to be read. */
    private static final int MOST_SUMS_SINCE = 2;

    @Override
    public String name() {
        return "fuse-chains";
    }

    @Override
    public TileProgram run(TileProgram program) {
        var body = new Chains(program.body(), Rounding.isIn(program)).fuse();
        return new TileProgram(program.name(), program.contract(), program.buffers(), body);
    }

    /** Scale and bias of a function's argument. */
    private record Linear(TileRef x, Operand scale, Operand bias) {}

    private static final class Chains {
        private final List<Statement> before;

        /** True if a product and its sum with a bias are rounded one by one, which a function's argument is not. */
        private final boolean roundsTwice;

        private final List<Statement> body = new ArrayList<>();
        private final Map<Integer, List<Integer>> writers = new HashMap<>();
        private final Map<TileRef, TileRef> negated = new HashMap<>();
        private final Map<TileRef, Integer> negatedAt = new HashMap<>();
        private int nextTile;

        /** Tiles of PSUM that there are so far, and that there were before each statement. */
        private int sums;

        private final List<Integer> sumsBefore = new ArrayList<>();

        Chains(List<Statement> before, boolean roundsTwice) {
            this.before = before;
            this.roundsTwice = roundsTwice;
        }

        List<Statement> fuse() {
            nextTile = TileRewriter.nextTile(before);
            before.forEach(this::take);
            return withoutUnread();
        }

        private void take(Statement s) {
            switch (s) {
                case Statement.Unary u -> emit(unary(u));
                case Statement.Binary u -> emit(binary(u));
                case Statement.Reduce r -> {
                    if (!summedAtOnce(r)) {
                        emit(r);
                    }
                }
                default -> emit(s);
            }
        }

        private void emit(Statement s) {
            TileRewriter.writes(s)
                    .forEach(r -> writers.computeIfAbsent(r.tile().id(), k -> new ArrayList<>())
                            .add(body.size()));
            body.add(s);
            sumsBefore.add(sums);
            sums += s instanceof Statement.Alloc(var t, var at) && t.psum() ? 1 : 0;
        }

        private Statement unary(Statement.Unary u) {
            if (u.function() == UnaryOp.NEG || u.function() == UnaryOp.RELU) {
                var second = u.function() == UnaryOp.NEG ? BinaryOp.MUL : BinaryOp.MAX;
                var number = new Operand.Immediate(u.function() == UnaryOp.NEG ? -1 : 0);
                return chain(u.to(), second, u.x(), number, false, u.location()).orElse(u);
            }
            if (!onScalarEngine(u.function()) || isWord(u.to())) {
                return u;
            }
            return between(u.x())
                    .flatMap(s -> linear(s, u.location()))
                    .<Statement>map(a -> new Statement.Activate(
                            u.to(), u.function(), a.x, a.scale, a.bias, Optional.empty(), u.location()))
                    .orElse(u);
        }

        /** x scale + bias, if that is what the statement computes of a tile that is not itself a column. */
        private Optional<Linear> linear(Statement s, Location at) {
            return switch (s) {
                case Statement.Binary(var to, var f, TileRef x, var b, var where)
                when isScalar(b, x) ->
                    switch (f) {
                        case MUL -> Optional.of(new Linear(x, column(b), new Operand.Immediate(0)));
                        case ADD -> Optional.of(new Linear(x, new Operand.Immediate(1), column(b)));
                        case SUB -> Optional.of(new Linear(x, new Operand.Immediate(1), negative(column(b), at)));
                        default -> Optional.empty();
                    };
                case Statement.Binary(var to, var f, var a, TileRef x, var where)
                when isScalar(a, x) ->
                    switch (f) {
                        case MUL -> Optional.of(new Linear(x, column(a), new Operand.Immediate(0)));
                        case ADD -> Optional.of(new Linear(x, new Operand.Immediate(1), column(a)));
                        case SUB -> Optional.of(new Linear(x, new Operand.Immediate(-1), column(a)));
                        default -> Optional.empty();
                    };
                case Statement.Chain c
                when c.first() == BinaryOp.MUL && c.a() instanceof TileRef x && !roundsTwice ->
                    isScalar(c.b(), x) && isScalar(c.c(), x) && c.second() == BinaryOp.ADD
                            ? Optional.of(new Linear(x, column(c.b()), column(c.c())))
                            : Optional.empty();
                default -> Optional.empty();
            };
        }

        private Operand negative(Operand o, Location at) {
            return switch (o) {
                case Operand.Immediate(var value) -> new Operand.Immediate(-value);
                case TileRef column -> {
                    var known = negated.get(column);
                    if (known != null && isUnwritten(column, negatedAt.get(column))) {
                        yield known;
                    }
                    var tile = new Tile(nextTile++, false, DType.F32, column.partitions(), 1);
                    emit(new Statement.Alloc(tile, at));
                    take(new Statement.Unary(TileRef.of(tile), UnaryOp.NEG, column, at));
                    negated.put(column, TileRef.of(tile));
                    negatedAt.put(column, body.size() - 1);
                    yield TileRef.of(tile);
                }
            };
        }

        private Statement binary(Statement.Binary u) {
            if (u.function().isBitwise() || isWord(u.to())) {
                return u;
            }
            Optional<Statement> left = u.a() instanceof TileRef a
                    ? chain(u.to(), u.function(), a, u.b(), false, u.location())
                    : Optional.empty();
            return left.or(() -> u.b() instanceof TileRef b
                            ? chain(u.to(), u.function(), b, u.a(), true, u.location())
                            : Optional.empty())
                    .orElse(u);
        }

        /** second(inner, c), or with the operands swapped, if inner is an operation with a scalar and one instruction does both. */
        private Optional<Statement> chain(
                TileRef to, BinaryOp second, TileRef inner, Operand c, boolean swapped, Location at) {
            if (!isArithmetic(second)
                    || c instanceof TileRef t && !t.tile().dtype().isFloat()) {
                return Optional.empty();
            }
            return between(inner)
                    .filter(Statement.Binary.class::isInstance)
                    .map(Statement.Binary.class::cast)
                    .filter(s -> isArithmetic(s.function()) && isChain(s, second, c, swapped))
                    .map(s -> new Statement.Chain(to, s.function(), s.a(), s.b(), second, c, swapped, at));
        }

        private static boolean isChain(Statement.Binary first, BinaryOp second, Operand c, boolean swapped) {
            boolean scalarLeft = first.b() instanceof TileRef b && isScalar(first.a(), b);
            boolean scalarRight = first.a() instanceof TileRef a && isScalar(first.b(), a);
            if (!scalarLeft && !scalarRight) {
                return false;
            }
            var data = (TileRef) (scalarRight ? first.a() : first.b());
            if (isScalar(c, data)) {
                return true;
            }
            boolean inOrder = !swapped || second.isCommutative();
            boolean wide = c instanceof TileRef t
                    && t.tile().dtype() == DType.F32
                    && !(t.tile().psum() && data.tile().psum());
            return wide && inOrder && scalarRight;
        }

        /** The statement that computes a whole fp32 tile, if it can as well be computed here. */
        private Optional<Statement> between(TileRef r) {
            var written = writers.getOrDefault(r.tile().id(), List.of());
            if (written.size() != 1
                    || !r.equals(TileRef.of(r.tile()))
                    || r.tile().psum()
                    || r.tile().dtype() != DType.F32) {
                return Optional.empty();
            }
            var s = body.get(written.getFirst());
            boolean whole = TileRewriter.writes(s).equals(List.of(r));
            boolean still = TileRewriter.reads(s).stream()
                    .allMatch(x -> x.tile().dtype().isFloat()
                            && isUnwritten(x, written.getFirst())
                            && !(x.tile().psum() && isLongAgo(written.getFirst())));
            return whole && still ? Optional.of(s) : Optional.empty();
        }

        /** True if other sums have begun since then, which need the bank of one that was read there. */
        private boolean isLongAgo(int at) {
            return sums - sumsBefore.get(at) > MOST_SUMS_SINCE;
        }

        private boolean isUnwritten(TileRef r, int since) {
            var written = writers.getOrDefault(r.tile().id(), List.of());
            return written.isEmpty() || written.getLast() <= since;
        }

        /** The function that computes what is summed gives the sum, too. */
        private boolean summedAtOnce(Statement.Reduce r) {
            var written = writers.getOrDefault(r.x().tile().id(), List.of());
            boolean possible = r.function() == ReduceOp.SUM
                    && written.size() == 1
                    && r.x().equals(TileRef.of(r.x().tile()))
                    && r.x().tile().dtype().isFloat()
                    && r.to().equals(TileRef.of(r.to().tile()))
                    && r.to().free() == 1
                    && r.to().tile().dtype() == DType.F32
                    && !writers.containsKey(r.to().tile().id());
            if (!possible) {
                return false;
            }
            int at = written.getFirst();
            var summed = withSum(body.get(at), r.x(), r.to());
            if (summed.isEmpty()) {
                return false;
            }
            body.set(at, summed.get());
            writers.put(r.to().tile().id(), new ArrayList<>(List.of(at)));
            return true;
        }

        private static Optional<Statement> withSum(Statement s, TileRef x, TileRef sum) {
            return switch (s) {
                case Statement.Activate a
                when a.to().equals(x) && a.sum().isEmpty() ->
                    Optional.of(new Statement.Activate(
                            x, a.function(), a.x(), a.scale(), a.bias(), Optional.of(sum), a.location()));
                case Statement.Unary u
                when u.to().equals(x) && onScalarEngine(u.function()) && !isWord(u.x()) ->
                    Optional.of(new Statement.Activate(
                            x,
                            u.function(),
                            u.x(),
                            new Operand.Immediate(1),
                            new Operand.Immediate(0),
                            Optional.of(sum),
                            u.location()));
                default -> Optional.empty();
            };
        }

        /** Without statements whose tiles nothing reads; summands that nothing reads are narrow. */
        private List<Statement> withoutUnread() {
            var read = new HashMap<Integer, Integer>();
            body.forEach(
                    s -> TileRewriter.reads(s).forEach(r -> read.merge(r.tile().id(), 1, Integer::sum)));
            var kept = new ArrayList<Statement>();
            var narrow = new HashSet<Integer>();
            for (var s : body.reversed()) {
                if (isUnread(s, read)) {
                    TileRewriter.reads(s).forEach(r -> read.merge(r.tile().id(), -1, Integer::sum));
                    continue;
                }
                if (s instanceof Statement.Activate a
                        && read.getOrDefault(a.to().tile().id(), 0) == 0
                        && writers.get(a.to().tile().id()).size() == 1
                        && a.to().tile().dtype() == DType.F32) {
                    narrow.add(a.to().tile().id());
                }
                kept.add(s);
            }
            return allocatedBeforeUse(
                    kept.stream().map(s -> narrowed(s, narrow)).toList());
        }

        private static Statement narrowed(Statement s, Set<Integer> narrow) {
            return switch (s) {
                case Statement.Alloc(var t, var at) when narrow.contains(t.id()) -> new Statement.Alloc(bf16(t), at);
                case Statement.Activate a
                when narrow.contains(a.to().tile().id()) ->
                    new Statement.Activate(
                            TileRef.of(bf16(a.to().tile())),
                            a.function(),
                            a.x(),
                            a.scale(),
                            a.bias(),
                            a.sum(),
                            a.location());
                default -> s;
            };
        }

        private static Tile bf16(Tile t) {
            return new Tile(t.id(), t.psum(), DType.BF16, t.partitions(), t.free());
        }

        /** Statements, last first, in order, with every tile allocated before its first writer. */
        private static List<Statement> allocatedBeforeUse(List<Statement> kept) {
            var allocations = new HashMap<Integer, Statement>();
            var used = new HashSet<Integer>();
            for (var s : kept) {
                if (s instanceof Statement.Alloc(var t, var at)) {
                    allocations.put(t.id(), s);
                }
                TileRewriter.writes(s).forEach(r -> used.add(r.tile().id()));
            }
            var result = new ArrayList<Statement>();
            for (var s : kept.reversed()) {
                if (s instanceof Statement.Alloc(var t, var at)) {
                    if (used.contains(t.id()) && allocations.remove(t.id()) != null) {
                        result.add(s);
                    }
                    continue;
                }
                TileRewriter.writes(s)
                        .forEach(r -> Optional.ofNullable(
                                        allocations.remove(r.tile().id()))
                                .ifPresent(result::add));
                result.add(s);
            }
            return result;
        }

        /** True for elementwise work on a tile that nothing reads. */
        private static boolean isUnread(Statement s, Map<Integer, Integer> read) {
            return switch (s) {
                case Statement.Unary u -> read.getOrDefault(u.to().tile().id(), 0) == 0;
                case Statement.Binary u -> read.getOrDefault(u.to().tile().id(), 0) == 0;
                case Statement.Chain u -> read.getOrDefault(u.to().tile().id(), 0) == 0;
                default -> false;
            };
        }

        /** True for a number, or for one fp32 value a partition beside a tile. */
        private static boolean isScalar(Operand o, TileRef beside) {
            return switch (o) {
                case Operand.Immediate i -> true;
                case TileRef t ->
                    t.tile().dtype() == DType.F32
                            && beside.tile().dtype().isFloat()
                            && (beside.free() == 1
                                    || t.dims().stream().allMatch(d -> d.stride() == 0 || d.size() == 1));
            };
        }

        /** One element a partition of what is read as repeated. */
        private static Operand column(Operand o) {
            return o instanceof TileRef t && t.free() > 1
                    ? new TileRef(t.tile(), t.startPartition(), t.partitions(), t.offset(), List.of(new Dim(1, 1)))
                    : o;
        }

        private static boolean isWord(TileRef r) {
            return r.tile().dtype() == DType.I32 || r.tile().dtype() == DType.U32;
        }

        private static boolean isArithmetic(BinaryOp f) {
            return switch (f) {
                case ADD, SUB, MUL, MAX, MIN, EQ, NE, LT, LE, GT, GE -> true;
                default -> false;
            };
        }

        /** True for functions of ScalarE's tables. */
        private static boolean onScalarEngine(UnaryOp f) {
            return switch (f) {
                case SQUARE,
                        ABS,
                        SIGN,
                        EXP,
                        LOG,
                        SQRT,
                        RSQRT,
                        SIN,
                        ARCTAN,
                        TANH,
                        SIGMOID,
                        ERF,
                        GELU,
                        GELU_TANH,
                        SILU,
                        SOFTPLUS,
                        MISH -> true;
                case NEG, FLOOR, CEIL, ROUND, COS, RECIPROCAL, RELU, NOT, BIT_NOT -> false;
            };
        }
    }
}
