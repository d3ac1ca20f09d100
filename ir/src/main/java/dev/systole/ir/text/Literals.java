package dev.systole.ir.text;

import com.google.common.hash.Hashing;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The printed form of constants: {@code value: [1.0, 2.5]} for a few elements, {@code splat: 0.5} for equal ones, else {@code sha256:
 * 9f86d081884c7d65}, the beginning of the hash of the bytes, by which they are found again.
 */
public final class Literals {
    private static final int MOST_ELEMENTS = 8;
    private static final int MOST_DIMENSIONS = 64;
    private static final int HASH_DIGITS = 16;

    private Literals() {}

    /** Where constants that are printed as hashes come from. */
    @FunctionalInterface
    public interface Constants {
        /** The tensor of a type with a hash, if it is known. */
        Optional<Tensor> find(TensorType type, String sha256);

        /** None is known. */
        Constants NONE = (type, sha256) -> Optional.empty();
    }

    /** The beginning of the SHA-256 of a tensor's bytes, as printed. */
    public static String hash(Tensor tensor) {
        return hash(tensor.bytes());
    }

    /** The beginning of the SHA-256 of bytes, as printed. */
    public static String hash(MemorySegment bytes) {
        var hasher = Hashing.sha256().newHasher();
        long size = bytes.byteSize();
        for (long from = 0; from < size; from += 1 << 30) {
            hasher.putBytes(bytes.asSlice(from, Math.min(size - from, 1 << 30)).asByteBuffer());
        }
        return hasher.hash().toString().substring(0, HASH_DIGITS);
    }

    /** True if a tensor prints as its hash. */
    public static boolean isHashed(Tensor tensor) {
        return literal(tensor).isEmpty();
    }

    public static String print(Tensor tensor) {
        return literal(tensor).orElseGet(() -> "sha256: " + hash(tensor));
    }

    private static Optional<String> literal(Tensor tensor) {
        long n = tensor.type().shape().elements();
        var dtype = tensor.type().dtype();
        if (n <= MOST_ELEMENTS) {
            var values = new StringBuilder();
            for (long i = 0; i < n; i++) {
                if (!isExact(tensor, i)) {
                    return Optional.empty();
                }
                values.append(i == 0 ? "" : ", ").append(element(tensor, i));
            }
            return Optional.of("value: [" + values + "]");
        }
        long first = Elements.readBits(tensor.bytes(), 0, dtype);
        for (long i = 1; i < n; i++) {
            if (Elements.readBits(tensor.bytes(), i, dtype) != first) {
                return Optional.empty();
            }
        }
        return isExact(tensor, 0) ? Optional.of("splat: " + element(tensor, 0)) : Optional.empty();
    }

    /** True if an element is the one that its printed form is read as; NaNs come in many. */
    private static boolean isExact(Tensor tensor, long i) {
        var dtype = tensor.type().dtype();
        long bits = Elements.readBits(tensor.bytes(), i, dtype);
        var again = Tensor.allocate(TensorType.of(dtype, 1));
        write(again, 0, element(tensor, i));
        return Elements.readBits(again.bytes(), 0, dtype) == bits;
    }

    private static String element(Tensor tensor, long i) {
        var dtype = tensor.type().dtype();
        if (dtype == DType.F64) {
            return Double.toString(Elements.readDouble(tensor.bytes(), i, dtype));
        }
        if (dtype.isFloat()) {
            return Float.toString(Elements.readFloat(tensor.bytes(), i, dtype));
        }
        return Elements.text(Elements.readInteger(tensor.bytes(), i, dtype), dtype);
    }

    private static void write(Tensor tensor, long i, String number) {
        var dtype = tensor.type().dtype();
        if (dtype == DType.F64) {
            Elements.writeDouble(tensor.bytes(), i, dtype, Double.parseDouble(number));
        } else if (dtype.isFloat()) {
            Elements.writeFloat(tensor.bytes(), i, dtype, Float.parseFloat(number));
        } else {
            long value = dtype == DType.U64 ? Long.parseUnsignedLong(number) : Long.parseLong(number);
            Elements.writeInteger(tensor.bytes(), i, dtype, value);
            if (Elements.readInteger(tensor.bytes(), i, dtype) != value) {
                throw new NumberFormatException(number);
            }
        }
    }

    /**
     * A constant of a type.
     *
     * @throws TextException if the text is no literal of the type, or a hash of nothing known
     */
    public static Tensor parse(Scanner s, TensorType type, Constants constants) {
        if (s.acceptWord("sha256")) {
            s.expect(":");
            int place = s.mark();
            var hash = s.word("a hash");
            return constants
                    .find(type, hash)
                    .orElseThrow(() -> s.fault(
                            "no known constant of type " + type + " has this hash; name the model or program that the"
                                    + " text was made from",
                            place));
        }
        boolean splat = s.acceptWord("splat");
        if (!splat) {
            s.expectWord("value");
        }
        s.expect(":");
        long n = type.shape().elements();
        if (splat && n == 0) {
            throw s.fault(type + " has no elements to be equal; its literal is value: []");
        }
        if (!splat && n > MOST_ELEMENTS) {
            throw s.fault("values are listed for at most " + MOST_ELEMENTS + " elements, " + type + " has " + n);
        }
        var tensor = allocate(s, type);
        if (splat) {
            element(s, tensor, 0);
            for (long i = 1; i < n; i++) {
                Elements.writeBits(tensor.bytes(), i, type.dtype(), Elements.readBits(tensor.bytes(), 0, type.dtype()));
            }
            return tensor;
        }
        s.expect("[");
        for (long i = 0; i < n; i++) {
            if (i > 0) {
                s.expect(",");
            }
            element(s, tensor, i);
        }
        s.expect("]");
        return tensor;
    }

    private static Tensor allocate(Scanner s, TensorType type) {
        if (type.shape().elements() > 1L << 28) {
            throw s.fault("a constant of type " + type + " is too large to be written out");
        }
        return Tensor.allocate(type);
    }

    private static void element(Scanner s, Tensor tensor, long i) {
        int place = s.mark();
        try {
            write(tensor, i, s.number("an element"));
        } catch (NumberFormatException e) {
            throw s.fault("expected an element of type " + tensor.type().dtype(), place);
        }
    }

    /** A type as it is printed, {@code f32[1,128]}. */
    public static TensorType type(Scanner s) {
        int place = s.mark();
        var dtype = dtype(s);
        var dims = s.integers("an extent");
        if (dims.size() > MOST_DIMENSIONS) {
            throw s.fault("a type has at most " + MOST_DIMENSIONS + " dimensions, not " + dims.size(), place);
        }
        try {
            var type = new TensorType(dtype, Shape.of(dims));
            type.bytes();
            return type;
        } catch (IllegalArgumentException e) {
            throw s.fault(e.getMessage(), place);
        } catch (ArithmeticException e) {
            throw s.fault("a tensor has fewer than 2^63 bytes", place);
        }
    }

    /** An element type as it is printed. */
    public static DType dtype(Scanner s) {
        int place = s.mark();
        return DType.parse(s.word("an element type"))
                .orElseThrow(() -> s.fault("there is no element type like this", place));
    }
}
