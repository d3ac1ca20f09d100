package dev.systole.ir.tile;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * What tile programs mean: a plain execution, one statement after the other, in exact order. Reading an element that nothing
 * wrote is an error. Mutable: one run.
 */
public final class TileInterpreter {
    /** Elements in memory, and which of them have been written. */
    private record Storage(Tensor tensor, BitSet written) {
        static Storage fresh(DType dtype, long elements) {
            return new Storage(Tensor.allocate(TensorType.of(dtype, elements)), new BitSet((int) elements));
        }

        static Storage holding(Tensor tensor) {
            var written = new BitSet();
            written.set(0, (int) tensor.type().shape().elements());
            return new Storage(tensor, written);
        }

        DType dtype() {
            return tensor.type().dtype();
        }
    }

    /** Elements of a storage in access order, partition by partition. */
    private record Elems(Storage storage, long[] at) {}

    private final Map<Buffer, Storage> buffers = new HashMap<>();
    private final Map<Integer, Storage> tiles = new HashMap<>();
    private final Map<Integer, Long> variables = new HashMap<>();
    private Statement current;

    private TileInterpreter() {}

    /**
     * Runs a program.
     *
     * @param inputs by position, each with as many elements as its buffer and of its type
     * @return outputs by position, each as one dimension of elements of its buffer's type
     * @throws TileException if a statement reads what nothing wrote, or a row that does not exist
     * @throws IllegalArgumentException if an input does not fit its buffer
     */
    public static List<Tensor> run(TileProgram program, List<Tensor> inputs) {
        var run = new TileInterpreter();
        for (var b : program.buffers()) {
            run.buffers.put(
                    b,
                    switch (b.role()) {
                        case Buffer.Role.Input(var position, var type) ->
                            Storage.holding(fitting(b, inputs.get(position)));
                        case Buffer.Role.Constant(var value) -> Storage.holding(value);
                        case Buffer.Role.Output o -> Storage.fresh(b.dtype(), b.elements());
                        case Buffer.Role.Scratch s -> Storage.fresh(b.dtype(), b.elements());
                    });
        }
        run.block(program.body());
        var outputs = new TreeMap<Integer, Tensor>();
        run.buffers.forEach((b, storage) -> {
            if (b.role() instanceof Buffer.Role.Output(var position, var type)) {
                if (storage.written.cardinality() < b.elements()) {
                    throw new TileException("output \"" + b.name() + "\" has elements that nothing wrote");
                }
                outputs.put(position, storage.tensor);
            }
        });
        return List.copyOf(outputs.values());
    }

    private static Tensor fitting(Buffer b, Tensor t) {
        if (t.type().dtype() != b.dtype() || t.type().shape().elements() != b.elements()) {
            throw new IllegalArgumentException("input \"" + b.name() + "\" is " + t.type() + ", its buffer holds "
                    + b.elements() + " of " + b.dtype());
        }
        return t.reshape(Shape.of(b.elements()));
    }

    private void block(List<Statement> body) {
        for (var s : body) {
            current = s;
            switch (s) {
                case Statement.For f -> {
                    for (long i = 0; i < f.count(); i++) {
                        variables.put(f.variable(), i);
                        block(f.body());
                    }
                    variables.remove(f.variable());
                }
                case Statement.Alloc(var t, var at) ->
                    tiles.put(t.id(), Storage.fresh(t.dtype(), t.partitions() * t.free()));
                default -> execute(s);
            }
        }
    }

    private TileException fault(String what) {
        return new TileException(what + ": " + TilePrinter.text(current) + "  // " + current.location());
    }

    private Elems elements(TileRef r) {
        var starts = new long[r.partitions()];
        long first = r.startPartition() * r.tile().free() + r.offset().at(variables);
        Arrays.setAll(starts, p -> first + p * r.tile().free());
        return new Elems(tiles.get(r.tile().id()), pattern(starts, r.dims()));
    }

