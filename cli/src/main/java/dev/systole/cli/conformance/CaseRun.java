package dev.systole.cli.conformance;

import dev.systole.cli.conformance.CaseResult.Status;
import dev.systole.emulator.Emulator;
import dev.systole.emulator.EmulatorException;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.SequenceProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.passes.PassException;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.isa.LimitException;
import dev.systole.trainium.isa.ProgramFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs cases all the way, on an emulated target, or by the graph's interpreter alone.
 *
 * @param directory for program files
 */
record CaseRun(Target target, boolean interprets, Path directory) {

    /** Inputs of a case by name, with the outputs expected; tensors of sequences under names of their own. */
    private record Data(Map<String, Tensor> inputs, Map<String, Tensor> expected) {}

    CaseResult run(Case test) {
        long start = System.nanoTime();
        var status = Status.PASSED;
        var operator = Optional.<String>empty();
        var reason = "";
        var bound = new TreeSet<String>();
        try {
            var fault = fault(test, bound);
            if (fault.isPresent()) {
                status = Status.FAILED;
                reason = fault.get();
            }
        } catch (FrontendException e) {
            status = Status.REFUSED;
            operator = e.operator();
            reason = e.getMessage();
        } catch (PassException | LimitException e) {
            status = Status.REFUSED;
            reason = e.getMessage();
        } catch (EmulatorException e) {
            status = Status.FAILED;
            reason = e.getMessage();
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            status = Status.FAILED;
            reason = "a fault of Systole's own: " + e;
        }
        return new CaseResult(
                test, status, operator, reason, List.copyOf(bound), (System.nanoTime() - start) / 1_000_000);
    }

