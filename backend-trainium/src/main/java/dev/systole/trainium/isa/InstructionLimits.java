package dev.systole.trainium.isa;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;

/**
 * The documented limits of single instructions on a target. Keys in brackets name the page of the AWS Neuron documentation that
 * a limit comes from, as listed in docs/instruction-set.md.
 */
final class InstructionLimits {
    private final Target target;

    InstructionLimits(Target target) {
        this.target = target;
    }

    private static void require(boolean holds, String limit, Object value) {
        if (!holds) {
            throw new LimitException(limit + ", not " + value);
        }
    }

    /** @throws LimitException with the first limit that the instruction breaks */
    void check(Instruction instruction) {
        form(instruction);
        for (var to : instruction.writes()) {
            for (var from : instruction.reads()) {
                // Where a register moves one of them, this is checked once its value is known.
                require(
                        to.index().isPresent() || from.index().isPresent() || to.equals(from) || !to.mayOverlap(from),
                        "a destination is the same elements as a source or touches none of it (assumed)",
                        to + " and " + from);
            }
        }
    }

    private void form(Instruction instruction) {
        switch (instruction) {
            case TensorInstruction.NcMatmul i -> matmul(i);
            case ScalarInstruction.Activation i -> activation(i.function(), i.to(), i.data(), i.scale(), i.bias());
            case ScalarInstruction.ActivationReduce i -> {
                activation(i.function(), i.to(), i.data(), i.scale(), i.bias());
                write(i.reduceTo(), Engine.SCALAR);
                require(i.reduceTo().free() == 1, "activation_reduce writes one sum a partition [ISA]", i.reduceTo());
                samePartitions(i.reduceTo(), i.data());
            }
            case VectorInstruction.TensorTensor i -> {
                read(i.a(), i.engine());
                read(i.b(), i.engine());
                write(i.to(), i.engine());
                elementwise(i.to(), i.a());
                elementwise(i.to(), i.b());
                notBothInPsum(i.a(), i.b());
                operator(i.op(), Engine.GPSIMD == i.engine(), List.of(i.to(), i.a(), i.b()));
                require(i.op() != AluOp.RSQRT, "rsqrt is the first operator of tensor_scalar only [ISA]", "here");
                boolean words = isWord(i.a()) && isWord(i.b());
                boolean onGpSimd = i.op() == AluOp.POWER || words;
                require(
                        i.engine() == Engine.VECTOR || i.engine() == Engine.GPSIMD,
                        "tensor_tensor runs on vector or gpsimd [ISA]",
                        i.engine());
                require(
                        i.engine() != Engine.GPSIMD || onGpSimd,
                        "tensor_tensor runs on gpsimd for power and 32-bit integers only [ISA]",
                        i.op() + " of " + i.a().dtype());
            }
            case VectorInstruction.TensorScalar i -> tensorScalar(i);
            case VectorInstruction.ScalarTensorTensor i -> {
                read(i.data(), Engine.VECTOR);
                read(i.tensor(), Engine.VECTOR);
                write(i.to(), Engine.VECTOR);
                elementwise(i.to(), i.data());
                elementwise(i.to(), i.tensor());
                notBothInPsum(i.data(), i.tensor());
                scalar(i.operand0(), i.data(), Engine.VECTOR);
                arithmetic("scalar_tensor_tensor", i.op0());
                arithmetic("scalar_tensor_tensor", i.op1());
            }
            case VectorInstruction.TensorReduce i -> {
                read(i.data(), Engine.VECTOR);
                write(i.to(), Engine.VECTOR);
                samePartitions(i.to(), i.data());
                int dims = i.data().dims().size();
                require(
                        i.axes() >= 1 && i.axes() <= Math.max(1, dims),
                        "tensor_reduce takes 1 to " + Math.max(1, dims) + " axes [ISA]",
                        i.axes());
                long kept = 1;
                for (int d = 0; d < dims - i.axes(); d++) {
                    kept *= i.data().dims().get(d).size();
                }
                require(
                        i.to().free() == kept,
                        "tensor_reduce writes " + kept + " elements a partition [ISA]",
                        i.to().free());
                require(
                        i.op().isReduction(),
                        "tensor_reduce adds, subtracts, multiplies, takes the extreme, or works on bits and truths [SH]",
                        i.op());
                operator(i.op(), false, List.of(i.data(), i.to()));
            }
            case VectorInstruction.TensorTensorScan i -> {
                read(i.a(), Engine.VECTOR);
                read(i.b(), Engine.VECTOR);
                write(i.to(), Engine.VECTOR);
                elementwise(i.to(), i.a());
                elementwise(i.to(), i.b());
                notBothInPsum(i.a(), i.b());
                scalar(i.initial(), i.a(), Engine.VECTOR);
                arithmetic("tensor_tensor_scan", i.op0());
                arithmetic("tensor_tensor_scan", i.op1());
            }
            case VectorInstruction.TensorCopy i -> {
                read(i.from(), i.engine());
                write(i.to(), i.engine());
                elementwise(i.to(), i.from());
                require(
                        i.engine() != Engine.SCALAR || target.generation() >= 3,
                        "tensor_copy runs on scalar from v3 on [ISA]",
                        "v" + target.generation());
                require(isData(i.engine()), "tensor_copy runs on vector, scalar or gpsimd [ISA]", i.engine());
            }
            case VectorInstruction.TensorCopyPredicated i -> {
                read(i.from(), Engine.VECTOR);
                read(i.predicate(), Engine.VECTOR);
                write(i.to(), Engine.VECTOR);
                elementwise(i.to(), i.from());
                elementwise(i.to(), i.predicate());
                require(
                        i.to().dtype() == i.from().dtype(),
                        "tensor_copy_predicated copies between equal types [ISA]",
                        i.from().dtype() + " to " + i.to().dtype());
                require(
                        i.predicate().dtype().isInteger()
                                && !i.predicate().dtype().isSigned(),
                        "a predicate is an unsigned integer [ISA]",
                        i.predicate().dtype());
            }
            case VectorInstruction.Memset i -> {
                write(i.to(), i.engine());
                require(
                        i.engine() == Engine.VECTOR || i.engine() == Engine.GPSIMD,
                        "memset runs on vector or gpsimd [ISA]",
                        i.engine());
            }
            case VectorInstruction.Reciprocal i -> {
                read(i.data(), Engine.VECTOR);
                write(i.to(), Engine.VECTOR);
                elementwise(i.to(), i.data());
            }
            case VectorInstruction.NcTranspose i -> {
                read(i.from(), Engine.VECTOR);
                write(i.to(), Engine.VECTOR);
                int block = target.vector().transposeBlock();
                require(
                        i.from().partitions() <= block && i.from().free() <= block,
                        "nc_transpose on vector takes blocks of " + block + " [ISA]",
                        i.from());
                require(
                        i.to().partitions() == i.from().free()
                                && i.to().free() == i.from().partitions(),
                        "nc_transpose writes [" + i.from().free() + ", "
                                + i.from().partitions() + "] [ISA]",
                        i.to());
                require(i.to().dtype() == i.from().dtype(), "nc_transpose keeps the type [ISA]", i.to().dtype());
            }
            case GpSimdInstruction.Iota i -> {
                write(i.to(), Engine.GPSIMD);
                steps(i.steps(), i.to());
            }
            case GpSimdInstruction.AffineSelect i -> {
                read(i.data(), Engine.GPSIMD);
                write(i.to(), Engine.GPSIMD);
                elementwise(i.to(), i.data());
                steps(i.steps(), i.data());
                require(i.compare().isComparison(), "affine_select compares with 0 [ISA]", i.compare());
            }
            case DmaInstruction i -> transfer(i);
            case ControlInstruction.RegisterMove i -> register(i.register());
            case ControlInstruction.RegisterAlu i -> {
                register(i.register());
                register(i.a());
                register(i.b());
                require(
                        i.op() == AluOp.ADD || i.op() == AluOp.SUBTRACT || i.op() == AluOp.MULTIPLY,
                        "registers have add, subtract and multiply [ISA]",
                        i.op());
            }
            case ControlInstruction.RegisterLoad i -> {
                register(i.register());
                word(i.from());
            }
            case ControlInstruction.RegisterStore i -> {
                register(i.register());
                word(i.to());
            }
            case ControlInstruction.Branch i -> {
                register(i.register());
                require(i.compare().isComparison(), "a branch compares [A1]", i.compare());
            }
            case ControlInstruction.LoopBegin i -> {
                register(i.register());
                require(i.step() > 0, "a loop counts up [LOOP]", i.step());
            }
            case ControlInstruction.LoopEnd i -> {}
            case ControlInstruction.EventSemaphore i -> {}
        }
    }

