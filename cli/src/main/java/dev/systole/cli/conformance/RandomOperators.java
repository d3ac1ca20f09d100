package dev.systole.cli.conformance;

import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import java.util.Optional;
import java.util.Set;

/** Results of random operators have no values to expect: their shape, type, range and distribution are checked. */
final class RandomOperators {
    private static final Set<String> OPERATORS = Set.of(
            "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial");

    /** Standard deviations of the mean that are too far. */
    private static final double FAR = 6;

    private RandomOperators() {}

    /** True if the model's results are random. */
    static boolean isRandom(GraphProto graph) {
        return graph.getNodeList().stream().anyMatch(n -> OPERATORS.contains(n.getOpType()));
    }

    /**
     * What is wrong with a result: its type, its range, or a mean that is far from that of what was expected, of which only the mean and
     * the spread are looked at.
     */
    static Optional<String> fault(GraphProto graph, Tensor actual, Tensor expected) {
        if (!actual.type().equals(expected.type())) {
            return Optional.of("is " + actual.type() + ", not " + expected.type());
        }
        boolean binary =
                graph.getNodeList().stream().anyMatch(n -> n.getOpType().equals("Bernoulli"));
        var dtype = actual.type().dtype();
        long n = actual.type().shape().elements();
        double[] mean = new double[2];
        double[] square = new double[2];
        for (long i = 0; i < n; i++) {
            double x = Elements.readDouble(actual.bytes(), i, dtype);
            if (!Double.isFinite(x) || binary && x != 0 && x != 1) {
                return Optional.of("holds " + x);
            }
            double y = Elements.readDouble(expected.bytes(), i, dtype);
            mean[0] += x / n;
            mean[1] += y / n;
            square[0] += x * x / n;
            square[1] += y * y / n;
        }
        double spread = Math.sqrt(Math.max(0, square[0] - mean[0] * mean[0]))
                + Math.sqrt(Math.max(0, square[1] - mean[1] * mean[1]));
        return Math.abs(mean[0] - mean[1]) > FAR * spread / Math.sqrt(n) + 1e-6
                ? Optional.of("has a mean of %f, where %f is expected".formatted(mean[0], mean[1]))
                : Optional.empty();
    }
}
