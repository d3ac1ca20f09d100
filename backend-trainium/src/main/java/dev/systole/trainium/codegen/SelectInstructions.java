package dev.systole.trainium.codegen;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.passes.PassException;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.ReduceCommand;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.SelectionInstruction;
import dev.systole.trainium.isa.TensorInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Afterwards every statement of a straight-line tile program is instructions of the target, on engines that can execute
 * them; where VectorE and ScalarE both can, on the one that has less to do so far.
 *
 * <p>32-bit integers go to GpSimd, the only engine that computes them exactly.
 */
public record SelectInstructions(Target target) {
    /** Queues of the DMA engines by use, so that a store that waits for its data does not hold up loads. */
    private static final int LOAD_QUEUE = 0;

    /** The most rows of a group that a transposing transfer takes. */
    private static final int TURNED_ROWS = 16;

    private static final int STORE_QUEUE = 1;

    private static final int INDIRECT_QUEUE = 2;

    public String name() {
        return "select-instructions";
    }

    /** @throws PassException for a statement that the machine has no instruction for, with its node */
    public VirtualCode run(TileProgram program) {
        return new Selection(program).select();
    }

    private final class Selection {
        private final TileProgram program;
        private final List<Tile> tiles = new ArrayList<>();
        private final List<VirtualCode.Step> steps = new ArrayList<>();
        private final Map<DType, Tile> identities = new HashMap<>();
        private final Map<Float, Tile> biases = new HashMap<>();
        private Location location = Location.COMPILER;
        private int nextTile;

        Selection(TileProgram program) {
            this.program = program;
        }

        VirtualCode select() {
            for (var s : program.body()) {
                if (s instanceof Statement.Alloc(var t, var at)) {
                    tiles.add(t);
                    nextTile = Math.max(nextTile, t.id() + 1);
                }
            }
            for (var s : program.body()) {
                location = s.location();
                select(s);
            }
            return new VirtualCode(program.name(), program.contract(), program.buffers(), tiles, steps);
        }

        private void select(Statement s) {
            switch (s) {
                case Statement.For f -> throw new IllegalStateException("selection follows unrolling");
                case Statement.Alloc a -> {}
                case Statement.Load(var to, var from, var at) -> load(to, from);
                case Statement.Store(var to, var from, var at) ->
                    emit(new DmaInstruction.DmaCopy(Engine.GPSIMD, STORE_QUEUE, access(to), access(from)));
                case Statement.GatherRows g -> gather(g);
                case Statement.ScatterRows g -> scatter(g);
                case Statement.GatherElements(var to, var from, var index, var at) ->
                    emit(new GpSimdInstruction.NcNGather(access(to), access(from), access(index)));
                case Statement.Fill(var to, var value, var at) -> fill(to, value);
                case Statement.Iota i -> iota(i);
                case Statement.Copy(var to, var from, var at) -> copy(to, from);
                case Statement.Bitcast(var to, var from, var at) ->
                    emit(new VectorInstruction.TensorCopy(
                            Engine.VECTOR, access(to), access(from, to.tile().dtype())));
                case Statement.Unary(var to, var f, var x, var at) -> unary(to, f, x);
                case Statement.Activate a -> activate(a);
                case Statement.Binary(var to, var f, var a, var b, var at) -> binary(to, f, a, b);
                case Statement.Chain c -> chain(c);
                case Statement.Select(var to, var condition, var a, var b, var at) -> {
                    assign(to, b);
                    var chosen = tile(a, to);
                    emit(new VectorInstruction.TensorCopyPredicated(
                            access(to),
                            access(chosen.tile().dtype() == to.tile().dtype() ? chosen : converted(chosen, to)),
                            access(condition)));
                }
                case Statement.Reduce(var to, var f, var x, var at) -> reduce(to, f, x);
                case Statement.Scan(var to, var f, var x, var at) -> scan(to, alu(f), x);
                case Statement.TopEight(var values, var places, var x, var rest, var at) -> {
                    emit(new SelectionInstruction.Max8(access(values), access(x)));
                    emit(new SelectionInstruction.NcFindIndex8(access(places), access(x), access(values)));
                    rest.ifPresent(r -> emit(new SelectionInstruction.NcMatchReplace8(
                            access(r), access(x), access(values), Float.NEGATIVE_INFINITY, Optional.empty())));
                }
                case Statement.Recurrence(var to, var factor, var summand, var first, var at) ->
                    emit(new VectorInstruction.TensorTensorScan(
                            access(to),
                            access(factor),
                            access(summand.tile().psum() && factor.tile().psum() ? inSbuf(summand) : summand),
                            scalar(first),
                            AluOp.MULTIPLY,
                            AluOp.ADD));
                case Statement.MatMul(var to, var stationary, var moving, var step, var at) ->
                    matMul(to, stationary, moving, step.constant() != 0);
                case Statement.Transpose(var to, var from, var at) -> transpose(to, from);
            }
        }