    private static boolean isData(Engine e) {
        return e == Engine.VECTOR || e == Engine.SCALAR || e == Engine.GPSIMD;
    }

    private static boolean isWord(Access a) {
        return a.dtype() == DType.I32 || a.dtype() == DType.U32;
    }

    private void register(int r) {
        int count = target.control().registersPerSequencer();
        require(r >= 0 && r < count, "a sequencer has registers 0 to " + (count - 1) + " [ISA]", r);
    }

    private void word(Access a) {
        require(a.memory() != Memory.PSUM, "registers load from and store to hbm or sbuf [ISA]", a.memory());
        require(a.elements() == 1 && isWord(a), "a register holds one 32-bit word [ISA]", a);
        pattern(a);
    }

    private void activation(ActivationFunction function, Access to, Access data, Scalar scale, Optional<Access> bias) {
        read(data, Engine.SCALAR);
        write(to, Engine.SCALAR);
        elementwise(to, data);
        scalar(scale, data, Engine.SCALAR);
        bias.ifPresent(b -> {
            read(b, Engine.SCALAR);
            samePartitions(b, data);
            require(b.free() == 1, "a bias is one element a partition [ISA]", b);
            require(b.dtype() != DType.TF32, "a bias is of any type but tf32 [ISA]", b.dtype());
            require(
                    target.generation() >= 3 || function != ActivationFunction.RECIPROCAL,
                    "reciprocal takes no bias before v3 [SH]",
                    b);
        });
    }

