package dev.systole.trainium.isa;

import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;

/**
 * What an instruction costs: the one cost model, read by selection, scheduling and the emulator's timeline.
 *
 * <p>Issue intervals follow the formulas of the AWS Neuron documentation, SDK 2.26.1 (nki.isa), which describe v2, with the
 * access overhead of the architecture guide before every VectorE and ScalarE instruction, and the Vector fast modes of the trn2
 * guide on v3 and later. Latencies, and rates that measurements on trn1 contradict, are the target description's
 * (docs/targets.md).
 *
 * @param issueSeconds how long the instruction's engine is busy
 * @param resultSeconds from its start to the moment when another engine can read its result; for a transfer from the moment when
 *     its last byte has moved
 * @param transferSeconds how long the DMA engines move data; 0 for other instructions
 */
public record Cost(double issueSeconds, double resultSeconds, double transferSeconds) {

    /** The cost of an instruction on a target. Operands may be virtual. */
    public static Cost of(Instruction instruction, Target target) {
        if (instruction instanceof DmaInstruction dma) {
            return TransferCost.of(dma, target);
        }
        var engine = instruction.engine();
        double clock = clockHz(engine, target);
        double cycles = Math.max(issueCycles(instruction, target), dynamicCycles(instruction, target));
        // What a sequencer does by itself passes through no data path.
        double result = instruction instanceof ControlInstruction ? 0 : resultCycles(engine, target);
        double latency = cycles + result + target.control().semaphoreWaitLatencyCycles();
        return new Cost(cycles / clock, latency / clock, 0);
    }

    /** Cycles a second of an engine's clock. */
    public static double clockHz(Engine engine, Target target) {
        return switch (engine) {
            case TENSOR -> target.tensor().clockHz();
            case VECTOR -> target.vector().clockHz();
            case SCALAR -> target.scalar().clockHz();
            case GPSIMD -> target.gpSimd().clockHz();
            case SYNC -> target.sync().clockHz();
        };
    }

    private static double resultCycles(Engine engine, Target target) {
        return switch (engine) {
            case TENSOR -> target.tensor().latencyOverheadCycles();
            case VECTOR -> target.vector().resultLatencyCycles();
            case SCALAR, GPSIMD -> target.scalar().resultLatencyCycles();
            case SYNC -> 0;
        };
    }

    private static double dynamicCycles(Instruction instruction, Target target) {
        boolean dynamic = instruction.reads().stream().anyMatch(a -> a.index().isPresent())
                || instruction.writes().stream().anyMatch(a -> a.index().isPresent());
        return dynamic ? target.control().dynamicAddressMinIssueIntervalCycles() : 0;
    }

    /**
     * Cycles of the instruction's engine between its issue and that of the next one, operands in registers aside.
     *
     * @throws IllegalArgumentException for a transfer, whose time is not an engine's
     */
    private static double issueCycles(Instruction instruction, Target target) {
        return switch (instruction) {
            case TensorInstruction i -> tensorCycles(i, target);
            case VectorInstruction i -> vectorCycles(i, target);
            case SelectionInstruction i -> selectionCycles(i, target);
            case RandomInstruction i -> randomCycles(i, target);
            case ScalarInstruction i -> scalarCycles(i, target);
            case GpSimdInstruction i -> gpSimdCycles(i, target);
            case DmaInstruction i -> throw new IllegalArgumentException("a transfer has no issue formula");
            case ControlInstruction i -> controlCycles(i, target);
        };
    }

    private static double tensorCycles(TensorInstruction instruction, Target target) {
        return switch (instruction) {
            case TensorInstruction.NcMatmul i -> matmulCycles(i, target);
            case TensorInstruction.NcMatmulMx i ->
                array(strided(target, i.moving()), i.stationary().free(), target);
        };
    }

