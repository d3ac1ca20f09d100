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
    NC_MATMUL(1, new TensorInstruction.NcMatmul(psum(), sbuf(), sbuf(), false, false)),
    ACTIVATION(
            2, new ScalarInstruction.Activation(sbuf(), ActivationFunction.COPY, sbuf(), Scalar.ONE, Optional.empty())),
    ACTIVATION_REDUCE(
            3,
            new ScalarInstruction.ActivationReduce(
                    sbuf(), ActivationFunction.COPY, sbuf(), Scalar.ONE, Optional.empty(), sbuf())),
    TENSOR_TENSOR(4, new VectorInstruction.TensorTensor(Engine.VECTOR, sbuf(), sbuf(), AluOp.ADD, sbuf())),
    TENSOR_SCALAR(
            5,
            new VectorInstruction.TensorScalar(
                    Engine.VECTOR, sbuf(), sbuf(), AluOp.ADD, Scalar.ZERO, false, AluOp.BYPASS, Scalar.ZERO, false)),
    SCALAR_TENSOR_TENSOR(
            6, new VectorInstruction.ScalarTensorTensor(sbuf(), sbuf(), AluOp.ADD, Scalar.ZERO, AluOp.ADD, sbuf())),
    TENSOR_REDUCE(7, new VectorInstruction.TensorReduce(sbuf(), AluOp.ADD, sbuf(), 1, false)),
    TENSOR_TENSOR_SCAN(
            8, new VectorInstruction.TensorTensorScan(sbuf(), sbuf(), sbuf(), Scalar.ZERO, AluOp.MULTIPLY, AluOp.ADD)),
    TENSOR_COPY(9, new VectorInstruction.TensorCopy(Engine.VECTOR, sbuf(), sbuf())),
    TENSOR_COPY_PREDICATED(10, new VectorInstruction.TensorCopyPredicated(sbuf(), sbuf(), sbuf())),
    MEMSET(11, new VectorInstruction.Memset(Engine.VECTOR, sbuf(), 0)),
    RECIPROCAL(12, new VectorInstruction.Reciprocal(sbuf(), sbuf())),
    NC_TRANSPOSE(13, new VectorInstruction.NcTranspose(sbuf(), sbuf())),
    IOTA(14, new GpSimdInstruction.Iota(sbuf(), 0, 0, List.of())),
    AFFINE_SELECT(15, new GpSimdInstruction.AffineSelect(sbuf(), sbuf(), 0, 0, List.of(), AluOp.EQUAL, 0)),
    DMA_COPY(16, new DmaInstruction.DmaCopy(Engine.SYNC, 0, sbuf(), hbm())),
    DMA_GATHER(17, new DmaInstruction.DmaGather(Engine.GPSIMD, 0, sbuf(), hbm(), sbuf(), 4, 1)),
    DMA_SCATTER(18, new DmaInstruction.DmaScatter(Engine.GPSIMD, 0, hbm(), sbuf(), sbuf(), 4, 1)),
    REGISTER_MOVE(32, new ControlInstruction.RegisterMove(Engine.SYNC, 0, 0)),
    REGISTER_ALU(33, new ControlInstruction.RegisterAlu(Engine.SYNC, 0, 0, AluOp.ADD, 0)),
    REGISTER_LOAD(34, new ControlInstruction.RegisterLoad(Engine.SYNC, 0, hbm())),
    REGISTER_STORE(35, new ControlInstruction.RegisterStore(Engine.SYNC, hbm(), 0)),
    BRANCH(36, new ControlInstruction.Branch(Engine.SYNC, 0, AluOp.EQUAL, 0, 0)),
    LOOP_BEGIN(37, new ControlInstruction.LoopBegin(Engine.SYNC, 0, 0, 1, 1)),
    LOOP_END(38, new ControlInstruction.LoopEnd(Engine.SYNC)),
    EVENT_SEMAPHORE(39, new ControlInstruction.EventSemaphore(Engine.SYNC));

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
            case ScalarInstruction.Activation i -> ACTIVATION;
            case ScalarInstruction.ActivationReduce i -> ACTIVATION_REDUCE;
            case VectorInstruction.TensorTensor i -> TENSOR_TENSOR;
            case VectorInstruction.TensorScalar i -> TENSOR_SCALAR;
            case VectorInstruction.ScalarTensorTensor i -> SCALAR_TENSOR_TENSOR;
            case VectorInstruction.TensorReduce i -> TENSOR_REDUCE;
            case VectorInstruction.TensorTensorScan i -> TENSOR_TENSOR_SCAN;
            case VectorInstruction.TensorCopy i -> TENSOR_COPY;
            case VectorInstruction.TensorCopyPredicated i -> TENSOR_COPY_PREDICATED;
            case VectorInstruction.Memset i -> MEMSET;
            case VectorInstruction.Reciprocal i -> RECIPROCAL;
            case VectorInstruction.NcTranspose i -> NC_TRANSPOSE;
            case GpSimdInstruction.Iota i -> IOTA;
            case GpSimdInstruction.AffineSelect i -> AFFINE_SELECT;
            case DmaInstruction.DmaCopy i -> DMA_COPY;
            case DmaInstruction.DmaGather i -> DMA_GATHER;
            case DmaInstruction.DmaScatter i -> DMA_SCATTER;
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
