package dev.systole.cli;

import dev.systole.cli.conformance.Bindable;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.TensorShapeProto.Dimension;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model as ONNX says it, with what the command line fixes. */
record BoundModel(OnnxFile onnx, Bindings bindings) {
    /** @throws FrontendException if the model is refused; the message names inputs whose values might help */
    Graph graph() {
        try {
            return OnnxImporter.read(onnx, bindings);
        } catch (FrontendException e) {
            throw hinted(e);
        }
    }

    /**
     * The graph for these inputs. A model that is refused as long as the values of inputs that decide shapes or branches are open is
     * compiled for the ones given, which is said.
     *
     * @param given inputs by name
     */
    Graph graph(Map<String, Tensor> given, PrintWriter out) {
        try {
            return OnnxImporter.read(onnx, bindings);
        } catch (FrontendException e) {
            var decided = new ArrayList<>(deciding());
            decided.retainAll(given.keySet());
            if (decided.isEmpty()) {
                throw hinted(e);
            }
            var shapes = new HashMap<>(bindings.shapes());
            var values = new HashMap<>(bindings.values());
            for (var name : decided) {
                shapes.remove(name);
                values.put(name, given.get(name));
            }
            var graph = OnnxImporter.read(onnx, new Bindings(bindings.dimensions(), shapes, values));
            out.println("  compiled for the given " + String.join(", ", decided) + ", as --bind would");
            return graph;
        }
    }

    private FrontendException hinted(FrontendException fault) {
        var names = deciding();
        if (names.isEmpty() || fault.getMessage().contains("--bind")) {
            return fault;
        }
        var options = names.stream().map(n -> "--bind " + n + "=VALUE").toList();
        return fault.with("shapes or branches depend on " + String.join(", ", names)
                + "; if that is why, make them known: " + String.join(" ", options));
    }

    /** Inputs that decide shapes or branches, and are not bound. */
    private List<String> deciding() {
        var elements = new HashMap<String, Long>();
        var names = OnnxImporter.inputs(onnx);
        for (var input : onnx.model().getGraph().getInputList()) {
            boolean isWhole = OnnxTensors.dtype(input.getType().getTensorType().getElemType())
                    .filter(d -> !d.isFloat())
                    .isPresent();
            if (isWhole && names.contains(input.getName()) && !bindings.values().containsKey(input.getName())) {
                shape(input).filter(s -> s.rank() <= 1).ifPresent(s -> elements.put(input.getName(), s.elements()));
            }
        }
        return Bindable.deciding(onnx.model(), elements).stream()
                .filter(elements::containsKey)
                .sorted()
                .toList();
    }

    private Optional<Shape> shape(ValueInfoProto input) {
        var given = Optional.ofNullable(bindings.shapes().get(input.getName()));
        var type = input.getType().getTensorType();
        if (given.isPresent() || !type.hasShape()) {
            return given;
        }
        var dims = type.getShape().getDimList();
        return dims.stream().allMatch(Dimension::hasDimValue)
                ? Optional.of(
                        Shape.of(dims.stream().mapToLong(Dimension::getDimValue).toArray()))
                : Optional.empty();
    }

    /** Operators, as the model counts them. */
    int nodes() {
        return onnx.model().getGraph().getNodeCount();
    }

    /** True if the model quantises values by what they are. */
    boolean isDynamicallyQuantised() {
        return onnx.model().getGraph().getNodeList().stream()
                .anyMatch(n -> n.getOpType().equals("DynamicQuantizeLinear"));
    }
}
