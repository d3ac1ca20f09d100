package dev.systole.trainium.isa;

import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A program with every kind of instruction. It keeps all limits, but is not meant to run. */
final class SampleProgram {
    private static final long HBM_BYTES = 1 << 22;

    private SampleProgram() {}

    static Issue issue(Instruction instruction) {
        return new Issue(instruction, List.of(), Optional.empty(), 0);
    }

    static Program program() {
        var streams = new EnumMap<Engine, List<Issue>>(Engine.class);
        for (var instruction : instructions()) {
            var list = new ArrayList<>(streams.getOrDefault(instruction.engine(), List.of()));
            boolean transfer = instruction instanceof DmaInstruction;
            list.add(
                    list.isEmpty() && !transfer
                            ? new Issue(
                                    instruction,
                                    List.of(new Issue.Wait(1, 2), new Issue.Wait(31, 7)),
                                    Optional.of(new Issue.Update(5, 1)),
                                    1)
                            : issue(instruction));
            streams.put(instruction.engine(), list);
        }
        return with(streams);
    }

    static Program with(Map<Engine, List<Issue>> streams) {
        var large = Arena.ofAuto().allocate((1 << 20) + 77);
        new Random(7)
                .ints(1000)
                .forEach(i -> large.set(ValueLayout.JAVA_BYTE, Math.floorMod(i, large.byteSize()), (byte) i));
        var small = Arena.ofAuto().allocate(33).fill((byte) 9);
        return new Program(
                "modèle",
                Targets.load("trn2"),
                List.of(
                        new Program.Binding(Program.Role.INPUT, "ids", TensorType.of(DType.I64, 1, 128), DType.I32, 0),
                        new Program.Binding(Program.Role.OUTPUT, "y", TensorType.of(DType.F32, 8), DType.F32, 1024),
                        new Program.Binding(
                                Program.Role.OUTPUT, "next", TensorType.of(DType.I64, 1, 128), DType.I32, 512),
                        new Program.Binding(Program.Role.OUTPUT, "y count", TensorType.of(DType.I64), DType.I32, 1056)),
                new Contract(List.of(new Contract.State(0, 1)), List.of(new Contract.Extent(0, 0, 2))),
                List.of(new Program.Constant(4096, large), new Program.Constant(2048, small)),
                HBM_BYTES,
                List.of(new Program.Core(streams), new Program.Core(Map.of())),
                List.of(new Location("/layer/0", "Softmax"), Location.COMPILER));
    }

    static Access on(Memory memory, DType dtype, long offset, long... sizes) {
        var dims = new Access.Dim[sizes.length];
        long stride = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            dims[i] = new Access.Dim(stride, sizes[i]);
            stride *= sizes[i];
        }
        int partitions = memory == Memory.HBM ? 1 : 128;
        return Access.physical(memory, dtype, 0, partitions, offset, List.of(dims));
    }

    static Access sbuf(long offset, long... sizes) {
        return on(Memory.SBUF, DType.F32, offset, sizes);
    }

    static List<Instruction> instructions() {
        var a = sbuf(0, 4, 8);
        var b = sbuf(1024, 4, 8);
        var c = sbuf(2048, 4, 8);
        var column = sbuf(4096, 1);
        var scalar = new Scalar.Column(column);
        var immediate = new Scalar.Immediate(-0.5f);
        var words = on(Memory.SBUF, DType.I32, 8192, 1);
        var mask = on(Memory.SBUF, DType.U32, 8448, 4, 8);
        var word = on(Memory.HBM, DType.I32, 0, 1);
        var hbm = on(Memory.HBM, DType.F32, 4096, 128, 4, 8);
        var row = on(Memory.HBM, DType.F32, 4096, 32);
        var block = Access.physical(Memory.SBUF, DType.F32, 32, 32, 0, List.of(new Access.Dim(1, 32)));
        var other = Access.physical(Memory.SBUF, DType.F32, 64, 32, 512, List.of(new Access.Dim(1, 32)));
        var moving = new Access(
                Memory.SBUF,
                java.util.OptionalInt.empty(),
                DType.BF16,
                0,
                128,
                64,
                List.of(new Access.Dim(1, 128)),
                Optional.of(new Access.Index(3, 256)));
        var stationary = on(Memory.SBUF, DType.BF16, 512, 128);
        var sum = on(Memory.PSUM, DType.F32, 0, 128);
        return List.of(
                TensorInstruction.NcMatmul.of(sum, stationary, moving, true),
                ScalarInstruction.Activation.of(a, ActivationFunction.EXP, b, immediate, Optional.of(column)),
                new ScalarInstruction.ActivationReduce(
                        a, ActivationFunction.SQUARE, b, scalar, Optional.empty(), sbuf(5120, 1)),
                new VectorInstruction.TensorTensor(Engine.VECTOR, a, b, AluOp.MULTIPLY, c),
                new VectorInstruction.TensorScalar(
                        Engine.VECTOR, a, b, AluOp.SUBTRACT, scalar, true, AluOp.ADD, immediate, false),
                new VectorInstruction.ScalarTensorTensor(a, b, AluOp.MULTIPLY, immediate, AluOp.ADD, c),
                new VectorInstruction.TensorReduce(sbuf(6144, 4), AluOp.MAXIMUM, b, 1, true),
                new VectorInstruction.TensorTensorScan(a, b, c, scalar, AluOp.MULTIPLY, AluOp.ADD),
                new VectorInstruction.TensorCopy(Engine.VECTOR, a, b),
                new VectorInstruction.TensorCopyPredicated(a, b, mask),
                new VectorInstruction.Memset(Engine.GPSIMD, a, Float.NEGATIVE_INFINITY),
                new VectorInstruction.Reciprocal(a, b),
                new VectorInstruction.NcTranspose(other, block),
                new GpSimdInstruction.Iota(on(Memory.SBUF, DType.I32, 0, 4, 8), -3, 2, List.of(8, -1)),
                new GpSimdInstruction.AffineSelect(a, b, 1, -1, List.of(0, 1), AluOp.GREATER_EQUAL, -1e30f),
                new DmaInstruction.DmaCopy(Engine.SYNC, 2, a, hbm),
                new DmaInstruction.DmaGather(Engine.GPSIMD, 3, sbuf(0, 32), row, words, 128, 1000),
                new DmaInstruction.DmaScatter(Engine.GPSIMD, 4, row, sbuf(0, 32), words, 128, 1000),
                new ControlInstruction.RegisterMove(Engine.SYNC, 1, -7),
                new ControlInstruction.RegisterAlu(Engine.SYNC, 2, 1, AluOp.MULTIPLY, 1),
                new ControlInstruction.RegisterLoad(Engine.SYNC, 3, word),
                new ControlInstruction.RegisterStore(Engine.SYNC, word, 3),
                new ControlInstruction.Branch(Engine.SYNC, 1, AluOp.LESS, 5, 0),
                new ControlInstruction.LoopBegin(Engine.TENSOR, 3, new Count.Immediate(0), new Count.Register(5), 2),
                new ControlInstruction.LoopEnd(Engine.TENSOR),
                new ControlInstruction.EventSemaphore(Engine.VECTOR));
    }
}