        private void gather(Statement.GatherRows g) {
            emit(new DmaInstruction.DmaGather(
                    Engine.GPSIMD,
                    INDIRECT_QUEUE,
                    access(g.to()),
                    firstRow(g.from()),
                    access(g.index()),
                    g.rowStride() * g.from().buffer().dtype().bytes(),
                    g.rows()));
        }

        private void scatter(Statement.ScatterRows s) {
            emit(new DmaInstruction.DmaScatter(
                    Engine.GPSIMD,
                    INDIRECT_QUEUE,
                    firstRow(s.to()),
                    access(s.from()),
                    access(s.index()),
                    s.rowStride() * s.to().buffer().dtype().bytes(),
                    s.rows()));
        }

        private Access firstRow(BufferRef r) {
            return access(new BufferRef(
                    r.buffer(), r.offset(), r.dims().subList(1, r.dims().size())));
        }

        /** Dimensions of one element have no step, and dimensions stay apart, as their steps do. */
        private void iota(Statement.Iota i) {
            var dims = new ArrayList<Access.Dim>();
            var steps = new ArrayList<Integer>();
            for (int d = 0; d < i.steps().size(); d++) {
                var dim = i.to().dims().get(d);
                if (dim.size() > 1) {
                    dims.add(new Access.Dim(dim.stride(), dim.size()));
                    steps.add(Math.toIntExact(i.steps().get(d)));
                }
            }
            var to = access(i.to());
            emit(new GpSimdInstruction.Iota(
                    Access.virtual(
                            to.memory(),
                            i.to().tile().id(),
                            to.dtype(),
                            to.startPartition(),
                            to.partitions(),
                            to.offset(),
                            dims),
                    Math.toIntExact(i.base()),
                    Math.toIntExact(i.channelMultiplier()),
                    steps));
        }

        private void fill(TileRef to, double value) {
            if (to.tile().dtype().isInteger() && (float) value != value) {
                iota(new Statement.Iota(
                        to,
                        (int) (long) value,
                        0,
                        to.dims().stream().map(d -> 0L).toList(),
                        location));
            } else {
                emit(new VectorInstruction.Memset(Engine.GPSIMD, access(to), (float) value));
            }
        }

        /** Rows of 16-bit elements that become columns are transposed by the DMA engines, 16 rows at a time. */
        private void load(TileRef to, BufferRef from) {
            boolean turns = target.dma().transposeSupported()
                    && to.tile().dtype() == from.buffer().dtype()
                    && from.buffer().dtype().bytes() == 2
                    && from.dims().size() == 2
                    && from.dims().getFirst().stride() == 1
                    && from.dims().getLast().stride() > 1
                    && to.partitions() > 1
                    && from.dims().getLast().size() % TURNED_ROWS == 0;
            if (!turns) {
                emit(new DmaInstruction.DmaCopy(Engine.SYNC, LOAD_QUEUE, access(to), access(from)));
                return;
            }
            var rows = from.dims().getLast();
            var groups = new BufferRef(
                    from.buffer(),
                    from.offset(),
                    List.of(
                            new Dim(rows.stride(), TURNED_ROWS),
                            new Dim(rows.stride() * TURNED_ROWS, rows.size() / TURNED_ROWS),
                            from.dims().getFirst()));
            emit(new DmaInstruction.DmaTranspose(Engine.SYNC, LOAD_QUEUE, access(to), access(groups)));
        }