    private Elems elements(BufferRef r, long moved) {
        long[] start = {r.offset().at(variables) + moved};
        return new Elems(buffers.get(r.buffer()), pattern(start, r.dims()));
    }

    /** Where a pattern leads from each of the starts. */
    private static long[] pattern(long[] starts, List<Dim> dims) {
        var at = starts;
        for (var d : dims) {
            int size = (int) d.size();
            var next = new long[at.length * size];
            for (int k = 0; k < at.length; k++) {
                for (int i = 0; i < size; i++) {
                    next[k * size + i] = at[k] + i * d.stride();
                }
            }
            at = next;
        }
        return at;
    }

    private void requireWritten(Elems e, int i) {
        if (!e.storage.written.get((int) e.at[i])) {
            throw fault("reads an element that nothing wrote");
        }
    }

    private float real(Elems e, int i) {
        requireWritten(e, i);
        return Elements.readFloat(e.storage.tensor.bytes(), e.at[i], e.storage.dtype());
    }

    private float[] reals(Elems e) {
        var values = new float[e.at.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = real(e, i);
        }
        return values;
    }

    private long whole(Elems e, int i) {
        requireWritten(e, i);
        return Elements.readInteger(e.storage.tensor.bytes(), e.at[i], e.storage.dtype());
    }

    private static void write(Elems e, int i, float value) {
        Elements.writeFloat(e.storage.tensor.bytes(), e.at[i], e.storage.dtype(), value);
        e.storage.written.set((int) e.at[i]);
    }

    private static void write(Elems e, int i, long value) {
        if (e.storage.dtype().isFloat()) {
            write(e, i, (float) value);
            return;
        }
        Elements.writeInteger(e.storage.tensor.bytes(), e.at[i], e.storage.dtype(), value);
        e.storage.written.set((int) e.at[i]);
    }

    private void activate(Statement.Activate a, Elems to, Elems x) {
        int partitions = a.x().partitions();
        int length = x.at.length / partitions;
        var scale = argument(a.scale());
        var bias = argument(a.bias());
        for (int p = 0; p < partitions; p++) {
            float sum = 0;
            for (int i = 0; i < length; i++) {
                float argument = Math.fma(real(x, p * length + i), scale.at(p), bias.at(p));
                float value = TileFunctions.unary(a.function(), argument);
                write(to, p * length + i, value);
                sum += value;
            }
            if (a.sum().isPresent()) {
                write(elements(a.sum().get()), p, sum);
            }
        }
    }

    /** An operand by element. */
    private interface Argument {
        float at(int i);
    }

    private Argument argument(Operand o) {
        return switch (o) {
            case Operand.Immediate(var value) -> i -> (float) value;
            case TileRef t -> {
                var from = elements(t);
                yield i -> real(from, i);
            }
        };
    }

    private IntToLongFunction wholeArgument(Operand o) {
        return switch (o) {
            case Operand.Immediate(var value) -> i -> (long) value;
            case TileRef t -> {
                var from = elements(t);
                yield i -> whole(from, i);
            }
        };
    }

    private void chain(Statement.Chain s, Elems to) {
        var a = argument(s.a());
        var b = argument(s.b());
        var c = argument(s.c());
        for (int i = 0; i < to.at.length; i++) {
            float inner = TileFunctions.binary(s.first(), a.at(i), b.at(i));
            write(
                    to,
                    i,
                    s.swapped()
                            ? TileFunctions.binary(s.second(), c.at(i), inner)
                            : TileFunctions.binary(s.second(), inner, c.at(i)));
        }
    }

    private static boolean isWord(DType t) {
        return t == DType.I32 || t == DType.U32;
    }

