package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.emulator.Emulator;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.isa.Program;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graph interpreter, tile interpreter and emulator agree on random graphs, at every level of the way. */
@Execution(ExecutionMode.CONCURRENT)
class DifferentialTest {
    /** A long search sets these. */
    private static final int FIRST = Integer.getInteger("random.first", 0);

    private static final int GRAPHS = Integer.getInteger("random.graphs", 60);

    @ParameterizedTest
    @ValueSource(strings = {"trn1", "trn2", "trn3"})
    void allLevelsComputeTheSame(String target) {
        for (long seed = FIRST; seed < FIRST + GRAPHS; seed++) {
            var graph = RandomGraphs.of(seed);
            var inputs = Meanings.random(
                    graph.inputs().stream().map(p -> p.value().type()).toList(), new Random(seed));
            var expected = Meanings.run(graph, inputs);
            var options = new CompileOptions(
                    Targets.load(target),
                    AutoCast.NONE,
                    DType.BF16,
                    new SameMeaning(target + " " + graph.name(), graph, inputs, expected, Meanings.RELATIVE));
            var program = new Compiler(options).compile(graph).program();
            var emulated = emulate(program, graph, inputs, 1);
            Meanings.assertClose(target + " " + graph.name() + " emulated", emulated, expected);
            assertThat(emulate(program, graph, inputs, 2))
                    .usingRecursiveComparison()
                    .isEqualTo(emulated);
        }
    }

    static List<double[]> emulate(Program program, Graph graph, List<Tensor> inputs, int threads) {
        var named = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < inputs.size(); i++) {
            named.put(graph.inputs().get(i).name(), inputs.get(i));
        }
        try (var emulator = new Emulator(program, threads)) {
            return emulator.run(named).values().stream().map(Meanings::values).toList();
        }
    }
}