        private void copy(TileRef to, TileRef from) {
            boolean words = to.tile().dtype().bits() == 32
                    && to.tile().dtype().isInteger()
                    && from.tile().dtype() == to.tile().dtype();
            boolean onScalar = target.generation() >= 3
                    || !words
                            && to.tile().dtype().isFloat()
                            && from.tile().dtype().isFloat();
            if (!onScalar) {
                emit(new VectorInstruction.TensorCopy(Engine.VECTOR, access(to), access(from)));
                return;
            }
            emit(
                    target.generation() >= 3
                            ? new VectorInstruction.TensorCopy(Engine.SCALAR, access(to), access(from))
                            : activation(to, ActivationFunction.COPY, from));
        }

        private void assign(TileRef to, Operand from) {
            switch (from) {
                case TileRef t -> copy(to, t);
                case Operand.Immediate(var value) -> fill(to, value);
            }
        }

        private void activate(Statement.Activate a) {
            var f = table(a.function())
                    .orElseThrow(() ->
                            unsupported(a.function().mnemonic(), a.x().tile().dtype()));
            var scale = scalar(a.scale());
            var bias = bias(a.bias(), a.x());
            emit(
                    a.sum().isPresent()
                            ? new ScalarInstruction.ActivationReduce(
                                    access(a.to()),
                                    f,
                                    access(a.x()),
                                    scale,
                                    bias,
                                    access(a.sum().get()))
                            : ScalarInstruction.Activation.of(access(a.to()), f, access(a.x()), scale, bias));
        }

        private Scalar scalar(Operand o) {
            return switch (o) {
                case Operand.Immediate(var value) -> new Scalar.Immediate((float) value);
                case TileRef column -> new Scalar.Column(columnAccess(column));
            };
        }

        /** ScalarE takes a bias from memory only. */
        private Optional<Access> bias(Operand o, TileRef x) {
            return switch (o) {
                case Operand.Immediate(var value) when value == 0 -> Optional.empty();
                case Operand.Immediate(var value) ->
                    Optional.of(access(new TileRef(
                            biases.computeIfAbsent((float) value, v -> {
                                var column = fresh(DType.F32, target.memory().partitions(), 1);
                                fill(TileRef.of(column), v);
                                return column;
                            }),
                            x.startPartition(),
                            x.partitions(),
                            Affine.ZERO,
                            List.of(new Dim(1, 1)))));
                case TileRef column -> Optional.of(columnAccess(column));
            };
        }

        /** Two operations with scalars, or one with a scalar and one with a tile; on ScalarE only a product and a sum. */
        private void chain(Statement.Chain c) {
            boolean reversed = c.a() instanceof Operand.Immediate
                    || c.b() instanceof TileRef b
                            && isScalarBeside(c.a(), b)
                            && !isScalarBeside(c.b(), (TileRef) c.a());
            var data = (TileRef) (reversed ? c.b() : c.a());
            var first = reversed ? c.a() : c.b();
            var op0 = alu(c.first(), DType.F32);
            var op1 = alu(c.second(), DType.F32);
            if (!isScalarBeside(c.c(), data) && c.swapped() && !c.second().isCommutative()) {
                var inner = like(c.to(), DType.F32);
                binary(inner, c.first(), c.a(), c.b());
                binary(c.to(), c.second(), c.c(), inner);
                return;
            }
            if (!isScalarBeside(c.c(), data)) {
                emit(new VectorInstruction.ScalarTensorTensor(
                        access(c.to()), access(data), op0, scalar(first), op1, access((TileRef) c.c())));
                return;
            }
            var onVector = new VectorInstruction.TensorScalar(
                    Engine.VECTOR,
                    access(c.to()),
                    access(data),
                    op0,
                    scalar(first),
                    reversed,
                    op1,
                    scalar(c.c()),
                    c.swapped());
            emit(onScalar(c, data, first).orElse(onVector));
        }

