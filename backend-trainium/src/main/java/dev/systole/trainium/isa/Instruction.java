package dev.systole.trainium.isa;

import dev.systole.ir.number.ActivationFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The instructions. Each record gives its operands, destination first as in nki.isa; what it computes stands in its
 * comment, its limits in {@link Limits}, its cost in {@link Cost}. {@code d} is the destination, {@code p} a partition,
 * {@code i} an element of the free dimensions in access order. Values are converted to fp32, computed in fp32 and rounded
 * to the destination's type, unless said otherwise.
 */
public sealed interface Instruction {

    /** The engine whose stream holds the instruction. */
    Engine engine();

    /** The nki.isa name. */
    String mnemonic();

    /**
     * TensorE: {@code d[m][n] (+)= sum over k of stationary[k][m] * moving[k][n]}, k on partitions, added in row order with
     * fused multiply-adds from 0, then one addition into PSUM when accumulating.
     *
     * @param to [M, N] in PSUM
     * @param stationary [K, M] in SBUF
     * @param moving [K, N] in SBUF
     * @param accumulate adds to PSUM instead of overwriting
     * @param transpose moving is an identity and the result an exact copy of the stationary's bits, transposed; the
     *     destination has the stationary's type (v3 on)
     */
    record NcMatmul(Access to, Access stationary, Access moving, boolean accumulate, boolean transpose)
            implements Instruction {
        @Override
        public Engine engine() {
            return Engine.TENSOR;
        }

        @Override
        public String mnemonic() {
            return transpose ? "nc_transpose" : "nc_matmul";
        }
    }

    /** ScalarE: {@code d[p][i] = f(data[p][i] * scale + bias[p])}, one fused multiply-add before the function. */
    record Activation(Access to, ActivationFunction function, Access data, Scalar scale, Optional<Access> bias)
            implements Instruction {
        @Override
        public Engine engine() {
            return Engine.SCALAR;
        }

        @Override
        public String mnemonic() {
            return "activation";
        }
    }

    /** ScalarE: an {@link Activation} whose results are also summed in element order: {@code reduceTo[p] = sum of d[p][i]}. */
    record ActivationReduce(
            Access to, ActivationFunction function, Access data, Scalar scale, Optional<Access> bias, Access reduceTo)
            implements Instruction {
        @Override
        public Engine engine() {
            return Engine.SCALAR;
        }

        @Override
        public String mnemonic() {
            return "activation_reduce";
        }
    }

    /** VectorE or GpSimd: {@code d[p][i] = a[p][i] op b[p][i]}. On GpSimd int32 and uint32 are exact. */
    record TensorTensor(Engine engine, Access to, Access a, AluOp op, Access b) implements Instruction {
        @Override
        public String mnemonic() {
            return "tensor_tensor";
        }
    }

    /**
     * VectorE or GpSimd (ScalarE from v3 for multiply and add): {@code d = (data op0 operand0) op1 operand1}; a reversed
     * operator takes its scalar on the left. {@code op1} may be {@link AluOp#BYPASS}.
     */
    record TensorScalar(
            Engine engine,
            Access to,
            Access data,
            AluOp op0,
            Scalar operand0,
            boolean reverse0,
            AluOp op1,
            Scalar operand1,
            boolean reverse1)
            implements Instruction {
        @Override
        public String mnemonic() {
            return "tensor_scalar";
        }
    }

