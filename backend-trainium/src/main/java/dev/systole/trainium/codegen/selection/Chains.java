package dev.systole.trainium.codegen.selection;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.Optional;

/**
 * Two operations in one instruction.
 *
 * @param roundsTwice true if a product and the sum that follows are rounded one by one; ScalarE rounds once
 */
record Chains(CodeBuilder code, Functions functions, Elementwise elementwise, boolean roundsTwice) {
    /** Two operations with scalars, or one with a scalar and one with a tile; on ScalarE only a product and a sum. */
    void chain(Statement.Chain c) {
        boolean reversed = c.a() instanceof Operand.Immediate
                || c.b() instanceof TileRef b && isScalarBeside(c.a(), b) && !isScalarBeside(c.b(), (TileRef) c.a());
        var data = (TileRef) (reversed ? c.b() : c.a());
        var first = reversed ? c.a() : c.b();
        var op0 = elementwise.alu(c.first(), DType.F32);
        var op1 = elementwise.alu(c.second(), DType.F32);
        if (!isScalarBeside(c.c(), data) && c.swapped() && !c.second().isCommutative()) {
            var inner = code.like(c.to(), DType.F32);
            elementwise.binary(inner, c.first(), c.a(), c.b());
            elementwise.binary(c.to(), c.second(), c.c(), inner);
            return;
        }
        if (!isScalarBeside(c.c(), data)) {
            code.emit(new VectorInstruction.ScalarTensorTensor(
                    Accesses.of(c.to()), Accesses.of(data), op0, Accesses.scalar(first), op1, Accesses.of((TileRef)
                            c.c())));
            return;
        }
        var onVector = new VectorInstruction.TensorScalar(
                Engine.VECTOR,
                Accesses.of(c.to()),
                Accesses.of(data),
                op0,
                Accesses.scalar(first),
                reversed,
                op1,
                Accesses.scalar(c.c()),
                c.swapped());
        code.emit(onScalar(c, data, first).orElse(onVector));
    }

    /** ScalarE adds to a product, and cuts a sum off at 0. */
    private Optional<Instruction> onScalar(Statement.Chain c, TileRef data, Operand first) {
        if (!c.to().tile().dtype().isFloat()) {
            return Optional.empty();
        }
        if (c.first() == BinaryOp.MUL && c.second() == BinaryOp.ADD && !roundsTwice) {
            return Optional.of(ScalarInstruction.Activation.of(
                    Accesses.of(c.to()),
                    ActivationFunction.COPY,
                    Accesses.of(data),
                    Accesses.scalar(first),
                    functions.bias(c.c(), data)));
        }
        boolean cutsOff =
                c.first() == BinaryOp.ADD && c.second() == BinaryOp.MAX && c.c().equals(new Operand.Immediate(0));
        return cutsOff
                ? Optional.of(ScalarInstruction.Activation.of(
                        Accesses.of(c.to()),
                        ActivationFunction.RELU,
                        Accesses.of(data),
                        Scalar.ONE,
                        functions.bias(first, data)))
                : Optional.empty();
    }

    private static boolean isScalarBeside(Operand o, TileRef data) {
        return switch (o) {
            case Operand.Immediate i -> true;
            case TileRef t ->
                Accesses.isColumn(t) || t.free() == 1 && t.tile().dtype() == DType.F32 && data.free() == 1;
        };
    }
}
