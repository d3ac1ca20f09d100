package dev.systole.emulator;

import dev.systole.emulator.kernel.ElementKernel;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Scalar;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What data instructions do to memory, partition by partition. Mutable: holds the rows in work, one set a host thread. */
final class Execution {
    /** Elements in all from which an instruction is worth splitting over threads. */
    private static final int CHEAP_SPLIT = 16_384;

    private static final int COSTLY_SPLIT = 1_024;

    private final Memories memories;
    private final Workers workers;
    private final Products products;
    private final Transfers transfers;
    private final Scratch[] scratch;

    /** Rows in work of one thread, grown to the longest row so far. */
    private static final class Scratch {
        private float[] a = new float[4096];
        private float[] b = new float[4096];
        private float[] d = new float[4096];
        private final float[] scalar0 = new float[1];
        private final float[] scalar1 = new float[1];

        void fit(long n) {
            if (a.length < n) {
                a = new float[(int) n];
                b = new float[(int) n];
                d = new float[(int) n];
            }
        }
    }

    /** Work on one partition with one thread's rows. */
    @FunctionalInterface
    private interface RowWork {
        void run(Scratch s, int p);
    }

    Execution(Memories memories, Workers workers) {
        this.memories = memories;
        this.workers = workers;
        this.products = new Products(memories, workers);
        this.transfers = new Transfers(memories);
        this.scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /** Executes an instruction whose accesses are addresses. Control instructions do nothing to memory. */
    void execute(Instruction instruction) {
        switch (instruction) {
            case Instruction.NcMatmul i -> products.execute(i);
            case Instruction.DmaCopy i -> transfers.execute(i);
            case Instruction.Activation i ->
                activation(i.to(), i.function(), i.data(), i.scale(), i.bias(), Optional.empty());
            case Instruction.ActivationReduce i ->
                activation(i.to(), i.function(), i.data(), i.scale(), i.bias(), Optional.of(i.reduceTo()));
            case Instruction.TensorTensor i -> tensorTensor(i);
            case Instruction.TensorScalar i -> tensorScalar(i);
            case Instruction.ScalarTensorTensor i ->
                rows(i.data(), CHEAP_SPLIT, (s, p) -> {
                    int n = (int) i.data().free();
                    memories.readFloats(i.data(), p, s.a, 0);
                    ElementKernel.scalar(i.op0(), s.a, value(i.operand0(), p, s.scalar0), false, s.d, n);
                    memories.readFloats(i.tensor(), p, s.b, 0);
                    ElementKernel.binary(i.op1(), s.d, s.b, s.d, n);
                    memories.writeFloats(i.to(), p, s.d, 0);
                });
            case Instruction.TensorReduce i -> reduce(i);
            case Instruction.TensorTensorScan i ->
                rows(i.a(), CHEAP_SPLIT, (s, p) -> {
                    memories.readFloats(i.a(), p, s.a, 0);
                    memories.readFloats(i.b(), p, s.b, 0);
                    float running = value(i.initial(), p, s.scalar0);
                    for (int k = 0; k < i.a().free(); k++) {
                        running = ElementKernel.apply(i.op1(), ElementKernel.apply(i.op0(), s.a[k], running), s.b[k]);
                        s.d[k] = running;
                    }
                    memories.writeFloats(i.to(), p, s.d, 0);
                });
            case Instruction.TensorCopy i -> copy(i.to(), i.from());
            case Instruction.TensorCopyPredicated i ->
                rows(i.to(), CHEAP_SPLIT, (s, p) -> {
                    int n = (int) i.to().free();
                    var predicate = new long[n];
                    var from = new long[n];
                    var to = new long[n];
                    memories.readIntegers(i.predicate(), p, predicate);
                    memories.readIntegers(i.from(), p, from);
                    memories.readIntegers(i.to(), p, to);
                    for (int k = 0; k < n; k++) {
                        to[k] = predicate[k] != 0 ? from[k] : to[k];
                    }
                    memories.writeIntegers(i.to(), p, to);
                });
            case Instruction.Memset i ->
                rows(i.to(), CHEAP_SPLIT, (s, p) -> {
                    Arrays.fill(s.d, 0, (int) i.to().free(), i.value());
                    memories.writeFloats(i.to(), p, s.d, 0);
                });
            case Instruction.Reciprocal i ->
                rows(i.data(), CHEAP_SPLIT, (s, p) -> {
                    memories.readFloats(i.data(), p, s.a, 0);
                    for (int k = 0; k < i.data().free(); k++) {
                        s.d[k] = 1 / s.a[k];
                    }
                    memories.writeFloats(i.to(), p, s.d, 0);
                });
            case Instruction.NcTranspose i -> transpose(i);
            case Instruction.Iota i ->
                rows(i.to(), CHEAP_SPLIT, (s, p) -> {
                    var values = affine(i.to(), i.base() + p * i.channelMultiplier(), i.steps());
                    if (i.to().dtype().isInteger()) {
                        memories.writeIntegers(i.to(), p, values);
                    } else {
                        for (int k = 0; k < values.length; k++) {
                            s.d[k] = values[k];
                        }
                        memories.writeFloats(i.to(), p, s.d, 0);
                    }
                });
            case Instruction.AffineSelect i ->
                rows(i.data(), CHEAP_SPLIT, (s, p) -> {
                    var values = affine(i.data(), i.base() + p * i.channelMultiplier(), i.steps());
                    memories.readFloats(i.data(), p, s.a, 0);
                    for (int k = 0; k < values.length; k++) {
                        s.d[k] = i.compare().holds((int) values[k], 0) ? s.a[k] : i.otherwise();
                    }
                    memories.writeFloats(i.to(), p, s.d, 0);
                });
            case Instruction.RegisterMove i -> {}
            case Instruction.RegisterAlu i -> {}
            case Instruction.RegisterLoad i -> {}
            case Instruction.RegisterStore i -> {}
            case Instruction.Branch i -> {}
            case Instruction.LoopBegin i -> {}
            case Instruction.LoopEnd i -> {}
            case Instruction.EventSemaphore i -> {}
        }
    }

    private void rows(Access like, int splitElements, RowWork work) {
        int count = like.partitions();
        long free = like.free();
        int grain = count * free < splitElements ? count : Math.max(1, count / workers.count() / 4);
        workers.split(count, grain, (worker, from, to) -> {
            scratch[worker].fit(free);
            for (int p = from; p < to; p++) {
                work.run(scratch[worker], p);
            }
        });
    }

    private float value(Scalar scalar, int p, float[] buffer) {
        return switch (scalar) {
            case Scalar.Immediate(var v) -> v;
            case Scalar.Column(var access) -> {
                memories.readFloats(access, p, buffer, 0);
                yield buffer[0];
            }
        };
    }

    private void activation(
            Access to,
            ActivationFunction f,
            Access data,
            Scalar scale,
            Optional<Access> bias,
            Optional<Access> reduceTo) {
        rows(data, f == ActivationFunction.COPY ? CHEAP_SPLIT : COSTLY_SPLIT, (s, p) -> {
            int n = (int) data.free();
            memories.readFloats(data, p, s.a, 0);
            float factor = value(scale, p, s.scalar0);
            float addend = 0;
            if (bias.isPresent()) {
                memories.readFloats(bias.get(), p, s.scalar1, 0);
                addend = s.scalar1[0];
            }
            ElementKernel.activation(f, s.a, factor, addend, s.d, n);
            memories.writeFloats(to, p, s.d, 0);
            if (reduceTo.isPresent()) {
                float sum = 0;
                for (int k = 0; k < n; k++) {
                    sum += s.d[k];
                }
                s.scalar0[0] = sum;
                memories.writeFloats(reduceTo.get(), p, s.scalar0, 0);
            }
        });
    }

    private static boolean isWord(Access a) {
        return a.dtype() == DType.I32 || a.dtype() == DType.U32;
    }

    private void tensorTensor(Instruction.TensorTensor i) {
        boolean exact = i.op().isBitwise() || i.engine() == Engine.GPSIMD && isWord(i.a()) && isWord(i.b());
        if (!exact) {
            rows(i.a(), i.op() == AluOp.POWER ? COSTLY_SPLIT : CHEAP_SPLIT, (s, p) -> {
                memories.readFloats(i.a(), p, s.a, 0);
                memories.readFloats(i.b(), p, s.b, 0);
                ElementKernel.binary(i.op(), s.a, s.b, s.d, (int) i.a().free());
                memories.writeFloats(i.to(), p, s.d, 0);
            });
            return;
        }
        rows(i.a(), CHEAP_SPLIT, (s, p) -> {
            var a = new long[(int) i.a().free()];
            var b = new long[a.length];
            memories.readIntegers(i.a(), p, a);
            memories.readIntegers(i.b(), p, b);
            for (int k = 0; k < a.length; k++) {
                a[k] = ElementKernel.apply(i.op(), a[k], b[k]);
            }
            store(i.to(), p, a, s);
        });
    }

    /** Exact integers to an integer type as they are, to a float type rounded. */
    private void store(Access to, int p, long[] values, Scratch s) {
        if (to.dtype().isInteger()) {
            memories.writeIntegers(to, p, values);
            return;
        }
        for (int k = 0; k < values.length; k++) {
            s.d[k] = values[k];
        }
        memories.writeFloats(to, p, s.d, 0);
    }

    private void tensorScalar(Instruction.TensorScalar i) {
        if (i.op0().isBitwise()) {
            rows(i.data(), CHEAP_SPLIT, (s, p) -> {
                var a = new long[(int) i.data().free()];
                memories.readIntegers(i.data(), p, a);
                long first = (long) value(i.operand0(), p, s.scalar0);
                long second = (long) value(i.operand1(), p, s.scalar1);
                for (int k = 0; k < a.length; k++) {
                    long x = i.reverse0()
                            ? ElementKernel.apply(i.op0(), first, a[k])
                            : ElementKernel.apply(i.op0(), a[k], first);
                    a[k] = i.reverse1()
                            ? ElementKernel.apply(i.op1(), second, x)
                            : ElementKernel.apply(i.op1(), x, second);
                }
                memories.writeIntegers(i.to(), p, a);
            });
            return;
        }
        rows(i.data(), CHEAP_SPLIT, (s, p) -> {
            int n = (int) i.data().free();
            memories.readFloats(i.data(), p, s.a, 0);
            ElementKernel.scalar(i.op0(), s.a, value(i.operand0(), p, s.scalar0), i.reverse0(), s.d, n);
            if (i.op1() != AluOp.BYPASS) {
                ElementKernel.scalar(i.op1(), s.d, value(i.operand1(), p, s.scalar1), i.reverse1(), s.d, n);
            }
            memories.writeFloats(i.to(), p, s.d, 0);
        });
    }

    private void copy(Access to, Access from) {
        if (from.dtype() != to.dtype() || from.dtype() == DType.F32) {
            rows(from, CHEAP_SPLIT, (s, p) -> {
                memories.readFloats(from, p, s.a, 0);
                memories.writeFloats(to, p, s.a, 0);
            });
            return;
        }
        rows(from, CHEAP_SPLIT, (s, p) -> {
            var bits = new long[(int) from.free()];
            memories.readIntegers(from, p, bits);
            memories.writeIntegers(to, p, bits);
        });
    }

    private void reduce(Instruction.TensorReduce i) {
        var dims = i.data().dims();
        long run = 1;
        for (var d : dims.subList(Math.max(0, dims.size() - i.axes()), dims.size())) {
            run *= d.size();
        }
        int length = (int) run;
        rows(i.data(), CHEAP_SPLIT, (s, p) -> {
            memories.readFloats(i.data(), p, s.a, 0);
            int count = (int) i.data().free() / length;
            for (int k = 0; k < count; k++) {
                float running = s.a[k * length];
                for (int j = 1; j < length; j++) {
                    running = i.op() == AluOp.ADD
                            ? running + s.a[k * length + j]
                            : ElementKernel.apply(i.op(), running, s.a[k * length + j]);
                }
                s.d[k] = i.negate() ? -running : running;
            }
            memories.writeFloats(i.to(), p, s.d, 0);
        });
    }

    private void transpose(Instruction.NcTranspose i) {
        int count = i.from().partitions();
        int n = (int) i.from().free();
        var block = new long[count][n];
        for (int p = 0; p < count; p++) {
            memories.readIntegers(i.from(), p, block[p]);
        }
        var column = new long[count];
        for (int k = 0; k < n; k++) {
            for (int p = 0; p < count; p++) {
                column[p] = block[p][k];
            }
            memories.writeIntegers(i.to(), k, column);
        }
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
