package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.number.Elements;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.TileInterpreter;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** What levels compute, so that a pass can be held to not changing it. */
final class Meanings {
    /** What rounding in fp32 may make of a sum, relative to the largest magnitude of an output. */
    static final double RELATIVE = 2e-5;

    private Meanings() {}

    /** Types of a level's inputs, if it is one that has an interpreter. */
    static Optional<List<TensorType>> inputs(Level level) {
        return switch (level) {
            case Level.OfGraph(var graph) ->
                Optional.of(graph.inputs().stream().map(p -> p.value().type()).toList());
            case Level.OfTiles(var tiles) -> {
                var types = new TreeMap<Integer, TensorType>();
                for (var b : tiles.buffers()) {
                    if (b.role() instanceof Buffer.Role.Input(var at, var type)) {
                        types.put(at, type);
                    }
                }
                yield Optional.of(List.copyOf(types.values()));
            }
            default -> Optional.empty();
        };
    }

    /** Floats in [-2, 2), integers 0, 1 or 2, booleans. */
    static List<Tensor> random(List<TensorType> types, Random random) {
        var tensors = new ArrayList<Tensor>();
        for (var type : types) {
            var t = Tensor.allocate(type);
            for (long i = 0; i < type.shape().elements(); i++) {
                if (type.dtype().isFloat()) {
                    Elements.writeFloat(t.bytes(), i, type.dtype(), random.nextFloat() * 4 - 2);
                } else {
                    Elements.writeInteger(
                            t.bytes(), i, type.dtype(), random.nextInt(type.dtype() == DType.BOOL ? 2 : 3));
                }
            }
            tensors.add(t);
        }
        return tensors;
    }

    /** Outputs as one dimension of values each. */
    static List<double[]> run(Level level, List<Tensor> inputs) {
        return switch (level) {
            case Level.OfGraph(var graph) -> run(graph, inputs);
            case Level.OfTiles(var tiles) -> run(tiles, inputs);
            default -> throw new IllegalArgumentException(level.name() + " has no interpreter");
        };
    }

    static List<double[]> run(Graph graph, List<Tensor> inputs) {
        return GraphInterpreter.run(graph, inputs).stream()
                .map(Meanings::values)
                .toList();
    }

    static List<double[]> run(TileProgram tiles, List<Tensor> inputs) {
        var carried = inputs.stream().map(Meanings::carried).toList();
        return TileInterpreter.run(tiles, carried).stream()
                .map(Meanings::values)
                .toList();
    }

    private static Tensor carried(Tensor t) {
        var to = t.type().dtype().carrier();
        if (to == t.type().dtype()) {
            return t;
        }
        var result = Tensor.allocate(t.type().with(to));
        for (long i = 0; i < t.type().shape().elements(); i++) {
            if (to.isFloat()) {
                Elements.writeFloat(
                        result.bytes(),
                        i,
                        to,
                        Elements.readFloat(t.bytes(), i, t.type().dtype()));
            } else {
                Elements.writeInteger(
                        result.bytes(),
                        i,
                        to,
                        Elements.readInteger(t.bytes(), i, t.type().dtype()));
            }
        }
        return result;
    }

    static double[] values(Tensor t) {
        var values = new double[(int) t.type().shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Elements.readDouble(t.bytes(), i, t.type().dtype());
        }
        return values;
    }

    /** Fails unless both are equal but for fp32 rounding. */
    static void assertClose(String what, List<double[]> actual, List<double[]> expected) {
        assertClose(what, actual, expected, RELATIVE);
    }

    /** Fails if a difference is more than {@code relative} times the largest magnitude of the output. */
    static void assertClose(String what, List<double[]> actual, List<double[]> expected, double relative) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int o = 0; o < expected.size(); o++) {
            double largest = 1e-6;
            for (double x : expected.get(o)) {
                largest = Math.max(largest, Double.isFinite(x) ? Math.abs(x) : 0);
            }
            assertThat(actual.get(o)).as(what).hasSameSizeAs(expected.get(o));
            for (int i = 0; i < expected.get(o).length; i++) {
                double x = actual.get(o)[i];
                double y = expected.get(o)[i];
                boolean close = x == y || Double.isNaN(x) && Double.isNaN(y) || Math.abs(x - y) <= relative * largest;
                assertThat(close)
                        .as("%s: output %d, element %d: %s, not %s", what, o, i, x, y)
                        .isTrue();
            }
        }
    }
}
