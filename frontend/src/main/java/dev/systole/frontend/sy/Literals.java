package dev.systole.frontend.sy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.List;

/** Numbers of no type yet as elements of tensors. */
final class Literals {
    private Literals() {}

    /** @throws IllegalArgumentException if the type cannot hold the number */
    static Tensor scalar(DType dtype, Term number) {
        return write(TensorType.of(dtype), List.of(number));
    }

    /** @throws IllegalArgumentException if the type cannot hold a number, or something is no number */
    static Tensor vector(DType dtype, List<Term> numbers) {
        return write(TensorType.of(dtype, numbers.size()), numbers);
    }

    /** @throws IllegalArgumentException if there are not as many as the type has elements, or the type cannot hold them */
    static Tensor write(TensorType type, List<Term> numbers) {
        if (numbers.size() != type.shape().elements()) {
            throw new IllegalArgumentException(
                    type + " has " + type.shape().elements() + " elements; " + numbers.size() + " are given");
        }
        var tensor = Tensor.allocate(type);
        for (int i = 0; i < numbers.size(); i++) {
            write(tensor, i, numbers.get(i));
        }
        return tensor;
    }

    /** Makes every element the same number. */
    static Tensor filled(TensorType type, Term number) {
        var one = scalar(type.dtype(), number);
        long bits = Elements.readBits(one.bytes(), 0, type.dtype());
        var tensor = Tensor.allocate(type);
        for (long i = 0; bits != 0 && i < type.shape().elements(); i++) {
            Elements.writeBits(tensor.bytes(), i, type.dtype(), bits);
        }
        return tensor;
    }

    private static void write(Tensor tensor, long i, Term number) {
        var dtype = tensor.type().dtype();
        switch (number) {
            case Term.Truth(var value)
            when dtype == DType.BOOL -> Elements.writeInteger(tensor.bytes(), i, dtype, value ? 1 : 0);
            case Term.Whole(var value)
            when !dtype.isFloat() -> {
                Elements.writeInteger(tensor.bytes(), i, dtype, value);
                boolean held = dtype == DType.BOOL
                        ? value == 0 || value == 1
                        : Elements.readInteger(tensor.bytes(), i, dtype) == value && (value >= 0 || dtype.isSigned());
                require(held, number, dtype);
            }
            case Term.Whole(var value) -> write(tensor, i, number, (double) value);
            case Term.Real(var value) when dtype.isFloat() -> write(tensor, i, number, value);
            default -> require(false, number, dtype);
        }
    }

    private static void write(Tensor tensor, long i, Term number, double value) {
        var dtype = tensor.type().dtype();
        Elements.writeDouble(tensor.bytes(), i, dtype, Double.isNaN(value) ? Double.NaN : value);
        double held = Elements.readDouble(tensor.bytes(), i, dtype);
        require(Double.isNaN(value) || Double.isInfinite(value) || Double.isFinite(held), number, dtype);
    }

    private static void require(boolean held, Term number, DType dtype) {
        if (!held) {
            throw new IllegalArgumentException(number.describe() + " is no " + dtype);
        }
    }
}
