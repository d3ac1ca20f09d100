package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.operator.OperatorSupport;
import dev.systole.frontend.onnx.operator.Operators;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorsTest {
    /** Each compute test has a table, or a list of its operators; together they leave no operator out and hold no other. */
    @Test
    void everyOperatorHasCases() {
        var tested = new TreeSet<String>();
        Stream.of(
                        ElementwiseOperatorsTest.CASES,
                        ShapeOperatorsTest.CASES,
                        ReductionOperatorsTest.CASES,
                        ProductOperatorsTest.CASES,
                        QuantisationOperatorsTest.CASES,
                        TrigonometryOperatorsTest.CASES,
                        ActivationOperatorsTest.CASES,
                        ArithmeticOperatorsTest.CASES,
                        CastOperatorsTest.CASES,
                        RandomOperatorsTest.CASES,
                        PaddingOperatorsTest.CASES,
                        RearrangingOperatorsTest.CASES,
                        IndexingOperatorsTest.CASES,
                        ScatteringOperatorsTest.CASES,
                        OrderingOperatorsTest.CASES,
                        SelectionOperatorsTest.CASES,
                        RecurrentOperatorsTest.CASES,
                        AttentionOperatorsTest.CASES,
                        SignalOperatorsTest.CASES,
                        LossOperatorsTest.CASES,
                        EinsumOperatorTest.CASES,
                        DeterminantOperatorTest.CASES,
                        TrainingOperatorsTest.CASES,
                        ConvolutionOperatorsTest.CASES,
                        PoolingOperatorsTest.CASES,
                        NormalisationOperatorsTest.CASES,
                        ResizingOperatorsTest.CASES,
                        SamplingOperatorsTest.CASES,
                        RegionOperatorsTest.CASES,
                        ClassicalOperatorsTest.CASES)
                .flatMap(List::stream)
                .forEach(c -> tested.add(NodeCase.parse(c).operator()));
        tested.addAll(ControlFlowOperatorsTest.OPERATORS);
        tested.addAll(SequenceOperatorsTest.OPERATORS);
        assertThat(tested).isEqualTo(Operators.all().keySet());
    }

    /** What is said of support is true: of each operator of the specification either a rule or a refusal. */
    @Test
    void everyOperatorIsSupportedOrRefused() {
        assertThat(OperatorSupport.all().stream().map(OperatorSupport::name))
                .containsExactlyElementsOf(new TreeSet<>(OperatorSchemas.names()));
        for (var support : OperatorSupport.all()) {
            assertThat(support.refusal().isEmpty())
                    .as(support.name())
                    .isEqualTo(Operators.find(support.name()).isPresent());
            assertThat(support.how().isEmpty())
                    .as(support.name())
                    .isEqualTo(support.refusal().isPresent());
        }
    }

    @Test
    void elementTypesAreTheNumbersOfTheNewestVersion() {
        assertThat(OperatorSupport.find("Equal").orElseThrow().types())
                .isEqualTo("T: floats, integers, bool; T1: bool");
        assertThat(OperatorSupport.find("StringConcat").orElseThrow().types()).isEmpty();
        assertThat(OperatorSupport.find("SequenceEmpty").orElseThrow().types())
                .isEqualTo("S: integers, f64, f32, f16, bool");
    }

    @Test
    void onlyTheDefaultDomainIsKnownUnderBothNames() {
        assertThat(Operators.find("Relu")).isPresent().isEqualTo(Operators.find("Relu"));
        assertThat(Operators.find("com.microsoft.Relu")).isEmpty();
        assertThat(Operators.find("ai.onnx.ml.Relu")).isEmpty();
        assertThat(Operators.find("relu")).isEmpty();
        assertThat(Operators.find("")).isEmpty();
    }

    /** The default domain has two names, of which the model may import one and its nodes use the other. */
    @ParameterizedTest
    @ValueSource(strings = {"", "ai.onnx"})
    void nodesMayNameTheDefaultDomainEitherWay(String imported) {
        var node = ModelText.node("Softmax", "y", "x").replace("op_type", "domain: \"ai.onnx\" op_type");
        var text = "ir_version: 8 opset_import { domain: \"%s\" version: 13 } graph { %s %s }"
                .formatted(imported, input("x", "f32[2,2,2]"), node + output("y"));
        var graph = OnnxImporter.read(ModelText.model(text), Bindings.NONE);
        assertThat(graph.nodes().getFirst().op()).isEqualTo(new Op.Reduce(ReduceOp.MAX, List.of(2)));
    }

    /** Before opset 13 softmax sums over all dimensions from the axis on, so its axes tell which opset was taken. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
version: 13                                                                       | [2]
version: 12                                                                       | [1, 2]
domain: '' version: 13                                                            | [2]
domain: 'ai.onnx' version: 13                                                     | [2]
domain: 'com.acme' version: 13 } opset_import { version: 12                       | [1, 2]
domain: 'ai.onnx.ml' version: 2 } opset_import { version: 13                      | [2]
version: 13 } opset_import { domain: 'com.microsoft' version: 1                   | [2]
version: 12 } opset_import { version: 13                                          | [2]
domain: 'ai.onnx' version: 13 } opset_import { version: 12                        | [2]
""", quoteCharacter = '`')
    void theOpsetIsThatOfTheDefaultDomain(String opset, String axes) {
        var text = "ir_version: 8 opset_import { %s } graph { %s %s }"
                .formatted(opset, input("x", "f32[2,2,2]"), ModelText.node("Softmax", "y", "x") + output("y"));
        var graph = OnnxImporter.read(ModelText.model(text), Bindings.NONE);
        assertThat(graph.nodes().getFirst().op())
                .isInstanceOfSatisfying(
                        Op.Reduce.class, r -> assertThat(r.axes()).hasToString(axes));
    }
}
