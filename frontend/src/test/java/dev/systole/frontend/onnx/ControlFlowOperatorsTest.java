package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.StructureText.assertThatModel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** If, Loop and Scan: what is known decides when importing, what is computed selects. */
class ControlFlowOperatorsTest {
    static final Set<String> OPERATORS = Set.of("If", "Loop", "Scan");

    private static final String BRANCHES = """
        y = If(%s)
          then_branch () -> (a)
            a = Add(x; x)
          else_branch () -> (b)
            b = Neg(x)
        """;

    private static void assertRefused(int opset, List<String> inputs, String nodes, String why) {
        var file = StructureText.model(opset, inputs, nodes, List.of("y"));
        assertThatThrownBy(() -> OnnxImporter.read(file, Bindings.NONE))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1204 model.onnx: ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({"1, 2 4", "0, -1 -2"})
    void aConditionChoosesABranch(String condition, String y) {
        var x = "x = f32[2] 1 2";
        assertThatModel(1, List.of(x), BRANCHES.formatted("bool[] " + condition), List.of("y = f32[2] " + y));
        assertThatModel(11, List.of("c = bool[] " + condition, x), BRANCHES.formatted("c"), List.of("y = f32[2] " + y));
        assertThatModel(
                25, List.of("c = bool[1] " + condition, x), BRANCHES.formatted("c"), List.of("y = f32[2] " + y));
    }

    @ParameterizedTest
    @CsvSource({"1, f32[1] 1", "0, 'f32[1,2] 1 2'"})
    void onlyAKnownConditionChoosesBetweenShapes(String condition, String y) {
        var nodes = """
            y = If(%s)
              then_branch () -> (a)
                a = Slice(x; i64[1] 0; i64[1] 1)
              else_branch () -> (b)
                b = Unsqueeze(x; i64[1] 0)
            """;
        assertThatModel(13, List.of("x = f32[2] 1 2"), nodes.formatted("bool[] " + condition), List.of("y = " + y));
        assertRefused(
                13,
                List.of("x = f32[2] 1 2", "c = bool[] " + condition),
                nodes.formatted("c"),
                "gives f32[1] or f32[1,2] by a condition that is computed at run time; both must have one shape");
    }

    @Test
    void conditionsAreOneBoolean() {
        assertRefused(
                13,
                List.of("c = bool[2] 1 1", "x = f32[1] 1"),
                BRANCHES.formatted("c"),
                "its condition is bool[2], not one boolean");
    }

    @ParameterizedTest
    @CsvSource({"1, 1 2, 5 6", "0, 7 8, 3 4"})
    void branchesGiveSequences(String condition, String first, String second) {
        assertThatModel(
                13,
                List.of("c = bool[] " + condition, "a = f32[2] 1 2", "b = f32[2] 7 8", "d = f32[2] 3 4"),
                """
                s = If(c)
                  then_branch () -> (p)
                    e = Add(d; f32[2] 2 2)
                    p = SequenceConstruct(a; e)
                  else_branch () -> (q)
                    q = SequenceConstruct(b; d)
                y = SequenceAt(s; i64[] 0)
                z = SequenceAt(s; i64[] 1)
                """,
                List.of("y = f32[2] " + first, "z = f32[2] " + second));
    }

    private static final String SUMS = """
        y; s = Loop(%s; %s; x)
          body (i; c; a) -> (d; b; t)
            k = Cast(i) to=1
            b = Add(a; k)
            t = Mul(b; f32[] 2)
            d = %s
        """;

    @ParameterizedTest
    @ValueSource(strings = {"Identity(c)", "Less(b; f32[] 100)"})
    void aLoopRunsAsOftenAsItsTripCountSays(String condition) {
        for (int opset : new int[] {13, 16, 25}) {
            assertThatModel(
                    opset,
                    List.of("x = f32[] 5"),
                    SUMS.formatted("i64[] 3", "bool[] 1", condition),
                    List.of("y = f32[] 8", "s = f32[3] 10 12 16"));
        }
    }

    @Test
    void withoutAConditionTheBodysIsIgnored() {
        assertThatModel(
                13,
                List.of("x = f32[] 5"),
                SUMS.formatted("i64[1] 3", "none", "Less(b; f32[] 0)"),
                List.of("y = f32[] 8", "s = f32[3] 10 12 16"));
    }

    /** 5, 6, 8, 11: the loop runs while what it carries is below the limit. */
    @ParameterizedTest
    @CsvSource({"5, 5, f32[1] 10", "6, 6, f32[2] 10 12", "7, 8, f32[3] 10 12 16", "100, 11, f32[4] 10 12 16 22"})
    void aComputedConditionEndsALoop(String limit, String y, String s) {
        assertThatModel(
                13,
                List.of("x = f32[] 5", "limit = f32[] " + limit),
                SUMS.formatted("i64[] 4", "bool[] 1", "Less(b; limit)"),
                List.of("y = f32[] " + y, "s = " + s));
    }

    @ParameterizedTest
    @CsvSource({"1, 8, f32[3] 10 12 16", "0, 5, f32[0]"})
    void aComputedConditionBeginsALoop(String begins, String y, String s) {
        assertThatModel(
                13,
                List.of("x = f32[] 5", "c = bool[] " + begins),
                SUMS.formatted("i64[] 3", "c", "Identity(c)"),
                List.of("y = f32[] " + y, "s = " + s));
    }

    @Test
    void whatIsCarriedMayGrow() {
        assertThatModel(13, List.of("x = f32[1] 1"), """
            y = Loop(i64[] 2; bool[] 1; x)
              body (i; c; a) -> (d; b)
                d = Identity(c)
                b = Concat(a; x) axis=0
            """, List.of("y = f32[3] 1 1 1"));
        assertRefused(
                13,
                List.of("x = f32[1] 1", "g = bool[] 1"),
                """
                y = Loop(i64[] 2; g; x)
                  body (i; c; a) -> (d; b)
                    d = Identity(c)
                    b = Concat(a; x) axis=0
                """,
                "gives f32[2] or f32[1] by a condition that is computed at run time");
    }

    @Test
    void aLoopThatCountsForItselfNeedsNoTripCount() {
        assertThatModel(13, List.of("x = f32[] 1"), """
            k; y = Loop(none; bool[] 1; i64[] 0; x)
              body (i; c; a; v) -> (d; b; w)
                b = Add(a; i64[] 1)
                w = Add(v; v)
                d = Less(b; i64[] 5)
            """, List.of("y = f32[] 32"));
    }

    @Test
    void aLoopThatDoesNotEndIsRefused() {
        assertRefused(
                13,
                List.of("x = f32[] 1"),
                """
                y = Loop(i64[] 9223372036854775807; bool[] 1; x)
                  body (i; c; a) -> (d; b)
                    d = Identity(c)
                    b = Identity(a)
                """,
                "iterates more than 20000 times, or does not end; give it a smaller trip count");
    }

    @Test
    void aLoopThatNeverRunsGivesItsFirstValuesAndEmptyOutputs() {
        for (var body : List.of("body (i; c; a) -> (d; b; t)", "body (i; c; a) -> (d; b; t:f32[2,1])")) {
            var nodes = """
                y; s = Loop(i64[] %s; bool[] %s; x)
                  %s
                    d = Identity(c)
                    b = Add(a; a)
                    t = Unsqueeze(b; i64[1] 1)
                """;
            for (var counts : List.of("0 1", "-1 1", "5 0")) {
                var words = counts.split(" ");
                assertThatModel(
                        13,
                        List.of("x = f32[2] 1 2"),
                        nodes.formatted(words[0], words[1], body),
                        List.of("y = f32[2] 1 2", "s = f32[0,2,1]"));
            }
        }
    }

    @Test
    void malformedLoopsAreRefused() {
        var x = List.of("x = f32[] 1", "m = i64[] 2");
        var body = """
              body (i; c; a) -> (d%s)
                d = Identity(c)
                b = Identity(a)
            """;
        assertRefused(13, x, "y = Loop(m; bool[] 1; x)\n" + body.formatted("; b"), "input 0 (M, \"m\") must be known");
        assertRefused(
                13,
                x,
                "y = Loop(i64[] 1; bool[] 1; x)\n" + body.formatted(""),
                "its body gives no condition, or fewer values");
        assertRefused(
                13, x, "y = Loop(i64[] 1; bool[] 1)\n" + body.formatted("; b"), "its graph takes 3 inputs, not 2");
        assertRefused(
                13,
                x,
                "y = Loop(i64[2] 1 1; bool[] 1; x)\n" + body.formatted("; b"),
                "input 0 (M) holds 2 numbers, not one");
    }

    private static final String RUNNING = """
        y; s = Scan(f32[] 10; x) num_scan_inputs=1 %s
          body (a; e) -> (b; t)
            b = Add(a; e)
            t = Mul(b; f32[1] 1)
        """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                                        | f32[3,1] 11 13 16
        scan_input_directions=[1]                       | f32[3,1] 13 15 16
        scan_output_directions=[1]                      | f32[3,1] 16 13 11
        scan_output_axes=[1]                            | f32[1,3] 11 13 16
        scan_output_axes=[-1] scan_output_directions=[1]| f32[1,3] 16 13 11
        scan_input_axes=[-1]                            | f32[3,1] 11 13 16
        """)
    void aScanRunsOverTheElementsOfAnAxis(String attributes, String s) {
        for (int opset : new int[] {11, 25}) {
            assertThatModel(
                    opset,
                    List.of("x = f32[3] 1 2 3"),
                    RUNNING.formatted(attributes == null ? "" : attributes),
                    List.of("y = f32[] 16", "s = " + s));
        }
    }

    private static final String SEQUENCE = "x = f32[16] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";

    /** The body of a scan, and what it becomes: one operation, if that rounds as the body does. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        p = Mul(a; f32[] 2) : b = Add(p; e)                 | recurrence | 131054
        p = Mul(a; f32[] 2) : b = Sub(p; e)                 | recurrence | -131054
        p = Mul(a; f32[] 2) : b = Sub(e; p)                 | recurrence | -14558
        b = Sub(e; a)                                       | recurrence | 8
        p = Exp(e) : q = Mul(p; f32[] 0) : b = Mul(a; q)    | recurrence | 0
        b = Identity(e)                                     |            | 16
        b = Identity(a)                                     |            | 0
        p = Mul(a; f32[] 2) : q = Add(p; e) : b = Sub(q; e) |            | 0
        p = Max(a; e) : b = Add(p; e)                       |            | 137
        """)
    void aScanThatMultipliesAndAddsIsARecurrence(String body, String operation, String y) {
        var nodes = "y; s = Scan(f32[] 0; x) num_scan_inputs=1\n  body (a; e) -> (b; t)\n    "
                + body.replace(" : ", "\n    ") + "\n    t = Identity(b)\n";
        assertThatModel(11, List.of(SEQUENCE), nodes, List.of("y = f32[] " + y));
        var file = StructureText.model(11, List.of(SEQUENCE), nodes, List.of("y"));
        var graph = OnnxImporter.read(file, Bindings.NONE).toString();
        if (operation == null) {
            assertThat(graph).doesNotContain("recurrence");
        } else {
            assertThat(graph).contains(operation);
        }
    }

