package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.graph;
import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.longs;
import static dev.systole.frontend.onnx.ModelText.node;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every code of an error that stops an import: what is wrong, where, and what to do. For nodes see {@link NodeErrorsTest}. */
class ImportErrorsTest {
    private static final String X = input("x", "f32[2,3]");
    private static final String RELU = node("Relu", "y", "x") + output("y");

    @TempDir
    private Path directory;

    private static void refused(ThrowingCallable work, String code, String... said) {
        assertThatThrownBy(work)
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith(code + " ")
                .hasMessageContainingAll(said);
    }

    private static void refused(String graph, String code, String... said) {
        refused(graph, Bindings.NONE, code, said);
    }

    private static void refused(String graph, Bindings bindings, String code, String... said) {
        var file = graph(graph);
        refused(() -> OnnxImporter.read(file, bindings), code + " model.onnx:", said);
    }

    private static Bindings dimension(String name, long extent) {
        return new Bindings(Map.of(name, extent), Map.of(), Map.of());
    }

    private static Bindings shape(String name, long... dims) {
        return new Bindings(Map.of(), Map.of(name, Shape.of(dims)), Map.of());
    }

    private static Bindings value(String name, Tensor value) {
        return new Bindings(Map.of(), Map.of(), Map.of(name, value));
    }

    private Path file(String name, byte... bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    @Test
    void filesThatAreNotThere() {
        var none = directory.resolve("none.onnx");
        refused(() -> OnnxFile.read(none), "SYS1101", none + ": no such file");
        refused(() -> OnnxFile.read(directory), "SYS1101", directory + ": is not a file");
        refused(() -> OnnxFile.readTensor(none), "SYS1101", none + ": no such file");
        refused(() -> OnnxFile.readTensor(directory), "SYS1101", directory + ": is not a file");
    }

    @Test
    void filesThatAreNoModel() throws IOException {
        refused(() -> OnnxFile.read(file("empty.onnx")), "SYS1102", "empty.onnx: is empty");
        var text = file("text.onnx", "this is not a model\n".getBytes());
        refused(() -> OnnxFile.read(text), "SYS1102", "text.onnx: is not a complete ONNX model");
        var group = file("group.onnx", (byte) 0xff, (byte) 0xff, (byte) 0xff);
        refused(() -> OnnxFile.read(group), "SYS1102", "group.onnx: is not a complete ONNX model");
        var tensor = file(
                "tensor.onnx", TensorProto.newBuilder().setName("t").build().toByteArray());
        refused(() -> OnnxFile.read(tensor), "SYS1102", "tensor.onnx: is not a complete ONNX model");
        var model = graph(X + RELU).model().toBuilder();
        var noGraph = file("a.onnx", model.clone().clearGraph().build().toByteArray());
        refused(() -> OnnxFile.read(noGraph), "SYS1102", "it has no graph");
        var noVersion = file("b.onnx", model.clone().clearIrVersion().build().toByteArray());
        refused(() -> OnnxFile.read(noVersion), "SYS1102", "is not a complete ONNX model");
        refused(() -> OnnxFile.readTensor(file("empty.pb")), "SYS1102", "empty.pb: is empty");
        refused(() -> OnnxFile.readTensor(group), "SYS1105", "group.onnx: is not a serialized TensorProto");
    }

    @Test
    void filesThatEndEarly() throws IOException {
        var model = graph(X + RELU).model().toByteArray();
        var cut = file("cut.onnx", Arrays.copyOf(model, model.length - 1));
        refused(() -> OnnxFile.read(cut), "SYS1102", "cut.onnx", "the file is truncated, fetch it again");
        var tensor =
                TensorProto.newBuilder().setName("t").addFloatData(1).build().toByteArray();
        var cutTensor = file("cut.pb", Arrays.copyOf(tensor, tensor.length - 1));
        refused(() -> OnnxFile.readTensor(cutTensor), "SYS1105", "cut.pb", "truncated");
    }

    /** The file is sparse: it takes no space. */
    @Test
    void filesThatAreTooLarge() throws IOException {
        var large = directory.resolve("large.onnx");
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(1L << 31);
        }
        refused(() -> OnnxFile.read(large), "SYS1103", "large.onnx", "2147483648 bytes", "weights as external data");
    }