        /** ScalarE adds to a product, and cuts a sum off at 0. */
        private Optional<Instruction> onScalar(Statement.Chain c, TileRef data, Operand first) {
            if (!c.to().tile().dtype().isFloat()) {
                return Optional.empty();
            }
            if (c.first() == BinaryOp.MUL && c.second() == BinaryOp.ADD) {
                return Optional.of(ScalarInstruction.Activation.of(
                        access(c.to()), ActivationFunction.COPY, access(data), scalar(first), bias(c.c(), data)));
            }
            boolean cutsOff =
                    c.first() == BinaryOp.ADD && c.second() == BinaryOp.MAX && c.c().equals(new Operand.Immediate(0));
            return cutsOff
                    ? Optional.of(ScalarInstruction.Activation.of(
                            access(c.to()), ActivationFunction.RELU, access(data), Scalar.ONE, bias(first, data)))
                    : Optional.empty();
        }

        private static boolean isScalarBeside(Operand o, TileRef data) {
            return switch (o) {
                case Operand.Immediate i -> true;
                case TileRef t -> isColumn(t) || t.free() == 1 && t.tile().dtype() == DType.F32 && data.free() == 1;
            };
        }

        /** ScalarE's table of a function. */
        private static Optional<ActivationFunction> table(UnaryOp f) {
            return Optional.ofNullable(
                    switch (f) {
                        case SQUARE -> ActivationFunction.SQUARE;
                        case ABS -> ActivationFunction.ABS;
                        case SIGN -> ActivationFunction.SIGN;
                        case EXP -> ActivationFunction.EXP;
                        case LOG -> ActivationFunction.LOG;
                        case SQRT -> ActivationFunction.SQRT;
                        case RSQRT -> ActivationFunction.RSQRT;
                        case SIN -> ActivationFunction.SIN;
                        case ARCTAN -> ActivationFunction.ARCTAN;
                        case TANH -> ActivationFunction.TANH;
                        case SIGMOID -> ActivationFunction.SIGMOID;
                        case ERF -> ActivationFunction.ERF;
                        case GELU -> ActivationFunction.GELU;
                        case GELU_TANH -> ActivationFunction.GELU_APPRX_TANH;
                        case SILU -> ActivationFunction.SILU;
                        case SOFTPLUS -> ActivationFunction.SOFTPLUS;
                        case MISH -> ActivationFunction.MISH;
                        default -> null;
                    });
        }

        private ScalarInstruction activation(TileRef to, ActivationFunction f, TileRef x) {
            return ScalarInstruction.Activation.of(access(to), f, access(x), Scalar.ONE, Optional.empty());
        }

        private void unary(TileRef to, UnaryOp f, TileRef x) {
            if (isWord(x)) {
                unaryWord(to, f, x);
                return;
            }
            switch (f) {
                case NEG -> scalar(to, AluOp.MULTIPLY, x, new Scalar.Immediate(-1), false);
                case RECIPROCAL -> emit(new VectorInstruction.Reciprocal(access(to), access(x)));
                case RELU -> scalar(to, AluOp.MAXIMUM, x, new Scalar.Immediate(0), false);
                case BIT_NOT -> scalar(to, AluOp.BITWISE_INVERT, x, new Scalar.Immediate(0), false);
                default ->
                    emit(activation(
                            to,
                            table(f).orElseThrow(() ->
                                    unsupported(f.mnemonic(), x.tile().dtype())),
                            x));
            }
        }