    private static double vectorCycles(VectorInstruction instruction, Target target) {
        return switch (instruction) {
            case VectorInstruction.TensorTensor i -> tensorTensorCycles(i, target);
            case VectorInstruction.TensorScalar i ->
                i.op0() == AluOp.RSQRT
                        ? gpSimd(4 * strided(target, i.data(), i.to()), target)
                        : onEngine(i.engine(), streamed(i.data(), i.to(), target), i.data(), i.to(), target);
            case VectorInstruction.ScalarTensorTensor i -> scalarTensorTensorCycles(i, target);
            case VectorInstruction.TensorReduce i -> {
                boolean fast = i.data().dtype() == DType.BF16
                        && i.to().dtype() == DType.BF16
                        && (i.op() == AluOp.ADD || i.op() == AluOp.MAXIMUM);
                yield vector(strided(target, i.data()) / (fast ? 2 : 1), target);
            }
            case VectorInstruction.TensorScalarReduce i ->
                vector(strided(target, i.to(), i.data()), target)
                        + target.vector().minIssueIntervalCycles();
            case VectorInstruction.TensorScalarCumulative i -> vector(2.0 * strided(target, i.to(), i.data()), target);
            case VectorInstruction.TensorTensorScan i -> vector(2.0 * strided(target, i.to(), i.a(), i.b()), target);
            case VectorInstruction.TensorCopy i ->
                onEngine(i.engine(), streamed(i.from(), i.to(), target), i.from(), i.to(), target);
            case VectorInstruction.TensorCopyPredicated i -> {
                boolean psum = i.from().memory() == Memory.PSUM || i.predicate().memory() == Memory.PSUM;
                yield vector((psum ? 1.0 : 2.0) * strided(target, i.to(), i.from(), i.predicate()), target);
            }
            case VectorInstruction.Memset i -> {
                double n = strided(target, i.to());
                yield i.engine() == Engine.GPSIMD
                        ? gpSimd(n, target)
                        : vector(i.value() == 0 && isHalf(i.to()) ? n / 2 : n, target);
            }
            case VectorInstruction.Reciprocal i ->
                vector(target.vector().reciprocalCyclesPerElement() * strided(target, i.to(), i.data()), target);
            case VectorInstruction.Exponential i -> vector(strided(target, i.to(), i.data()) / 4, target);
            case VectorInstruction.NcTranspose i -> vector(strided(target, i.to(), i.from()), target);
            case VectorInstruction.NcStreamShuffle i -> vector(strided(target, i.to(), i.from()), target);
            case VectorInstruction.BnStats i -> vector(strided(target, i.data()), target);
            case VectorInstruction.BnAggr i -> vector(13.0 * strided(target, i.data()) / 3, target);
            case VectorInstruction.QuantizeMx i -> vector(strided(target, i.data()) / 4, target);
        };
    }

    private static double selectionCycles(SelectionInstruction instruction, Target target) {
        return vector(
                switch (instruction) {
                    case SelectionInstruction.Max8 i -> strided(target, i.data());
                    case SelectionInstruction.NcFindIndex8 i -> strided(target, i.data());
                    case SelectionInstruction.NcMatchReplace8 i -> strided(target, i.to(), i.data());
                    case SelectionInstruction.SelectReduce i -> strided(target, i.to(), i.onTrue(), i.predicate());
                    case SelectionInstruction.RangeSelect i -> strided(target, i.to(), i.onTrue());
                },
                target);
    }

    private static double randomCycles(RandomInstruction instruction, Target target) {
        return switch (instruction) {
            case RandomInstruction.Rng i ->
                i.engine() == Engine.GPSIMD
                        ? gpSimd(strided(target, i.to()), target)
                        : vector(strided(target, i.to()), target);
            case RandomInstruction.Rand2 i -> vector(strided(target, i.to()) / 4, target);
            case RandomInstruction.Dropout i -> vector(strided(target, i.to(), i.data()), target);
            case RandomInstruction.SetRngSeed i -> vector(1, target);
            case RandomInstruction.RandSetState i -> state(i.engine(), target);
            case RandomInstruction.RandGetState i -> state(i.engine(), target);
        };
    }

