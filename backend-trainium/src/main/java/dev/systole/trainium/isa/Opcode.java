package dev.systole.trainium.isa;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.type.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The kinds of instruction, each with its number in program files and an instruction of the kind: an example whose fields are
 * replaced when one is read.
 */
enum Opcode {
    NC_MATMUL(1, TensorInstruction.NcMatmul.of(psum(), sbuf(), sbuf(), false)),
    NC_MATMUL_MX(2, new TensorInstruction.NcMatmulMx(psum(), sbuf(), sbuf(), sbuf(), sbuf(), false)),

    TENSOR_TENSOR(10, new VectorInstruction.TensorTensor(Engine.VECTOR, sbuf(), sbuf(), AluOp.ADD, sbuf())),
    TENSOR_SCALAR(
            11,
            new VectorInstruction.TensorScalar(
                    Engine.VECTOR, sbuf(), sbuf(), AluOp.ADD, Scalar.ZERO, false, AluOp.BYPASS, Scalar.ZERO, false)),
    SCALAR_TENSOR_TENSOR(
            12, new VectorInstruction.ScalarTensorTensor(sbuf(), sbuf(), AluOp.ADD, Scalar.ZERO, AluOp.ADD, sbuf())),
    TENSOR_REDUCE(13, new VectorInstruction.TensorReduce(sbuf(), AluOp.ADD, sbuf(), 1, false)),
    TENSOR_SCALAR_REDUCE(
            14,
            new VectorInstruction.TensorScalarReduce(sbuf(), sbuf(), AluOp.ADD, Scalar.ZERO, false, AluOp.ADD, sbuf())),
    TENSOR_SCALAR_CUMULATIVE(
            15,
            new VectorInstruction.TensorScalarCumulative(
                    sbuf(), sbuf(), AluOp.ADD, Scalar.ZERO, AluOp.ADD, ReduceCommand.RESET_REDUCE, Scalar.ZERO)),
    TENSOR_TENSOR_SCAN(
            16, new VectorInstruction.TensorTensorScan(sbuf(), sbuf(), sbuf(), Scalar.ZERO, AluOp.MULTIPLY, AluOp.ADD)),
    TENSOR_COPY(17, new VectorInstruction.TensorCopy(Engine.VECTOR, sbuf(), sbuf())),
    TENSOR_COPY_PREDICATED(18, new VectorInstruction.TensorCopyPredicated(sbuf(), sbuf(), sbuf())),
    MEMSET(19, new VectorInstruction.Memset(Engine.VECTOR, sbuf(), 0)),
    RECIPROCAL(20, new VectorInstruction.Reciprocal(sbuf(), sbuf())),
    EXPONENTIAL(
            21, new VectorInstruction.Exponential(sbuf(), sbuf(), Scalar.ZERO, ReduceCommand.IDLE, Optional.empty())),
    NC_TRANSPOSE(22, new VectorInstruction.NcTranspose(sbuf(), sbuf())),
    NC_STREAM_SHUFFLE(23, new VectorInstruction.NcStreamShuffle(sbuf(), sbuf(), List.of(0))),
    BN_STATS(24, new VectorInstruction.BnStats(sbuf(), sbuf())),
    BN_AGGR(25, new VectorInstruction.BnAggr(sbuf(), sbuf())),
    QUANTIZE_MX(26, new VectorInstruction.QuantizeMx(sbuf(), sbuf(), sbuf())),

    MAX8(30, new SelectionInstruction.Max8(sbuf(), sbuf())),
    NC_FIND_INDEX8(31, new SelectionInstruction.NcFindIndex8(sbuf(), sbuf(), sbuf())),
    NC_MATCH_REPLACE8(32, new SelectionInstruction.NcMatchReplace8(sbuf(), sbuf(), sbuf(), 0, Optional.empty())),
    SELECT_REDUCE(
            33,
            new SelectionInstruction.SelectReduce(
                    sbuf(), sbuf(), sbuf(), Scalar.ZERO, ReduceCommand.IDLE, Optional.empty())),
    RANGE_SELECT(
            34,
            new SelectionInstruction.RangeSelect(
                    sbuf(),
                    sbuf(),
                    AluOp.GREATER_EQUAL,
                    sbuf(),
                    AluOp.LESS,
                    sbuf(),
                    0,
                    ReduceCommand.IDLE,
                    Optional.empty())),

    RNG(40, new RandomInstruction.Rng(Engine.VECTOR, sbuf())),
    RAND2(41, new RandomInstruction.Rand2(sbuf(), Scalar.ZERO, Scalar.ONE)),
    DROPOUT(42, new RandomInstruction.Dropout(sbuf(), sbuf(), Scalar.ZERO)),
    SET_RNG_SEED(43, new RandomInstruction.SetRngSeed(sbuf())),
    RAND_SET_STATE(44, new RandomInstruction.RandSetState(Engine.GPSIMD, sbuf())),
    RAND_GET_STATE(45, new RandomInstruction.RandGetState(Engine.GPSIMD, sbuf())),