        private void unaryWord(TileRef to, UnaryOp f, TileRef x) {
            switch (f) {
                case NEG -> word(to, AluOp.SUBTRACT, tile(new Operand.Immediate(0), x), x);
                case ABS -> {
                    var negated = like(x, x.tile().dtype());
                    word(negated, AluOp.SUBTRACT, tile(new Operand.Immediate(0), x), x);
                    word(to, AluOp.MAXIMUM, x, negated);
                }
                case SQUARE -> word(to, AluOp.MULTIPLY, x, x);
                case RELU -> word(to, AluOp.MAXIMUM, x, tile(new Operand.Immediate(0), x));
                case BIT_NOT -> scalar(to, AluOp.BITWISE_INVERT, x, new Scalar.Immediate(0), false);
                default -> throw unsupported(f.mnemonic(), x.tile().dtype());
            }
        }

        private void binary(TileRef to, BinaryOp f, Operand a, Operand b) {
            var x = a instanceof TileRef t ? t : (TileRef) b;
            if (f == BinaryOp.DIV && !isWord(x)) {
                var inverse = like(to, DType.F32);
                emit(new VectorInstruction.Reciprocal(access(inverse), access(tile(b, to))));
                binary(to, BinaryOp.MUL, a, inverse);
                return;
            }
            var op = alu(f, x.tile().dtype());
            if (f == BinaryOp.POW) {
                emit(new VectorInstruction.TensorTensor(
                        Engine.GPSIMD, access(to), access(inSbuf(tile(a, to))), op, access(inSbuf(tile(b, to)))));
            } else if (isWord(x) && !f.isBitwise()) {
                word(to, op, tile(a, x), tile(b, x));
            } else if (b instanceof Operand.Immediate(var value)
                    && (!f.isBitwise() || isExact(x.tile().dtype()))) {
                scalar(to, op, (TileRef) a, new Scalar.Immediate((float) value), false);
            } else if (a instanceof Operand.Immediate(var value)
                    && (!f.isBitwise() || isExact(x.tile().dtype()))) {
                scalar(to, op, (TileRef) b, new Scalar.Immediate((float) value), true);
            } else if (b instanceof TileRef column && isColumn(column) && !f.isBitwise() && a instanceof TileRef data) {
                scalar(to, op, data, new Scalar.Column(columnAccess(column)), false);
            } else if (a instanceof TileRef column && isColumn(column) && !f.isBitwise() && b instanceof TileRef data) {
                scalar(to, op, data, new Scalar.Column(columnAccess(column)), true);
            } else {
                var left = tile(a, x);
                var right = tile(b, x);
                if (left.tile().psum() && right.tile().psum()) {
                    right = inSbuf(right);
                }
                emit(new VectorInstruction.TensorTensor(Engine.VECTOR, access(to), access(left), op, access(right)));
            }
        }

        /** Multiplications and additions by scalars are the one arithmetic that ScalarE can take over. */
        private void scalar(TileRef to, AluOp op, TileRef x, Scalar operand, boolean reverse) {
            var onVector = new VectorInstruction.TensorScalar(
                    Engine.VECTOR,
                    access(to),
                    access(x),
                    op,
                    operand,
                    reverse,
                    AluOp.BYPASS,
                    new Scalar.Immediate(0),
                    false);
            boolean floats = to.tile().dtype().isFloat() && isExact(x.tile().dtype());
            if (floats && op == AluOp.MULTIPLY) {
                emit(ScalarInstruction.Activation.of(
                        access(to), ActivationFunction.COPY, access(x), operand, Optional.empty()));
            } else if (floats && op == AluOp.MAXIMUM && operand.equals(new Scalar.Immediate(0))) {
                emit(activation(to, ActivationFunction.RELU, x));
            } else if (floats && op == AluOp.ADD && operand instanceof Scalar.Column(var bias)) {
                emit(ScalarInstruction.Activation.of(
                        access(to), ActivationFunction.COPY, access(x), Scalar.ONE, Optional.of(bias)));
            } else {
                emit(onVector);
            }
        }

        /** True for types whose numbers all are fp32 numbers. */
        private static boolean isExact(DType dtype) {
            return dtype.isFloat() || dtype.bits() < 32;
        }