    /** @param bound grows by the names of inputs that are bound */
    private Optional<String> fault(Case test, Set<String> bound) throws IOException {
        var file = OnnxFile.read(test.model());
        OnnxImporter.requireSupported(file);
        var sets = test.sets().isEmpty() ? List.of(ramp(file, test)) : new ArrayList<Data>();
        for (var set : test.sets()) {
            sets.add(data(file, set));
        }
        for (var data : sets) {
            var name = test.model().getParent().getFileName() + "-" + test.name();
            var fault = fault(file, data, bindings(file, data, bound), name);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static Bindings bindings(OnnxFile file, Data data, Set<String> bound) {
        var elements = new HashMap<String, Long>();
        data.inputs().forEach((input, tensor) -> {
            if (tensor.type().shape().rank() <= 1) {
                elements.put(input, tensor.type().shape().elements());
            }
        });
        var bindable = Bindable.of(file.model(), elements);
        var shapes = new HashMap<String, Shape>();
        var values = new HashMap<String, Tensor>();
        data.inputs().forEach((input, tensor) -> {
            if (bindable.contains(input)) {
                values.put(input, tensor);
            } else {
                shapes.put(input, tensor.type().shape());
            }
        });
        bound.addAll(values.keySet());
        return new Bindings(Map.of(), shapes, values);
    }

    private Optional<String> fault(OnnxFile file, Data data, Bindings bindings, String name) throws IOException {
        var graph = OnnxImporter.read(file, bindings);
        var outputs = interprets ? interpreted(graph, data.inputs()) : emulated(graph, data.inputs(), name);
        for (var output : data.expected().keySet()) {
            var fault = fault(
                    file.model().getGraph(),
                    outputs.get(output),
                    data.expected().get(output));
            if (fault.isPresent()) {
                return Optional.of("output \"" + output + "\" " + fault.get());
            }
        }
        return outputs.size() > data.expected().size()
                        && isStructured(file.model().getGraph())
                ? Optional.of(
                        "gives " + outputs.keySet() + ", not " + data.expected().keySet())
                : Optional.empty();
    }

    private static Optional<String> fault(GraphProto graph, Tensor actual, Tensor expected) {
        if (actual == null) {
            return Optional.of("is not there");
        }
        return RandomOperators.isRandom(graph)
                ? RandomOperators.fault(graph, actual, expected)
                : Judge.fault(actual, expected);
    }

    private static boolean isStructured(GraphProto graph) {
        return graph.getOutputList().stream()
                .anyMatch(o -> o.getType().hasSequenceType() || o.getType().hasOptionalType());
    }

    private static Map<String, Tensor> interpreted(Graph graph, Map<String, Tensor> inputs) {
        var ordered = graph.inputs().stream().map(p -> inputs.get(p.name())).toList();
        var results = GraphInterpreter.run(graph, ordered);
        return graph.contract().visible(graph.outputNames(), results);
    }

    /** The whole way: compiled, written, read again, executed. */
    private Map<String, Tensor> emulated(Graph graph, Map<String, Tensor> inputs, String name) throws IOException {
        var options = CompileOptions.withoutDump(target, AutoCast.NONE, DType.BF16);
        var program = new Compiler(options).compile(graph).program();
        var path = directory.resolve(name + ".sx");
        try {
            ProgramFile.write(program, path);
            try (var emulator = new Emulator(ProgramFile.read(path), 1)) {
                return emulator.run(inputs);
            }
        } finally {
            Files.deleteIfExists(path);
        }
    }

    private static Data data(OnnxFile file, Path set) throws IOException {
        var inputs = new LinkedHashMap<String, Tensor>();
        var names = OnnxImporter.inputs(file);
        for (int i = 0; i < names.size(); i++) {
            var name = names.get(i);
            var type = file.model().getGraph().getInputList().stream()
                    .filter(p -> p.getName().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .getType();
            read(set.resolve("input_" + i + ".pb"), name, type, inputs);
        }
        var expected = new LinkedHashMap<String, Tensor>();
        var outputs = file.model().getGraph().getOutputList();
        for (int i = 0; i < outputs.size(); i++) {
            read(
                    set.resolve("output_" + i + ".pb"),
                    outputs.get(i).getName(),
                    outputs.get(i).getType(),
                    expected);
        }
        return new Data(inputs, expected);
    }

    /** Adds what a file holds, of the type that the model declares; nothing if the file is not there or empty. */
    private static void read(Path file, String name, TypeProto type, Map<String, Tensor> tensors) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) == 0) {
            return;
        }
        if (type.hasSequenceType()) {
            add(file, name, OnnxFile.readSequence(file), tensors);
        } else if (type.hasOptionalType()) {
            var optional = OnnxFile.readOptional(file);
            if (optional.hasSequenceValue()) {
                add(file, name, optional.getSequenceValue(), tensors);
            } else if (optional.hasTensorValue()) {
                tensors.put(name, tensor(file, optional.getTensorValue()));
            }
        } else {
            tensors.put(name, tensor(file, OnnxFile.readTensor(file)));
        }
    }

    private static void add(Path file, String name, SequenceProto sequence, Map<String, Tensor> tensors) {
        for (int i = 0; i < sequence.getTensorValuesCount(); i++) {
            tensors.put(OnnxImporter.element(name, i), tensor(file, sequence.getTensorValues(i)));
        }
    }

    private static Tensor tensor(Path file, TensorProto proto) {
        return OnnxTensors.of(proto, file.toString(), file.getParent());
    }

    /** The input of models without data: element i is i divided by the number of elements. */
    private static Data ramp(OnnxFile file, Case test) throws IOException {
        var inputs = new LinkedHashMap<String, Tensor>();
        for (var input : file.model().getGraph().getInputList()) {
            if (OnnxImporter.inputs(file).contains(input.getName())) {
                var dims = input.getType().getTensorType().getShape().getDimList().stream()
                        .map(d -> Math.max(1, d.getDimValue()))
                        .toList();
                var shape = Shape.of(dims);
                var tensor = Tensor.allocate(new dev.systole.ir.type.TensorType(DType.F32, shape));
                for (long i = 0; i < shape.elements(); i++) {
                    Elements.writeFloat(tensor.bytes(), i, DType.F32, (float) ((double) i / shape.elements()));
                }
                inputs.put(input.getName(), tensor);
            }
        }
        var expected = new LinkedHashMap<String, Tensor>();
        var output = file.model().getGraph().getOutput(0);
        read(test.model().resolveSibling(test.name() + "_output_0.pb"), output.getName(), output.getType(), expected);
        return new Data(inputs, expected);
    }
}
