package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.StructureText.assertThatModel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences and optionals dissolve: what is in them is known when importing. */
class SequenceOperatorsTest {
    static final Set<String> OPERATORS = Set.of(
            "SequenceConstruct",
            "SequenceEmpty",
            "SequenceAt",
            "SequenceInsert",
            "SequenceErase",
            "SequenceLength",
            "SequenceMap",
            "SplitToSequence",
            "ConcatFromSequence",
            "Optional",
            "OptionalGetElement",
            "OptionalHasElement");

    private static final List<String> TENSORS = List.of("a = f32[1] 1", "b = f32[2] 2 3", "c = f32[1] 4");
    private static final String SEQUENCE = "s = SequenceConstruct(a; b; c)\n";

    /** Nodes that make a tensor y of the sequence s, which holds a, b and c. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            y = SequenceAt(s; i64[] 1)                                        | f32[2] 2 3
            y = SequenceAt(s; i32[] -1)                                       | f32[1] 4
            y = SequenceLength(s)                                             | i64[] 3
            t = SequenceInsert(s; b), y = SequenceAt(t; i64[] 3)              | f32[2] 2 3
            t = SequenceInsert(s; b; i64[] 0), y = SequenceAt(t; i64[] 0)     | f32[2] 2 3
            t = SequenceInsert(s; b; i64[] 3), y = SequenceAt(t; i64[] -1)    | f32[2] 2 3
            t = SequenceInsert(s; b; i64[] -1), y = ConcatFromSequence(t) axis=0 | f32[6] 1 2 3 2 3 4
            t = SequenceErase(s), y = ConcatFromSequence(t) axis=-1           | f32[3] 1 2 3
            t = SequenceErase(s; i64[] 1), y = ConcatFromSequence(t) axis=0   | f32[2] 1 4
            t = SequenceErase(s; i32[] -3), y = ConcatFromSequence(t) axis=0  | f32[3] 2 3 4
            t = SequenceErase(s; i64[] 1), y = ConcatFromSequence(t) axis=0 new_axis=1  | f32[2,1] 1 4
            t = SequenceErase(s; i64[] 1), y = ConcatFromSequence(t) axis=-1 new_axis=1 | f32[1,2] 1 4
            t = Identity(s), y = ConcatFromSequence(t) axis=0                 | f32[4] 1 2 3 4
            t = SequenceEmpty() dtype=7, y = SequenceLength(t)                | i64[] 0
            t = SequenceEmpty(), u = SequenceInsert(t; b), y = SequenceAt(u; i64[] 0) | f32[2] 2 3
            t = SplitToSequence(b), y = SequenceAt(t; i64[] 1)                | f32[1] 3
            t = SplitToSequence(b) keepdims=0, y = SequenceAt(t; i64[] 1)     | f32[] 3
            t = SplitToSequence(b; i64[] 2) keepdims=0, y = SequenceAt(t; i64[] 0) | f32[2] 2 3
            t = SplitToSequence(b; i64[2] 0 2), y = SequenceAt(t; i64[] 1)    | f32[2] 2 3
            t = SplitToSequence(b; i64[2] 0 2), y = SequenceAt(t; i64[] 0)    | f32[0]
            t = Optional(s), u = OptionalGetElement(t), y = SequenceAt(u; i64[] 0) | f32[1] 1
            t = Optional(s), y = OptionalHasElement(t)                        | bool[] 1
            t = Optional() type=f32, y = OptionalHasElement(t) | bool[] 0
            t = Optional(b), u = Identity(t), y = OptionalGetElement(u)       | f32[2] 2 3
            """)
    void tensorsOfSequences(String nodes, String y) {
        var model = SEQUENCE + nodes.replace(", ", "\n");
        assertThatModel(16, TENSORS, model, List.of("y = " + y));
    }

    @Test
    void sinceOpset18EveryValueHasContent() {
        assertThatModel(18, TENSORS, "y = OptionalGetElement(b)", List.of("y = f32[2] 2 3"));
        assertThatModel(18, TENSORS, "y = OptionalHasElement(b)", List.of("y = bool[] 1"));
        assertThatModel(18, TENSORS, "y = OptionalHasElement()", List.of("y = bool[] 0"));
        assertThatModel(18, TENSORS, "y = OptionalHasElement(none)", List.of("y = bool[] 0"));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 4", "-1, 4"})
    void aComputedPositionChoosesAmongTensorsOfOneShape(String position, String y) {
        assertThatModel(
                11,
                List.of("a = f32[1] 1", "c = f32[1] 4", "p = i64[] " + position),
                "s = SequenceConstruct(a; c)\ny = SequenceAt(s; p)",
                List.of("y = f32[1] " + y));
    }

    @Test
    void partsOfOneSizeHaveAShorterLastOne() {
        assertThatModel(
                24, List.of("x = f32[2,3] 1 2 3 4 5 6"), """
                s = SplitToSequence(x; i64[] 2) axis=-1
                y = SequenceAt(s; i64[] 0)
                z = SequenceAt(s; i64[] 1)
                """, List.of("y = f32[2,2] 1 2 4 5", "z = f32[2,1] 3 6"));
    }

    @Test
    void mapsRunABodyForEveryTensor() {
        assertThatModel(17, TENSORS, SEQUENCE + """
                t; u = SequenceMap(s; s; a)
                  body (p; q; r) -> (v; w)
                    v = Add(p; q)
                    w = Mul(p; r)
                y = ConcatFromSequence(t) axis=0
                z = ConcatFromSequence(u) axis=0
                """, List.of("y = f32[4] 2 4 6 8", "z = f32[4] 1 2 3 4"));
        assertThatModel(17, List.of(), """
                s = SequenceEmpty() dtype=1
                t = SequenceMap(s)
                  body (p) -> (v:i64[1])
                    v = Shape(p)
                u = SequenceInsert(t; i64[1] 3)
                y = SequenceLength(u)
                """, List.of("y = i64[] 1"));
    }

    @Test
    void loopsCarrySequences() {
        assertThatModel(13, List.of("x = f32[3] 1 2 3"), """
                e = SequenceEmpty()
                s = Loop(i64[] 3; bool[] 1; e)
                  body (i; c; t) -> (d; u)
                    d = Identity(c)
                    n = Unsqueeze(i; i64[1] 0)
                    m = Add(n; i64[1] 1)
                    p = Slice(x; i64[1] 0; m)
                    u = SequenceInsert(t; p)
                y = ConcatFromSequence(s) axis=0
                """, List.of("y = f32[6] 1 1 2 1 2 3"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            y = SequenceAt(s; i64[] 3)             | position 3 is outside a sequence of 3 places
            y = SequenceAt(s; i64[] -4)            | position -4 is outside a sequence of 3 places
            y = SequenceAt(s; p)                   | takes one of 3 tensors at a position that is computed at run time
            y = SequenceAt(b; i64[] 0)             | input 0 (input_sequence) is f32
            y = SequenceInsert(s; b; i64[] 4)      | position 4 is outside a sequence of 3 tensors
            y = SequenceInsert(s; b; p)            | input 2 (position, "p") must be known
            y = SequenceInsert(s; p)               | inserts i64[] into a sequence of f32
            y = SequenceErase(s; i64[] 3)          | position 3 is outside a sequence of 3 places
            y = ConcatFromSequence(s) axis=1       | axis 1 is outside a tensor of rank 1
            y = ConcatFromSequence(s) axis=0 new_axis=1 | stacks values of different types: f32[1] and f32[2]
            y = SequenceConstruct(a; p)            | input 1 (inputs) is i64 where f32 came before; they are of one type
            y = SequenceEmpty() dtype=8            | holds ONNX element type 8, which is no number type
            y = SequenceEmpty() dtype=4294967297   | a size is beyond 64 bits
            y = SplitToSequence(b; i64[] 0)        | splits 2 elements into parts of 0
            y = SplitToSequence(b; i64[2] 1 2)     | splits 2 elements into 2 parts of other sizes altogether
            y = SplitToSequence(b; i64[2] 3 -1)    | splits 2 elements into 2 parts of other sizes altogether
            y = SplitToSequence(b; p)              | input 1 (split, "p") must be known
            y = Optional()                         | has neither a value nor attribute "type"
            t = Optional() type=f32, y = OptionalGetElement(t) | takes the content of an empty optional
            y = Add(s; b)                          | input 0 (A) is seq(f32)
            """)
    void isRefused(String nodes, String why) {
        var inputs = List.of("a = f32[1] 1", "b = f32[2] 2 3", "c = f32[1] 4", "p = i64[] 0");
        var file = StructureText.model(16, inputs, SEQUENCE + nodes.replace(", ", "\n"), List.of("y"));
        assertThatThrownBy(() -> OnnxImporter.read(file, Bindings.NONE))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1204 model.onnx: ")
                .hasMessageContaining(why);
    }

    private static OnnxFile model(String type, String nodes) {
        return ModelText.graph("input { name: \"s\" type { %s } }".formatted(type) + nodes + ModelText.output("y"));
    }

    private static Bindings shapes(Map<String, Shape> shapes) {
        return new Bindings(Map.of(), shapes, Map.of());
    }

    private static final String SEQUENCE_TYPE = "sequence_type { elem_type { tensor_type { elem_type: 1 } } }";
    private static final String OPTIONAL_TYPE = "optional_type { elem_type { %s } }".formatted(SEQUENCE_TYPE);

    /** The tensors of a sequence are inputs and outputs of their own. */
    @Test
    void sequencesEnterAndLeaveByTheirTensors() {
        var nodes = ModelText.node("SequenceErase", "y", "s", "i") + ModelText.longs("i", 0);
        var shapes = Map.of("s[0]", Shape.of(1), "s[1]", Shape.of(2, 1), "s[2]", Shape.of(3));
        var graph = OnnxImporter.read(model(SEQUENCE_TYPE, nodes), shapes(shapes));
        assertThat(graph.inputs())
                .extracting(i -> i.name() + " " + i.value().type())
                .containsExactly("s[0] f32[1]", "s[1] f32[2,1]", "s[2] f32[3]");
        assertThat(graph.outputs())
                .extracting(o -> o.name() + " " + o.value().type())
                .containsExactly("y[0] f32[2,1]", "y[1] f32[3]");
        assertThatThrownBy(() -> OnnxImporter.read(model(SEQUENCE_TYPE, nodes), shapes(Map.of("s[1]", Shape.of(1)))))
                .hasMessageStartingWith("SYS1206 model.onnx: there is no input \"s[1]\"");
        assertThatThrownBy(() -> OnnxImporter.read(model(SEQUENCE_TYPE, nodes), shapes(Map.of("s[0]", Shape.of(1)))))
                .hasMessageStartingWith(
                        "SYS1205 model.onnx: the outputs are sequences and optionals that hold nothing");
    }

    @Test
    void anOptionalHoldsWhatIsBoundForIt() {
        var has = model(OPTIONAL_TYPE, ModelText.node("OptionalHasElement", "y", "s"));
        for (boolean holds : new boolean[] {true, false}) {
            var graph = OnnxImporter.read(has, shapes(holds ? Map.of("s[0]", Shape.of(1)) : Map.of()));
            var inputs = holds ? List.of(NodeCase.parseTensor("f32[1] 1")) : List.<Tensor>of();
            assertThat(NodeCase.values(GraphInterpreter.run(graph, inputs).getFirst()))
                    .containsExactly(holds ? 1 : 0);
        }
        var element = model(
                "optional_type { elem_type { tensor_type { elem_type: 1 } } }", ModelText.node("Identity", "y", "s"));
        assertThat(OnnxImporter.read(element, shapes(Map.of("s", Shape.of(2)))).outputNames())
                .containsExactly("y");
    }
}
