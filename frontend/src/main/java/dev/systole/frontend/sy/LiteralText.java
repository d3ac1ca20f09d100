package dev.systole.frontend.sy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Known tensors as the language writes them. */
final class LiteralText {
    private static final String INFINITY = "1.0 / 0.0";
    private static final String NAN = "0.0 / 0.0";

    private LiteralText() {}

    /** A scalar or a list of a type, as in {@code f32([1.0, 2.0])}; empty for other shapes and what numbers do not give exactly. */
    static Optional<String> of(Tensor tensor) {
        var shape = tensor.type().shape();
        return shape.rank() > 1
                ? Optional.empty()
                : numbers(tensor)
                        .map(n -> tensor.type().dtype() + "("
                                + (shape.rank() == 0 ? n.getFirst() : "[" + String.join(", ", n) + "]") + ")");
    }

    /** The elements, row-major; empty if one of them is not given exactly by a number. */
    static Optional<List<String>> numbers(Tensor tensor) {
        var numbers = new ArrayList<String>();
        for (long i = 0; i < tensor.type().shape().elements(); i++) {
            var number = number(tensor, i);
            if (number.isEmpty()) {
                return Optional.empty();
            }
            numbers.add(number.get());
        }
        return Optional.of(numbers);
    }

    private static Optional<String> number(Tensor tensor, long i) {
        var dtype = tensor.type().dtype();
        var text = dtype.isFloat()
                ? real(Elements.readDouble(tensor.bytes(), i, dtype), dtype)
                : Long.toString(Elements.readInteger(tensor.bytes(), i, dtype));
        var term = dtype.isFloat() ? new Term.Real(value(text)) : new Term.Whole(Long.parseLong(text));
        try {
            var again = Literals.scalar(dtype, term);
            boolean same = Elements.readBits(again.bytes(), 0, dtype) == Elements.readBits(tensor.bytes(), i, dtype);
            return same ? Optional.of(text) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The shortest decimal number that is this one in its type. */
    static String real(double value, DType dtype) {
        if (Double.isNaN(value)) {
            return NAN;
        }
        if (Double.isInfinite(value)) {
            return value < 0 ? "-" + INFINITY : INFINITY;
        }
        var text = Float.toString((float) value);
        boolean exact = dtype != DType.F64 && (float) Double.parseDouble(text) == (float) value;
        return (exact ? text : Double.toString(value)).replace('E', 'e');
    }

    private static double value(String text) {
        return switch (text) {
            case INFINITY -> Double.POSITIVE_INFINITY;
            case "-" + INFINITY -> Double.NEGATIVE_INFINITY;
            case NAN -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }
}