    private void execute(Statement s) {
        switch (s) {
            case Statement.For f -> throw new IllegalArgumentException("a loop is a block");
            case Statement.Alloc a -> throw new IllegalArgumentException("an allocation is part of a block");
            case Statement.Load(var to, var from, var at) -> copy(elements(to), elements(from, 0));
            case Statement.Store(var to, var from, var at) -> copy(elements(to, 0), elements(from));
            case Statement.GatherRows g -> gather(g);
            case Statement.ScatterRows g -> scatter(g);
            case Statement.GatherElements(var to, var from, var index, var at) ->
                gatherElements(elements(to), elements(from), elements(index), from);
            case Statement.Fill(var to, var value, var at) -> {
                var d = elements(to);
                for (int i = 0; i < d.at.length; i++) {
                    if (isWord(d.storage.dtype())) {
                        write(d, i, (long) value);
                    } else {
                        write(d, i, (float) value);
                    }
                }
            }
            case Statement.Iota i -> iota(i);
            case Statement.Copy(var to, var from, var at) -> copy(elements(to), elements(from));
            case Statement.Bitcast(var to, var from, var at) -> {
                var d = elements(to);
                var in = elements(from);
                for (int i = 0; i < d.at.length; i++) {
                    bits(d, i, in, i);
                }
            }
            case Statement.Unary(var to, var f, var x, var at) -> {
                var d = elements(to);
                var in = elements(x);
                for (int i = 0; i < d.at.length; i++) {
                    if (isWord(in.storage.dtype())) {
                        write(d, i, TileFunctions.unary(f, whole(in, i)));
                    } else {
                        write(d, i, TileFunctions.unary(f, real(in, i)));
                    }
                }
            }
            case Statement.Activate a -> activate(a, elements(a.to()), elements(a.x()));
            case Statement.Binary(var to, var f, var a, var b, var at) -> binary(elements(to), f, a, b);
            case Statement.Chain c -> chain(c, elements(c.to()));
            case Statement.Select(var to, var condition, var a, var b, var at) -> {
                var d = elements(to);
                var c = elements(condition);
                var chosen = chosen(a);
                var other = chosen(b);
                for (int i = 0; i < d.at.length; i++) {
                    (whole(c, i) != 0 ? chosen : other).write(d, i);
                }
            }
            case Statement.Reduce(var to, var f, var x, var at) -> reduce(elements(to), f, elements(x));
            case Statement.Moments(var to, var x, var at) -> moments(elements(to), elements(x), x.partitions());
            case Statement.Scan(var to, var f, var x, var at) -> scan(elements(to), f, elements(x), x.partitions());
            case Statement.TopEight t -> topEight(t);
            case Statement.Recurrence(var to, var factor, var summand, var first, var at) ->
                recurrence(elements(to), elements(factor), elements(summand), argument(first), to.partitions());
            case Statement.MatMul m -> matMul(m);
            case Statement.Transpose(var to, var from, var isFinite, var at) -> {
                var d = elements(to);
                var in = elements(from);
                int rows = from.partitions();
                int columns = (int) from.free();
                for (int p = 0; p < rows; p++) {
                    for (int f = 0; f < columns; f++) {
                        move(d, f * rows + p, in, p * columns + f);
                    }
                }
            }
        }
    }

    /** Raw bits between equal types, else through fp32. */
    private void move(Elems to, int i, Elems from, int k) {
        if (to.storage.dtype() == from.storage.dtype()) {
            bits(to, i, from, k);
        } else {
            write(to, i, real(from, k));
        }
    }

    private void bits(Elems to, int i, Elems from, int k) {
        requireWritten(from, k);
        long bits = Elements.readBits(from.storage.tensor.bytes(), from.at[k], from.storage.dtype());
        Elements.writeBits(to.storage.tensor.bytes(), to.at[i], to.storage.dtype(), bits);
        to.storage.written.set((int) to.at[i]);
    }

    private void copy(Elems to, Elems from) {
        for (int i = 0; i < to.at.length; i++) {
            move(to, i, from, i);
        }
    }

