package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.graph.GraphParser;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quotients by a scale, and of few numbers by how many there are, are as right as if the division had been rounded correctly. */
class QuotientsTest {
    private static final int ROWS = 128;
    private static final int COLUMNS = 512;

    private static final String GRAPH = """
            graph "steps" {
              %0 = input "x" : f32[128,512]
              %1 = input "scale" : f32[]
              %2 = reshape %1 : f32[1,1]
              %3 = broadcast %2 : f32[128,512]
              %4 = div %0, %3 : f32[128,512]
              %5 = constant : f32[128,512] {splat: -MOST.0}
              %6 = constant : f32[128,512] {splat: MOST.0}
              %7 = max %4, %5 : f32[128,512]
              %8 = min %7, %6 : f32[128,512]
              %9 = round %8 : f32[128,512]
              output "y" %9
            }
            """;

    private static final String OWN_SCALE = """
            graph "own" {
              %0 = input "x" : f32[128,512]
              %1 = constant : f32[] {value: [0.0]}
              %2 = reduce_min %0 : f32[1,1] {axes: [0, 1]}
              %3 = reshape %2 : f32[]
              %4 = min %3, %1 : f32[]
              %5 = reduce_max %0 : f32[1,1] {axes: [0, 1]}
              %6 = reshape %5 : f32[]
              %7 = max %6, %1 : f32[]
              %8 = sub %7, %4 : f32[]
              %9 = eq %8, %1 : bool[]
              %10 = cast %9 : f32[]
              %11 = constant : f32[] {value: [255.0]}
              %12 = div %8, %11 : f32[]
              %13 = max %12, %10 : f32[]
              %14 = reshape %13 : f32[1,1]
              %15 = broadcast %14 : f32[128,512]
              %16 = div %0, %15 : f32[128,512]
              %17 = constant : f32[128,512] {splat: -256.0}
              %18 = constant : f32[128,512] {splat: 256.0}
              %19 = max %16, %17 : f32[128,512]
              %20 = min %19, %18 : f32[128,512]
              %21 = round %20 : f32[128,512]
              output "y" %21
            }
            """;

    private static final String SHARES = """
            graph "shares" {
              %0 = input "x" : f32[256]
              %1 = constant : f32[256] {splat: COUNT.0}
              %2 = div %0, %1 : f32[256]
              output "y" %2
            }
            """;

    @ParameterizedTest
    @ValueSource(ints = {16, 256, 1024, 65536})
    void stepsAreThoseOfTheQuotient(int most) {
        var graph = GraphParser.parse(GRAPH.replace("MOST", Integer.toString(most)), "steps", Literals.Constants.NONE);
        var options = new CompileOptions(Targets.load("trn2"), AutoCast.NONE, DType.BF16, (pass, level) -> {});
        var program = new Compiler(options).compile(graph).program();
        var random = new Random(most);
        for (int i = 0; i < 4; i++) {
            float scale = (float) Math.exp(random.nextGaussian() * 8);
            var x = dividends(random, scale, most);
            var inputs = List.of(Tensor.ofFloats(Shape.of(ROWS, COLUMNS), x), Tensor.ofFloats(Shape.SCALAR, scale));
            var steps = DifferentialTest.emulate(program, graph, inputs, 1).getFirst();
            for (int k = 0; k < x.length; k++) {
                double expected = Math.rint(Math.clamp(x[k] / scale, -most, most));
                assertThat(steps[k]).as("%s / %s", x[k], scale).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, -20, 0, 20, 60, 124})
    void stepsOfTheirOwnRangeAreThoseOfTheQuotient(int exponent) {
        var graph = GraphParser.parse(OWN_SCALE, "own", Literals.Constants.NONE);
        var options = new CompileOptions(Targets.load("trn2"), AutoCast.NONE, DType.BF16, (pass, level) -> {});
        var program = new Compiler(options).compile(graph).program();
        var random = new Random(exponent);
        for (int i = 0; i < 4; i++) {
            float range = (float) Math.scalb(1 + random.nextDouble(), exponent);
            float scale = range / 255;
            var x = dividends(random, scale, 128);
            for (int k = 0; k < x.length; k++) {
                x[k] = Math.clamp(x[k], -range / 2, range / 2);
            }
            x[0] = -range / 2;
            x[1] = range / 2;
            var inputs = List.of(Tensor.ofFloats(Shape.of(ROWS, COLUMNS), x));
            var steps = DifferentialTest.emulate(program, graph, inputs, 1).getFirst();
            for (int k = 0; k < x.length; k++) {
                assertThat(steps[k]).as("%s / %s", x[k], scale).isEqualTo(Math.rint(x[k] / scale));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 7, 255, 384, 511, 1000, 3072, 5120})
    void sharesAreThoseOfTheQuotient(int n) {
        var graph = GraphParser.parse(SHARES.replace("COUNT", Integer.toString(n)), "shares", Literals.Constants.NONE);
        var options = new CompileOptions(Targets.load("trn2"), AutoCast.NONE, DType.BF16, (pass, level) -> {});
        var program = new Compiler(options).compile(graph).program();
        var random = new Random(n);
        for (int i = 0; i < 40; i++) {
            var x = new float[256];
            for (int k = 0; k < x.length; k++) {
                x[k] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian() * 10));
            }
            x[0] = Float.POSITIVE_INFINITY;
            x[1] = Float.NEGATIVE_INFINITY;
            x[2] = Float.MAX_VALUE;
            var shares = DifferentialTest.emulate(program, graph, List.of(Tensor.ofFloats(Shape.of(256), x)), 1)
                    .getFirst();
            for (int k = 0; k < x.length; k++) {
                assertThat(shares[k]).as("%s / %s", x[k], n).isEqualTo(x[k] / n);
            }
        }
    }

    /** Half of them some units in the last place beside the middle between two steps, some beyond the last step. */
    private static float[] dividends(Random random, float scale, int most) {
        var x = new float[ROWS * COLUMNS];
        for (int k = 0; k < x.length; k++) {
            double middle = random.nextInt(-most - 2, most + 2) + 0.5;
            x[k] = k % 2 == 0
                    ? (float) (middle * scale) + random.nextInt(-3, 4) * Math.ulp((float) (middle * scale))
                    : (float) (random.nextGaussian() * scale * most / 2);
        }
        x[0] = Float.POSITIVE_INFINITY;
        x[1] = Float.NEGATIVE_INFINITY;
        x[2] = Float.MAX_VALUE;
        x[3] = Float.MIN_VALUE;
        return x;
    }
}
