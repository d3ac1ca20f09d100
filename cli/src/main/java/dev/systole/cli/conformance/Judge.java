package dev.systole.cli.conformance;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.util.Optional;

/**
 * The ONNX project's tolerance for its backend tests: 1e-3 of the expected value plus 1e-7 for floats, one unit in the last place for floats of
 * 8 bits and less, equality for the rest.
 */
final class Judge {
    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-7;

    private Judge() {}

    /** What is wrong with a result; nothing if it is right. */
    static Optional<String> fault(Tensor actual, Tensor expected) {
        if (!actual.type().equals(expected.type())) {
            return Optional.of("is " + actual.type() + ", not " + expected.type());
        }
        var dtype = actual.type().dtype();
        long wrong = 0;
        long first = -1;
        long n = actual.type().shape().elements();
        for (long i = 0; i < n; i++) {
            if (!agrees(actual, expected, i, dtype)) {
                wrong++;
                first = first < 0 ? i : first;
            }
        }
        return wrong == 0
                ? Optional.empty()
                : Optional.of("%d of %d elements are wrong; element %d is %s, not %s"
                        .formatted(wrong, n, first, text(actual, first), text(expected, first)));
    }

    private static boolean agrees(Tensor actual, Tensor expected, long i, DType dtype) {
        if (!dtype.isFloat()) {
            return Elements.readInteger(actual.bytes(), i, dtype) == Elements.readInteger(expected.bytes(), i, dtype);
        }
        double x = Elements.readDouble(actual.bytes(), i, dtype);
        double y = Elements.readDouble(expected.bytes(), i, dtype);
        if (x == y || Double.isNaN(x) && Double.isNaN(y)) {
            return true;
        }
        if (dtype.bits() > 8) {
            return Math.abs(x - y) <= ABSOLUTE + RELATIVE * Math.abs(y);
        }
        int sign = 1 << (dtype.bits() - 1);
        long a = Elements.readBits(actual.bytes(), i, dtype);
        long b = Elements.readBits(expected.bytes(), i, dtype);
        return (a & sign) == (b & sign) && Math.abs(a - b) <= 1;
    }

    private static String text(Tensor t, long i) {
        var dtype = t.type().dtype();
        return dtype.isFloat()
                ? Double.toString(Elements.readDouble(t.bytes(), i, dtype))
                : Long.toString(Elements.readInteger(t.bytes(), i, dtype));
    }
}