    private void tensorScalar(VectorInstruction.TensorScalar i) {
        read(i.data(), i.engine());
        write(i.to(), i.engine());
        elementwise(i.to(), i.data());
        scalar(i.operand0(), i.data(), i.engine());
        scalar(i.operand1(), i.data(), i.engine());
        operator(i.op0(), false, List.of(i.to(), i.data()));
        operator(i.op1(), false, List.of(i.to(), i.data()));
        require(i.op1() != AluOp.RSQRT, "rsqrt is the first operator of tensor_scalar only [ISA]", "here");
        require(
                i.op1() == AluOp.BYPASS || i.op0().isBitwise() == i.op1().isBitwise(),
                "both operators of tensor_scalar are arithmetic or both work on bits [ISA]",
                i.op0() + ", " + i.op1());
        require(isData(i.engine()), "tensor_scalar runs on vector, scalar or gpsimd [ISA]", i.engine());
        require(
                i.engine() == Engine.GPSIMD || i.op0() != AluOp.RSQRT,
                "tensor_scalar rsqrt runs on gpsimd [ISA]",
                i.engine());
        require(
                i.engine() != Engine.GPSIMD || i.op0() == AluOp.RSQRT,
                "tensor_scalar runs on gpsimd for rsqrt only [ISA]",
                i.op0());
        boolean multiplyAdd = (i.op0() == AluOp.MULTIPLY || i.op0() == AluOp.ADD)
                && (i.op1() == AluOp.ADD || i.op1() == AluOp.BYPASS);
        require(
                i.engine() != Engine.SCALAR || target.generation() >= 3 && multiplyAdd,
                "tensor_scalar runs on scalar from v3 on, for multiply and add [ISA]",
                i.op0() + ", " + i.op1() + " on v" + target.generation());
    }

