package dev.systole.emulator;

import dev.systole.emulator.kernel.ElementKernel;
import dev.systole.emulator.kernel.ReduceKernel;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.ControlInstruction;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.TensorInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What data instructions do to memory, partition by partition. An instruction is decoded once into work that can be done as often
 * as it is issued. Mutable: holds the rows in work, one set a host thread.
 */
final class Execution {
    /** Elements in all from which an instruction is worth splitting over threads. */
    private static final int CHEAP_SPLIT = 8_192;

    private static final int COSTLY_SPLIT = 1_024;

    /** Partitions that a reduction works on at once, so that their sums do not wait for each other. */
    private static final int INTERLEAVED = ReduceKernel.ROWS;

    private final Memories memories;
    private final Workers workers;
    private final Products products;
    private final Transfers transfers;
    private final Scratch[] scratch;

    /** Rows in work of one thread, grown to the longest row so far. */
    private static final class Scratch {
        private final Arena arena;
        private MemorySegment a;
        private MemorySegment b;
        private MemorySegment d;
        private float[] row = new float[0];

        Scratch(Arena arena) {
            this.arena = arena;
            fit(4096);
        }

        void fit(int n) {
            if (row.length < n) {
                row = new float[n];
                a = arena.allocate(4L * n, 64);
                b = arena.allocate(4L * n, 64);
                d = arena.allocate(4L * n, 64);
            }
        }
    }

    /** Work on one partition with one thread's rows. */
    @FunctionalInterface
    private interface RowWork {
        void run(Scratch s, int p);
    }

    /** Work on some partitions. */
    @FunctionalInterface
    private interface BlockWork {
        void run(Scratch s, int from, int until);
    }

    /** A scalar operand, decoded. */
    @FunctionalInterface
    private interface ScalarOperand {
        float at(int p);
    }