    ACTIVATION(
            50, ScalarInstruction.Activation.of(sbuf(), ActivationFunction.COPY, sbuf(), Scalar.ONE, Optional.empty())),
    ACTIVATION_REDUCE(
            51,
            new ScalarInstruction.ActivationReduce(
                    sbuf(), ActivationFunction.COPY, sbuf(), Scalar.ONE, Optional.empty(), sbuf())),
    ACT_READ_ACCUMULATOR(52, new ScalarInstruction.ActReadAccumulator(sbuf())),
    ACTIVATE2(
            53,
            new ScalarInstruction.Activate2(
                    sbuf(),
                    ActivationFunction.COPY,
                    sbuf(),
                    AluOp.BYPASS,
                    Scalar.ZERO,
                    false,
                    AluOp.BYPASS,
                    Scalar.ZERO,
                    false,
                    AluOp.ADD,
                    ReduceCommand.IDLE,
                    Optional.empty())),

    IOTA(60, new GpSimdInstruction.Iota(sbuf(), 0, 0, List.of())),
    AFFINE_SELECT(61, new GpSimdInstruction.AffineSelect(sbuf(), sbuf(), 0, 0, List.of(), AluOp.EQUAL, 0)),
    LOCAL_GATHER(62, new GpSimdInstruction.LocalGather(sbuf(), sbuf(), sbuf(), 1)),
    NC_N_GATHER(63, new GpSimdInstruction.NcNGather(sbuf(), sbuf(), sbuf())),
    TENSOR_PARTITION_REDUCE(64, new GpSimdInstruction.TensorPartitionReduce(sbuf(), AluOp.ADD, sbuf())),
    SEQUENCE_BOUNDS(65, new GpSimdInstruction.SequenceBounds(sbuf(), sbuf())),
    NONZERO_WITH_COUNT(66, new GpSimdInstruction.NonzeroWithCount(sbuf(), sbuf(), 0, -1)),

    DMA_COPY(70, new DmaInstruction.DmaCopy(Engine.SYNC, 0, sbuf(), hbm())),
    DMA_GATHER(71, new DmaInstruction.DmaGather(Engine.GPSIMD, 0, sbuf(), hbm(), sbuf(), 4, 1)),
    DMA_SCATTER(72, new DmaInstruction.DmaScatter(Engine.GPSIMD, 0, hbm(), sbuf(), sbuf(), 4, 1)),
    DMA_TRANSPOSE(73, new DmaInstruction.DmaTranspose(Engine.SYNC, 0, sbuf(), hbm())),
    DMA_COMPUTE(74, new DmaInstruction.DmaCompute(Engine.SYNC, 0, sbuf(), List.of(hbm()))),

    REGISTER_MOVE(80, new ControlInstruction.RegisterMove(Engine.SYNC, 0, 0)),
    REGISTER_ALU(81, new ControlInstruction.RegisterAlu(Engine.SYNC, 0, 0, AluOp.ADD, 0)),
    REGISTER_LOAD(82, new ControlInstruction.RegisterLoad(Engine.SYNC, 0, hbm())),
    REGISTER_STORE(83, new ControlInstruction.RegisterStore(Engine.SYNC, hbm(), 0)),
    BRANCH(84, new ControlInstruction.Branch(Engine.SYNC, 0, AluOp.EQUAL, 0, 0)),
    LOOP_BEGIN(85, new ControlInstruction.LoopBegin(Engine.SYNC, 0, new Count.Immediate(0), new Count.Immediate(1), 1)),
    LOOP_END(86, new ControlInstruction.LoopEnd(Engine.SYNC)),
    EVENT_SEMAPHORE(87, new ControlInstruction.EventSemaphore(Engine.SYNC));

    private final int number;
    private final Instruction example;

    Opcode(int number, Instruction example) {
        this.number = number;
        this.example = example;
    }

    private static Access sbuf() {
        return Access.physical(Memory.SBUF, DType.F32, 0, 1, 0, List.of());
    }

    private static Access psum() {
        return Access.physical(Memory.PSUM, DType.F32, 0, 1, 0, List.of());
    }

    private static Access hbm() {
        return Access.physical(Memory.HBM, DType.F32, 0, 1, 0, List.of());
    }

    /** The number in program files. */
    int number() {
        return number;
    }

    /** The printed name. */
    String mnemonic() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** An instruction of this kind. */
    Instruction example() {
        return example;
    }

