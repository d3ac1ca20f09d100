package dev.systole.cli.calibration;

import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.codegen.Allocate;
import dev.systole.trainium.codegen.Synchronise;
import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Writes a kernel in fp32, an instruction after the other in the order in which each engine shall issue its own. Tiles are given
 * addresses and instructions the semaphores that their accesses need; nothing is moved, merged or added otherwise. Mutable: one
 * kernel.
 */
final class KernelWriter {
    private static final Location KERNEL = Location.COMPILER;

    private final String name;
    private final Target target;
    private final List<Buffer> buffers = new ArrayList<>();
    private final List<Tile> tiles = new ArrayList<>();
    private final List<VirtualCode.Step> steps = new ArrayList<>();
    private int inputs;
    private int outputs;

    KernelWriter(String name, Target target) {
        this.name = name;
        this.target = target;
    }

    Buffer input(String name, long... dims) {
        var type = TensorType.of(DType.F32, dims);
        return buffer(name, type, new Buffer.Role.Input(inputs++, type));
    }

    Buffer output(String name, long... dims) {
        var type = TensorType.of(DType.F32, dims);
        return buffer(name, type, new Buffer.Role.Output(outputs++, type));
    }

    Buffer constant(String name, Tensor value) {
        return buffer(name, value.type(), new Buffer.Role.Constant(value));
    }

    private Buffer buffer(String name, TensorType type, Buffer.Role role) {
        var b = new Buffer(buffers.size(), name, DType.F32, type.shape().elements(), role);
        buffers.add(b);
        return b;
    }

    /** A tile of all partitions in SBUF. */
    Tile sbuf(int free) {
        return tile(false, free);
    }

    /** Tiles that take turns. */
    List<Tile> sbuf(int count, int free) {
        return IntStream.range(0, count).mapToObj(i -> sbuf(free)).toList();
    }

    /** Banks of PSUM that take turns, a tile of all partitions in each. */
    List<Tile> psum(int count, int free) {
        return IntStream.range(0, count).mapToObj(i -> tile(true, free)).toList();
    }

    private Tile tile(boolean psum, int free) {
        var t = new Tile(tiles.size(), psum, DType.F32, target.memory().partitions(), free);
        tiles.add(t);
        return t;
    }

    /** Neighbouring elements of all partitions. */
    static Access of(Tile t, int from, int count) {
        return of(t, 0, t.partitions(), from, count);
    }

    static Access of(Tile t, int partition, int partitions, int from, int count) {
        return Access.virtual(
                t.psum() ? Memory.PSUM : Memory.SBUF,
                t.id(),
                DType.F32,
                partition,
                partitions,
                4L * from,
                List.of(new Access.Dim(1, count)));
    }

    /** Rows of neighbouring elements, {@code stride} elements apart, for a partition each. */
    static Access rows(Buffer b, long from, long stride, int rows, int count) {
        return Access.virtual(
                Memory.HBM,
                b.id(),
                DType.F32,
                0,
                1,
                4 * from,
                List.of(new Access.Dim(stride, rows), new Access.Dim(1, count)));
    }

    void emit(Instruction instruction) {
        steps.add(new VirtualCode.Step(instruction, KERNEL));
    }

    /** A transfer in a queue of its buffer's own; Sync starts all of them in order. */
    void load(Access to, Access from) {
        emit(new DmaInstruction.DmaCopy(Engine.SYNC, from.object().getAsInt(), to, from));
    }

    void store(Access to, Access from) {
        emit(new DmaInstruction.DmaCopy(Engine.SYNC, to.object().getAsInt(), to, from));
    }

    /** {@code to = f(scale * from + bias)} on ScalarE. */
    void activation(Access to, ActivationFunction f, Access from, float scale, Optional<Access> bias) {
        emit(ScalarInstruction.Activation.of(to, f, from, new Scalar.Immediate(scale), bias));
    }

    void copyOnScalar(Access to, Access from) {
        activation(to, ActivationFunction.COPY, from, 1, Optional.empty());
    }

    void tensorTensor(Access to, Access a, AluOp op, Access b) {
        emit(new VectorInstruction.TensorTensor(Engine.VECTOR, to, a, op, b));
    }

    Program finish() {
        var code = new VirtualCode(name, Contract.NONE, buffers, tiles, steps);
        return new Synchronise(target).run(new Allocate(target).run(code));
    }
}