    Execution(Arena arena, Memories memories, Workers workers) {
        this.memories = memories;
        this.workers = workers;
        this.products = new Products(memories, workers);
        this.transfers = new Transfers(memories, workers);
        this.scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch(arena));
    }

    /**
     * What an instruction whose accesses are addresses does to memory. Control instructions do nothing.
     *
     * @throws EmulatorException if the instruction cannot be executed whatever memory holds
     */
    Runnable decode(Instruction instruction) {
        return switch (instruction) {
            case TensorInstruction.NcMatmul i -> products.decode(i);
            case DmaInstruction i -> transfers.decode(i);
            case ScalarInstruction.Activation i ->
                activation(i.to(), i.function(), i.data(), i.scale(), i.bias(), Optional.empty());
            case ScalarInstruction.ActivationReduce i ->
                activation(i.to(), i.function(), i.data(), i.scale(), i.bias(), Optional.of(i.reduceTo()));
            case VectorInstruction.TensorTensor i -> tensorTensor(i);
            case VectorInstruction.TensorScalar i -> tensorScalar(i);
            case VectorInstruction.ScalarTensorTensor i -> scalarTensorTensor(i);
            case VectorInstruction.TensorReduce i -> reduce(i);
            case VectorInstruction.TensorTensorScan i -> scan(i);
            case VectorInstruction.TensorCopy i -> copy(i);
            case VectorInstruction.TensorCopyPredicated i -> copyPredicated(i);
            case VectorInstruction.Memset i -> memset(i);
            case VectorInstruction.Reciprocal i -> reciprocal(i);
            case VectorInstruction.NcTranspose i -> transpose(i);
            case GpSimdInstruction.Iota i -> iota(i);
            case GpSimdInstruction.AffineSelect i -> affineSelect(i);
            case ControlInstruction.RegisterMove i -> () -> {};
            case ControlInstruction.RegisterAlu i -> () -> {};
            case ControlInstruction.RegisterLoad i -> () -> {};
            case ControlInstruction.RegisterStore i -> () -> {};
            case ControlInstruction.Branch i -> () -> {};
            case ControlInstruction.LoopBegin i -> () -> {};
            case ControlInstruction.LoopEnd i -> () -> {};
            case ControlInstruction.EventSemaphore i -> () -> {};
        };
    }

    /**
     * Work on every partition of an operand, shared by threads if it is worth it. A thread gets the same partitions of every
     * instruction, as of transfers and matmuls, so that it finds them in the cache of its own core.
     */
    private Runnable rows(int splitElements, Operand data, RowWork work) {
        return blocks(splitElements, 1, data, (s, from, until) -> {
            for (int p = from; p < until; p++) {
                work.run(s, p);
            }
        });
    }

    private Runnable rows(Operand data, RowWork work) {
        return rows(CHEAP_SPLIT, data, work);
    }

    private Runnable blocks(int splitElements, int block, Operand data, BlockWork work) {
        int count = data.partitions;
        for (var s : scratch) {
            s.fit(data.free);
        }
        int grain = (long) count * data.free < splitElements ? count : block;
        return () -> workers.split(count, grain, (worker, from, until) -> work.run(scratch[worker], from, until));
    }

    private ScalarOperand scalar(Scalar scalar) {
        return switch (scalar) {
            case Scalar.Immediate(var v) -> p -> v;
            case Scalar.Column(var access) -> memories.operand(access)::readFloat;
        };
    }

    private Runnable activation(
            Access toAccess,
            ActivationFunction f,
            Access dataAccess,
            Scalar scaleOperand,
            Optional<Access> biasAccess,
            Optional<Access> sumAccess) {
        var to = memories.operand(toAccess);
        var data = memories.operand(dataAccess);
        var scale = scalar(scaleOperand);
        ScalarOperand bias = biasAccess
                .map(memories::operand)
                .<ScalarOperand>map(b -> b::readFloat)
                .orElse(p -> 0);
        var sum = sumAccess.map(memories::operand);
        int splitElements = f == ActivationFunction.COPY ? CHEAP_SPLIT : COSTLY_SPLIT;
        return rows(splitElements, data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            long place = to.place(p);
            ElementKernel.activation(
                    f, data.floats(s.a), at, scale.at(p), bias.at(p), to.floats(s.d), place, data.free);
            to.store(p, s.d, s.row);
            if (sum.isPresent()) {
                // The sum is of what the engine computed, before it was rounded to a narrower type. Registers start at
                // 0, which
                // changes a sum of negative zeros.
                s.row[0] = ReduceKernel.plain(AluOp.ADD, to.floats(s.d), place, to.free) + 0;
                sum.get().writeFloats(p, s.row, 0);
            }
        });
    }

    private static boolean isWord(Access a) {
        return a.dtype() == DType.I32 || a.dtype() == DType.U32;
    }

    private Runnable tensorTensor(VectorInstruction.TensorTensor i) {
        var to = memories.operand(i.to());
        var a = memories.operand(i.a());
        var b = memories.operand(i.b());
        boolean exact = i.op().isBitwise() || i.engine() == Engine.GPSIMD && isWord(i.a()) && isWord(i.b());
        if (!exact) {
            int splitElements = i.op() == AluOp.POWER ? COSTLY_SPLIT : CHEAP_SPLIT;
            return rows(splitElements, a, (s, p) -> {
                long left = a.load(p, s.a, s.row);
                long right = b.load(p, s.b, s.row);
                ElementKernel.binary(
                        i.op(), a.floats(s.a), left, b.floats(s.b), right, to.floats(s.d), to.place(p), a.free);
                to.store(p, s.d, s.row);
            });
        }
        int n = a.free;
        return rows(a, (s, p) -> {
            var left = new long[n];
            var right = new long[n];
            a.readIntegers(p, left);
            b.readIntegers(p, right);
            for (int k = 0; k < n; k++) {
                left[k] = ElementKernel.apply(i.op(), left[k], right[k]);
            }
            store(to, p, left, s);
        });
    }

    /** Exact integers to an integer type as they are, to a float type rounded. */
    private static void store(Operand to, int p, long[] values, Scratch s) {
        if (to.dtype.isInteger()) {
            to.writeIntegers(p, values);
            return;
        }
        for (int k = 0; k < values.length; k++) {
            s.row[k] = values[k];
        }
        to.writeFloats(p, s.row, 0);
    }

    private Runnable tensorScalar(VectorInstruction.TensorScalar i) {
        var to = memories.operand(i.to());
        var data = memories.operand(i.data());
        var operand0 = scalar(i.operand0());
        var operand1 = scalar(i.operand1());
        if (i.op0().isBitwise()) {
            int n = data.free;
            return rows(data, (s, p) -> {
                var a = new long[n];
                data.readIntegers(p, a);
                long first = (long) operand0.at(p);
                long second = (long) operand1.at(p);
                for (int k = 0; k < n; k++) {
                    long x = i.reverse0()
                            ? ElementKernel.apply(i.op0(), first, a[k])
                            : ElementKernel.apply(i.op0(), a[k], first);
                    a[k] = i.reverse1()
                            ? ElementKernel.apply(i.op1(), second, x)
                            : ElementKernel.apply(i.op1(), x, second);
                }
                to.writeIntegers(p, a);
            });
        }
        return rows(data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            var result = to.floats(s.d);
            long place = to.place(p);
            int n = data.free;
            ElementKernel.scalar(i.op0(), data.floats(s.a), at, operand0.at(p), i.reverse0(), result, place, n);
            if (i.op1() != AluOp.BYPASS) {
                ElementKernel.scalar(i.op1(), result, place, operand1.at(p), i.reverse1(), result, place, n);
            }
            to.store(p, s.d, s.row);
        });
    }

    private Runnable scalarTensorTensor(VectorInstruction.ScalarTensorTensor i) {
        var to = memories.operand(i.to());
        var data = memories.operand(i.data());
        var tensor = memories.operand(i.tensor());
        var operand0 = scalar(i.operand0());
        return rows(data, (s, p) -> {
            // The first operator's result stays out of the destination, which may be the tensor.
            long at = data.load(p, s.a, s.row);
            ElementKernel.scalar(i.op0(), data.floats(s.a), at, operand0.at(p), false, s.a, 0, data.free);
            long right = tensor.load(p, s.b, s.row);
            ElementKernel.binary(i.op1(), s.a, 0, tensor.floats(s.b), right, to.floats(s.d), to.place(p), data.free);
            to.store(p, s.d, s.row);
        });
    }

    private Runnable reduce(VectorInstruction.TensorReduce i) {
        var to = memories.operand(i.to());
        var data = memories.operand(i.data());
        var dims = i.data().dims();
        long run = 1;
        for (var d : dims.subList(Math.max(0, dims.size() - i.axes()), dims.size())) {
            run *= d.size();
        }
        int length = (int) run;
        if (length == data.free && data.isDirect()) {
            return blocks(CHEAP_SPLIT, INTERLEAVED, data, (s, from, until) -> {
                int p = from;
                for (; p + INTERLEAVED <= until; p += INTERLEAVED) {
                    ReduceKernel.fourRows(i.op(), data.memory.bytes, data.row(p), data.rowStride(), length, s.row);
                    for (int r = 0; r < INTERLEAVED; r++) {
                        s.row[r] = i.negate() ? -s.row[r] : s.row[r];
                        to.writeFloats(p + r, s.row, r);
                    }
                }
                for (; p < until; p++) {
                    reduce(s, i, data, to, length, p);
                }
            });
        }
        return rows(data, (s, p) -> reduce(s, i, data, to, length, p));
    }

    private static void reduce(
            Scratch s, VectorInstruction.TensorReduce i, Operand data, Operand to, int length, int p) {
        long at = data.load(p, s.a, s.row);
        for (int k = 0; k < to.free; k++) {
            float result = ReduceKernel.plain(i.op(), data.floats(s.a), at + 4L * k * length, length);
            s.row[k] = i.negate() ? -result : result;
        }
        to.writeFloats(p, s.row, 0);
    }

    private Runnable scan(VectorInstruction.TensorTensorScan i) {
        var to = memories.operand(i.to());
        var a = memories.operand(i.a());
        var b = memories.operand(i.b());
        var initial = scalar(i.initial());
        return rows(a, (s, p) -> {
            var second = new float[b.free];
            b.readFloats(p, second, 0);
            a.readFloats(p, s.row, 0);
            float running = initial.at(p);
            for (int k = 0; k < a.free; k++) {
                running = ElementKernel.apply(i.op1(), ElementKernel.apply(i.op0(), s.row[k], running), second[k]);
                s.row[k] = running;
            }
            to.writeFloats(p, s.row, 0);
        });
    }

    private Runnable copy(VectorInstruction.TensorCopy i) {
        var to = memories.operand(i.to());
        var from = memories.operand(i.from());
        if (from.dtype != to.dtype || from.dtype == DType.F32) {
            return rows(from, (s, p) -> {
                long at = from.load(p, s.a, s.row);
                MemorySegment.copy(from.floats(s.a), at, to.floats(s.d), to.place(p), 4L * from.free);
                to.store(p, s.d, s.row);
            });
        }
        return rows(from, (s, p) -> {
            var bits = new long[from.free];
            from.readIntegers(p, bits);
            to.writeIntegers(p, bits);
        });
    }

    private Runnable copyPredicated(VectorInstruction.TensorCopyPredicated i) {
        var to = memories.operand(i.to());
        var from = memories.operand(i.from());
        var predicate = memories.operand(i.predicate());
        int n = to.free;
        return rows(to, (s, p) -> {
            var where = new long[n];
            var source = new long[n];
            var result = new long[n];
            predicate.readIntegers(p, where);
            from.readIntegers(p, source);
            to.readIntegers(p, result);
            for (int k = 0; k < n; k++) {
                result[k] = where[k] != 0 ? source[k] : result[k];
            }
            to.writeIntegers(p, result);
        });
    }

    private Runnable memset(VectorInstruction.Memset i) {
        var to = memories.operand(i.to());
        return rows(to, (s, p) -> {
            Arrays.fill(s.row, 0, to.free, i.value());
            to.writeFloats(p, s.row, 0);
        });
    }

    private Runnable reciprocal(VectorInstruction.Reciprocal i) {
        var to = memories.operand(i.to());
        var data = memories.operand(i.data());
        return rows(data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            ElementKernel.reciprocal(data.floats(s.a), at, to.floats(s.d), to.place(p), data.free);
            to.store(p, s.d, s.row);
        });
    }

    private Runnable transpose(VectorInstruction.NcTranspose i) {
        var to = memories.operand(i.to());
        var from = memories.operand(i.from());
        return () -> {
            var block = new long[from.partitions][from.free];
            for (int p = 0; p < from.partitions; p++) {
                from.readIntegers(p, block[p]);
            }
            var column = new long[from.partitions];
            for (int k = 0; k < from.free; k++) {
                for (int p = 0; p < from.partitions; p++) {
                    column[p] = block[p][k];
                }
                to.writeIntegers(k, column);
            }
        };
    }

    private Runnable iota(GpSimdInstruction.Iota i) {
        var to = memories.operand(i.to());
        return rows(to, (s, p) -> {
            var values = affine(i.to(), i.base() + p * i.channelMultiplier(), i.steps());
            store(to, p, values, s);
        });
    }

    private Runnable affineSelect(GpSimdInstruction.AffineSelect i) {
        var to = memories.operand(i.to());
        var data = memories.operand(i.data());
        return rows(data, (s, p) -> {
            var values = affine(i.data(), i.base() + p * i.channelMultiplier(), i.steps());
            data.readFloats(p, s.row, 0);
            for (int k = 0; k < values.length; k++) {
                s.row[k] = i.compare().holds((int) values[k], 0) ? s.row[k] : i.otherwise();
            }
            to.writeFloats(p, s.row, 0);
        });
    }

    private static long[] affine(Access pattern, int base, List<Integer> steps) {
        var values = new long[(int) pattern.free()];
        for (int k = 0; k < values.length; k++) {
            int value = base;
            long rest = k;
            for (int d = pattern.dims().size() - 1; d >= 0; d--) {
                long size = pattern.dims().get(d).size();
                value += (int) (rest % size) * steps.get(d);
                rest /= size;
            }
            values[k] = value;
        }
        return values;
    }
}
