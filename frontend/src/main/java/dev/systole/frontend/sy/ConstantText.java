package dev.systole.frontend.sy;

import dev.systole.frontend.array.SafeTensors;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Known tensors of a model in its text: small ones where they are used, others as parameters, which a file of weights holds. Mutable. */
final class ConstantText {
    private static final int MOST_INTEGERS = 16;

    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    private final List<String> statements = new ArrayList<>();

    /** An expression of its own type; empty if the tensor is better a parameter. */
    static Optional<String> literal(Tensor tensor) {
        var type = tensor.type();
        boolean small = type.shape().rank() < 2
                && type.shape().elements() <= (type.dtype().isFloat() ? 1 : MOST_INTEGERS);
        boolean plain = type.shape().rank() == 1 && type.dtype() == DType.I64;
        return !small
                ? Optional.empty()
                : plain
                        ? LiteralText.numbers(tensor).map(n -> "[" + String.join(", ", n) + "]")
                        : LiteralText.of(tensor);
    }

    /** A scalar as a number that takes its type from the tensor beside it. */
    static Optional<String> number(Tensor tensor) {
        return tensor.type().shape().rank() == 0 && tensor.type().dtype() != DType.BOOL
                ? LiteralText.numbers(tensor).map(List::getFirst).filter(n -> !n.contains("/"))
                : Optional.empty();
    }

    /** Declares a parameter. */
    void parameter(String name, Tensor tensor) {
        var head = "param " + name + ": " + type(tensor);
        if (SafeTensors.holds(tensor.type())) {
            weights.put(name, tensor);
            statements.add(head);
        } else {
            var numbers = LiteralText.numbers(tensor)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "\"" + name + "\" of type " + tensor.type() + " can be written nowhere"));
            statements.add(head + " = values([" + String.join(", ", numbers) + "])");
        }
    }

    private static String type(Tensor tensor) {
        return tensor.type().toString().replace(",", ", ");
    }

    /** The statements that declare what was not declared yet. */
    List<String> take() {
        var taken = List.copyOf(statements);
        statements.clear();
        return taken;
    }

    Map<String, Tensor> weights() {
        return weights;
    }
}
