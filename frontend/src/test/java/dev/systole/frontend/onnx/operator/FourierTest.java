package dev.systole.frontend.onnx.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Op;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lengths whose matrix would be large, against the definition. */
class FourierTest {
    private static Graph graph(Fourier transform, DType dtype) {
        var builder = new GraphBuilder("g");
        var schema = OperatorSchemas.find("", "DFT", 20).orElseThrow();
        var n = new OnnxNode(
                builder,
                new HashMap<>(),
                NodeProto.getDefaultInstance(),
                List.of(),
                schema,
                Path.of("."),
                (body, given) -> List.of(),
                null);
        var x = builder.input("x", TensorType.of(dtype, transform.taken(), transform.parts()));
        builder.output("y", transform.apply(n, x));
        return builder.build();
    }

    @ParameterizedTest
    @CsvSource({
        "1050, 1050, 1, false, false, 2100",
        "1050, 1050, 2, false, false, 2100",
        "1536, 1500, 1, false, true,  1538",
        "1024, 1024, 2, true,  false, 2048",
        "1024, 513,  2, true,  true,  1024",
        "1155, 500,  2, true,  true,  1155",
    })
    void isTheSumOfTurnedElements(long length, long taken, long parts, boolean inverse, boolean onesided, int numbers) {
        var transform = new Fourier(length, taken, parts, inverse, onesided);
        var x = Tensor.allocate(TensorType.of(DType.F64, taken, parts));
        var random = new Random(length);
        for (long i = 0; i < taken * parts; i++) {
            Elements.writeDouble(x.bytes(), i, DType.F64, random.nextDouble() - 0.5);
        }
        var graph = graph(transform, DType.F64);
        assertThat(graph.nodes().stream().map(n -> n.op()).filter(Op.Constant.class::isInstance))
                .allSatisfy(
                        c -> assertThat(((Op.Constant) c).value().type().shape().elements())
                                .isLessThan(1 << 14));
        var y = GraphInterpreter.run(graph, List.of(x)).getFirst();
        assertThat(y.type().shape().elements()).isEqualTo(numbers);
        for (long k = 0; k < y.type().shape().dim(0); k += 97) {
            for (long part = 0; part < y.type().shape().dim(1); part++) {
                assertThat(Elements.readDouble(y.bytes(), k * y.type().shape().dim(1) + part, DType.F64))
                        .isCloseTo(expected(transform, x, k, part), within(1e-9));
            }
        }
    }

    private static double expected(Fourier f, Tensor x, long k, long part) {
        double sum = 0;
        for (long i = 0; i < f.taken(); i++) {
            double angle = (f.inverse() ? 2 : -2) * Math.PI * (i * k % f.length()) / f.length();
            double real = Elements.readDouble(x.bytes(), i * f.parts(), DType.F64);
            double imaginary = f.parts() == 2 ? Elements.readDouble(x.bytes(), i * 2 + 1, DType.F64) : 0;
            double turned = part == 0
                    ? real * Math.cos(angle) - imaginary * Math.sin(angle)
                    : real * Math.sin(angle) + imaginary * Math.cos(angle);
            boolean twice = f.inverse() && f.onesided() && i != 0 && 2 * i != f.length();
            sum += twice ? 2 * turned : turned;
        }
        return f.inverse() ? sum / f.length() : sum;
    }

    @Test
    void aLongLengthWithoutFactorsIsRefused() {
        assertThatThrownBy(() -> graph(new Fourier(1_000_003, 1_000_003, 1, false, false), DType.F32))
                .isInstanceOf(FrontendException.class)
                .hasMessageContaining("use a length with small factors");
    }
}
