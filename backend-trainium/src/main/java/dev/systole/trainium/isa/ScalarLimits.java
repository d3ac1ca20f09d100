package dev.systole.trainium.isa;

import static dev.systole.trainium.isa.Checks.require;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.type.DType;
import java.util.Optional;

/** The limits of what ScalarE alone does. */
final class ScalarLimits {
    private final Checks c;

    ScalarLimits(Checks c) {
        this.c = c;
    }

    void check(ScalarInstruction instruction) {
        switch (instruction) {
            case ScalarInstruction.Activation i -> activation(i.function(), i.to(), i.data(), i.scale(), i.bias());

            case ScalarInstruction.ActivationReduce i -> {
                activation(i.function(), i.to(), i.data(), i.scale(), i.bias());
                c.write(i.reduceTo(), Engine.SCALAR);
                require(i.reduceTo().free() == 1, "activation_reduce writes one sum a partition [ISA]", i.reduceTo());
                Checks.samePartitions(i.reduceTo(), i.data());
            }

            case ScalarInstruction.ActReadAccumulator i -> {
                c.write(i.to(), Engine.SCALAR);
                require(i.to().free() == 1, "act_read_accumulator writes one element a partition [A1]", i.to());
            }
            case ScalarInstruction.Activate2 i -> activate2(i);
        }
    }

    private void activation(ActivationFunction function, Access to, Access data, Scalar scale, Optional<Access> bias) {
        c.read(data, Engine.SCALAR);
        c.write(to, Engine.SCALAR);
        Checks.elementwise(to, data);
        c.scalar(scale, data, Engine.SCALAR);
        bias.ifPresent(b -> {
            c.read(b, Engine.SCALAR);
            Checks.samePartitions(b, data);
            require(b.free() == 1, "a bias is one element a partition [ISA]", b);
            require(b.dtype() != DType.TF32, "a bias is of any type but tf32 [ISA]", b.dtype());
            require(
                    c.target.generation() >= 3 || function != ActivationFunction.RECIPROCAL,
                    "reciprocal takes no bias before v3 [SH]",
                    b);
        });
    }

    private void activate2(ScalarInstruction.Activate2 i) {
        c.since(4, "activate2");
        c.read(i.data(), Engine.SCALAR);
        c.write(i.to(), Engine.SCALAR);
        Checks.elementwise(i.to(), i.data());
        c.scalar(i.operand0(), i.data(), Engine.SCALAR);
        c.scalar(i.operand1(), i.data(), Engine.SCALAR);
        boolean second = i.op1() == AluOp.BYPASS
                || i.op0() == AluOp.MULTIPLY && (i.op1() == AluOp.ADD || i.op1() == AluOp.SUBTRACT);
        boolean first = i.op0() == AluOp.MULTIPLY
                || i.op0() == AluOp.ADD
                || i.op0() == AluOp.SUBTRACT
                || i.op0() == AluOp.BYPASS;
        require(
                first && second,
                "activate2 multiplies, adds or subtracts, and adds or subtracts behind a product [ISA]",
                i.op0() + ", " + i.op1());
        require(
                i.reduce() == AluOp.ADD
                        || i.reduce() == AluOp.MAXIMUM
                        || i.reduce() == AluOp.MINIMUM
                        || i.reduce() == AluOp.ABS_MAX
                        || i.reduce() == AluOp.ABS_MIN,
                "activate2 reduces by add, maximum, minimum, abs_max or abs_min [ISA]",
                i.reduce());
        c.reduction(i.command(), i.reduceTo(), i.data(), Engine.SCALAR);
    }
}
