package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.GraphVerifier;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Models of several nodes, a line each; a graph that a node holds follows it, indented:
 *
 * <pre>
 * y; s = Loop(i64[] 3; none; x) keepdims=1
 *   body (i; c; x) -> (c; z; z)
 *     z = Add(x; x)
 * </pre>
 *
 * <p>An operand that is a tensor is a constant, {@code none} is an absent one.
 */
final class StructureText {
    private int constants;
    private final StringBuilder initializers = new StringBuilder();

    private StructureText() {}

    /**
     * Runs a model and compares.
     *
     * @param inputs of the model by name, as {@code x = f32[2] 1 2}
     * @param outputs expected by name, in the same form
     */
    static void assertThatModel(int opset, List<String> inputs, String nodes, List<String> outputs) {
        var file = model(opset, inputs, nodes, names(outputs));
        var graph = OnnxImporter.read(file, Bindings.NONE);
        assertThat(GraphVerifier.verify(graph)).isEmpty();
        var tensors = inputs.stream()
                .map(StructureText::value)
                .map(NodeCase::parseTensor)
                .toList();
        var results = graph.contract().visible(graph.outputNames(), GraphInterpreter.run(graph, tensors));
        assertThat(results.keySet()).containsExactlyElementsOf(names(outputs));
        for (var output : outputs) {
            var actual = results.get(name(output));
            var expected = NodeCase.parseTensor(value(output));
            assertThat(actual.type()).as(output).isEqualTo(expected.type());
            assertThat(NodeCase.values(actual))
                    .as(output)
                    .usingComparatorWithPrecision(1e-6)
                    .containsExactly(NodeCase.values(expected));
        }
    }

    static OnnxFile model(int opset, List<String> inputs, String nodes, List<String> outputs) {
        var text = new StructureText();
        var body = text.nodes(nodes);
        var parameters = inputs.stream()
                .map(i -> input(name(i), value(i).replaceAll("].*", "]")))
                .collect(Collectors.joining());
        var results = outputs.stream().map(ModelText::output).collect(Collectors.joining());
        return ModelText.model("ir_version: 10 opset_import { version: %d } graph { name: \"g\" %s }"
                .formatted(opset, parameters + results + text.initializers + body));
    }

    private static List<String> names(List<String> tensors) {
        return tensors.stream().map(StructureText::name).toList();
    }

    private static String name(String tensor) {
        return tensor.substring(0, tensor.indexOf(" = "));
    }

    private static String value(String tensor) {
        return tensor.substring(tensor.indexOf(" = ") + 3);
    }

    private String nodes(String text) {
        var lines = text.lines().filter(l -> !l.isBlank()).toList();
        var out = new StringBuilder();
        for (int i = 0; i < lines.size(); ) {
            int end = i + 1;
            while (end < lines.size() && indent(lines.get(end)) > indent(lines.get(i))) {
                end++;
            }
            out.append(node(lines.get(i).strip(), lines.subList(i + 1, end)));
            i = end;
        }
        return out.toString();
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }

    private String node(String line, List<String> bodies) {
        int open = line.indexOf('(');
        int close = line.indexOf(')', open);
        var operator = line.substring(line.indexOf(" = ") + 3, open);
        var attributes = new StringBuilder();
        for (var word : line.substring(close + 1).split(" ")) {
            if (!word.isEmpty()) {
                attributes.append(attribute(word));
            }
        }
        for (int i = 0; i < bodies.size(); ) {
            int end = i + 1;
            while (end < bodies.size() && indent(bodies.get(end)) > indent(bodies.get(i))) {
                end++;
            }
            attributes.append(body(bodies.get(i).strip(), String.join("\n", bodies.subList(i + 1, end))));
            i = end;
        }
        return "node { op_type: \"%s\" name: \"/%s\" %s %s %s }\n"
                .formatted(
                        operator,
                        operator,
                        list("output", line.substring(0, line.indexOf(" = "))),
                        list("input", line.substring(open + 1, close)),
                        attributes);
    }

    private static String attribute(String word) {
        var name = word.substring(0, word.indexOf('='));
        var value = word.substring(word.indexOf('=') + 1);
        if (value.startsWith("[")) {
            return "attribute { name: \"%s\" ints: %s }".formatted(name, value);
        }
        return name.equals("type")
                ? "attribute { name: \"type\" type: 13 }"
                : "attribute { name: \"%s\" i: %s }".formatted(name, value);
    }

    /** {@code name (inputs) -> (outputs)}, an output perhaps with its type. */
    private String body(String head, String nodes) {
        var parts = head.replaceAll("[()]", "|").split("\\|");
        var inputs = names(parts[1].split(";"), n -> "input { name: \"%s\" }".formatted(n));
        var outputs = names(parts[3].split(";"), n -> {
            int colon = n.indexOf(':');
            return colon < 0
                    ? output(n)
                    : input(n.substring(0, colon), n.substring(colon + 1)).replaceFirst("input", "output");
        });
        return "attribute { name: \"%s\" g { name: \"b\" %s %s %s } }"
                .formatted(parts[0].strip(), inputs, outputs, nodes(nodes));
    }

    private static String names(String[] names, UnaryOperator<String> text) {
        return Arrays.stream(names)
                .map(String::strip)
                .filter(n -> !n.isEmpty())
                .map(text)
                .collect(Collectors.joining(" "));
    }

    private String list(String field, String names) {
        return Arrays.stream(names.split(";"))
                .map(String::strip)
                .filter(n -> !n.isEmpty())
                .map(n -> "%s: \"%s\"".formatted(field, n.equals("none") ? "" : n.contains("[") ? constant(n) : n))
                .collect(Collectors.joining(" "));
    }

    private String constant(String tensor) {
        var t = NodeCase.parseTensor(tensor);
        var name = "c" + constants++;
        var elements = LongStream.range(0, t.bytes().byteSize())
                .mapToObj(i -> "\\%03o".formatted(t.bytes().get(ValueLayout.JAVA_BYTE, i) & 0xff))
                .collect(Collectors.joining());
        initializers.append("initializer { name: \"%s\" data_type: %d %s raw_data: \"%s\" }\n"
                .formatted(
                        name,
                        OnnxTensors.number(t.type().dtype()).orElseThrow(),
                        t.type().shape().dims().asList().stream()
                                .map(d -> "dims: " + d)
                                .collect(Collectors.joining(" ")),
                        elements));
        return name;
    }
}
