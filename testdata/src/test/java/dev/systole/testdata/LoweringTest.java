package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphParser;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every primitive on the machine gives what the graph interpreter gives: the graphs of {@code testdata/lowering}. A line {@code // on:
 * FILE} names a target of {@code testdata/targets}.
 */
@Execution(ExecutionMode.CONCURRENT)
class LoweringTest {
    private static final Path CASES = Goldens.ROOT.resolve("lowering");
    private static final String SEPARATOR = "// ---\n";
    private static final Pattern TARGET = Pattern.compile("(?m)^// on: (.+)$");
    private static final float[] REMARKABLE = {
        0, -0.0f, 1, -1, 0.5f, 1.5f, 2.5f, -2.5f, 448, 464, 500, 1e5f, -1e5f, 3e38f, 1e-9f, 100.25f
    };

    private static final float[] ENDS = {
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        0,
        -0.0f
    };

    static Stream<Path> files() throws IOException {
        return Files.list(CASES).sorted();
    }

    @ParameterizedTest
    @MethodSource("files")
    void theMachineComputesWhatTheGraphMeans(Path file) throws IOException {
        var faults = new ArrayList<String>();
        int number = 0;
        for (var text : Files.readString(file).split(SEPARATOR)) {
            var graph = GraphParser.parse(text, file.getFileName().toString(), Literals.Constants.NONE);
            var inputs = inputs(graph, new Random(number));
            var expected = Meanings.run(graph, inputs);
            // Where loops keep in fp32 what the graph rounds to 16 bits between two matmuls, they differ in the last
            // place.
            double relative = text.contains("= matmul") && text.contains("bf16[") ? 0x1p-6 : Meanings.RELATIVE;
            for (var target : targets(text, number)) {
                var where = file.getFileName() + " #" + number + " " + graph.name() + " on " + target;
                try {
                    var options = new CompileOptions(
                            Targets.load(target),
                            AutoCast.NONE,
                            DType.BF16,
                            new SameMeaning(where, graph, inputs, expected, relative));
                    var program = new Compiler(options).compile(graph).program();
                    Meanings.assertClose(
                            where, DifferentialTest.emulate(program, graph, inputs, 1), expected, relative);
                } catch (RuntimeException | AssertionError e) {
                    faults.add(where + ": " + e);
                }
            }
            number++;
        }
        assertThat(faults).isEmpty();
    }

    private static List<String> targets(String text, int number) {
        var own = TARGET.matcher(text);
        if (own.find()) {
            return List.of(Goldens.ROOT.resolve("targets").resolve(own.group(1)).toString());
        }
        return number % 5 == 0 ? List.of("trn1", "trn2") : List.of("trn2");
    }

    /** Numbers of the whole range of their type that the operators take; indices count the rows of the first input. */
    private static List<Tensor> inputs(Graph graph, Random random) {
        var tensors = new ArrayList<Tensor>();
        var text = graph.toString();
        boolean small = text.contains("gather_elements") || text.contains("scatter_");
        boolean remarkable = !text.contains("64[") && (text.contains(" cast ") || text.contains(" sort "));
        boolean ordered = text.contains(" topk ");
        for (var p : graph.inputs()) {
            var type = p.value().type();
            var t = Tensor.allocate(type);
            for (long i = 0; i < type.shape().elements(); i++) {
                if (p.name().equals("i")) {
                    Elements.writeInteger(t.bytes(), i, type.dtype(), random.nextInt(rows(graph)));
                } else if (type.dtype().isFloat()) {
                    float[] some = ordered ? ENDS : REMARKABLE;
                    float x = (remarkable || ordered) && random.nextInt(3) == 0
                            ? some[random.nextInt(some.length)]
                            : random.nextInt(-8, 9) / (float) (1 << random.nextInt(4));
                    Elements.writeFloat(t.bytes(), i, type.dtype(), x);
                } else {
                    Elements.writeInteger(
                            t.bytes(), i, type.dtype(), integer(text, p.name(), type.dtype(), small, random));
                }
            }
            tensors.add(t);
        }
        return tensors;
    }

    private static int rows(Graph graph) {
        Shape shape = graph.inputs().getFirst().value().type().shape();
        var text = graph.toString();
        int at = text.indexOf("axis: ");
        return (int) shape.dim(at < 0 ? 0 : text.charAt(at + 6) - '0');
    }

    private static long integer(String text, String name, DType dtype, boolean small, Random random) {
        if (dtype == DType.BOOL) {
            return random.nextInt(2);
        }
        if (small) {
            return random.nextInt(4);
        }
        if (text.contains("64[")) {
            return random.nextInt(4) - (dtype.isSigned() && !text.contains("u64[") ? 2 : 0);
        }
        int bits = dtype.bits();
        if (text.contains("shift") && name.equals("b")) {
            return random.nextInt(bits + 4) - (dtype.isSigned() ? 2 : 0);
        }
        long least = dtype.isSigned() ? -1L << (bits - 1) : 0;
        return switch (random.nextInt(6)) {
            case 0, 1 -> random.nextInt(1 << Math.min(bits - 1, 3));
            case 2 -> random.nextBoolean() ? least : least + (1L << bits) - 1;
            default -> (random.nextLong() & (1L << bits) - 1) + least;
        };
    }
}
