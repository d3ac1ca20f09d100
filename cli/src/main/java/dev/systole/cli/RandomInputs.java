package dev.systole.cli;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Inputs for models of which nothing is known: floats in [-1, 1), integers 0 or 1. */
final class RandomInputs {
    private RandomInputs() {}

    static Map<String, Tensor> of(Graph graph, Random random) {
        var values = new LinkedHashMap<String, Tensor>();
        for (var p : graph.inputs()) {
            var tensor = Tensor.allocate(p.value().type());
            var dtype = tensor.type().dtype();
            for (long i = 0; i < tensor.type().shape().elements(); i++) {
                if (dtype.isFloat()) {
                    Elements.writeFloat(tensor.bytes(), i, dtype, random.nextFloat() * 2 - 1);
                } else {
                    Elements.writeInteger(tensor.bytes(), i, dtype, random.nextInt(2));
                }
            }
            values.put(p.name(), tensor);
        }
        return values;
    }
}