    /** Writes element i of an operand to element i of a destination. */
    private interface Chosen {
        void write(Elems to, int i);
    }

    private Chosen chosen(Operand o) {
        return switch (o) {
            case Operand.Immediate(var value) ->
                (to, i) -> {
                    if (isWord(to.storage.dtype())) {
                        write(to, i, (long) value);
                    } else {
                        write(to, i, (float) value);
                    }
                };
            case TileRef t -> {
                var from = elements(t);
                yield (to, i) -> move(to, i, from, i);
            }
        };
    }

    private void gather(Statement.GatherRows g) {
        var to = elements(g.to());
        var index = elements(g.index());
        int length = (int) g.to().free();
        for (int p = 0; p < g.to().partitions(); p++) {
            var from = row(g.from(), whole(index, p), g.rowStride(), g.rows());
            for (int i = 0; i < length; i++) {
                move(to, p * length + i, from, i);
            }
        }
    }

    private void scatter(Statement.ScatterRows s) {
        var from = elements(s.from());
        var index = elements(s.index());
        int length = (int) s.from().free();
        for (int p = 0; p < s.from().partitions(); p++) {
            var to = row(s.to(), whole(index, p), s.rowStride(), s.rows());
            for (int i = 0; i < length; i++) {
                move(to, i, from, p * length + i);
            }
        }
    }

    /** The elements of a row, given those of row 0 for every partition. */
    private Elems row(BufferRef first, long row, long stride, long rows) {
        if (row < 0 || row >= rows) {
            throw fault("row " + row + " is outside 0.." + (rows - 1));
        }
        var dims = first.dims().subList(1, first.dims().size());
        return elements(new BufferRef(first.buffer(), first.offset(), dims), row * stride);
    }

    private void gatherElements(Elems to, Elems from, Elems index, TileRef data) {
        int length = to.at.length / data.partitions();
        for (int i = 0; i < to.at.length; i++) {
            long chosen = whole(index, i);
            if (chosen < 0 || chosen >= data.free()) {
                throw fault("index " + chosen + " is outside 0.." + (data.free() - 1));
            }
            move(to, i, from, (int) (i / length * data.free() + chosen));
        }
    }

    private void moments(Elems to, Elems x, int partitions) {
        int length = x.at.length / partitions;
        for (int p = 0; p < partitions; p++) {
            float sum = 0;
            for (int i = p * length; i < (p + 1) * length; i++) {
                sum += real(x, i);
            }
            float mean = sum / length;
            float squares = 0;
            for (int i = p * length; i < (p + 1) * length; i++) {
                float distance = real(x, i) - mean;
                squares += distance * distance;
            }
            write(to, 2 * p, mean);
            write(to, 2 * p + 1, squares / length);
        }
    }

    /** The running value of floats is kept in fp32. */
    private void scan(Elems to, ReduceOp f, Elems x, int partitions) {
        int length = x.at.length / partitions;
        float real = 0;
        long whole = 0;
        for (int i = 0; i < x.at.length; i++) {
            boolean first = i % length == 0;
            if (isWord(x.storage.dtype())) {
                whole = first ? whole(x, i) : wrapped(TileFunctions.reduce(f, whole, whole(x, i)), x);
                write(to, i, whole);
            } else {
                real = first ? real(x, i) : TileFunctions.reduce(f, real, real(x, i));
                write(to, i, real);
            }
        }
    }