    private void matmul(TensorInstruction.NcMatmul i) {
        var tensor = target.tensor();
        var memory = target.memory();
        read(i.stationary(), Engine.TENSOR);
        read(i.moving(), Engine.TENSOR);
        write(i.to(), Engine.TENSOR);
        int k = i.moving().partitions();
        require(
                k <= tensor.maxContractionRows(),
                "a matmul contracts at most " + tensor.maxContractionRows() + " rows [A1]",
                k);
        require(
                i.stationary().partitions() == k
                        && i.stationary().startPartition() == i.moving().startPartition(),
                "stationary and moving lie on the same partitions [ISA]",
                i.stationary() + " and " + i.moving());
        require(
                tensor.rowTileSizes().stream()
                        .anyMatch(size -> k <= size && i.moving().startPartition() % size == 0),
                "operands start at a row tile of " + tensor.rowTileSizes() + " rows [ISA]",
                i.moving());
        require(
                i.stationary().free() <= tensor.maxStationaryFree(),
                "stationary has at most " + tensor.maxStationaryFree() + " columns [A1]",
                i.stationary().free());
        int columns = i.to().dtype() == DType.BF16
                ? tensor.maxMovingFreeBf16().orElse(tensor.maxMovingFree())
                : tensor.maxMovingFree();
        require(
                i.moving().free() <= columns,
                "moving has at most " + columns + " columns [A1]",
                i.moving().free());
        require(
                i.to().partitions() == i.stationary().free()
                        && i.to().free() == i.moving().free(),
                "a matmul writes [" + i.stationary().free() + ", " + i.moving().free() + "] [ISA]",
                i.to());
        if (target.generation() <= 3 && i.to().object().isEmpty()) {
            long bank = memory.psumBankBytesPerPartition();
            require(
                    Math.floorDiv(i.to().offset() + i.to().lowestByte(), bank)
                            == (i.to().offset() + i.to().highestByte() - 1) / bank,
                    "a matmul writes one PSUM bank of " + bank + " bytes [A1]",
                    i.to());
        }
        if (i.transpose()) {
            require(tensor.nativeTranspose(), "a transposing matmul exists from v3 on [A2]", "v" + target.generation());
            require(i.to().dtype() == i.stationary().dtype(), "a transpose keeps the type [A2]", i.to().dtype());
            require(!i.accumulate(), "a transpose overwrites [A2]", "accumulates");
        } else {
            boolean bf16 =
                    i.to().dtype() == DType.BF16 && tensor.maxMovingFreeBf16().isPresent();
            require(i.to().dtype() == DType.F32 || bf16, "a matmul writes f32 [ISA]", i.to().dtype());
        }
        product(i.stationary());
        product(i.moving());
        require(
                isWide(i.stationary()) == isWide(i.moving()),
                "f32 and tf32 mix with each other only [ISA]",
                i.stationary().dtype() + " and " + i.moving().dtype());
        require(
                !isEither(i.stationary(), i.moving(), DType.F8E4M3)
                        || !isEither(i.stationary(), i.moving(), DType.F8E4M3FN),
                "f8e4m3 and f8e4m3fn do not mix [ISA]",
                i.stationary().dtype() + " and " + i.moving().dtype());
    }

    private static boolean isEither(Access a, Access b, DType dtype) {
        return a.dtype() == dtype || b.dtype() == dtype;
    }

    private static boolean isWide(Access a) {
        return a.dtype() == DType.F32 || a.dtype() == DType.TF32;
    }

    private void product(Access a) {
        var t = a.dtype();
        boolean known = isWide(a)
                || t == DType.BF16
                || t == DType.F16
                || t == DType.F8E4M3
                || t == DType.F8E5M2
                || t == DType.F8E4M3FN && target.generation() >= 4;
        require(
                known,
                "a matmul on v" + target.generation() + " takes f32, tf32, bf16, f16, f8e4m3, f8e5m2"
                        + (target.generation() >= 4 ? " and f8e4m3fn [ISA]" : " [ISA]"),
                t);
    }

