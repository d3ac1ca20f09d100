package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.systole.cli.Systole;
import dev.systole.cli.calibration.Kernels;
import dev.systole.cli.calibration.MatmulKernels;
import dev.systole.emulator.Emulator;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The calibration kernels compute what they are named after, and the model's time of them is near the chip's. */
class CalibrationTest {
    private static final Target TRN1 = Targets.load("trn1");

    private static float[] floats(Tensor t) {
        var values = new float[Math.toIntExact(t.type().shape().elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = Elements.readFloat(t.bytes(), i, DType.F32);
        }
        return values;
    }

    /** Inputs and the one output of a run, by name; the order of the streams makes no difference. */
    private static Map<String, float[]> run(Program program) {
        var random = new Random(7);
        var inputs = new HashMap<String, Tensor>();
        var values = new HashMap<String, float[]>();
        for (var b : program.inputs()) {
            var t = Tensor.allocate(b.type());
            for (long i = 0; i < b.type().shape().elements(); i++) {
                Elements.writeDouble(t.bytes(), i, DType.F32, (float) random.nextGaussian());
            }
            inputs.put(b.name(), t);
            values.put(b.name(), floats(t));
        }
        try (var emulator = new Emulator(program, 2)) {
            var outputs = emulator.run(inputs);
            assertThat(emulator.runInterleaved(inputs, 1).entrySet())
                    .allSatisfy(e -> assertThat(e.getValue().sameBytes(outputs.get(e.getKey())))
                            .isTrue());
            outputs.forEach((name, t) -> values.put(name, floats(t)));
        }
        return values;
    }

    @Test
    void silu() {
        var v = run(Kernels.silu(TRN1, 2, 1024));
        var x = v.get("x");
        for (int i = 0; i < x.length; i += 37) {
            assertThat(v.get("y")[i]).isCloseTo((float) (x[i] / (1 + Math.exp(-x[i]))), within(1e-5f));
        }
    }

    @Test
    void rope() {
        int columns = 1536;
        var v = run(Kernels.rope(TRN1, columns));
        int half = 64 * columns;
        for (int i = 0; i < half; i += 41) {
            float a = v.get("x")[i];
            float b = v.get("x")[half + i];
            float cos = v.get("cos")[i];
            float sin = v.get("sin")[i];
            assertThat(v.get("y")[i]).isCloseTo(a * cos - b * sin, within(1e-5f));
            assertThat(v.get("y")[half + i]).isCloseTo(a * sin + b * cos, within(1e-5f));
        }
    }

    @Test
    void matmul() {
        int depth = 1024;
        int columns = 1024;
        var v = run(MatmulKernels.matmul(TRN1, 256, depth, columns));
        for (int i = 0; i < 256 * columns; i += 997) {
            double sum = 0;
            for (int k = 0; k < depth; k++) {
                sum += (double) v.get("lhs")[i / columns * depth + k] * v.get("rhs")[k * columns + i % columns];
            }
            assertThat(v.get("product")[i]).isCloseTo((float) sum, within(1e-3f));
        }
    }

    @Test
    void transposeMatmul() {
        int rows = 1024;
        int depth = 256;
        int columns = 1024 + 192;
        var v = run(MatmulKernels.transposeMatmul(TRN1, rows, depth, columns));
        for (int i = 0; i < rows * columns; i += 4999) {
            double sum = 0;
            for (int k = 0; k < depth; k++) {
                sum += (double) v.get("lhs")[k * rows + i / columns] * v.get("rhs")[k * columns + i % columns];
            }
            assertThat(v.get("product")[i]).isCloseTo((float) sum, within(1e-3f));
        }
    }

    /** Half of the latencies within 15 % of the chip's, none more than 30 % off, and every kernel moves the bytes that the chip's moved. */
    @Test
    void theTimelineIsNearTheChips() throws IOException {
        var out = new StringWriter();
        int code = Systole.execute(
                new String[] {
                    "bench",
                    "calibration",
                    "--csv",
                    "--measured",
                    Path.of("calibration", "measured.csv").toAbsolutePath().toString()
                },
                new PrintWriter(out),
                new PrintWriter(System.err));
        assertThat(code).isZero();
        var text = out.toString();
        Goldens.check(Goldens.ROOT.resolve("calibration/modelled.csv"), text);
        var latencies = text.lines()
                .filter(l -> l.contains(",latency,"))
                .mapToDouble(l -> Math.abs(Double.parseDouble(l.substring(l.lastIndexOf(',') + 1))))
                .sorted()
                .toArray();
        assertThat(latencies).hasSize(4);
        assertThat((latencies[1] + latencies[2]) / 2).isLessThanOrEqualTo(0.15);
        assertThat(latencies[3]).isLessThanOrEqualTo(0.30);
        assertThat(text.lines().filter(l -> l.contains(",hbm_")))
                .hasSize(8)
                .allSatisfy(l -> assertThat(Math.abs(Double.parseDouble(l.substring(l.lastIndexOf(',') + 1))))
                        .isLessThan(0.001));
    }
}