    /** A message in a message in a message, and so on: the parser must not exhaust its stack. */
    @Test
    void filesThatNestTooDeep() throws IOException {
        var type = TypeProto.getDefaultInstance();
        for (int i = 0; i < 60; i++) {
            type = TypeProto.newBuilder()
                    .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(type))
                    .build();
        }
        var model = graph(RELU).model().toBuilder();
        model.getGraphBuilder().addInputBuilder().setName("x").setType(type);
        var deep = file("deep.onnx", model.build().toByteArray());
        refused(() -> OnnxFile.read(deep), "SYS1102", "deep.onnx", "nested too deep");
    }

    @Test
    void allUnsupportedNodesAtOnce() {
        refused(
                X
                        + node("RegexFullMatch", "a", "x")
                        + "node { op_type: \"FancyNorm\" domain: \"com.acme\" input: \"a\" output: \"b\" }"
                        + node("Relu", "c", "b")
                        + node("StringSplit", "y", "c")
                        + node("NobodyWantsThis", "z", "x")
                        + output("y"),
                "SYS1201",
                "3 nodes are not supported",
                "/RegexFullMatch (RegexFullMatch)",
                "com.acme",
                "com.acme.FancyNorm): ONNX has no operator of this name",
                "/StringSplit (StringSplit): splits text");
        refused(
                X + node("StringConcat", "y", "x") + output("y"),
                "SYS1201",
                "a node is not supported: /StringConcat (StringConcat): joins text");
        assertThatThrownBy(() -> ModelText.read(X + node("Foo", "y", "x") + node("Bar", "z", "x") + output("y")))
                .message()
                .doesNotContain("Bar");
    }

    @ParameterizedTest
    @CsvSource({"8, text", "14, complex numbers", "15, complex numbers"})
    void whatIsNoNumber(int type, String kind) {
        var expected = "a node is not supported: /Relu (Relu): reads \"x\", which holds " + kind;
        refused(input("x", type + "[2]") + RELU, "SYS1201", expected);
        refused("initializer { name: \"x\" data_type: " + type + " }" + RELU, "SYS1201", expected);
        var element = "{ elem_type { tensor_type { elem_type: " + type + " } } }";
        for (var structure : List.of("sequence_type", "optional_type")) {
            refused("input { name: \"x\" type { " + structure + element + " } }" + RELU, "SYS1201", expected);
        }
    }

    @Test
    void maps() {
        refused("input { name: \"x\" type { map_type { key_type: 7 } } }" + RELU, "SYS1201", "which holds maps");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "99", "-1"})
    void inputsOfTypesThatAreNoNumbers(String type) {
        refused(input("x", type + "[2]") + RELU, "SYS1202", "input \"x\"", "element type " + type, "not a number type");
    }

    @Test
    void inputsThatAreNoTensors() {
        var sequence = "sequence_type { elem_type { tensor_type { elem_type: 1 } } }";
        refused("input { name: \"x\" type { " + sequence + " } }" + RELU, "SYS1204", "input 0 (X) is seq(f32)");
        refused(
                "input { name: \"x\" type { sequence_type { elem_type { " + sequence + " } } } }" + RELU,
                "SYS1202",
                "input \"x\" is not a tensor");
        refused("input { name: \"x\" type { optional_type { } } }" + RELU, "SYS1202", "input \"x\" is not a tensor");
        refused("input { name: \"x\" }" + RELU, "SYS1202", "input \"x\" is not a tensor");
    }

    @Test
    void dimensionsThatAreNotBound() {
        refused(
                input("x", "f32[batch,3,n]") + input("z", "i64[batch,?]") + RELU,
                "SYS1203",
                "input \"x\" has unknown dimensions batch, n; give --dim batch=8 --dim n=8 or --shape x=8x3x8",
                "input \"z\" has unknown dimensions batch, ?; give --dim batch=8 or --shape z=8x8");
        refused(
                input("x", "f32[n,n]") + RELU,
                dimension("m", 2),
                "SYS1203",
                "input \"x\" has unknown dimensions n; give --dim n=8 or --shape x=8x8");
        refused(input("x", "f32[-1,3]") + RELU, "SYS1203", "unknown dimension ?; give --shape x=8x3");
        refused(input("x", "f32[-2,3]") + RELU, "SYS1203", "unknown dimension -2 (negative); give --shape x=8x3");
        refused(input("x", "f32[n,m]") + RELU, dimension("n", 2), "SYS1203", "unknown dimension m", "--dim m=8");
        var noShape = "input { name: \"x\" type { tensor_type { elem_type: 1 } } }";
        refused(noShape + RELU, "SYS1203", "input \"x\" has no shape; give it: --shape x=1x128");
    }

    @Test
    void bindingsOfInputsThatThereAreNot() {
        refused(X + RELU, shape("z", 2), "SYS1206", "there is no input \"z\"; the inputs are x");
        refused(X + RELU, value("z", Tensor.ofLongs(Shape.of(1), 1)), "SYS1206", "there is no input \"z\"");
        refused(
                X + input("w", "i64[2]") + longs("w", 3, 2) + node("Reshape", "y", "x", "w") + output("y"),
                shape("w", 2),
                "SYS1206",
                "there is no input \"w\"; the inputs are x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            f32[batch,3,?] ; 1,4,5 ; [batch,3,?]
            f32[n,n]       ; 1     ; [n,n]
            f32[2,3]       ; 3,2   ; [2,3]
            f32[]          ; 1     ; []
            """)
    void shapesAgainstTheModel(String declared, String given, String said) {
        var dims = Arrays.stream(given.split(",")).mapToLong(Long::parseLong).toArray();
        refused(
                input("x", declared) + RELU,
                shape("x", dims),
                "SYS1207",
                "input \"x\" is given as [" + given + "], the model declares " + said);
    }

    @Test
    void valuesAgainstTheModel() {
        var ints = Tensor.ofInts(Shape.of(2, 3));
        refused(X + RELU, value("x", ints), "SYS1206", "\"x\" is bound to i32[2,3], the model takes f32[2,3]");
        refused(X + RELU, value("x", Tensor.ofFloats(Shape.of(2))), "SYS1207", "given as [2]", "declares [2,3]");
        var both = new Bindings(Map.of(), Map.of("x", Shape.of(4, 3)), Map.of("x", Tensor.ofFloats(Shape.of(2, 3))));
        refused(input("x", "f32[n,3]") + RELU, both, "SYS1206", "bound to f32[2,3], the model takes f32[4,3]");
    }

    @Test
    void valuesThatNothingDefines() {
        var undefined = "\"b\", which nothing before it defines";
        refused(X + node("Add", "a", "x", "b") + output("a"), "SYS1205", "/Add", "(Add)", undefined);
        refused(X + node("Add", "a", "x", "b") + node("Relu", "b", "a") + output("b"), "SYS1205", "/Add", undefined);
        refused(X + node("Add", "a", "a", "x") + output("a"), "SYS1205", "/Add", "\"a\"");
        refused(X + node("Relu", "a", "x") + output("b"), "SYS1205", "output \"b\" is never computed");
    }

    @Test
    void valuesThatAreDefinedTwice() {
        var relu = node("Relu", "y", "x");
        refused(
                X + relu + node("Neg", "y", "x") + output("y"),
                "SYS1205",
                "/Neg (Neg): \"y\" is defined a second time");
        refused(
                X + relu.replace("output: \"y\"", "output: [\"y\", \"y\"]") + output("y"),
                "SYS1205",
                "/Relu (Relu): \"y\" is defined a second time");
        refused(X + node("Relu", "x", "x") + output("x"), "SYS1205", "/Relu (Relu): \"x\" is defined a second time");
        refused(X + longs("y", 1) + relu + output("y"), "SYS1205", "/Relu (Relu): \"y\" is defined a second time");
        refused(X + X + RELU, "SYS1205", "input \"x\" is defined a second time");
        refused(X + longs("s", 1) + longs("s", 1, 2) + RELU, "SYS1205", "initializer \"s\" is defined a second time");
        refused(X + RELU + output("y"), "SYS1205", "output \"y\" is defined a second time");
    }

    @Test
    void functionsThatAreDefinedTwice() {
        var function = "functions { domain: \"d\" name: \"F\" output: \"o\" }";
        refused(
                () -> read("ir_version: 8 opset_import { version: 17 } " + function + function, X + RELU),
                "SYS1205",
                "model.onnx: function \"F\" is defined a second time");
    }

    @Test
    void parametersOfFunctionsThatAreDefinedTwice() {
        var function = "functions { domain: 'd' name: 'F' input: ['i', 'i'] output: 'o'"
                + " node { op_type: 'Add' input: ['i', 'i'] output: 'o' } }";
        var call = node("F", "y", "x", "x").replace("op_type", "domain: \"d\" op_type");
        refused(
                () -> read("ir_version: 8 opset_import { version: 17 } " + function, X + call + output("y")),
                "SYS1204",
                "/F (d.F)",
                "defines \"i\" twice");
    }

    private static void read(String head, String graph) {
        OnnxImporter.read(ModelText.model(head + " graph { " + graph + " }"), Bindings.NONE);
    }

    /** Each calls the next one. */
    @Test
    void functionsThatCallTooManyOthers() {
        var text = new StringBuilder(
                "ir_version: 8 opset_import { version: 17 } opset_import { domain: \"d\" version: 1 } ");
        for (int i = 0; i < 2000; i++) {
            text.append("functions { domain: 'd' name: 'F%d' input: 'i' output: 'o' ".formatted(i))
                    .append("node { domain: 'd' op_type: 'F%d' input: 'i' output: 'o' } } ".formatted(i + 1));
        }
        text.append("functions { domain: 'd' name: 'F2000' input: 'i' output: 'o' ")
                .append("node { op_type: 'Identity' input: 'i' output: 'o' } }");
        var call = node("F0", "y", "x").replace("op_type", "domain: \"d\" op_type");
        refused(
                () -> read(text.toString(), X + call + output("y")),
                "SYS1204",
                "(d.F64): functions and graphs lie in each other more than 64 deep");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            version: 0             | imports version 0 of the ONNX operators; versions 1 to
            version: -5            | imports version -5 of the ONNX operators
            version: 99            | imports version 99 of the ONNX operators
            version: 1099511627776 | imports version 2147483647 of the ONNX operators
            version: -4294967283   | imports version -2147483648 of the ONNX operators
            """)
    void operatorSetsThatAreUnknown(String opset, String said) {
        refused(() -> read("ir_version: 8 opset_import { " + opset + " }", X + RELU), "SYS1209", "model.onnx: " + said);
    }

    @Test
    void operatorSetsOfFunctionsThatAreUnknown() {
        var function =
                "functions { domain: \"d\" name: \"F\" input: \"i\" output: \"o\" opset_import { version: 1099511627776 }"
                        + " node { op_type: \"Relu\" input: \"i\" output: \"o\" } }";
        var call = node("F", "y", "x").replace("op_type", "domain: \"d\" op_type");
        var head = "ir_version: 8 opset_import { domain: \"d\" version: 1 } ";
        refused(
                () -> read(head + function, X + call + output("y")),
                "SYS1209",
                "function \"F\" imports version 2147483647");
    }

    /** Only models of the format's first versions need not say which operators they use. */
    @Test
    void operatorSetsThatAreNotImported() {
        refused(
                () -> read("ir_version: 3", X + RELU),
                "SYS1201",
                "/Relu (Relu): the model does not import its operator set");
        refused(
                () -> read("ir_version: 8 opset_import { domain: \"com.acme\" version: 1 }", X + RELU),
                "SYS1201",
                "the model does not import its operator set");
        read(
                "ir_version: 2",
                X + RELU.replace("output: \"y\" }", "output: \"y\" attribute { name: \"consumed_inputs\" ints: 0 } }"));
    }

    @Test
    void modelsWithoutOutputs() {
        refused(X + node("Relu", "y", "x"), "SYS1205", "the model has no outputs");
    }

    @Test
    void dimensionsThatAreBoundWrongly() {
        var relu = input("x", "f32[batch,3]") + RELU;
        refused(relu, dimension("batch", -2), "SYS1206", "dimension \"batch\" is bound to -2; extents are 0 or more");
        var both = new Bindings(Map.of("batch", 2L, "other", 5L), Map.of(), Map.of());
        refused(relu, both, "SYS1206", "no input has a dimension \"other\"; there are batch");
        refused(X + RELU, dimension("n", 2), "SYS1206", "no input has a dimension \"n\"");
        var shape = new Bindings(Map.of("batch", 2L), Map.of("x", Shape.of(1, 3)), Map.of());
        OnnxImporter.read(graph(relu), shape);
    }

    @Test
    void inputsThatNoMachineHolds() {
        refused(input("x", "f32[4611686018427387904,4]") + RELU, "SYS1203", "input \"x\"", "more than 2^63 bytes");
        refused(input("x", "f32[4611686018427387904]") + RELU, "SYS1203", "input \"x\"", "more than 2^63 bytes");
        refused(input("x", "f32[n,4]") + RELU, dimension("n", Long.MAX_VALUE), "SYS1203", "more than 2^63 bytes");
        refused(input("x", "f32[" + "1,".repeat(64) + "1]") + RELU, "SYS1203", "has 65 dimensions; up to 64");
    }

    /** An input that has no elements takes no time, however large its other dimensions are. */
    @Test
    void inputsWithoutElements() {
        refused(
                input("a", "f32[2,2]") + input("b", "f32[4294967296,2,0]") + node("Gemm", "y", "a", "b") + output("y"),
                "SYS1204",
                "f32[4294967296,2,0], which is no matrix");
    }

    @Test
    void attributesThatSayOneKindAndHoldAnother() {
        var concat = X
                + "node { op_type: \"Concat\" name: \"/c\" input: \"x\" output: \"y\" attribute { name: \"axis\" %s } }"
                + output("y");
        refused(
                concat.formatted("type: 2 f: 7.5"),
                "SYS1204",
                "/c (Concat)",
                "\"axis\" is a whole number, not a number");
        refused(concat.formatted("type: 1 i: 1"), "SYS1204", "\"axis\" is a whole number, not a number");
        refused(concat.formatted("type: 99 i: 1"), "SYS1204", "\"axis\" is of the unknown kind 99");
        refused(
                concat.formatted("ref_attr_name: \"a\""),
                "SYS1204",
                "\"axis\" refers to \"a\" of a function, but is in none");
        var constant =
                "node { op_type: \"Constant\" name: \"/c\" output: \"y\" attribute { name: \"value\" type: 4 } }";
        refused(constant + output("y"), "SYS1204", "/c (Constant)", "attribute \"value\" holds nothing");
        OnnxImporter.read(graph(concat.formatted("type: 2")), Bindings.NONE);
    }

    @Test
    void shapesOfMillionsOfDimensions() {
        int count = (1 << 20) + 1;
        var model = graph(X + longs("s", 6) + node("Reshape", "y", "x", "s") + output("y")).model().toBuilder();
        model.getGraphBuilder()
                .getInitializerBuilder(0)
                .clearInt64Data()
                .setDims(0, count)
                .setRawData(ByteString.copyFrom(new byte[8 * count]));
        refused(
                () -> OnnxImporter.read(new OnnxFile(Path.of("model.onnx"), model.build()), Bindings.NONE),
                "SYS1204",
                "/Reshape",
                "is i64[1048577]; no more than 1048576 numbers are taken");
    }

    @Test
    void inputsWhoseInitializersAreOfAnotherType() {
        refused(
                X + input("w", "f32[2]") + longs("w", 3, 2) + node("Reshape", "y", "x", "w") + output("y"),
                "SYS1207",
                "initializer \"w\" has element type 7, the model declares 1");
    }

    @Test
    void outputsOfAnotherTypeThanTheModelSays() {
        refused(
                X + node("Relu", "y", "x") + output("y").replace(" }\n", " type { tensor_type { elem_type: 6 } } }\n"),
                "SYS1207",
                "output \"y\" is f32, the model declares i32");
    }

    @Test
    void onlyInputsCanBeBound() {
        var shape = input("s", "i64[1]") + node("Neg", "t", "s") + node("Reshape", "y", "x", "t") + output("y");
        assertThatThrownBy(() -> ModelText.read(X + shape))
                .hasMessageContaining("\"t\") must be known when compiling")
                .message()
                .doesNotContain("--bind");
    }

    @Test
    void namesWithLineBreaksStayOnTheirLine() {
        var evil = "a\\nerror: b";
        for (var model : new String[] {
            X + node("Reshape", "y", "x", "x").replace("/Reshape", evil) + output("y"),
            X + node("Nothing", "y", "x").replace("/Nothing", evil) + output("y"),
            X + node("Relu", "y", evil) + output("y"),
            X + RELU + output(evil),
            X + X.replace("\"x\"", "\"" + evil + "\"") + X.replace("\"x\"", "\"" + evil + "\"") + RELU,
            input(evil, "f32[n]") + RELU,
            input(evil, "f32[4611686018427387904]") + RELU,
        }) {
            assertThatThrownBy(() -> ModelText.read(model))
                    .isInstanceOf(FrontendException.class)
                    .message()
                    .contains("a\\u000aerror: b")
                    .doesNotContain("\nerror");
        }
    }

    @Test
    void outputsThatAreInitializersWithoutTheirData() {
        refused(
                "initializer { name: \"y\" data_type: 1 dims: 2 float_data: 1 }" + output("y"),
                "SYS1107",
                "initializer \"y\": f32[2] needs 2 values");
    }

    @Test
    void initializersThatAreNotWhole() {
        var uses = node("Add", "y", "x", "c") + output("y");
        var c = X + "initializer { name: \"c\" data_type: 1 %s }" + uses;
        refused(c.formatted("dims: 3 float_data: 1"), "SYS1107", "\"c\": f32[3] needs 3 values, the file holds 1");
        refused(c.formatted("dims: 1 float_data: [1, 2]"), "SYS1107", "needs 1 values, the file holds 2");
        refused(c.formatted("dims: 3 int32_data: [1, 2, 3]"), "SYS1107", "needs 3 values, the file holds 0");
        refused(c.formatted("dims: 3 raw_data: \"abc\""), "SYS1107", "f32[3] needs 12 bytes, the file holds 3");
        refused(c.formatted("dims: -3"), "SYS1107", "\"c\"", "negative extent -3 in dimension 0");
        refused(c.formatted("dims: [4611686018427387904, 4]"), "SYS1107", "\"c\"", "more than 2^63 elements");
        refused(c.formatted("dims: 4611686018427387904"), "SYS1107", "\"c\"", "is too large");
        refused(c.formatted("dims: 2305843009213693952 float_data: 1"), "SYS1107", "\"c\"", "is too large");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 99, -1})
    void initializersOfTypesThatAreNoNumbers(int type) {
        refused(
                X + "initializer { name: \"c\" data_type: " + type + " }" + node("Add", "y", "x", "c") + output("y"),
                "SYS1106",
                "initializer \"c\": element type " + type + " is not a number type");
    }

    @Test
    void constantsThatAreNotWhole() {
        var constant = """
                node {
                  op_type: "Constant" name: "/c" output: "y"
                  attribute { name: "value" t { %s } }
                }
                """ + output("y");
        refused(constant.formatted("data_type: 1 dims: 4 float_data: 1"), "SYS1107", "/c (Constant)", "needs 4 values");
        refused(constant.formatted("data_type: 8 dims: 1"), "SYS1106", "/c (Constant)", "element type 8");
        refused(
                constant.formatted("data_type: 1 dims: 1 data_location: 1"),
                "SYS1108",
                "/c (Constant)",
                "external data");
    }

    @Test
    void nodesWithoutANameAreNamedAfterTheirOutput() {
        refused(
                X + "node { op_type: \"Reshape\" input: \"x\" output: \"flat\" }" + output("flat"),
                "SYS1204",
                "flat (Reshape)");
        refused(X + "node { op_type: \"Foo\" input: \"x\" output: \"foo\" }" + output("foo"), "SYS1201", "foo (Foo)");
    }
}
