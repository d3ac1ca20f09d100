package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.graph.Contract;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFileTest {

    @TempDir
    Path directory;

    @Test
    void readsWhatWasWrittenAndWritesTheSameBytesAgain() throws IOException {
        var program = SampleProgram.program();
        ProgramFile.write(program, file("a.sx"));
        var read = ProgramFile.read(file("a.sx"));
        ProgramFile.write(read, file("b.sx"));

        assertSame(read, program);
        assertThat(read.constants())
                .allMatch(c -> c.bytes().isMapped() && c.bytes().isReadOnly());
        assertThat(file("b.sx")).hasSameBinaryContentAs(file("a.sx"));
        assertThat(names()).containsExactlyInAnyOrder("a.sx", "b.sx");
    }

    @Test
    void replacesTheFileThatItsConstantsAlias() {
        ProgramFile.write(SampleProgram.program(), file("a.sx"));
        ProgramFile.write(ProgramFile.read(file("a.sx")), file("a.sx"));
        assertSame(ProgramFile.read(file("a.sx")), SampleProgram.program());
    }

    /** A tensor of rank 0 whose name is empty takes the fewest bytes of a file. */
    @Test
    void readsManyScalarsOfShortNames() {
        var sample = SampleProgram.program();
        var scalars = IntStream.range(0, 40)
                .mapToObj(i -> new Program.Binding(
                        Program.Role.INPUT, i == 0 ? "" : "x", TensorType.of(DType.F32), DType.F32, 4L * i))
                .toList();
        var program = new Program(
                sample.name(),
                sample.target(),
                scalars,
                Contract.NONE,
                sample.constants(),
                sample.hbmBytes(),
                sample.cores(),
                sample.locations());
        ProgramFile.write(program, file("a.sx"));
        assertSame(ProgramFile.read(file("a.sx")), program);
    }

    @Test
    void noticesEveryFlippedBit() throws IOException {
        ProgramFile.write(SampleProgram.program(), file("a.sx"));
        var bytes = Files.readAllBytes(file("a.sx"));
        var random = new Random(41);
        for (int i = 0; i < 300; i++) {
            int at = i < 100 ? i : random.nextInt(bytes.length);
            var damaged = bytes.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            rejects(damaged, "flip at " + at);
        }
    }

    @Test
    void noticesEveryTruncation() throws IOException {
        ProgramFile.write(SampleProgram.program(), file("a.sx"));
        var bytes = Files.readAllBytes(file("a.sx"));
        for (int length = 0; length < bytes.length; length += length < 400 ? 1 : 4099) {
            rejects(Arrays.copyOf(bytes, length), "first " + length);
        }
        rejects(Arrays.copyOf(bytes, bytes.length + 1), "one more");
    }

    @Test
    void rejectsWhatIsNoProgram() throws IOException {
        assertThatThrownBy(() -> ProgramFile.read(file("none.sx"))).isInstanceOf(ProgramFileException.class);
        assertThatThrownBy(() -> ProgramFile.read(directory)).isInstanceOf(ProgramFileException.class);
        var random = new Random(42);
        for (int i = 0; i < 50; i++) {
            var noise = new byte[random.nextInt(5000)];
            random.nextBytes(noise);
            rejects(noise, "noise " + i);
        }
    }

    @Test
    void leavesNothingBehindWhenAProgramCannotBeStored() throws IOException {
        var virtual = Access.virtual(Memory.SBUF, 3, DType.F32, 0, 128, 0, List.of(new Access.Dim(1, 8)));
        var program = SampleProgram.with(Map.of(
                Engine.VECTOR, List.of(SampleProgram.issue(new VectorInstruction.Memset(Engine.VECTOR, virtual, 0)))));
        assertThatThrownBy(() -> ProgramFile.write(program, file("a.sx"))).isInstanceOf(LimitException.class);
        Files.createDirectory(file("full"));
        Files.writeString(file("full").resolve("x"), "x");
        assertThatThrownBy(() -> ProgramFile.write(SampleProgram.program(), file("full")))
                .isInstanceOf(ProgramFileException.class);
        assertThatThrownBy(() ->
                        ProgramFile.write(SampleProgram.program(), file("none").resolve("a.sx")))
                .isInstanceOf(ProgramFileException.class);
        assertThat(names()).containsExactly("full");
    }

    /** Numbers in files are places in these enumerations: whoever moves one changes the version of the format. */
    @Test
    void numbersInFilesKeepTheirMeaning() {
        assertThat(List.of(DType.F32, DType.BF16, DType.I32, DType.BOOL).stream()
                        .map(Enum::ordinal))
                .containsExactly(1, 4, 13, 24);
        assertThat(List.of(AluOp.RSQRT, AluOp.BITWISE_AND).stream().map(Enum::ordinal))
                .containsExactly(24, 15);
        assertThat(List.of(ActivationFunction.EXP, ActivationFunction.ABS).stream()
                        .map(Enum::ordinal))
                .containsExactly(16, 24);
    }

    private void rejects(byte[] bytes, String what) throws IOException {
        var damaged = Files.write(file("damaged.sx"), bytes);
        assertThatThrownBy(() -> ProgramFile.read(damaged))
                .as(what)
                .isInstanceOf(ProgramFileException.class)
                .hasMessageStartingWith("SYS4101 " + damaged + ": ");
    }

    private static void assertSame(Program actual, Program expected) {
        assertThat(actual.name()).isEqualTo(expected.name());
        assertThat(actual.target()).isEqualTo(expected.target());
        assertThat(actual.tensors()).isEqualTo(expected.tensors());
        assertThat(actual.hbmBytes()).isEqualTo(expected.hbmBytes());
        assertThat(actual.cores()).isEqualTo(expected.cores());
        assertThat(actual.locations()).isEqualTo(expected.locations());
        assertThat(actual.constants()).hasSameSizeAs(expected.constants());
        for (int i = 0; i < actual.constants().size(); i++) {
            assertThat(actual.constants().get(i).address())
                    .isEqualTo(expected.constants().get(i).address());
            assertThat(actual.constants()
                            .get(i)
                            .bytes()
                            .mismatch(expected.constants().get(i).bytes()))
                    .isEqualTo(-1);
        }
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(p -> p.getFileName().toString()).toList();
        }
    }
}
