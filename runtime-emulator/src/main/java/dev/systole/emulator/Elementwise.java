package dev.systole.emulator;

import dev.systole.emulator.kernel.ElementKernel;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.ReduceCommand;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** What instructions that work element by element do to memory. */
final class Elementwise {
    private final Rows r;
    private final Accumulators scalarSums;
    private final Accumulators vectorSums;

    Elementwise(Rows r, Accumulators scalarSums, Accumulators vectorSums) {
        this.r = r;
        this.scalarSums = scalarSums;
        this.vectorSums = vectorSums;
    }

    Runnable activation(ScalarInstruction.Activation i) {
        return activation(i.to(), i.function(), i.data(), i.scale(), i.bias(), i.command(), Optional.empty());
    }

    Runnable activation(ScalarInstruction.ActivationReduce i) {
        return activation(
                i.to(),
                i.function(),
                i.data(),
                i.scale(),
                i.bias(),
                ReduceCommand.RESET_REDUCE,
                Optional.of(i.reduceTo()));
    }

    private Runnable activation(
            Access toAccess,
            ActivationFunction f,
            Access dataAccess,
            Scalar scaleOperand,
            Optional<Access> biasAccess,
            ReduceCommand command,
            Optional<Access> sumAccess) {
        var to = r.operand(toAccess);
        var data = r.operand(dataAccess);
        var scale = r.scalar(scaleOperand);
        Rows.ScalarOperand bias = biasAccess
                .map(r::operand)
                .<Rows.ScalarOperand>map(b -> b::readFloat)
                .orElse(p -> ElementKernel.NO_BIAS);
        var sum = sumAccess.map(r::operand);
        int splitElements = f == ActivationFunction.COPY ? Rows.CHEAP_SPLIT : Rows.COSTLY_SPLIT;
        return r.rows(splitElements, data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            long place = to.place(p);
            ElementKernel.activation(
                    f, data.floats(s.a), at, scale.at(p), bias.at(p), to.floats(s.d), place, data.free);
            if (command == ReduceCommand.IDLE) {
                scalarSums.reduce(data.partition(p), AluOp.ADD, command, s.row, 0);
                to.store(p, s.d, s.row);
                return;
            }
            // The sum is of what the engine computed, before it was rounded to a narrower type.
            MemorySegment.copy(to.floats(s.d), Operand.F32, place, s.row, 0, to.free);
            scalarSums.reduce(data.partition(p), AluOp.ADD, command, s.row, to.free);
            to.store(p, s.d, s.row);
            sum.ifPresent(o -> o.writeFloat(p, scalarSums.get(data.partition(p))));
        });
    }

    Runnable readAccumulator(ScalarInstruction.ActReadAccumulator i) {
        var to = r.operand(i.to());
        return r.rows(to, (s, p) -> to.writeFloat(p, scalarSums.get(to.partition(p))));
    }

    Runnable activate2(ScalarInstruction.Activate2 i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var operand0 = r.scalar(i.operand0());
        var operand1 = r.scalar(i.operand1());
        var reduceTo = i.reduceTo().map(r::operand);
        return r.rows(Rows.COSTLY_SPLIT, data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            int n = data.free;
            ElementKernel.scalar(i.op0(), data.floats(s.a), at, operand0.at(p), i.reverse0(), s.b, 0, n);
            ElementKernel.scalar(i.op1(), s.b, 0, operand1.at(p), i.reverse1(), s.b, 0, n);
            ElementKernel.activation(i.function(), s.b, 0, 1, ElementKernel.NO_BIAS, s.b, 0, n);
            finish(s, p, to, data, scalarSums, i.reduce(), i.command(), reduceTo);
        });
    }

    /** Stores the results, which lie in the second row of scratch, and reduces them as a command says. */
    private static void finish(
            Rows.Scratch s,
            int p,
            Operand to,
            Operand data,
            Accumulators accumulators,
            AluOp op,
            ReduceCommand command,
            Optional<Operand> reduceTo) {
        MemorySegment.copy(s.b, Operand.F32, 0, s.row, 0, data.free);
        accumulators.reduce(data.partition(p), op, command, s.row, data.free);
        to.writeFloats(p, s.row, 0);
        reduceTo.ifPresent(o -> o.writeFloat(p, accumulators.get(data.partition(p))));
    }

    Runnable exponential(VectorInstruction.Exponential i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var maximum = r.scalar(i.maximum());
        var reduceTo = i.reduceTo().map(r::operand);
        return r.rows(Rows.COSTLY_SPLIT, data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            int n = data.free;
            ElementKernel.scalar(AluOp.SUBTRACT, data.floats(s.a), at, maximum.at(p), false, s.b, 0, n);
            ElementKernel.activation(ActivationFunction.EXP, s.b, 0, 1, ElementKernel.NO_BIAS, s.b, 0, n);
            finish(s, p, to, data, vectorSums, AluOp.ADD, i.command(), reduceTo);
        });
    }

    Runnable tensorScalarReduce(VectorInstruction.TensorScalarReduce i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var operand0 = r.scalar(i.operand0());
        var reduceTo = Optional.of(r.operand(i.reduceTo()));
        return r.rows(data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            ElementKernel.scalar(i.op0(), data.floats(s.a), at, operand0.at(p), i.reverse0(), s.b, 0, data.free);
            finish(s, p, to, data, vectorSums, i.reduce(), ReduceCommand.RESET_REDUCE, reduceTo);
        });
    }

    Runnable cumulative(VectorInstruction.TensorScalarCumulative i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var operand0 = r.scalar(i.operand0());
        var loaded = r.scalar(i.operand1());
        return r.rows(data, (s, p) -> {
            data.readFloats(p, s.row, 0);
            float running = vectorSums.start(data.partition(p), i.op1(), i.command(), loaded.at(p));
            for (int k = 0; k < data.free; k++) {
                running = ElementKernel.apply(i.op1(), ElementKernel.apply(i.op0(), s.row[k], operand0.at(p)), running);
                s.row[k] = running;
            }
            vectorSums.set(data.partition(p), running);
            to.writeFloats(p, s.row, 0);
        });
    }

    /** An integer as a word of 32 bits holds it. */
    private static long word(long x, DType dtype) {
        return dtype == DType.U32 ? x & 0xFFFFFFFFL : (int) x;
    }

    private static boolean isWord(Access a) {
        return a.dtype() == DType.I32 || a.dtype() == DType.U32;
    }

    Runnable tensorTensor(VectorInstruction.TensorTensor i) {
        var to = r.operand(i.to());
        var a = r.operand(i.a());
        var b = r.operand(i.b());
        boolean exact = i.op().isBitwise() || i.engine() == Engine.GPSIMD && isWord(i.a()) && isWord(i.b());
        if (!exact) {
            int splitElements = i.op() == AluOp.POWER ? Rows.COSTLY_SPLIT : Rows.CHEAP_SPLIT;
            return r.rows(splitElements, a, (s, p) -> {
                long left = a.load(p, s.a, s.row);
                long right = b.load(p, s.b, s.row);
                ElementKernel.binary(
                        i.op(), a.floats(s.a), left, b.floats(s.b), right, to.floats(s.d), to.place(p), a.free);
                to.store(p, s.d, s.row);
            });
        }
        int n = a.free;
        return r.rows(a, (s, p) -> {
            var left = new long[n];
            var right = new long[n];
            a.readIntegers(p, left);
            b.readIntegers(p, right);
            for (int k = 0; k < n; k++) {
                left[k] = i.op().isBitwise()
                        ? bits(i.op(), left[k], right[k], false, a.dtype)
                        : word(ElementKernel.apply(i.op(), left[k], right[k]), a.dtype);
            }
            if (i.op().isBitwise()) {
                to.writeIntegers(p, left);
            } else {
                to.writeNumbers(p, left, s.row);
            }
        });
    }

    Runnable tensorScalar(VectorInstruction.TensorScalar i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var operand0 = r.scalar(i.operand0());
        var operand1 = r.scalar(i.operand1());
        if (i.op0().isBitwise()) {
            int n = data.free;
            return r.rows(data, (s, p) -> {
                var a = new long[n];
                data.readIntegers(p, a);
                long first = (long) operand0.at(p);
                long second = (long) operand1.at(p);
                for (int k = 0; k < n; k++) {
                    long x = bits(i.op0(), a[k], first, i.reverse0(), data.dtype);
                    a[k] = i.op1() == AluOp.BYPASS ? x : bits(i.op1(), x, second, i.reverse1(), data.dtype);
                }
                to.writeIntegers(p, a);
            });
        }
        return r.rows(data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            var result = to.floats(s.d);
            long place = to.place(p);
            int n = data.free;
            // Read before there are results, because it may be the destination.
            float second = operand1.at(p);
            ElementKernel.scalar(i.op0(), data.floats(s.a), at, operand0.at(p), i.reverse0(), result, place, n);
            if (i.op1() != AluOp.BYPASS) {
                ElementKernel.scalar(i.op1(), result, place, second, i.reverse1(), result, place, n);
            }
            to.store(p, s.d, s.row);
        });
    }

    /** An operator on bits; a shift to the right brings zeros into an element of the type's width. */
    private static long bits(AluOp op, long x, long s, boolean reverse, DType dtype) {
        long a = reverse ? s : x;
        long b = reverse ? x : s;
        return ElementKernel.apply(op, op == AluOp.RIGHT_SHIFT ? a & (1L << dtype.bits()) - 1 : a, b);
    }

    Runnable scalarTensorTensor(VectorInstruction.ScalarTensorTensor i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var tensor = r.operand(i.tensor());
        var operand0 = r.scalar(i.operand0());
        return r.rows(data, (s, p) -> {
            // The first operator's result stays out of the destination, which may be the tensor.
            long at = data.load(p, s.a, s.row);
            ElementKernel.scalar(i.op0(), data.floats(s.a), at, operand0.at(p), false, s.a, 0, data.free);
            long right = tensor.load(p, s.b, s.row);
            ElementKernel.binary(i.op1(), s.a, 0, tensor.floats(s.b), right, to.floats(s.d), to.place(p), data.free);
            to.store(p, s.d, s.row);
        });
    }

    Runnable copy(VectorInstruction.TensorCopy i) {
        var to = r.operand(i.to());
        var from = r.operand(i.from());
        if (from.dtype != to.dtype || from.dtype == DType.F32) {
            return r.rows(from, (s, p) -> {
                long at = from.load(p, s.a, s.row);
                MemorySegment.copy(from.floats(s.a), at, to.floats(s.d), to.place(p), 4L * from.free);
                to.store(p, s.d, s.row);
            });
        }
        return r.rows(from, (s, p) -> {
            var bits = new long[from.free];
            from.readIntegers(p, bits);
            to.writeIntegers(p, bits);
        });
    }

    Runnable copyPredicated(VectorInstruction.TensorCopyPredicated i) {
        var to = r.operand(i.to());
        var from = r.operand(i.from());
        var predicate = r.operand(i.predicate());
        int n = to.free;
        return r.rows(to, (s, p) -> {
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

    Runnable memset(VectorInstruction.Memset i) {
        var to = r.operand(i.to());
        return r.rows(to, (s, p) -> {
            Arrays.fill(s.row, 0, to.free, i.value());
            to.writeFloats(p, s.row, 0);
        });
    }

    Runnable reciprocal(VectorInstruction.Reciprocal i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        return r.rows(data, (s, p) -> {
            long at = data.load(p, s.a, s.row);
            ElementKernel.reciprocal(data.floats(s.a), at, to.floats(s.d), to.place(p), data.free);
            to.store(p, s.d, s.row);
        });
    }
}
