package dev.systole.trainium.codegen.selection;

import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Functions that ScalarE has tables of. */
final class Functions {
    private final CodeBuilder code;
    private final Copies copies;
    private final Map<Float, Tile> biases = new HashMap<>();

    Functions(CodeBuilder code, Copies copies) {
        this.code = code;
        this.copies = copies;
    }

    void activate(Statement.Activate a) {
        var f = table(a.function())
                .orElseThrow(() ->
                        code.unsupported(a.function().mnemonic(), a.x().tile().dtype()));
        var scale = Accesses.scalar(a.scale());
        var bias = bias(a.bias(), a.x());
        code.emit(
                a.sum().isPresent()
                        ? new ScalarInstruction.ActivationReduce(
                                Accesses.of(a.to()),
                                f,
                                Accesses.of(a.x()),
                                scale,
                                bias,
                                Accesses.of(a.sum().get()))
                        : ScalarInstruction.Activation.of(Accesses.of(a.to()), f, Accesses.of(a.x()), scale, bias));
    }

    /** ScalarE takes a bias from memory only. */
    Optional<Access> bias(Operand o, TileRef x) {
        return switch (o) {
            case Operand.Immediate(var value) when value == 0 -> Optional.empty();
            case Operand.Immediate(var value) ->
                Optional.of(Accesses.of(new TileRef(
                        biases.computeIfAbsent((float) value, v -> {
                            var column =
                                    code.fresh(DType.F32, code.target().memory().partitions(), 1);
                            copies.fill(TileRef.of(column), v);
                            return column;
                        }),
                        x.startPartition(),
                        x.partitions(),
                        Affine.ZERO,
                        List.of(new Dim(1, 1)))));
            case TileRef column -> Optional.of(Accesses.column(column));
        };
    }

    /** ScalarE's table of a function. */
    static Optional<ActivationFunction> table(UnaryOp f) {
        return Optional.ofNullable(
                switch (f) {
                    case SQUARE -> ActivationFunction.SQUARE;
                    case ABS -> ActivationFunction.ABS;
                    case SIGN -> ActivationFunction.SIGN;
                    case EXP -> ActivationFunction.EXP;
                    case LOG -> ActivationFunction.LOG;
                    case SQRT -> ActivationFunction.SQRT;
                    case RSQRT -> ActivationFunction.RSQRT;
                    case SIN -> ActivationFunction.SIN;
                    case ARCTAN -> ActivationFunction.ARCTAN;
                    case TANH -> ActivationFunction.TANH;
                    case SIGMOID -> ActivationFunction.SIGMOID;
                    case ERF -> ActivationFunction.ERF;
                    case GELU -> ActivationFunction.GELU;
                    case GELU_TANH -> ActivationFunction.GELU_APPRX_TANH;
                    case SILU -> ActivationFunction.SILU;
                    case SOFTPLUS -> ActivationFunction.SOFTPLUS;
                    case MISH -> ActivationFunction.MISH;
                    default -> null;
                });
    }

    static ScalarInstruction activation(TileRef to, ActivationFunction f, TileRef x) {
        return ScalarInstruction.Activation.of(Accesses.of(to), f, Accesses.of(x), Scalar.ONE, Optional.empty());
    }
}