        private void word(TileRef to, AluOp op, TileRef a, TileRef b) {
            emit(new VectorInstruction.TensorTensor(
                    Engine.GPSIMD, access(to), access(inSbuf(a)), op, access(inSbuf(b))));
        }

        /** ScalarE can sum, too; the largest of narrow numbers is as narrow, and found at twice the rate. */
        private void reduceNumbers(TileRef to, ReduceOp f, TileRef x) {
            var from = x.tile().dtype();
            if (f == ReduceOp.MAX && from == DType.BF16 && to.tile().dtype() == DType.F32 && x.free() > 1) {
                var narrow = like(to, from);
                reduceNumbers(narrow, f, x);
                copy(to, narrow);
                return;
            }
            if (f != ReduceOp.SUM || !from.isFloat() || !to.tile().dtype().isFloat() || to.free() > 1) {
                emit(tensorReduce(to, f, x));
                return;
            }
            emit(new ScalarInstruction.ActivationReduce(
                    access(like(x, DType.BF16)),
                    ActivationFunction.COPY,
                    access(x),
                    Scalar.ONE,
                    Optional.empty(),
                    access(to)));
        }

        private VectorInstruction.TensorReduce tensorReduce(TileRef to, ReduceOp f, TileRef x) {
            int kept = 0;
            for (long parts = 1; parts < to.free(); kept++) {
                parts *= x.dims().get(kept).size();
            }
            var reduced = dims(x.dims().subList(kept, x.dims().size()));
            var all = new ArrayList<>(dims(x.dims().subList(0, kept)));
            all.addAll(reduced.isEmpty() ? List.of(new Access.Dim(1, 1)) : reduced);
            return new VectorInstruction.TensorReduce(
                    access(to), alu(f), access(x, x.tile().dtype(), all), Math.max(1, reduced.size()), false);
        }

        private void reduce(TileRef to, ReduceOp f, TileRef x) {
            var op = alu(f);
            if (!isWord(x)) {
                reduceNumbers(to, f, x);
                return;
            }
            // Wrapping integer arithmetic does not depend on the order, so halves are combined until one element is
            // left.
            var sums = like(x, x.tile().dtype());
            copy(sums, x);
            long length = x.free() / to.free();
            long n = length;
            while (n > 1) {
                long half = n / 2;
                var low = ofEach(sums.tile(), length, 0, half);
                word(low, op, low, ofEach(sums.tile(), length, n - half, half));
                n -= half;
            }
            copy(to, ofEach(sums.tile(), length, 0, 1));
        }

        /** So many elements of each run of a length. */
        private static TileRef ofEach(Tile tile, long length, long first, long n) {
            return new TileRef(
                    tile,
                    0,
                    tile.partitions(),
                    Affine.of(first),
                    List.of(
                            new dev.systole.ir.tile.Dim(length, tile.free() / length),
                            new dev.systole.ir.tile.Dim(1, n)));
        }

        private static AluOp alu(ReduceOp f) {
            return switch (f) {
                case SUM -> AluOp.ADD;
                case PROD -> AluOp.MULTIPLY;
                case MAX -> AluOp.MAXIMUM;
                case MIN -> AluOp.MINIMUM;
            };
        }

        private void scan(TileRef to, AluOp op, TileRef x) {
            if (!isWord(x)) {
                emit(new VectorInstruction.TensorScalarCumulative(
                        access(to), access(x), AluOp.BYPASS, Scalar.ZERO, op, ReduceCommand.RESET_REDUCE, Scalar.ZERO));
                return;
            }
            // Wrapping integer arithmetic does not depend on the order, so every element takes in the one a distance
            // before it,
            // for distances that double.
            var running = converted(x, x);
            for (long distance = 1; distance < x.free(); distance *= 2) {
                var next = like(x, x.tile().dtype());
                long rest = x.free() - distance;
                int partitions = x.partitions();
                copy(TileRef.of(next.tile(), partitions, Affine.ZERO, distance), head(running, distance));
                word(
                        TileRef.of(next.tile(), partitions, Affine.of(distance), rest),
                        op,
                        head(running, rest),
                        TileRef.of(running.tile(), partitions, Affine.of(distance), rest));
                running = next;
            }
            copy(to, running);
        }

