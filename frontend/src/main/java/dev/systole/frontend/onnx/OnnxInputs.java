package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.FileFaults.oneLine;
import static dev.systole.frontend.onnx.FileFaults.quoted;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.TensorShapeProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the inputs of a model are: their element types, their extents as declared or given, and values that are bound. */
final class OnnxInputs {
    private final GraphProto graph;
    private final Bindings bindings;
    private final FileFaults faults;
    private final GraphBuilder builder;
    private final NodeImporter nodes;
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();

    OnnxInputs(GraphProto graph, Bindings bindings, FileFaults faults, GraphBuilder builder, NodeImporter nodes) {
        this.graph = graph;
        this.bindings = bindings;
        this.faults = faults;
        this.builder = builder;
        this.nodes = nodes;
        graph.getInitializerList().forEach(t -> initializers.put(t.getName(), t));
    }

    /**
     * Checks that everything that is bound is an input.
     *
     * @param names of the inputs that the model takes
     */
    void requireKnown(List<String> names) {
        var given = new LinkedHashSet<>(bindings.shapes().keySet());
        given.addAll(bindings.values().keySet());
        for (var name : given) {
            if (!names.contains(name) && !isElement(name)) {
                throw faults.of(
                        "SYS1206",
                        "there is no input " + quoted(name) + "; the inputs are " + oneLine(String.join(", ", names)));
            }
        }
    }

    /** True for the name of a tensor of a sequence that is an input, if all before it are bound, too. */
    private boolean isElement(String name) {
        return graph.getInputList().stream()
                .filter(i -> i.getType().hasSequenceType() || i.getType().hasOptionalType())
                .anyMatch(i -> elements(i.getName()).contains(name));
    }

    /** The names of the tensors of a sequence: those that are bound. */
    private List<String> elements(String sequence) {
        return IntStream.iterate(0, i -> isBound(OnnxImporter.element(sequence, i)), i -> i + 1)
                .mapToObj(i -> OnnxImporter.element(sequence, i))
                .toList();
    }

    private boolean isBound(String name) {
        return bindings.shapes().containsKey(name) || bindings.values().containsKey(name);
    }

    /** Gives every input its meaning: a value of the graph, what is bound, or the tensors of a sequence. */
    void define() {
        var unbound = new ArrayList<String>();
        for (var input : graph.getInputList()) {
            var name = input.getName();
            if (initializers.containsKey(name)) {
                requireDeclared(input, initializers.get(name));
                continue;
            }
            input(input, unbound).ifPresent(v -> nodes.define(name, v));
        }
        if (!unbound.isEmpty()) {
            throw faults.of("SYS1203", String.join("\n  ", unbound));
        }
        requireKnownDimensions();
    }

