package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** SignalWindows and filter banks: constants that a few numbers decide. */
final class SignalWindows {
    private static final long MOST_ELEMENTS = 1 << 26;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "HannWindow", n -> window(n, turn -> 0.5 - 0.5 * Math.cos(turn)),
            "HammingWindow", n -> window(n, turn -> 25.0 / 46 - 21.0 / 46 * Math.cos(turn)),
            "BlackmanWindow", n -> window(n, turn -> 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn)),
            "MelWeightMatrix", SignalWindows::melWeights);

    private SignalWindows() {}

    /** @param shape of the window over one turn, 0 to 2π */
    private static List<Value> window(OnnxNode n, DoubleUnaryOperator shape) {
        long size = n.whole(0);
        requireBounded(n, size, 1);
        double turn = n.attributes().flag("periodic") ? size : size - 1;
        var result = result(n, Shape.of(size));
        for (long i = 0; i < size; i++) {
            write(result, i, size == 1 ? shape.applyAsDouble(Math.PI) : shape.applyAsDouble(2 * Math.PI * i / turn));
        }
        return List.of(n.constant(result));
    }

    private static void requireBounded(OnnxNode n, long rows, long columns) {
        if (rows < 0 || columns < 0 || columns > 0 && rows > MOST_ELEMENTS / columns) {
            throw n.fault(
                    "gives " + rows + " times " + columns + " elements; 0 to " + MOST_ELEMENTS + " are supported");
        }
    }

    private static Tensor result(OnnxNode n, Shape shape) {
        long number = n.attributes().integer("output_datatype");
        var dtype = OnnxTensors.dtype((int) Math.clamp(number, 0, Integer.MAX_VALUE))
                .filter(t -> t != DType.BOOL && t.bits() >= 8)
                .orElseThrow(() -> n.fault("output_datatype is " + number + ", which is no number type"));
        return Tensor.allocate(new TensorType(dtype, shape));
    }

    private static void write(Tensor tensor, long i, double value) {
        var dtype = tensor.type().dtype();
        if (dtype.isFloat()) {
            Elements.writeDouble(tensor.bytes(), i, dtype, value);
        } else {
            Elements.writeInteger(tensor.bytes(), i, dtype, (long) value);
        }
    }

    /** Triangles over the bins of a spectrum, whose corners are evenly spaced on the mel scale. */
    private static List<Value> melWeights(OnnxNode n) {
        long bands = n.whole(0);
        long length = n.whole(1);
        long rate = n.whole(2);
        requireBounded(n, length / 2 + 1, bands);
        if (length < 1 || rate < 1) {
            throw n.fault("takes the spectrum of " + length + " samples at " + rate + " a second; both are positive");
        }
        long bins = length / 2 + 1;
        var corners = corners(n, Math.toIntExact(bands), length, rate, bins);
        var result = result(n, Shape.of(bins, bands));
        for (int band = 0; band < bands; band++) {
            long low = corners[band];
            long peak = corners[band + 1];
            long high = corners[band + 2];
            if (low == peak) {
                write(result, peak * bands + band, 1);
            }
            for (long bin = low; bin < high; bin++) {
                double weight =
                        bin < peak ? (double) (bin - low) / (peak - low) : (double) (high - bin) / (high - peak);
                write(result, bin * bands + band, weight);
            }
            if (peak == high && low < peak) {
                write(result, peak * bands + band, 1);
            }
        }
        return List.of(n.constant(result));
    }

    /** The bins at which the triangles begin, peak and end. */
    private static long[] corners(OnnxNode n, int bands, long length, long rate, long bins) {
        double low = mel(n.number(3));
        double step = (mel(n.number(4)) - low) / (bands + 2);
        var corners = IntStream.range(0, bands + 2)
                .mapToDouble(i -> Math.floor((length + 1) * hertz(low + i * step) / rate))
                .toArray();
        if (!Arrays.stream(corners).allMatch(c -> c >= 0 && c < bins) || step < 0) {
            throw n.fault("frequencies %s to %s are not within 0 and half of the %d samples a second"
                    .formatted(n.number(3), n.number(4), rate));
        }
        return Arrays.stream(corners).mapToLong(c -> (long) c).toArray();
    }

    private static double mel(double hertz) {
        return 2595 * Math.log1p(hertz / 700) / Math.log(10);
    }

    private static double hertz(double mel) {
        return 700 * Math.expm1(mel / 2595 * Math.log(10));
    }
}