        private static TileRef head(TileRef r, long length) {
            return TileRef.of(r.tile(), r.partitions(), Affine.ZERO, length);
        }

        private void matMul(TileRef to, TileRef stationary, TileRef moving, boolean accumulate) {
            if (stationary.startPartition() != moving.startPartition() || !isRowTile(stationary)) {
                stationary = atPartitionZero(stationary);
                moving = atPartitionZero(moving);
            }
            emit(TensorInstruction.NcMatmul.of(access(to), access(stationary), access(moving), accumulate));
        }

        private void transpose(TileRef to, TileRef from) {
            if (!target.tensor().nativeTranspose()) {
                transposeBlocks(to, from);
                return;
            }
            if (!isRowTile(from)) {
                from = atPartitionZero(from);
            }
            var identity = identity(from.tile().dtype());
            var moving = new TileRef(
                    identity,
                    from.startPartition(),
                    from.partitions(),
                    Affine.of(from.startPartition()),
                    List.of(new Dim(1, from.partitions())));
            emit(TensorInstruction.NcMatmul.transposing(access(to), access(from), access(moving)));
        }

        /** VectorE transposes small blocks exactly, where a product with the identity would spread infinities over rows. */
        private void transposeBlocks(TileRef to, TileRef from) {
            int block = target.vector().transposeBlock();
            for (int p = 0; p < from.partitions(); p += block) {
                for (int f = 0; f < from.free(); f += block) {
                    int rows = Math.min(block, from.partitions() - p);
                    int columns = (int) Math.min(block, from.free() - f);
                    emit(new VectorInstruction.NcTranspose(
                            access(part(to, f, columns, p, rows)), access(part(from, p, rows, f, columns))));
                }
            }
        }

        /** Neighbouring partitions and elements of a contiguous reference. */
        private static TileRef part(TileRef r, int partition, int partitions, int first, int elements) {
            return new TileRef(
                    r.tile(),
                    r.startPartition() + partition,
                    partitions,
                    r.offset().plus(first * r.dims().getLast().stride()),
                    List.of(new Dim(r.dims().getLast().stride(), elements)));
        }

        /** True if TensorE can take the operand's rows where they are: a row tile of the array starts there. */
        private boolean isRowTile(TileRef r) {
            return target.tensor().rowTileSizes().stream()
                    .anyMatch(size -> r.partitions() <= size && r.startPartition() % size == 0);
        }

        private TileRef atPartitionZero(TileRef r) {
            if (r.startPartition() == 0) {
                return r;
            }
            var moved = like(r, r.tile().dtype());
            copy(moved, r);
            return moved;
        }

        private Tile identity(DType dtype) {
            return identities.computeIfAbsent(dtype, t -> {
                int n = target.tensor().rows();
                var ones = TileRef.of(fresh(t, n, n));
                var result = TileRef.of(fresh(t, n, n));
                emit(new VectorInstruction.Memset(Engine.GPSIMD, access(ones), 1));
                emit(new GpSimdInstruction.AffineSelect(
                        access(result), access(ones), 0, 1, List.of(-1), AluOp.EQUAL, 0));
                return result.tile();
            });
        }

        private TileRef tile(Operand o, TileRef like) {
            return switch (o) {
                case TileRef t -> t;
                case Operand.Immediate(var value) -> {
                    var to = like(like, like.tile().dtype());
                    fill(to, value);
                    yield to;
                }
            };
        }

        private TileRef converted(TileRef from, TileRef like) {
            var to = like(from, like.tile().dtype());
            copy(to, from);
            return to;
        }

        private TileRef inSbuf(TileRef r) {
            if (!r.tile().psum()) {
                return r;
            }
            var to = like(r, r.tile().dtype());
            copy(to, r);
            return to;
        }