    @Test
    void statesOfAScanMayFollowOneAnother() {
        assertThatModel(
                11,
                List.of(SEQUENCE),
                """
                y; z; s; w = Scan(f32[] 0; f32[] 100; x) num_scan_inputs=1 scan_output_directions=[1,0]
                  body (a; c; e) -> (b; d; t; u)
                    b = Add(a; e)
                    p = Mul(c; f32[] 0)
                    d = Add(p; a)
                    t = Mul(c; f32[] 2)
                    u = Mul(e; b)
                """,
                List.of(
                        "y = f32[] 136",
                        "z = f32[] 120",
                        "s = f32[16] 210 182 156 132 110 90 72 56 42 30 20 12 6 2 0 200",
                        "w = f32[16] 1 6 18 40 75 126 196 288 405 550 726 936 1183 1470 1800 2176"));
    }

    @Test
    void aScanOverNothingGivesItsStates() {
        assertThatModel(11, List.of("x = f32[0]"), RUNNING.formatted(""), List.of("y = f32[] 10", "s = f32[0,1]"));
        assertThatModel(
                11,
                List.of("x = f32[0]"),
                RUNNING.formatted("scan_output_axes=[1]").replace("t)", "t:f32[4])"),
                List.of("y = f32[] 10", "s = f32[4,0]"));
    }

