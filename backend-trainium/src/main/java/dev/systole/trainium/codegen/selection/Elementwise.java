package dev.systole.trainium.codegen.selection;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.Optional;

/** Operations on the elements of one or two tiles. */
record Elementwise(CodeBuilder code, Copies copies, Words words, Functions functions) {
    /** Elements of a row from which on the choice of the engine is worth the column that ScalarE takes a constant from. */
    private static final int WORTH_A_COLUMN = 512;

    void unary(TileRef to, UnaryOp f, TileRef x) {
        if (Words.isWord(x) && f != UnaryOp.BIT_NOT) {
            words.unary(to, f, x);
            return;
        }
        switch (f) {
            case NEG -> scalar(to, AluOp.MULTIPLY, x, new Scalar.Immediate(-1), false);
            case RECIPROCAL -> code.emit(new VectorInstruction.Reciprocal(Accesses.of(to), Accesses.of(x)));
            case RELU -> scalar(to, AluOp.MAXIMUM, x, new Scalar.Immediate(0), false);
            case BIT_NOT -> scalar(to, AluOp.BITWISE_INVERT, x, new Scalar.Immediate(0), false);
            default ->
                code.emit(Functions.activation(
                        to,
                        Functions.table(f)
                                .orElseThrow(() ->
                                        code.unsupported(f.mnemonic(), x.tile().dtype())),
                        x));
        }
    }

    void select(Statement.Select s) {
        var to = s.to();
        if (!s.b().equals(to)) {
            copies.assign(to, s.b());
        }
        var chosen = copies.tile(s.a(), to);
        code.emit(new VectorInstruction.TensorCopyPredicated(
                Accesses.of(to),
                Accesses.of(chosen.tile().dtype() == to.tile().dtype() ? chosen : copies.converted(chosen, to)),
                Accesses.of(s.condition())));
    }

    void binary(TileRef to, BinaryOp f, Operand a, Operand b) {
        var x = a instanceof TileRef t ? t : (TileRef) b;
        if (f == BinaryOp.DIV && !Words.isWord(x)) {
            var inverse = code.like(to, DType.F32);
            code.emit(new VectorInstruction.Reciprocal(Accesses.of(inverse), Accesses.of(copies.tile(b, to))));
            binary(to, BinaryOp.MUL, a, inverse);
            return;
        }
        var op = alu(f, x.tile().dtype());
        if (f == BinaryOp.POW) {
            code.emit(new VectorInstruction.TensorTensor(
                    Engine.GPSIMD,
                    Accesses.of(to),
                    Accesses.of(copies.inSbuf(copies.tile(a, to))),
                    op,
                    Accesses.of(copies.inSbuf(copies.tile(b, to)))));
        } else if (Words.isWord(x) && !f.isBitwise()) {
            words.binary(to, op, copies.tile(a, x), copies.tile(b, x));
        } else if (b instanceof Operand.Immediate(var value)
                && (!f.isBitwise() || isExact(x.tile().dtype()))) {
            scalar(to, op, (TileRef) a, new Scalar.Immediate((float) value), false);
        } else if (a instanceof Operand.Immediate(var value)
                && (!f.isBitwise() || isExact(x.tile().dtype()))) {
            scalar(to, op, (TileRef) b, new Scalar.Immediate((float) value), true);
        } else if (b instanceof TileRef column
                && Accesses.isColumn(column)
                && !f.isBitwise()
                && a instanceof TileRef data) {
            scalar(to, op, data, new Scalar.Column(Accesses.column(column)), false);
        } else if (a instanceof TileRef column
                && Accesses.isColumn(column)
                && !f.isBitwise()
                && b instanceof TileRef data) {
            scalar(to, op, data, new Scalar.Column(Accesses.column(column)), true);
        } else {
            var left = copies.tile(a, x);
            var right = copies.tile(b, x);
            if (left.tile().psum() && right.tile().psum()) {
                right = copies.inSbuf(right);
            }
            code.emit(new VectorInstruction.TensorTensor(
                    Engine.VECTOR, Accesses.of(to), Accesses.of(left), op, Accesses.of(right)));
        }
    }

    /** Multiplications and additions by scalars are the one arithmetic that ScalarE can take over. */
    private void scalar(TileRef to, AluOp op, TileRef x, Scalar operand, boolean reverse) {
        var onVector = new VectorInstruction.TensorScalar(
                Engine.VECTOR,
                Accesses.of(to),
                Accesses.of(x),
                op,
                operand,
                reverse,
                AluOp.BYPASS,
                new Scalar.Immediate(0),
                false);
        boolean isLong = x.free() >= WORTH_A_COLUMN;
        boolean floats = to.tile().dtype().isFloat() && isExact(x.tile().dtype());
        if (floats && op == AluOp.MULTIPLY) {
            code.emit(ScalarInstruction.Activation.of(
                    Accesses.of(to), ActivationFunction.COPY, Accesses.of(x), operand, Optional.empty()));
        } else if (floats && op == AluOp.MAXIMUM && operand.equals(new Scalar.Immediate(0))) {
            code.emit(Functions.activation(to, ActivationFunction.RELU, x));
        } else if (floats && op == AluOp.ADD && operand instanceof Scalar.Column(var bias)) {
            code.emit(ScalarInstruction.Activation.of(
                    Accesses.of(to), ActivationFunction.COPY, Accesses.of(x), Scalar.ONE, Optional.of(bias)));
        } else if (floats && op == AluOp.ADD && operand instanceof Scalar.Immediate(var value) && isLong) {
            shifted(to, x, Scalar.ONE, value);
        } else if (floats && op == AluOp.SUBTRACT && operand instanceof Scalar.Immediate(var value) && isLong) {
            shifted(to, x, reverse ? new Scalar.Immediate(-1) : Scalar.ONE, reverse ? value : -value);
        } else {
            code.emit(onVector);
        }
    }

    private void shifted(TileRef to, TileRef x, Scalar scale, float bias) {
        code.emit(ScalarInstruction.Activation.of(
                Accesses.of(to),
                ActivationFunction.COPY,
                Accesses.of(x),
                scale,
                functions.bias(new Operand.Immediate(bias), x)));
    }

    AluOp alu(BinaryOp f, DType dtype) {
        return switch (f) {
            case ADD -> AluOp.ADD;
            case SUB -> AluOp.SUBTRACT;
            case MUL -> AluOp.MULTIPLY;
            case POW -> AluOp.POWER;
            case MAX -> AluOp.MAXIMUM;
            case MIN -> AluOp.MINIMUM;
            case EQ -> AluOp.EQUAL;
            case NE -> AluOp.NOT_EQUAL;
            case LT -> AluOp.LESS;
            case LE -> AluOp.LESS_EQUAL;
            case GT -> AluOp.GREATER;
            case GE -> AluOp.GREATER_EQUAL;
            case AND -> AluOp.LOGICAL_AND;
            case OR -> AluOp.LOGICAL_OR;
            case XOR -> AluOp.LOGICAL_XOR;
            case BIT_AND -> AluOp.BITWISE_AND;
            case BIT_OR -> AluOp.BITWISE_OR;
            case BIT_XOR -> AluOp.BITWISE_XOR;
            case SHIFT_LEFT -> AluOp.LEFT_SHIFT;
            case SHIFT_RIGHT -> AluOp.RIGHT_SHIFT;
            case DIV, REM -> throw code.unsupported(f.mnemonic(), dtype);
        };
    }

    /** True for types whose numbers all are fp32 numbers. */
    private static boolean isExact(DType dtype) {
        return dtype.isFloat() || dtype.bits() < 32;
    }
}
