package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.OperatorSetIdProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.GraphVerifier;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * One node with its operands and results, as a line of a table:
 *
 * <pre>Gemm@13 alpha=0.5 transB=1 : f32[1,2] 1 2; =f32[2,2] 1 0 0 1; none => f32[1,2] 0.5 1</pre>
 *
 * <p>The number after {@code @} is the version of the operator's set, whose domain is part of the name unless it is the default one. A
 * tensor is its type and its elements; {@code =} before it makes it an initializer, others are inputs of the model, {@code none} is an
 * absent operand or an output that nothing wants. Attributes are integers, floats (with a point), texts, lists {@code [1,2]},
 * {@code [1.0,2.0]}, {@code [a,b]} and tensors {@code {i64[1] 7}}. Lines that begin with {@code #} are comments, lines that begin with a
 * blank go on.
 *
 * @param outcome the outputs, or what the error says after {@code !}
 */
record NodeCase(String operator, int opset, String attributes, List<Operand> operands, String outcome) {
    static final Path FILE = Path.of("model.onnx");

    private static final Pattern LINE = Pattern.compile("([\\w.]+)@(\\d+)([^:]*?) :(.*) => (.*)");
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=(\\{[^}]*}|\\S+)");
    private static final Pattern TENSOR = Pattern.compile("(\\w+)\\[([\\d,]*)](.*)");
    private static final double PRECISION = 1e-6;

    /** An operand; absent if it has no tensor. */
    record Operand(Optional<Tensor> tensor, boolean known) {
        private static Operand parse(String text) {
            boolean known = text.startsWith("=");
            return new Operand(
                    text.equals("none") ? Optional.empty() : Optional.of(parseTensor(text.substring(known ? 1 : 0))),
                    known);
        }
    }

    /** The cases of a table. */
    static List<String> lines(String table) {
        return table.replaceAll("\n +", " ")
                .lines()
                .filter(l -> !l.isBlank() && !l.startsWith("#"))
                .toList();
    }

    static NodeCase parse(String line) {
        var m = LINE.matcher(line);
        assertThat(m.matches()).as(line).isTrue();
        return new NodeCase(
                m.group(1),
                Integer.parseInt(m.group(2)),
                m.group(3),
                list(m.group(4)).map(Operand::parse).toList(),
                m.group(5).strip());
    }

    private static Stream<String> list(String text) {
        return Arrays.stream(text.split(";")).map(String::strip).filter(s -> !s.isEmpty());
    }

    static Tensor parseTensor(String text) {
        var m = TENSOR.matcher(text);
        assertThat(m.matches()).as(text).isTrue();
        var dims = Arrays.stream(m.group(2).split(","))
                .filter(s -> !s.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
        var values =
                Arrays.stream(m.group(3).split(" ")).filter(s -> !s.isEmpty()).toList();
        var dtype = DType.parse(m.group(1)).orElseThrow();
        var tensor = Tensor.allocate(new TensorType(dtype, Shape.of(dims)));
        assertThat(values)
                .as(text)
                .hasSize(Math.toIntExact(tensor.type().shape().elements()));
        for (int i = 0; i < values.size(); i++) {
            if (dtype.isFloat()) {
                Elements.writeDouble(tensor.bytes(), i, dtype, number(values.get(i)));
            } else {
                Elements.writeInteger(tensor.bytes(), i, dtype, Long.parseLong(values.get(i)));
            }
        }
        return tensor;
    }

    private static double number(String text) {
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }

    /** Imports, runs and compares: as the case is written, and with all operands known when importing. */
    void check() {
        check(this);
        check(new NodeCase(
                operator,
                opset,
                attributes,
                operands.stream().map(o -> new Operand(o.tensor, true)).toList(),
                outcome));
    }

    /** Imports what must be refused: SYS1204, where it is, and what is wrong. */
    void checkRefusal() {
        assertThat(outcome).startsWith("!");
        assertThatThrownBy(this::read)
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1204 model.onnx: ")
                .hasMessageContainingAll(
                        "/" + operator.substring(operator.lastIndexOf('.') + 1),
                        "(" + operator + ")",
                        outcome.substring(1));
    }

    private static void check(NodeCase c) {
        var graph = c.read();
        assertThat(GraphVerifier.verify(graph)).isEmpty();
        var inputs = c.operands.stream()
                .filter(o -> !o.known)
                .flatMap(o -> o.tensor.stream())
                .toList();
        var expected = list(c.outcome).filter(s -> !s.equals("none")).toList();
        var outputs = GraphInterpreter.run(graph, inputs);
        var results = List.copyOf(
                graph.contract().visible(graph.outputNames(), outputs).values());
        assertThat(results).hasSameSizeAs(expected);
        for (int i = 0; i < results.size(); i++) {
            assertSame(results.get(i), parseTensor(expected.get(i)));
        }
    }

    private static void assertSame(Tensor actual, Tensor expected) {
        assertThat(actual.type()).isEqualTo(expected.type());
        var dtype = expected.type().dtype();
        if (dtype.bits() < 32 || !dtype.isFloat()) {
            assertThat(values(actual)).containsExactly(values(expected));
            return;
        }
        assertThat(values(actual)).usingComparatorWithPrecision(PRECISION).containsExactly(values(expected));
    }

    static double[] values(Tensor t) {
        return LongStream.range(0, t.type().shape().elements())
                .mapToDouble(i -> Elements.readDouble(t.bytes(), i, t.type().dtype()))
                .toArray();
    }

    Graph read() {
        return OnnxImporter.read(new OnnxFile(FILE, model()), Bindings.NONE);
    }

    ModelProto model() {
        var graph = GraphProto.newBuilder().setName("case");
        int dot = operator.lastIndexOf('.');
        var domain = operator.substring(0, Math.max(0, dot));
        var name = operator.substring(dot + 1);
        var node = NodeProto.newBuilder().setOpType(name).setDomain(domain).setName("/" + name);
        for (int i = 0; i < operands.size(); i++) {
            var tensor = operands.get(i).tensor;
            var operand = tensor.isPresent() ? "x" + i : "";
            node.addInput(operand);
            if (tensor.isPresent() && operands.get(i).known) {
                graph.addInitializer(OnnxTensors.toProto(operand, tensor.get()));
            } else if (tensor.isPresent()) {
                graph.addInput(input(operand, tensor.get().type()));
            }
        }
        var wanted = outcome.startsWith("!") ? List.of("y") : list(outcome).toList();
        for (int i = 0; i < wanted.size(); i++) {
            var result = wanted.get(i).equals("none") ? "" : "y" + i;
            node.addOutput(result);
            if (!result.isEmpty()) {
                graph.addOutput(ValueInfoProto.newBuilder().setName(result));
            }
        }
        var m = ATTRIBUTE.matcher(attributes);
        while (m.find()) {
            node.addAttribute(attribute(m.group(1), m.group(2)));
        }
        return ModelProto.newBuilder()
                .setIrVersion(10)
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(opset))
                .setGraph(graph.addNode(node))
                .build();
    }

    private static ValueInfoProto input(String name, TensorType type) {
        var proto = TypeProto.Tensor.newBuilder()
                .setElemType(OnnxTensors.number(type.dtype()).orElseThrow());
        type.shape().dims().forEach(d -> proto.getShapeBuilder().addDimBuilder().setDimValue(d));
        proto.getShapeBuilder();
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(proto))
                .build();
    }

    private static AttributeProto attribute(String name, String text) {
        var proto = AttributeProto.newBuilder().setName(name);
        if (text.startsWith("{")) {
            return proto.setT(OnnxTensors.toProto("", parseTensor(text.substring(1, text.length() - 1))))
                    .build();
        }
        if (text.startsWith("[")) {
            var items = new ArrayList<>(
                    Arrays.asList(text.substring(1, text.length() - 1).split(",")));
            items.removeIf(String::isEmpty);
            items.forEach(s -> {
                if (Character.isLetter(s.charAt(0))) {
                    proto.addStrings(ByteString.copyFromUtf8(s));
                } else if (s.contains(".")) {
                    proto.addFloats(Float.parseFloat(s));
                } else {
                    proto.addInts(Long.parseLong(s));
                }
            });
            return proto.build();
        }
        return text.matches("-?\\d+")
                ? proto.setI(Long.parseLong(text)).build()
                : text.matches("-?\\d+\\.\\S*")
                        ? proto.setF(Float.parseFloat(text)).build()
                        : proto.setS(ByteString.copyFromUtf8(text)).build();
    }
}