    private void topEight(Statement.TopEight t) {
        var values = elements(t.values());
        var places = elements(t.places());
        var x = elements(t.x());
        var rest = t.rest().map(this::elements);
        int length = (int) t.x().free();
        for (int p = 0; p < t.x().partitions(); p++) {
            int row = p * length;
            var numbers = new float[length];
            for (int i = 0; i < length; i++) {
                numbers[i] = real(x, row + i);
            }
            var order = IntStream.range(0, length)
                    .boxed()
                    .sorted(Comparator.comparing(i -> -(numbers[i] + 0f)))
                    .mapToInt(Integer::intValue)
                    .limit(8)
                    .toArray();
            for (int i = 0; i < length && rest.isPresent(); i++) {
                write(rest.get(), row + i, numbers[i]);
            }
            for (int i = 0; i < order.length; i++) {
                write(values, p * order.length + i, numbers[order[i]]);
                write(places, p * order.length + i, (long) order[i]);
                if (rest.isPresent()) {
                    write(rest.get(), row + order[i], Float.NEGATIVE_INFINITY);
                }
            }
        }
    }

    private void recurrence(Elems to, Elems factor, Elems summand, Argument first, int partitions) {
        int length = to.at.length / partitions;
        for (int p = 0; p < partitions; p++) {
            float running = first.at(p);
            for (int i = p * length; i < (p + 1) * length; i++) {
                running = real(factor, i) * running + real(summand, i);
                write(to, i, running);
            }
        }
    }

    private static long wrapped(long word, Elems like) {
        return like.storage.dtype().isSigned() ? (int) word : word & 0xFFFFFFFFL;
    }

    private void iota(Statement.Iota s) {
        var d = elements(s.to());
        int length = (int) s.to().free();
        for (int i = 0; i < d.at.length; i++) {
            long value = s.base() + i / length * s.channelMultiplier();
            long rest = i % length;
            for (int k = s.to().dims().size() - 1; k >= 0; k--) {
                value += rest % s.to().dims().get(k).size() * s.steps().get(k);
                rest /= s.to().dims().get(k).size();
            }
            write(d, i, value);
        }
    }

    private void binary(Elems d, BinaryOp f, Operand a, Operand b) {
        var dtype = (a instanceof TileRef t ? t : (TileRef) b).tile().dtype();
        if (isWord(dtype) || f.isBitwise()) {
            var x = wholeArgument(a);
            var y = wholeArgument(b);
            for (int i = 0; i < d.at.length; i++) {
                write(d, i, TileFunctions.binary(f, x.applyAsLong(i), y.applyAsLong(i), dtype));
            }
        } else {
            var x = argument(a);
            var y = argument(b);
            for (int i = 0; i < d.at.length; i++) {
                write(d, i, TileFunctions.binary(f, x.at(i), y.at(i)));
            }
        }
    }

    private void reduce(Elems to, ReduceOp f, Elems x) {
        int length = x.at.length / to.at.length;
        for (int p = 0; p < to.at.length; p++) {
            if (isWord(x.storage.dtype())) {
                long running = whole(x, p * length);
                for (int i = 1; i < length; i++) {
                    running = wrapped(TileFunctions.reduce(f, running, whole(x, p * length + i)), x);
                }
                write(to, p, running);
                continue;
            }
            float running = real(x, p * length);
            for (int i = 1; i < length; i++) {
                float value = real(x, p * length + i);
                running = TileFunctions.reduce(f, running, value);
            }
            write(to, p, running);
        }
    }

    private void matMul(Statement.MatMul m) {
        var to = elements(m.to());
        var stationary = reals(elements(m.stationary()));
        var moving = reals(elements(m.moving()));
        int k = m.moving().partitions();
        int rows = (int) m.stationary().free();
        int columns = (int) m.moving().free();
        boolean first = m.step().at(variables) == 0;
        var sums = new float[columns];
        for (int r = 0; r < rows; r++) {
            Arrays.fill(sums, 0);
            for (int i = 0; i < k; i++) {
                float factor = stationary[i * rows + r];
                for (int c = 0; c < columns; c++) {
                    sums[c] = Math.fma(factor, moving[i * columns + c], sums[c]);
                }
            }
            for (int c = 0; c < columns; c++) {
                write(to, r * columns + c, first ? sums[c] : real(to, r * columns + c) + sums[c]);
            }
        }
    }
}