    private static double state(Engine engine, Target target) {
        return engine == Engine.GPSIMD ? gpSimd(0, target) : vector(1, target);
    }

    private static double scalarCycles(ScalarInstruction instruction, Target target) {
        int interval = target.scalar().minIssueIntervalCycles();
        return switch (instruction) {
            case ScalarInstruction.Activation i -> scalarCycles(i.data(), i.to(), target);
            case ScalarInstruction.ActivationReduce i -> scalarCycles(i.data(), i.to(), target) + interval;
            case ScalarInstruction.ActReadAccumulator i -> interval;
            case ScalarInstruction.Activate2 i ->
                scalarCycles(i.data(), i.to(), target) + (i.reduceTo().isPresent() ? interval : 0);
        };
    }

    private static double gpSimdCycles(GpSimdInstruction instruction, Target target) {
        return gpSimd(
                switch (instruction) {
                    case GpSimdInstruction.Iota i -> strided(target, i.to());
                    case GpSimdInstruction.AffineSelect i -> strided(target, i.to(), i.data());
                    case GpSimdInstruction.LocalGather i -> {
                        double run = i.run();
                        double cycles = (28 + 4 * run)
                                / (4 * run)
                                / Math.min(4.0 / i.from().dtype().bytes(), run);
                        yield i.to().free() * cycles;
                    }
                    case GpSimdInstruction.NcNGather i -> strided(target, i.to());
                    case GpSimdInstruction.TensorPartitionReduce i -> 16 * strided(target, i.data());
                    case GpSimdInstruction.SequenceBounds i -> 2 * strided(target, i.segments());
                    case GpSimdInstruction.NonzeroWithCount i -> strided(target, i.data());
                },
                target);
    }

    private static double controlCycles(ControlInstruction instruction, Target target) {
        var control = target.control();
        return switch (instruction) {
            case ControlInstruction.Branch i -> control.takenBranchCycles();
            case ControlInstruction.LoopBegin i -> 1;
            case ControlInstruction.LoopEnd i -> control.takenBranchCycles();
            case ControlInstruction.RegisterMove i -> 1;
            case ControlInstruction.RegisterAlu i -> 1;
            case ControlInstruction.RegisterLoad i -> control.dynamicAddressMinIssueIntervalCycles();
            case ControlInstruction.RegisterStore i -> control.dynamicAddressMinIssueIntervalCycles();
            case ControlInstruction.EventSemaphore i -> 1;
        };
    }

    private static double gpSimd(double cycles, Target target) {
        return target.gpSimd().startOverheadCycles() + cycles;
    }

    /** max(N, min(64, M)); the load of the stationary hides behind the previous one. */
    private static double array(double moving, long stationary, Target target) {
        return Math.max(moving, Math.min(target.tensor().minIssueIntervalCycles(), stationary));
    }

    /**
     * Times the passes of the type, each of which an fp32 product starts anew. A pair of rows of 8-bit floats takes the time of
     * one row.
     */
    private static double matmulCycles(TensorInstruction.NcMatmul i, Target target) {
        int pair = i.doubleRow() ? 2 : 1;
        double cycles = array(strided(target, i.moving()) / pair, i.stationary().free() / pair, target);
        if (i.stationary().dtype() != DType.F32) {
            return cycles;
        }
        if (i.transpose()) {
            return cycles * target.tensor().fp32TransposePassFactor();
        }
        boolean oneZero = i.stationaryIsOneZero() || i.movingIsOneZero();
        double passes = (double) target.tensor().fp32PassFactor()
                / (oneZero ? target.tensor().fp32OneZeroPassFactor() : 1);
        return passes * (cycles + target.tensor().fp32PassOverheadCycles());
    }

    private static double scalarCycles(Access from, Access to, Target target) {
        return scalar(strided(target, from, to), target);
    }

    private static double scalarTensorTensorCycles(VectorInstruction.ScalarTensorTensor i, Target target) {
        boolean fast = i.data().dtype() == DType.BF16
                && i.tensor().dtype() == DType.BF16
                && i.op0() == AluOp.SUBTRACT
                && i.op1() == AluOp.MULTIPLY
                && i.data().free() % 2 == 0;
        return vector((fast ? 1.0 : 2.0) * strided(target, i.to(), i.data(), i.tensor()), target);
    }