    @Test
    void aScanRunsOverSeveralInputsAlongAxesOfTheirOwn() {
        assertThatModel(
                9,
                List.of("p = f32[2,3] 1 2 3 4 5 6", "q = f32[3,2] 1 2 3 4 5 6"),
                """
                y = Scan(p; q) num_scan_inputs=2 scan_input_axes=[1,0]
                  body (a; b) -> (t)
                    t = Add(a; b)
                """,
                List.of("y = f32[3,2] 2 6 5 9 8 12"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"known", "computed", "none"})
    void beforeOpset9AScanTookBatches(String lengths) {
        var nodes = """
            y; s = Scan(%s; h; x) num_scan_inputs=1
              body (a; e) -> (b; t)
                b = Add(a; e)
                t = Identity(b)
            """;
        var h = "h = f32[2] 0 10";
        var x = "x = f32[2,3] 1 2 3 4 5 6";
        switch (lengths) {
            case "known" ->
                assertThatModel(
                        8,
                        List.of(h, x),
                        nodes.formatted("i64[2] 2 3"),
                        List.of("y = f32[2] 3 25", "s = f32[2,3] 1 3 0 14 19 25"));
            case "computed" ->
                assertThatModel(
                        8,
                        List.of("n = i64[2] 2 3", h, x),
                        nodes.formatted("n"),
                        List.of("y = f32[2] 3 25", "s = f32[2,3] 1 3 6 14 19 25"));
            default ->
                assertThatModel(
                        8,
                        List.of(h, x),
                        nodes.replace("=1", "=1 directions=[1]").formatted("none"),
                        List.of("y = f32[2] 6 25", "s = f32[2,3] 3 5 6 16 21 25"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        num_scan_inputs=0                              | scans 0 of 2 inputs
        num_scan_inputs=3                              | scans 3 of 2 inputs
        num_scan_inputs=1 scan_input_axes=[1]          | axis 1 is outside a tensor of rank 1
        num_scan_inputs=1 scan_input_axes=[0,0]        | attribute "scan_input_axes" has 2 numbers for 1
        num_scan_inputs=1 scan_output_axes=[2]         | axis 2 is outside a tensor of rank 2
        num_scan_inputs=1 scan_output_directions=[1,1] | attribute "scan_output_directions" has 2 numbers for 1
        """, quoteCharacter = '`')
    void malformedScansAreRefused(String attributes, String why) {
        var nodes = RUNNING.formatted("").replace("num_scan_inputs=1", attributes);
        assertRefused(11, List.of("x = f32[3] 1 2 3"), nodes, why);
    }

    @Test
    void statesKeepTheirTypes() {
        assertRefused(
                11, List.of("x = f32[3] 1 2 3"), """
                y = Scan(f32[1] 1; x) num_scan_inputs=1
                  body (a; e) -> (b)
                    b = Concat(a; a) axis=0
                """, "state 0 is f32[1] before an iteration and f32[2] after it");
    }

    @Test
    void nothingIsComputedOfAValueWhoseExtentDependsOnData() {
        assertRefused(
                13,
                List.of("x = f32[3] 1 0 3", "c = bool[] 1"),
                """
                y = If(c)
                  then_branch () -> (a)
                    a = NonZero(x)
                  else_branch () -> (b)
                    b = NonZero(x)
                """,
                "uses a value whose extent depends on data; such a value can only be an output");
        assertThatModel(13, List.of("x = f32[3] 1 0 3"), """
            y = If(bool[] 1)
              then_branch () -> (a)
                a = NonZero(x)
              else_branch () -> (b)
                b = Identity(i64[1,1] 0)
            """, List.of("y = i64[1,2] 0 2"));
    }
}