    private void transfer(DmaInstruction i) {
        require(
                i.to().memory() != Memory.PSUM && i.from().memory() != Memory.PSUM,
                "DMA reaches hbm and sbuf [MIG]",
                Memory.PSUM);
        require(
                i.engine() == Engine.SYNC || i.engine() == Engine.SCALAR || i.engine() == Engine.GPSIMD,
                "transfers are started by sync, scalar or gpsimd [DGE]",
                i.engine());
        int queues = target.dma().queuesPerEngine();
        require(i.queue() >= 0 && i.queue() < queues, "DMA has queues 0 to " + (queues - 1) + " [DMA]", i.queue());
        pattern(i.to());
        pattern(i.from());
        requireDistinct(i.to());
        switch (i) {
            case DmaInstruction.DmaCopy copy ->
                require(
                        i.to().elements() == i.from().elements(),
                        "a transfer reads as many elements as it writes [DMA]",
                        i.from() + " to " + i.to());
            case DmaInstruction.DmaGather g -> rows(g, g.from(), g.to(), g.index(), g.bytesPerRow(), g.rows());
            case DmaInstruction.DmaScatter d -> rows(d, d.to(), d.from(), d.index(), d.bytesPerRow(), d.rows());
        }
    }

    private void rows(DmaInstruction i, Access row, Access chip, Access index, long bytesPerRow, long rows) {
        require(i.engine() == Engine.GPSIMD, "indirect descriptors are generated by gpsimd [DGE]", i.engine());
        require(
                row.memory() == Memory.HBM && chip.memory() == Memory.SBUF && row.free() == chip.free(),
                "an indirect transfer moves one row of hbm to or from each partition [DGE]",
                i.from() + " to " + i.to());
        require(
                index.memory() == Memory.SBUF && isWord(index) && index.free() == 1,
                "row numbers are one 32-bit integer a partition [DGE]",
                index);
        pattern(index);
        samePartitions(index, chip);
        require(
                rows > 0 && bytesPerRow > 0 && bytesPerRow % row.dtype().bytes() == 0,
                "there is at least one row of whole elements",
                rows + " rows of " + bytesPerRow + " bytes");
    }

    private void steps(List<Integer> steps, Access pattern) {
        require(
                steps.size() == pattern.dims().size(),
                "there is a step for each of " + pattern.dims().size() + " dimensions [ISA]",
                steps.size());
    }

    private static void notBothInPsum(Access a, Access b) {
        require(a.memory() != Memory.PSUM || b.memory() != Memory.PSUM, "at most one input lies in PSUM [ISA]", "both");
    }

    private void arithmetic(String instruction, AluOp op) {
        require(!op.isBitwise(), instruction + " is arithmetic only [ISA]", op);
        require(op != AluOp.RSQRT, "rsqrt is the first operator of tensor_scalar only [ISA]", "here");
        operator(op, false, List.of());
    }

    private void operator(AluOp op, boolean power, List<Access> operands) {
        require(power || op != AluOp.POWER, "power runs on gpsimd only, in tensor_tensor [SH]", "here");
        require(
                target.generation() >= 4 || op != AluOp.ABS_MAX && op != AluOp.ABS_MIN,
                "abs_max and abs_min exist from v4 on [SH]",
                op + " on v" + target.generation());
        if (op.isBitwise()) {
            for (var a : operands) {
                require(a.dtype().isInteger(), op + " takes integers [SH]", a.dtype());
            }
        }
    }

    private void scalar(Scalar s, Access data, Engine engine) {
        if (s instanceof Scalar.Column(var column)) {
            read(column, engine);
            samePartitions(column, data);
        }
    }

    private static void samePartitions(Access a, Access b) {
        require(
                a.partitions() == b.partitions(),
                "operands have as many partitions [A1]",
                a.partitions() + " and " + b.partitions());
    }