    private static double tensorTensorCycles(VectorInstruction.TensorTensor i, Target target) {
        double n = strided(target, i.to(), i.a(), i.b());
        if (i.engine() == Engine.GPSIMD) {
            return gpSimd(4 * n, target);
        }
        boolean psum = i.a().memory() == Memory.PSUM || i.b().memory() == Memory.PSUM;
        boolean halves = isNarrow(i.a(), target) && isNarrow(i.b(), target) && isNarrow(i.to(), target);
        boolean bf16 = i.a().dtype() == DType.BF16 && i.b().dtype() == DType.BF16 && i.to().dtype() == DType.BF16;
        boolean simple = i.op() == AluOp.ADD || i.op() == AluOp.MULTIPLY || i.op() == AluOp.SUBTRACT;
        boolean contiguous = i.a().isContiguous() && i.b().isContiguous() && i.to().isContiguous();
        double cycles = psum || bf16 && simple && contiguous ? n : 2 * n;
        boolean fast = target.vector().perfModeMaxFactor() > 1 && halves && !psum;
        return vector(fast ? cycles / 2 : cycles, target);
    }

    /** Elements a partition of a copy or tensor_scalar, divided by the factor of the Vector fast mode that it qualifies for. */
    private static double streamed(Access from, Access to, Target target) {
        double n = strided(target, from, to);
        int most = target.vector().perfModeMaxFactor();
        if (most == 1 || !isNarrow(from, target) || !isNarrow(to, target)) {
            return n;
        }
        boolean sbuf = from.memory() == Memory.SBUF && to.memory() == Memory.SBUF;
        boolean unit = from.innermostStride() == 1 && to.innermostStride() == 1;
        if (sbuf) {
            return n / (unit ? most : most / 2.0);
        }
        return unit ? n / (most / 2.0) : n;
    }

    private static double onEngine(Engine engine, double vectorCycles, Access from, Access to, Target target) {
        return switch (engine) {
            case SCALAR -> copyOnScalar(from, to, target);
            case GPSIMD -> gpSimd(strided(target, from, to), target);
            default -> vector(vectorCycles, target);
        };
    }

    /** From v4 on ScalarE copies and scales 16- and 8-bit floats at twice the rate. */
    private static double copyOnScalar(Access from, Access to, Target target) {
        double cycles = strided(target, from, to);
        boolean fast = target.generation() >= 4 && isNarrow(from, target) && isNarrow(to, target);
        return scalar(fast ? cycles / 2 : cycles, target);
    }

    private static double scalar(double cycles, Target target) {
        return Math.max(
                target.scalar().minIssueIntervalCycles(), target.memory().accessOverheadCycles() + cycles);
    }

    private static double vector(double cycles, Target target) {
        return Math.max(
                target.vector().minIssueIntervalCycles(), target.memory().accessOverheadCycles() + cycles);
    }

    /** True for the types of the fast modes: 16-bit floats, from v4 on (assumed) 8-bit ones, too. */
    private static boolean isNarrow(Access a, Target target) {
        return isHalf(a)
                || target.generation() >= 4 && a.dtype().isFloat() && a.dtype().bits() == 8;
    }

    private static boolean isHalf(Access a) {
        return a.dtype() == DType.BF16 || a.dtype() == DType.F16;
    }

    /** Elements a partition, more if an operand's innermost stride is so wide that it streams at a lower rate. */
    private static double strided(Target target, Access... operands) {
        double n = 0;
        boolean wide = false;
        for (var a : operands) {
            n = Math.max(n, a.free());
            wide |= Math.abs(a.innermostStride()) * a.dtype().bytes()
                    > target.memory().stridePenaltyThresholdBytes();
        }
        return wide ? n * target.memory().stridePenaltyFactor() : n;
    }
}
