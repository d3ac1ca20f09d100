package dev.systole.trainium.codegen;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.ReduceCommand;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.Optional;

/**
 * The instruction by which VectorE does what ScalarE was given to do. Selection gives ScalarE whatever both can do, as ScalarE needs more for
 * it (a bias is a column, a sum has its summands); whoever orders the instructions decides.
 */
public final class OtherEngine {
    private OtherEngine() {}

    /**
     * The same on VectorE, if it has an instruction for it.
     *
     * @param resultIsRead false if nothing reads what the instruction writes beside a sum
     */
    public static Optional<Instruction> of(Instruction instruction, boolean resultIsRead) {
        return switch (instruction) {
            case VectorInstruction.TensorCopy(var engine, var to, var from)
            when engine == Engine.SCALAR -> Optional.of(new VectorInstruction.TensorCopy(Engine.VECTOR, to, from));
            case ScalarInstruction.Activation a when a.command() == ReduceCommand.IDLE -> of(a);
            case ScalarInstruction.ActivationReduce a
            when !resultIsRead
                    && a.function() == ActivationFunction.COPY
                    && a.scale().equals(Scalar.ONE)
                    && a.bias().isEmpty() ->
                Optional.of(
                        a.data().dims().isEmpty()
                                ? new VectorInstruction.TensorCopy(Engine.VECTOR, a.reduceTo(), a.data())
                                : new VectorInstruction.TensorReduce(
                                        a.reduceTo(),
                                        AluOp.ADD,
                                        a.data(),
                                        a.data().dims().size(),
                                        false));
            default -> Optional.empty();
        };
    }

    private static Optional<Instruction> of(ScalarInstruction.Activation a) {
        boolean isScaled = !a.scale().equals(Scalar.ONE);
        return switch (a.function()) {
            case COPY -> {
                if (isScaled) {
                    yield Optional.of(
                            a.bias().isPresent()
                                    ? linear(
                                            a,
                                            AluOp.MULTIPLY,
                                            a.scale(),
                                            AluOp.ADD,
                                            new Scalar.Column(a.bias().get()))
                                    : linear(a, AluOp.MULTIPLY, a.scale(), AluOp.BYPASS, Scalar.ZERO));
                }
                yield Optional.of(a.bias()
                        .<Instruction>map(b -> linear(a, AluOp.ADD, new Scalar.Column(b), AluOp.BYPASS, Scalar.ZERO))
                        .orElse(new VectorInstruction.TensorCopy(Engine.VECTOR, a.to(), a.data())));
            }
            case RELU ->
                isScaled
                        ? Optional.empty()
                        : Optional.of(a.bias()
                                .map(b -> linear(a, AluOp.ADD, new Scalar.Column(b), AluOp.MAXIMUM, Scalar.ZERO))
                                .orElse(linear(a, AluOp.MAXIMUM, Scalar.ZERO, AluOp.BYPASS, Scalar.ZERO)));
            case SQUARE ->
                isScaled || a.bias().isPresent() || a.data().memory() == Memory.PSUM
                        ? Optional.empty()
                        : Optional.of(new VectorInstruction.TensorTensor(
                                Engine.VECTOR, a.to(), a.data(), AluOp.MULTIPLY, a.data()));
            default -> Optional.empty();
        };
    }

    private static Instruction linear(ScalarInstruction.Activation a, AluOp op0, Scalar x, AluOp op1, Scalar y) {
        return new VectorInstruction.TensorScalar(Engine.VECTOR, a.to(), a.data(), op0, x, false, op1, y, false);
    }
}
