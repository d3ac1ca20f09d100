package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Level;
import dev.systole.trainium.isa.ProgramFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every pass makes of a trained network prints, parses back to what prints the same, and goes on to the same program file. The models
 * are found as {@link RealModelsTest} finds them; {@code -Ddumps.step=1} continues from every dump, not from some only.
 */
class RealDumpsTest {
    private static final int STEP = Integer.getInteger("dumps.step", 8);

    @TempDir
    private Path directory;

    /** Weights by hash, as a program or a model beside a dump gives them. */
    private static final class Weights implements Literals.Constants {
        private final HashMap<String, Tensor> known = new HashMap<>();

        void add(Level level) {
            level.constants().stream().filter(Literals::isHashed).forEach(t -> known.putIfAbsent(Literals.hash(t), t));
        }

        @Override
        public Optional<Tensor> find(TensorType type, String hash) {
            return Optional.ofNullable(known.get(hash)).map(t -> new Tensor(type, t.bytes()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"wakeword-jarvis", "wakeword-melspectrogram", "wakeword-embedding", "ppocr-cls", "silero-vad"})
    void everyDumpParsesBackAndGoesOn(String name) throws IOException {
        check(name, 0, STEP, directory);
    }

    /** @param step between dumps that are continued */
    static void check(String name, int set, int step, Path directory) throws IOException {
        var graph = new RealModelsTest.Run(name, set).graph();
        var weights = new Weights();
        var dumps = new ArrayList<String>();
        var imported = new Level.OfGraph(graph);
        weights.add(imported);
        dumps.add(imported.text());
        var options = new CompileOptions(Targets.load("trn2"), AutoCast.NONE, DType.BF16, (pass, level) -> {
            weights.add(level);
            dumps.add(level.text());
        });
        var program = directory.resolve("whole.sx");
        ProgramFile.write(new Compiler(options).compile(graph).program(), program);

        var plain = CompileOptions.withoutDump(Targets.load("trn2"), AutoCast.NONE, DType.BF16);
        var pipeline = Compiler.pipeline(plain);
        for (int i = 0; i < dumps.size(); i++) {
            var level = Level.parse(dumps.get(i), "dump " + i, Targets::load, weights);
            assertThat(level.text().equals(dumps.get(i)))
                    .as("%s dump %d", name, i)
                    .isTrue();
            if (i % step == 0 || i == dumps.size() - 1) {
                var last = new Compiler(plain).apply(pipeline.subList(i, pipeline.size()), level);
                var again = directory.resolve("again.sx");
                ProgramFile.write(((Level.OfProgram) last).program(), again);
                assertThat(Files.mismatch(program, again))
                        .as("%s continued from dump %d", name, i)
                        .isEqualTo(-1);
            }
        }
    }
}