    static Optional<Opcode> of(int number) {
        return Arrays.stream(values()).filter(o -> o.number == number).findFirst();
    }

    static Optional<Opcode> of(String mnemonic) {
        return Arrays.stream(values())
                .filter(o -> o.mnemonic().equals(mnemonic))
                .findFirst();
    }

    static Opcode of(Instruction instruction) {
        return switch (instruction) {
            case TensorInstruction.NcMatmul i -> NC_MATMUL;
            case TensorInstruction.NcMatmulMx i -> NC_MATMUL_MX;
            case VectorInstruction.TensorTensor i -> TENSOR_TENSOR;
            case VectorInstruction.TensorScalar i -> TENSOR_SCALAR;
            case VectorInstruction.ScalarTensorTensor i -> SCALAR_TENSOR_TENSOR;
            case VectorInstruction.TensorReduce i -> TENSOR_REDUCE;
            case VectorInstruction.TensorScalarReduce i -> TENSOR_SCALAR_REDUCE;
            case VectorInstruction.TensorScalarCumulative i -> TENSOR_SCALAR_CUMULATIVE;
            case VectorInstruction.TensorTensorScan i -> TENSOR_TENSOR_SCAN;
            case VectorInstruction.TensorCopy i -> TENSOR_COPY;
            case VectorInstruction.TensorCopyPredicated i -> TENSOR_COPY_PREDICATED;
            case VectorInstruction.Memset i -> MEMSET;
            case VectorInstruction.Reciprocal i -> RECIPROCAL;
            case VectorInstruction.Exponential i -> EXPONENTIAL;
            case VectorInstruction.NcTranspose i -> NC_TRANSPOSE;
            case VectorInstruction.NcStreamShuffle i -> NC_STREAM_SHUFFLE;
            case VectorInstruction.BnStats i -> BN_STATS;
            case VectorInstruction.BnAggr i -> BN_AGGR;
            case VectorInstruction.QuantizeMx i -> QUANTIZE_MX;
            case SelectionInstruction.Max8 i -> MAX8;
            case SelectionInstruction.NcFindIndex8 i -> NC_FIND_INDEX8;
            case SelectionInstruction.NcMatchReplace8 i -> NC_MATCH_REPLACE8;
            case SelectionInstruction.SelectReduce i -> SELECT_REDUCE;
            case SelectionInstruction.RangeSelect i -> RANGE_SELECT;
            case RandomInstruction.Rng i -> RNG;
            case RandomInstruction.Rand2 i -> RAND2;
            case RandomInstruction.Dropout i -> DROPOUT;
            case RandomInstruction.SetRngSeed i -> SET_RNG_SEED;
            case RandomInstruction.RandSetState i -> RAND_SET_STATE;
            case RandomInstruction.RandGetState i -> RAND_GET_STATE;
            case ScalarInstruction.Activation i -> ACTIVATION;
            case ScalarInstruction.ActivationReduce i -> ACTIVATION_REDUCE;
            case ScalarInstruction.ActReadAccumulator i -> ACT_READ_ACCUMULATOR;
            case ScalarInstruction.Activate2 i -> ACTIVATE2;
            case GpSimdInstruction.Iota i -> IOTA;
            case GpSimdInstruction.AffineSelect i -> AFFINE_SELECT;
            case GpSimdInstruction.LocalGather i -> LOCAL_GATHER;
            case GpSimdInstruction.NcNGather i -> NC_N_GATHER;
            case GpSimdInstruction.TensorPartitionReduce i -> TENSOR_PARTITION_REDUCE;
            case GpSimdInstruction.SequenceBounds i -> SEQUENCE_BOUNDS;
            case GpSimdInstruction.NonzeroWithCount i -> NONZERO_WITH_COUNT;
            case DmaInstruction.DmaCopy i -> DMA_COPY;
            case DmaInstruction.DmaGather i -> DMA_GATHER;
            case DmaInstruction.DmaScatter i -> DMA_SCATTER;
            case DmaInstruction.DmaTranspose i -> DMA_TRANSPOSE;
            case DmaInstruction.DmaCompute i -> DMA_COMPUTE;
            case ControlInstruction.RegisterMove i -> REGISTER_MOVE;
            case ControlInstruction.RegisterAlu i -> REGISTER_ALU;
            case ControlInstruction.RegisterLoad i -> REGISTER_LOAD;
            case ControlInstruction.RegisterStore i -> REGISTER_STORE;
            case ControlInstruction.Branch i -> BRANCH;
            case ControlInstruction.LoopBegin i -> LOOP_BEGIN;
            case ControlInstruction.LoopEnd i -> LOOP_END;
            case ControlInstruction.EventSemaphore i -> EVENT_SEMAPHORE;
        };
    }
}
