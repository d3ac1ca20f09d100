package dev.systole.trainium.isa;

import static dev.systole.trainium.isa.Checks.require;

import dev.systole.ir.type.DType;
import java.util.List;

/** The limits of VectorE's arithmetic and copies, wherever they run. */
final class VectorLimits {
    private final Checks c;

    VectorLimits(Checks c) {
        this.c = c;
    }

    void check(VectorInstruction instruction) {
        switch (instruction) {
            case VectorInstruction.TensorTensor i -> {
                c.read(i.a(), i.engine());
                c.read(i.b(), i.engine());
                c.write(i.to(), i.engine());
                Checks.elementwise(i.to(), i.a());
                Checks.elementwise(i.to(), i.b());
                Checks.notBothInPsum(i.a(), i.b());
                c.operator(i.op(), Engine.GPSIMD == i.engine(), List.of(i.to(), i.a(), i.b()));
                require(i.op() != AluOp.RSQRT, "rsqrt is the first operator of tensor_scalar only [ISA]", "here");
                boolean words = Checks.isWord(i.a()) && Checks.isWord(i.b());
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
                c.read(i.data(), Engine.VECTOR);
                c.read(i.tensor(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.data());
                Checks.elementwise(i.to(), i.tensor());
                Checks.notBothInPsum(i.data(), i.tensor());
                c.scalar(i.operand0(), i.data(), Engine.VECTOR);
                c.arithmetic("scalar_tensor_tensor", i.op0());
                c.arithmetic("scalar_tensor_tensor", i.op1());
            }

            case VectorInstruction.TensorReduce i -> {
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.samePartitions(i.to(), i.data());
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
                c.operator(i.op(), false, List.of(i.data(), i.to()));
            }

            case VectorInstruction.TensorTensorScan i -> {
                c.read(i.a(), Engine.VECTOR);
                c.read(i.b(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.a());
                Checks.elementwise(i.to(), i.b());
                Checks.notBothInPsum(i.a(), i.b());
                c.scalar(i.initial(), i.a(), Engine.VECTOR);
                c.arithmetic("tensor_tensor_scan", i.op0());
                c.arithmetic("tensor_tensor_scan", i.op1());
            }

            case VectorInstruction.TensorCopy i -> {
                c.readPacked(i.from(), i.engine());
                c.writePacked(i.to(), i.engine());
                require(
                        i.from().dtype() == i.to().dtype()
                                || !i.from().dtype().isPacked()
                                        && !i.to().dtype().isPacked(),
                        "packed types are copied as they are [ISA]",
                        i.from().dtype() + " to " + i.to().dtype());
                Checks.elementwise(i.to(), i.from());
                require(
                        i.engine() != Engine.SCALAR || c.target.generation() >= 3,
                        "tensor_copy runs on scalar from v3 on [ISA]",
                        "v" + c.target.generation());
                require(Checks.isData(i.engine()), "tensor_copy runs on vector, scalar or gpsimd [ISA]", i.engine());
            }

            case VectorInstruction.TensorCopyPredicated i -> {
                c.read(i.from(), Engine.VECTOR);
                c.read(i.predicate(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.from());
                Checks.elementwise(i.to(), i.predicate());
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
                c.writePacked(i.to(), i.engine());
                require(
                        !i.to().dtype().isPacked() || i.value() == 0,
                        "packed types are set to 0 only [ISA]",
                        i.value());
                require(
                        i.engine() == Engine.VECTOR || i.engine() == Engine.GPSIMD,
                        "memset runs on vector or gpsimd [ISA]",
                        i.engine());
            }

            case VectorInstruction.Reciprocal i -> {
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.data());
            }

            case VectorInstruction.NcTranspose i -> {
                c.read(i.from(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                int block = c.target.vector().transposeBlock();
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

            case VectorInstruction.TensorScalarReduce i -> {
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.data());
                c.scalar(i.operand0(), i.data(), Engine.VECTOR);
                c.arithmetic("tensor_scalar_reduce", i.op0());
                require(
                        i.reduce() == AluOp.ADD
                                || i.reduce() == AluOp.MULTIPLY
                                || i.reduce() == AluOp.MAXIMUM
                                || i.reduce() == AluOp.MINIMUM,
                        "tensor_scalar_reduce reduces by add, multiply, maximum or minimum [ISA]",
                        i.reduce());
                c.write(i.reduceTo(), Engine.VECTOR);
                c.column(i.reduceTo(), i.data(), "reduce_res");
            }
            case VectorInstruction.TensorScalarCumulative i -> {
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.data());
                c.scalar(i.operand0(), i.data(), Engine.VECTOR);
                c.scalar(i.operand1(), i.data(), Engine.VECTOR);
                c.arithmetic("tensor_scalar_cumulative", i.op0());
                require(
                        i.op1() == AluOp.ADD
                                || i.op1() == AluOp.SUBTRACT
                                || i.op1() == AluOp.MULTIPLY
                                || i.op1() == AluOp.MAXIMUM
                                || i.op1() == AluOp.MINIMUM,
                        "tensor_scalar_cumulative accumulates by add, subtract, multiply, maximum or minimum [ISA]",
                        i.op1());
                require(
                        i.command().reduces(),
                        "tensor_scalar_cumulative reduces, resets and reduces, or loads and reduces [ISA]",
                        i.command());
                require(
                        !Checks.isWord(i.data()) && !Checks.isWord(i.to()),
                        "tensor_scalar_cumulative takes no 32-bit integers [ISA]",
                        i.data().dtype() + " to " + i.to().dtype());
            }
            case VectorInstruction.Exponential i -> {
                c.since(4, "exponential");
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.data());
                c.scalar(i.maximum(), i.data(), Engine.VECTOR);
                c.reduction(i.command(), i.reduceTo(), i.data(), Engine.VECTOR);
            }
            case VectorInstruction.NcStreamShuffle i -> {
                c.read(i.from(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.from());
                int quadrant = c.target.memory().quadrantPartitions();
                require(
                        i.from().partitions() % quadrant == 0,
                        "nc_stream_shuffle takes whole quadrants of " + quadrant + " partitions (assumed)",
                        i.from().partitions());
                require(
                        i.mask().size() == quadrant
                                && i.mask().stream().allMatch(m -> m >= 0 && m < quadrant || m == 255),
                        "a shuffle mask names one of " + quadrant + " partitions for each, or 255 [ISA]",
                        i.mask());
                require(
                        i.to().dtype() == i.from().dtype(),
                        "nc_stream_shuffle copies between equal types [ISA]",
                        i.from().dtype() + " to " + i.to().dtype());
            }
            case VectorInstruction.BnStats i -> {
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.samePartitions(i.to(), i.data());
                require(
                        i.data().free() <= 512,
                        "bn_stats takes at most 512 elements [ISA]",
                        i.data().free());
                require(i.to().free() == 6, "bn_stats writes 6 elements a partition [ISA]", i.to().free());
            }
            case VectorInstruction.BnAggr i -> {
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.samePartitions(i.to(), i.data());
                require(
                        i.data().free() % 3 == 0,
                        "bn_aggr takes triples [ISA]",
                        i.data().free());
                require(i.to().free() == 2, "bn_aggr writes 2 elements a partition [ISA]", i.to().free());
            }
            case VectorInstruction.QuantizeMx i -> quantize(i);
        }
    }

    private void tensorScalar(VectorInstruction.TensorScalar i) {
        c.read(i.data(), i.engine());
        c.write(i.to(), i.engine());
        Checks.elementwise(i.to(), i.data());
        c.scalar(i.operand0(), i.data(), i.engine());
        c.scalar(i.operand1(), i.data(), i.engine());
        c.operator(i.op0(), false, List.of(i.to(), i.data()));
        c.operator(i.op1(), false, List.of(i.to(), i.data()));
        require(i.op1() != AluOp.RSQRT, "rsqrt is the first operator of tensor_scalar only [ISA]", "here");
        require(
                i.op1() == AluOp.BYPASS || i.op0().isBitwise() == i.op1().isBitwise(),
                "both operators of tensor_scalar are arithmetic or both work on bits [ISA]",
                i.op0() + ", " + i.op1());
        require(Checks.isData(i.engine()), "tensor_scalar runs on vector, scalar or gpsimd [ISA]", i.engine());
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
                i.engine() != Engine.SCALAR || c.target.generation() >= 3 && multiplyAdd,
                "tensor_scalar runs on scalar from v3 on, for multiply and add [ISA]",
                i.op0() + ", " + i.op1() + " on v" + c.target.generation());
    }

    private void quantize(VectorInstruction.QuantizeMx i) {
        c.since(4, "quantize_mx");
        c.read(i.data(), Engine.VECTOR);
        c.writePacked(i.to(), Engine.VECTOR);
        require(
                i.data().memory() == Memory.SBUF && i.to().memory() == Memory.SBUF,
                "quantize_mx works in sbuf [ISA]",
                Memory.PSUM);
        require(
                i.data().dtype() == DType.BF16 || i.data().dtype() == DType.F16,
                "quantize_mx takes bf16 or f16 [ISA]",
                i.data().dtype());
        require(
                i.to().dtype() == DType.F8E5M2X4 || i.to().dtype() == DType.F8E4M3FNX4,
                "quantize_mx gives f8e5m2x4 or f8e4m3fnx4 [ISA]",
                i.to().dtype());
        Checks.samePartitions(i.to(), i.data());
        require(
                i.data().partitions() % 32 == 0 && i.data().free() == 4 * i.to().free(),
                "quantize_mx takes multiples of 32 partitions by 4 elements [ISA]",
                i.data());
        c.scales(i.scale(), i.to());
    }
}