    private void requireKnownDimensions() {
        var names = graph.getInputList().stream()
                .flatMap(i -> i.getType().getTensorType().getShape().getDimList().stream())
                .map(TensorShapeProto.Dimension::getDimParam)
                .filter(n -> !n.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (var name : bindings.dimensions().keySet()) {
            if (!names.contains(name)) {
                throw faults.of(
                        "SYS1206",
                        "no input has a dimension " + quoted(name)
                                + (names.isEmpty() ? "" : "; there are " + oneLine(String.join(", ", names))));
            }
        }
    }

    private TensorType type(String name, DType dtype, List<Long> dims) {
        if (dims.size() > OnnxTensors.MOST_DIMENSIONS) {
            throw faults.of(
                    "SYS1203",
                    "input %s has %d dimensions; up to %d are supported"
                            .formatted(quoted(name), dims.size(), OnnxTensors.MOST_DIMENSIONS));
        }
        try {
            var type = new TensorType(dtype, Shape.of(dims));
            type.bytes();
            return type;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw faults.of(
                    "SYS1203", "input " + quoted(name) + " would be " + dtype + dims + ", more than 2^63 bytes");
        }
    }

    private void requireDeclared(ValueInfoProto input, TensorProto initializer) {
        var declared = input.getType().getTensorType();
        if (declared.getElemType() != 0 && declared.getElemType() != initializer.getDataType()) {
            throw faults.of(
                    "SYS1207",
                    "initializer %s has element type %d, the model declares %d"
                            .formatted(
                                    quoted(initializer.getName()), initializer.getDataType(), declared.getElemType()));
        }
    }

    /**
     * What an input stands for. A sequence holds the tensors that are bound, an optional what is bound for its content.
     *
     * @return nothing if a tensor's shape is not known, which is noted
     */
    private Optional<OnnxValue> input(ValueInfoProto input, List<String> unbound) {
        var type = input.getType();
        var name = input.getName();
        if (type.hasSequenceType()) {
            var dtype = dtype(input, type.getSequenceType().getElemType());
            var tensors = elements(name).stream()
                    .flatMap(e -> tensor(named(e, type.getSequenceType().getElemType()), unbound).stream())
                    .toList();
            return Optional.of(new OnnxValue.OfSequence(dtype, tensors));
        }
        if (type.hasOptionalType()) {
            var content = named(name, type.getOptionalType().getElemType());
            var inner = content.getType();
            dtype(input, inner.hasSequenceType() ? inner.getSequenceType().getElemType() : inner);
            boolean holds = isBound(name) || !elements(name).isEmpty();
            return Optional.of(new OnnxValue.OfOptional(holds ? input(content, unbound) : Optional.empty()));
        }
        return tensor(input, unbound).map(OnnxValue.OfTensor::new);
    }

    private static ValueInfoProto named(String name, TypeProto type) {
        return ValueInfoProto.newBuilder().setName(name).setType(type).build();
    }

    private DType dtype(ValueInfoProto input, TypeProto type) {
        if (!type.hasTensorType()) {
            throw faults.of(
                    "SYS1202",
                    "input \"" + input.getName()
                            + "\" is not a tensor, and no sequence or optional of tensors; others are not supported");
        }
        int number = type.getTensorType().getElemType();
        return OnnxTensors.dtype(number)
                .orElseThrow(() -> faults.of(
                        "SYS1202",
                        "input \"" + input.getName() + "\" has " + OnnxTensors.described(number)
                                + ", which is not a number type"));
    }

    private Optional<Value> tensor(ValueInfoProto input, List<String> unbound) {
        var dtype = dtype(input, input.getType());
        return dims(input, unbound).map(dims -> bound(input.getName(), type(input.getName(), dtype, dims)));
    }

    private Value bound(String name, TensorType type) {
        var fixed = bindings.values().get(name);
        if (fixed == null) {
            return builder.input(name, type);
        }
        if (!fixed.type().equals(type)) {
            throw faults.of(
                    "SYS1206", "input " + quoted(name) + " is bound to " + fixed.type() + ", the model takes " + type);
        }
        return nodes.constant(fixed);
    }

    /** The extents of an input; none if they are not all known. */
    private Optional<List<Long>> dims(ValueInfoProto input, List<String> unbound) {
        var name = input.getName();
        var proto = input.getType().getTensorType().getShape();
        var given = Optional.ofNullable(bindings.shapes().get(name))
                .or(() -> Optional.ofNullable(bindings.values().get(name))
                        .map(t -> t.type().shape()));
        if (given.isPresent()) {
            requireAgreement(input, given.get());
            return given.map(s -> s.dims().asList());
        }
        if (!input.getType().getTensorType().hasShape()) {
            unbound.add("input %s has no shape; give it: --shape %s=1x128".formatted(quoted(name), oneLine(name)));
            return Optional.empty();
        }
        var dims = new ArrayList<Long>();
        var missing = new ArrayList<String>();
        for (var d : proto.getDimList()) {
            if (d.hasDimValue() && d.getDimValue() >= 0) {
                dims.add(d.getDimValue());
            } else if (bindings.dimensions().containsKey(d.getDimParam())) {
                dims.add(extent(d.getDimParam()));
            } else {
                missing.add(missing(d));
                dims.add(1L);
            }
        }
        if (missing.isEmpty()) {
            return Optional.of(dims);
        }
        var example = new ArrayList<String>();
        for (var d : proto.getDimList()) {
            example.add(d.hasDimValue() && d.getDimValue() >= 0 ? Long.toString(d.getDimValue()) : "8");
        }
        var bindable = proto.getDimList().stream()
                .map(d -> oneLine(d.getDimParam()))
                .filter(n -> !n.isEmpty())
                .toList();
        var named = missing.stream()
                .filter(bindable::contains)
                .distinct()
                .map(m -> "--dim " + m + "=8")
                .toList();
        unbound.add("input %s has unknown dimension%s %s; give %s--shape %s=%s"
                .formatted(
                        quoted(name),
                        missing.size() == 1 ? "" : "s",
                        missing.stream().distinct().collect(Collectors.joining(", ")),
                        named.isEmpty() ? "" : String.join(" ", named) + " or ",
                        oneLine(name),
                        String.join("x", example)));
        return Optional.empty();
    }

    /** How messages call a dimension that has no extent; -1 is what some writers put for one that is open. */
    private static String missing(TensorShapeProto.Dimension d) {
        if (d.getDimValue() < -1) {
            return d.getDimValue() + " (negative)";
        }
        return d.getDimParam().isEmpty() ? "?" : oneLine(d.getDimParam());
    }

    private long extent(String dimension) {
        long extent = bindings.dimensions().get(dimension);
        if (extent < 0) {
            throw faults.of(
                    "SYS1206", "dimension " + quoted(dimension) + " is bound to " + extent + "; extents are 0 or more");
        }
        return extent;
    }

    private void requireAgreement(ValueInfoProto input, Shape given) {
        if (!input.getType().getTensorType().hasShape()) {
            return;
        }
        var dims = input.getType().getTensorType().getShape().getDimList();
        boolean agrees = dims.size() == given.rank();
        for (int i = 0; agrees && i < dims.size(); i++) {
            agrees = !dims.get(i).hasDimValue()
                    || dims.get(i).getDimValue() < 0
                    || dims.get(i).getDimValue() == given.dim(i);
        }
        if (!agrees) {
            var declared = dims.stream()
                    .map(d -> d.hasDimValue()
                            ? Long.toString(d.getDimValue())
                            : d.getDimParam().isEmpty() ? "?" : oneLine(d.getDimParam()))
                    .toList();
            throw faults.of(
                    "SYS1207",
                    "input %s is given as [%s], the model declares [%s]"
                            .formatted(quoted(input.getName()), given, String.join(",", declared)));
        }
    }
}
