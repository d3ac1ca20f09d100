package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an expression stands for while a model is elaborated. */
sealed interface Term {
    /** What the model has a name for. */
    sealed interface Named extends Term {
        String name();
    }

    /** A tensor of the model, by its name there. */
    record Flow(String name, TensorType type) implements Named {}

    /** A sequence or an optional of the model, by its name there. */
    record Structure(String name, OnnxValue value) implements Named {}

    /** A tensor of a stated type that is known; it enters the model where it is used. */
    record Constant(Tensor tensor) implements Term {}

    /** A whole number without a type yet. */
    record Whole(long value) implements Term {}

    /** A number without a type yet. */
    record Real(double value) implements Term {}

    record Truth(boolean value) implements Term {}

    record Text(String value) implements Term {}

    /** A list as it is written: a tensor where one is needed, else a list of an attribute. */
    record Items(List<Term> items) implements Term {
        boolean isWhole() {
            return items.stream().allMatch(Whole.class::isInstance);
        }

        boolean isNumbers() {
            return items.stream().allMatch(i -> i instanceof Whole || i instanceof Real);
        }
    }

    /** Several results. */
    record Several(List<Term> terms) implements Term {}

    /** What an error left unknown; nothing that depends on it is reported. */
    record Unknown() implements Term {}

    /** The element type that this term has as a tensor; numbers have none of their own. */
    default Optional<DType> dtype() {
        return switch (this) {
            case Flow(var name, var type) -> Optional.of(type.dtype());
            case Constant(var tensor) -> Optional.of(tensor.type().dtype());
            case Items items when items.isNumbers() -> Optional.of(items.isWhole() ? DType.I64 : DType.F32);
            default -> Optional.empty();
        };
    }

    /** As messages call it. */
    default String describe() {
        return switch (this) {
            case Flow(var name, var type) -> type.toString();
            case Structure(var name, var value) -> value.type().isEmpty() ? "an empty optional" : value.type();
            case Constant(var tensor) -> tensor.type().toString();
            case Whole(var value) -> Long.toString(value);
            case Real(var value) -> Double.toString(value);
            case Truth(var value) -> value ? "true" : "false";
            case Text(var value) -> "a text";
            case Items(var items) -> "a list";
            case Several(var terms) ->
                terms.size() + " results (" + terms.stream().map(Term::describe).collect(Collectors.joining(", "))
                        + ")";
            case Unknown() -> "unknown";
        };
    }
}