        private TileRef like(TileRef r, DType dtype) {
            return TileRef.of(fresh(dtype, r.partitions(), r.free()));
        }

        private Tile fresh(DType dtype, int partitions, long free) {
            var tile = new Tile(nextTile++, false, dtype, partitions, free);
            tiles.add(tile);
            return tile;
        }

        private static boolean isWord(TileRef r) {
            return r.tile().dtype() == DType.I32 || r.tile().dtype() == DType.U32;
        }

        private static boolean isColumn(TileRef r) {
            return r.tile().dtype() == DType.F32
                    && r.free() > 1
                    && r.dims().stream().allMatch(d -> d.stride() == 0 || d.size() == 1);
        }

        private Access columnAccess(TileRef r) {
            return access(
                    new TileRef(r.tile(), r.startPartition(), r.partitions(), r.offset(), List.of(new Dim(1, 1))));
        }

        private AluOp alu(BinaryOp f, DType dtype) {
            return switch (f) {
                case ADD -> AluOp.ADD;
                case SUB -> AluOp.SUBTRACT;
                case MUL -> AluOp.MULTIPLY;
                case POW -> AluOp.POWER;
                case MAX -> AluOp.MAXIMUM;
                case MIN -> AluOp.MINIMUM;
                case EQ -> AluOp.EQUAL;
                case NE -> AluOp.NOT_EQUAL;
                case LT -> AluOp.LESS;
                case LE -> AluOp.LESS_EQUAL;
                case GT -> AluOp.GREATER;
                case GE -> AluOp.GREATER_EQUAL;
                case AND -> AluOp.LOGICAL_AND;
                case OR -> AluOp.LOGICAL_OR;
                case XOR -> AluOp.LOGICAL_XOR;
                case BIT_AND -> AluOp.BITWISE_AND;
                case BIT_OR -> AluOp.BITWISE_OR;
                case BIT_XOR -> AluOp.BITWISE_XOR;
                case SHIFT_LEFT -> AluOp.LEFT_SHIFT;
                case SHIFT_RIGHT -> AluOp.RIGHT_SHIFT;
                case DIV, REM -> throw unsupported(f.mnemonic(), dtype);
            };
        }

        private PassException unsupported(String what, DType dtype) {
            return new PassException("SYS3105 node " + location + ": no engine of " + target.name() + " computes "
                    + what + " of " + dtype);
        }

        private Access access(TileRef r) {
            return access(r, r.tile().dtype());
        }

        /** The elements as numbers of another type of their width. */
        private Access access(TileRef r, DType dtype) {
            return access(r, dtype, dims(r.dims()));
        }

        private Access access(TileRef r, DType dtype, List<Access.Dim> dims) {
            return Access.virtual(
                    r.tile().psum() ? Memory.PSUM : Memory.SBUF,
                    r.tile().id(),
                    dtype,
                    r.startPartition(),
                    r.partitions(),
                    r.offset().constant() * dtype.bytes(),
                    dims);
        }

        private Access access(BufferRef r) {
            Buffer buffer = r.buffer();
            return Access.virtual(
                    Memory.HBM,
                    buffer.id(),
                    buffer.dtype(),
                    0,
                    1,
                    r.offset().constant() * buffer.dtype().bytes(),
                    dims(r.dims()));
        }

        /** Neighbouring dimensions that are one even run become one, so that patterns are as short as they can be. */
        private static List<Access.Dim> dims(List<dev.systole.ir.tile.Dim> from) {
            var list = new ArrayList<Access.Dim>();
            for (var d : from) {
                if (d.size() == 1) {
                    continue;
                }
                var last = list.isEmpty() ? null : list.getLast();
                if (last != null && last.stride() == d.stride() * d.size()) {
                    list.set(list.size() - 1, new Access.Dim(d.stride(), last.size() * d.size()));
                } else {
                    list.add(new Access.Dim(d.stride(), d.size()));
                }
            }
            return list;
        }

        private void emit(Instruction instruction) {
            steps.add(new VirtualCode.Step(instruction, location));
        }
    }
}
