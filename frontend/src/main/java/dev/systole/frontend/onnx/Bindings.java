package dev.systole.frontend.onnx;

import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.Map;

/**
 * What is fixed when a model is compiled. A shape that is given for an input wins over dimensions by name.
 *
 * @param dimensions extents of symbolic dimensions by name
 * @param shapes of inputs by name
 * @param values of inputs by name that become constants
 */
public record Bindings(Map<String, Long> dimensions, Map<String, Shape> shapes, Map<String, Tensor> values) {
    /** Nothing is fixed. */
    public static final Bindings NONE = new Bindings(Map.of(), Map.of(), Map.of());

    public Bindings {
        dimensions = Map.copyOf(dimensions);
        shapes = Map.copyOf(shapes);
        values = Map.copyOf(values);
    }
}
