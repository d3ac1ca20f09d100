package dev.systole.cli;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import java.util.Locale;

/**
 * How far one tensor is from another.
 *
 * @param sameType false if shapes or element types differ; the rest is then meaningless
 * @param maxAbsolute largest difference
 * @param maxRelative largest difference as a share of the reference element, where that is not tiny
 * @param cosine of the angle between the two as vectors; 1 if both are zero
 * @param largest finite magnitude of the reference
 * @param worst position of the largest difference; "none" in a tensor without elements
 */
record Comparison(
        boolean sameType, double maxAbsolute, double maxRelative, double cosine, double largest, String worst) {
    /** Reference elements below this share of the largest one do not count for the relative error. */
    private static final double TINY = 1e-3;

    /** When a result is good enough. */
    enum Tolerance {
        /** Difference at most 1e-4 of the largest magnitude or of 1, cosine at least 0.99999. */
        FP32,
        /** Cosine at least 0.999, for narrower products and results, and dynamically quantised models. */
        NARROW,
        /** Equal bits. */
        EXACT
    }

    static Comparison of(Tensor got, Tensor reference) {
        if (!got.type().equals(reference.type())) {
            return new Comparison(
                    false, Double.NaN, Double.NaN, Double.NaN, 0, got.type() + ", not " + reference.type());
        }
        var dtype = got.type().dtype();
        long n = got.type().shape().elements();
        double largest = 0;
        for (long i = 0; i < n; i++) {
            double magnitude = Math.abs(Elements.readDouble(reference.bytes(), i, dtype));
            largest = Double.isFinite(magnitude) ? Math.max(largest, magnitude) : largest;
        }
        double maxAbsolute = 0;
        double maxRelative = 0;
        double dot = 0;
        double squares = 0;
        double referenceSquares = 0;
        long worst = 0;
        for (long i = 0; i < n; i++) {
            double x = Elements.readDouble(got.bytes(), i, dtype);
            double y = Elements.readDouble(reference.bytes(), i, dtype);
            if (Double.isNaN(x) && Double.isNaN(y) || x == y) {
                x = Double.isFinite(y) ? y : 0;
                y = x;
            }
            double difference = Math.abs(x - y);
            if (!(difference <= maxAbsolute)) {
                maxAbsolute = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
                worst = i;
            }
            if (Math.abs(y) > TINY * largest) {
                maxRelative = Math.max(maxRelative, difference / Math.abs(y));
            }
            dot += x * y;
            squares += x * x;
            referenceSquares += y * y;
        }
        double norm = Math.sqrt(squares) * Math.sqrt(referenceSquares);
        double cosine = squares == 0 && referenceSquares == 0 ? 1 : dot / norm;
        return new Comparison(true, maxAbsolute, maxRelative, cosine, largest, position(worst, reference));
    }

    private static String position(long element, Tensor t) {
        if (t.type().shape().elements() == 0) {
            return "none";
        }
        var strides = t.type().shape().strides();
        var text = new StringBuilder("[");
        for (int d = 0; d < strides.length; d++) {
            text.append(d == 0 ? "" : ",")
                    .append(element / strides[d] % t.type().shape().dim(d));
        }
        return text.append("]").toString();
    }

    boolean passes(Tolerance tolerance) {
        return sameType
                && switch (tolerance) {
                    case FP32 -> maxAbsolute <= 1e-4 * Math.max(1, largest) && cosine >= 0.99999;
                    case NARROW -> cosine >= 0.999;
                    case EXACT -> maxAbsolute == 0;
                };
    }

    /** The header of {@link #row}. */
    static String header() {
        return "%-20s %-14s %-12s %-10s %-10s %-10s %s"
                .formatted("output", "shape", "against", "max abs", "max rel", "cosine", "worst at");
    }

    String row(String output, Tensor got, String against, Tolerance tolerance) {
        var shape = got.type().shape().toString().replace(',', 'x');
        return String.format(
                        Locale.ROOT,
                        "%-20s %-14s %-12s %-10.1e %-10.1e %-10.6f %s",
                        output,
                        shape.isEmpty() ? "scalar" : shape,
                        against,
                        maxAbsolute,
                        maxRelative,
                        cosine,
                        worst)
                + (passes(tolerance) ? "  ok" : "  FAILED");
    }
}