    /** VectorE: {@code d = (data op0 operand0) op1 tensor}. */
    record ScalarTensorTensor(Access to, Access data, AluOp op0, Scalar operand0, AluOp op1, Access tensor)
            implements Instruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public String mnemonic() {
            return "scalar_tensor_tensor";
        }
    }

    /**
     * VectorE: reduces the last {@code axes} free dimensions in element order, starting from the first element.
     *
     * @param to one element for each element of the remaining dimensions
     * @param negate the result is negated
     */
    record TensorReduce(Access to, AluOp op, Access data, int axes, boolean negate) implements Instruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public String mnemonic() {
            return "tensor_reduce";
        }
    }

    /** VectorE: {@code d[0] = (a[0] op0 initial) op1 b[0]; d[i] = (a[i] op0 d[i-1]) op1 b[i]}, the running value in fp32. */
    record TensorTensorScan(Access to, Access a, Access b, Scalar initial, AluOp op0, AluOp op1)
            implements Instruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public String mnemonic() {
            return "tensor_tensor_scan";
        }
    }

    /** VectorE, GpSimd or (from v3) ScalarE: {@code d = s}: the raw bits if the types are equal, else through fp32. */
    record TensorCopy(Engine engine, Access to, Access from) implements Instruction {
        @Override
        public String mnemonic() {
            return "tensor_copy";
        }
    }

    /** VectorE: where the predicate (an unsigned integer) is nonzero {@code d = s}, else d stays. Types of d and s are equal. */
    record TensorCopyPredicated(Access to, Access from, Access predicate) implements Instruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public String mnemonic() {
            return "tensor_copy_predicated";
        }
    }

    /** VectorE or GpSimd: {@code d = value}, rounded to the type of d. */
    record Memset(Engine engine, Access to, float value) implements Instruction {
        @Override
        public String mnemonic() {
            return "memset";
        }
    }

    /** VectorE: {@code d = 1 / data}. */
    record Reciprocal(Access to, Access data) implements Instruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public String mnemonic() {
            return "reciprocal";
        }
    }

    /** VectorE: for every 32 x 32 block {@code d[f][p] = s[p][f]}, raw bits; at most one block in each direction. */
    record NcTranspose(Access to, Access from) implements Instruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public String mnemonic() {
            return "nc_transpose";
        }
    }

    /**
     * GpSimd: {@code d[p][i] = base + p * channelMultiplier + sum of steps[j] * index[j]} in int32, then converted; the
     * indices run over the dimensions of {@code to}.
     */
    record Iota(Access to, int base, int channelMultiplier, List<Integer> steps) implements Instruction {
        public Iota {
            steps = List.copyOf(steps);
        }

        @Override
        public Engine engine() {
            return Engine.GPSIMD;
        }

        @Override
        public String mnemonic() {
            return "iota";
        }
    }

    /** GpSimd: {@code d = compare(v, 0) ? data : otherwise}, v as in {@link Iota} over the dimensions of {@code data}. */
    record AffineSelect(
            Access to,
            Access data,
            int base,
            int channelMultiplier,
            List<Integer> steps,
            AluOp compare,
            float otherwise)
            implements Instruction {
        public AffineSelect {
            steps = List.copyOf(steps);
        }

        @Override
        public Engine engine() {
            return Engine.GPSIMD;
        }

        @Override
        public String mnemonic() {
            return "affine_select";
        }
    }

    /**
     * Starts a DMA transfer {@code d = s}, element by element in access order: raw bytes if the types are equal, else through
     * fp32. The engine goes on; the transfer runs in its queue behind the earlier transfers of that queue.
     *
     * @param engine whose stream starts it
     * @param queue DMA queue, the same one on each DMA engine of the core
     * @param indirect one row number a partition that moves the HBM side, if given
     */
    record DmaCopy(Engine engine, int queue, Access to, Access from, Optional<Indirect> indirect)
            implements Instruction {
        @Override
        public String mnemonic() {
            return "dma_copy";
        }
    }

    /**
     * Indirection of a {@link DmaCopy}: for partition p of the on-chip side, the HBM side is its access moved by
     * {@code index[p] * bytesPerRow}. The HBM access describes one row.
     *
     * @param index [P, 1], int32 or uint32, in SBUF
     * @param rows row numbers lie in 0..rows-1; another one stops the program
     */
    record Indirect(Access index, long bytesPerRow, long rows) {}

    /** Sets a register of the engine's sequencer. */
    record RegisterMove(Engine engine, int register, int value) implements Instruction {
        @Override
        public String mnemonic() {
            return "register_move";
        }
    }

    /** Register arithmetic in 32 bits, wrapping: {@code d = a op b}; {@link AluOp#ADD}, SUBTRACT or MULTIPLY. */
    record RegisterAlu(Engine engine, int register, int a, AluOp op, int b) implements Instruction {
        @Override
        public String mnemonic() {
            return "register_alu";
        }
    }

    /** Reads one 32-bit word of HBM or SBUF into a register. */
    record RegisterLoad(Engine engine, int register, Access from) implements Instruction {
        @Override
        public String mnemonic() {
            return "register_load";
        }
    }

    /** Writes a register to one 32-bit word of HBM or SBUF. */
    record RegisterStore(Engine engine, Access to, int register) implements Instruction {
        @Override
        public String mnemonic() {
            return "register_store";
        }
    }

    /** Goes on at {@code target} (an index into the stream) if {@code register compare value} holds. */
    record Branch(Engine engine, int register, AluOp compare, int value, int target) implements Instruction {
        @Override
        public String mnemonic() {
            return "branch";
        }
    }

    /**
     * Hardware loop: the register counts from {@code start} to below {@code stop} in steps of {@code step}; the body is what
     * follows up to the matching {@link LoopEnd}, and is skipped if there is nothing to count.
     */
    record LoopBegin(Engine engine, int register, int start, int stop, int step) implements Instruction {
        @Override
        public String mnemonic() {
            return "loop_begin";
        }
    }

    /** End of the body of the innermost open {@link LoopBegin}. */
    record LoopEnd(Engine engine) implements Instruction {
        @Override
        public String mnemonic() {
            return "loop_end";
        }
    }

    /** Nothing but its issue's waits and update. */
    record EventSemaphore(Engine engine) implements Instruction {
        @Override
        public String mnemonic() {
            return "event_semaphore";
        }
    }

    /** What the instruction reads from memory; an access that accumulates or is kept in part is read and written. */
    default List<Access> reads() {
        var list = new ArrayList<Access>();
        switch (this) {
            case NcMatmul(var to, var stationary, var moving, var accumulate, var transpose) -> {
                list.add(stationary);
                list.add(moving);
                if (accumulate) {
                    list.add(to);
                }
            }
            case Activation(var to, var f, var data, var scale, var bias) -> {
                list.add(data);
                addScalar(list, scale);
                bias.ifPresent(list::add);
            }
            case ActivationReduce(var to, var f, var data, var scale, var bias, var sum) -> {
                list.add(data);
                addScalar(list, scale);
                bias.ifPresent(list::add);
            }
            case TensorTensor i -> {
                list.add(i.a);
                list.add(i.b);
            }
            case TensorScalar i -> {
                list.add(i.data);
                addScalar(list, i.operand0);
                addScalar(list, i.operand1);
            }
            case ScalarTensorTensor i -> {
                list.add(i.data);
                addScalar(list, i.operand0);
                list.add(i.tensor);
            }
            case TensorReduce i -> list.add(i.data);
            case TensorTensorScan i -> {
                list.add(i.a);
                list.add(i.b);
                addScalar(list, i.initial);
            }
            case TensorCopy i -> list.add(i.from);
            case TensorCopyPredicated i -> {
                list.add(i.from);
                list.add(i.predicate);
                list.add(i.to);
            }
            case Reciprocal i -> list.add(i.data);
            case NcTranspose i -> list.add(i.from);
            case AffineSelect i -> list.add(i.data);
            case DmaCopy i -> {
                list.add(allRows(i.from, i.indirect));
                i.indirect.ifPresent(x -> list.add(x.index));
            }
            case RegisterLoad i -> list.add(i.from);
            case Memset i -> {}
            case Iota i -> {}
            case RegisterMove i -> {}
            case RegisterAlu i -> {}
            case RegisterStore i -> {}
            case Branch i -> {}
            case LoopBegin i -> {}
            case LoopEnd i -> {}
            case EventSemaphore i -> {}
        }
        return list;
    }

    /** What the instruction writes to memory. */
    default List<Access> writes() {
        return switch (this) {
            case NcMatmul i -> List.of(i.to);
            case Activation i -> List.of(i.to);
            case ActivationReduce i -> List.of(i.to, i.reduceTo);
            case TensorTensor i -> List.of(i.to);
            case TensorScalar i -> List.of(i.to);
            case ScalarTensorTensor i -> List.of(i.to);
            case TensorReduce i -> List.of(i.to);
            case TensorTensorScan i -> List.of(i.to);
            case TensorCopy i -> List.of(i.to);
            case TensorCopyPredicated i -> List.of(i.to);
            case Memset i -> List.of(i.to);
            case Reciprocal i -> List.of(i.to);
            case NcTranspose i -> List.of(i.to);
            case Iota i -> List.of(i.to);
            case AffineSelect i -> List.of(i.to);
            case DmaCopy i -> List.of(allRows(i.to, i.indirect));
            case RegisterStore i -> List.of(i.to);
            case RegisterMove i -> List.of();
            case RegisterAlu i -> List.of();
            case RegisterLoad i -> List.of();
            case Branch i -> List.of();
            case LoopBegin i -> List.of();
            case LoopEnd i -> List.of();
            case EventSemaphore i -> List.of();
        };
    }

    /** This instruction with every access replaced. */
    default Instruction map(java.util.function.UnaryOperator<Access> f) {
        return switch (this) {
            case NcMatmul i ->
                new NcMatmul(f.apply(i.to), f.apply(i.stationary), f.apply(i.moving), i.accumulate, i.transpose);
            case Activation i ->
                new Activation(f.apply(i.to), i.function, f.apply(i.data), map(i.scale, f), i.bias.map(f));
            case ActivationReduce i ->
                new ActivationReduce(
                        f.apply(i.to),
                        i.function,
                        f.apply(i.data),
                        map(i.scale, f),
                        i.bias.map(f),
                        f.apply(i.reduceTo));
            case TensorTensor i -> new TensorTensor(i.engine, f.apply(i.to), f.apply(i.a), i.op, f.apply(i.b));
            case TensorScalar i ->
                new TensorScalar(
                        i.engine,
                        f.apply(i.to),
                        f.apply(i.data),
                        i.op0,
                        map(i.operand0, f),
                        i.reverse0,
                        i.op1,
                        map(i.operand1, f),
                        i.reverse1);
            case ScalarTensorTensor i ->
                new ScalarTensorTensor(
                        f.apply(i.to), f.apply(i.data), i.op0, map(i.operand0, f), i.op1, f.apply(i.tensor));
            case TensorReduce i -> new TensorReduce(f.apply(i.to), i.op, f.apply(i.data), i.axes, i.negate);
            case TensorTensorScan i ->
                new TensorTensorScan(f.apply(i.to), f.apply(i.a), f.apply(i.b), map(i.initial, f), i.op0, i.op1);
            case TensorCopy i -> new TensorCopy(i.engine, f.apply(i.to), f.apply(i.from));
            case TensorCopyPredicated i ->
                new TensorCopyPredicated(f.apply(i.to), f.apply(i.from), f.apply(i.predicate));
            case Memset i -> new Memset(i.engine, f.apply(i.to), i.value);
            case Reciprocal i -> new Reciprocal(f.apply(i.to), f.apply(i.data));
            case NcTranspose i -> new NcTranspose(f.apply(i.to), f.apply(i.from));
            case Iota i -> new Iota(f.apply(i.to), i.base, i.channelMultiplier, i.steps);
            case AffineSelect i ->
                new AffineSelect(
                        f.apply(i.to), f.apply(i.data), i.base, i.channelMultiplier, i.steps, i.compare, i.otherwise);
            case DmaCopy i ->
                new DmaCopy(
                        i.engine,
                        i.queue,
                        f.apply(i.to),
                        f.apply(i.from),
                        i.indirect.map(x -> new Indirect(f.apply(x.index), x.bytesPerRow, x.rows)));
            case RegisterLoad i -> new RegisterLoad(i.engine, i.register, f.apply(i.from));
            case RegisterStore i -> new RegisterStore(i.engine, f.apply(i.to), i.register);
            case RegisterMove i -> i;
            case RegisterAlu i -> i;
            case Branch i -> i;
            case LoopBegin i -> i;
            case LoopEnd i -> i;
            case EventSemaphore i -> i;
        };
    }

    /** The HBM side of an indirect transfer as a whole: it can touch every row. */
    private static Access allRows(Access a, Optional<Indirect> indirect) {
        if (indirect.isEmpty() || a.memory() != Memory.HBM) {
            return a;
        }
        var dims = new ArrayList<Access.Dim>();
        dims.add(new Access.Dim(indirect.get().bytesPerRow / a.dtype().bytes(), indirect.get().rows));
        dims.addAll(a.dims());
        return new Access(a.memory(), a.object(), a.dtype(), 0, 1, a.offset(), dims, a.index());
    }

    private static void addScalar(List<Access> list, Scalar scalar) {
        if (scalar instanceof Scalar.Column(var access)) {
            list.add(access);
        }
    }

    private static Scalar map(Scalar scalar, java.util.function.UnaryOperator<Access> f) {
        return switch (scalar) {
            case Scalar.Immediate i -> i;
            case Scalar.Column(var access) -> new Scalar.Column(f.apply(access));
        };
    }
}