    private static void elementwise(Access to, Access from) {
        samePartitions(to, from);
        require(
                to.free() == from.free(),
                "operands have as many elements a partition [ISA]",
                to.free() + " and " + from.free());
    }

    private void read(Access a, Engine engine) {
        boolean reaches = switch (a.memory()) {
            case HBM -> false;
            case SBUF -> engine != Engine.SYNC;
            case PSUM -> engine == Engine.VECTOR || engine == Engine.SCALAR;
        };
        if (!reaches) {
            throw new LimitException(engine + " does not read " + a.memory() + " [A1]");
        }
        pattern(a);
    }

    private void write(Access a, Engine engine) {
        boolean reaches = switch (a.memory()) {
            case HBM -> false;
            case SBUF -> engine != Engine.SYNC && engine != Engine.TENSOR;
            case PSUM -> engine == Engine.TENSOR || engine == Engine.VECTOR || engine == Engine.SCALAR;
        };
        if (!reaches) {
            throw new LimitException(engine + " does not write " + a.memory() + " [A1]");
        }
        pattern(a);
        requireDistinct(a);
    }

    private static void requireDistinct(Access a) {
        for (var d : a.dims()) {
            if (d.stride() == 0 && d.size() > 1) {
                throw new LimitException("a write touches an element once, but has stride 0: " + a);
            }
        }
    }

    private void pattern(Access a) {
        var memory = target.memory();
        a.index().ifPresent(i -> register(i.register()));
        if (a.memory() == Memory.HBM) {
            // One dimension more than a descriptor's: the one that runs over partitions.
            int most = target.dma().maxAccessPatternDims() + 1;
            require(
                    a.dims().size() <= most,
                    "an hbm access has at most " + most + " dimensions [NEFF]",
                    a.dims().size());
            return;
        }
        var limits = target.accessPatterns();
        int most = memory.partitions();
        int end = a.startPartition() + a.partitions();
        require(end <= most, "there are " + most + " partitions [A1]", end);
        int aligned = a.partitions() > most / 2
                ? most
                : a.partitions() > memory.quadrantPartitions() ? most / 2 : memory.quadrantPartitions();
        require(
                a.startPartition() % aligned == 0,
                (a.partitions() == 1 ? "1 partition starts" : a.partitions() + " partitions start")
                        + " at a multiple of " + aligned + " [A1]",
                a.startPartition());
        require(
                a.dims().size() <= limits.maxFreeDims(),
                "an access has at most " + limits.maxFreeDims() + " free dimensions [A1]",
                a.dims().size());
        for (var d : a.dims()) {
            require(
                    d.size() <= limits.maxSize(),
                    "a dimension has at most " + limits.maxSize() + " elements [A1]",
                    d.size());
            require(
                    d.stride() >= limits.minStride() && d.stride() <= limits.maxStride(),
                    "a stride lies in " + limits.minStride() + ".." + limits.maxStride() + " [A1]",
                    d.stride());
        }
        boolean psum = a.memory() == Memory.PSUM;
        // A bank's worth of 16-bit elements is twice as many, as matmuls of v4 write them.
        int halves =
                a.dtype().bits() == 16 ? target.tensor().maxMovingFreeBf16().orElse(0) : 0;
        int elements = psum ? Math.max(halves, limits.maxFreeElementsPsum()) : limits.maxFreeElementsSbuf();
        require(a.free() <= elements, "an access has at most " + elements + " elements a partition [A1]", a.free());
        if (a.isVirtual()) {
            return;
        }
        int alignment =
                Math.max(psum ? memory.psumAlignmentBytes() : 1, a.dtype().bytes());
        require(a.offset() % alignment == 0, "offsets are multiples of " + alignment + " bytes (assumed)", a.offset());
        long bytes = psum ? memory.psumBytesPerPartition() : memory.sbufBytesPerPartition();
        long low = a.offset() + a.lowestByte();
        long high = a.offset() + a.highestByte();
        require(
                low >= 0 && high <= bytes,
                "a partition of " + a.memory() + " has " + bytes + " bytes [A1]",
                low + ".." + high);
    }
}
