package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.graph.Location;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFileTest {
    private static final long HBM_BYTES = 1 << 22;

    @TempDir
    Path directory;

    @Test
    void theProgramHasEveryInstruction() {
        var kinds = instructions().stream().map(Object::getClass).collect(Collectors.toSet());
        assertThat(kinds).containsExactlyInAnyOrder(Instruction.class.getPermittedSubclasses());
    }

    @Test
    void readsWhatWasWrittenAndWritesTheSameBytesAgain() throws IOException {
        var program = program();
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
        ProgramFile.write(program(), file("a.sx"));
        ProgramFile.write(ProgramFile.read(file("a.sx")), file("a.sx"));
        assertSame(ProgramFile.read(file("a.sx")), program());
    }

    @Test
    void noticesEveryFlippedBit() throws IOException {
        ProgramFile.write(program(), file("a.sx"));
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
        ProgramFile.write(program(), file("a.sx"));
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
        var program = with(Map.of(Engine.VECTOR, List.of(issue(new Instruction.Memset(Engine.VECTOR, virtual, 0)))));
        assertThatThrownBy(() -> ProgramFile.write(program, file("a.sx"))).isInstanceOf(LimitException.class);
        Files.createDirectory(file("full"));
        Files.writeString(file("full").resolve("x"), "x");
        assertThatThrownBy(() -> ProgramFile.write(program(), file("full"))).isInstanceOf(ProgramFileException.class);
        assertThatThrownBy(() -> ProgramFile.write(program(), file("none").resolve("a.sx")))
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

    private static Issue issue(Instruction instruction) {
        return new Issue(instruction, List.of(), Optional.empty(), 0);
    }

    private static Program program() {
        var streams = new EnumMap<Engine, List<Issue>>(Engine.class);
        for (var instruction : instructions()) {
            var list = new java.util.ArrayList<>(streams.getOrDefault(instruction.engine(), List.of()));
            boolean transfer = instruction instanceof Instruction.DmaCopy;
            list.add(
                    list.isEmpty() && !transfer
                            ? new Issue(
                                    instruction,
                                    List.of(new Issue.Wait(1, 2), new Issue.Wait(31, 7)),
                                    Optional.of(new Issue.Update(5, 1)),
                                    1)
                            : issue(instruction));
            streams.put(instruction.engine(), list);
        }
        return with(streams);
    }

    private static Program with(Map<Engine, List<Issue>> streams) {
        var large = Arena.ofAuto().allocate((1 << 20) + 77);
        new Random(7)
                .ints(1000)
                .forEach(i -> large.set(ValueLayout.JAVA_BYTE, Math.floorMod(i, large.byteSize()), (byte) i));
        var small = Arena.ofAuto().allocate(33).fill((byte) 9);
        return new Program(
                "modèle",
                Targets.load("trn2"),
                List.of(
                        new Program.Binding(Program.Role.INPUT, "ids", TensorType.of(DType.I64, 1, 128), DType.I32, 0),
                        new Program.Binding(Program.Role.OUTPUT, "y", TensorType.of(DType.F32), DType.F32, 1024)),
                List.of(new Program.Constant(4096, large), new Program.Constant(2048, small)),
                HBM_BYTES,
                List.of(new Program.Core(streams), new Program.Core(Map.of())),
                List.of(new Location("/layer/0", "Softmax"), Location.COMPILER));
    }

    private static Access on(Memory memory, DType dtype, long offset, long... sizes) {
        var dims = new Access.Dim[sizes.length];
        long stride = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            dims[i] = new Access.Dim(stride, sizes[i]);
            stride *= sizes[i];
        }
        int partitions = memory == Memory.HBM ? 1 : 128;
        return Access.physical(memory, dtype, 0, partitions, offset, List.of(dims));
    }

    private static Access sbuf(long offset, long... sizes) {
        return on(Memory.SBUF, DType.F32, offset, sizes);
    }

    private static List<Instruction> instructions() {
        var a = sbuf(0, 4, 8);
        var b = sbuf(1024, 4, 8);
        var c = sbuf(2048, 4, 8);
        var column = sbuf(4096, 1);
        var scalar = new Scalar.Column(column);
        var immediate = new Scalar.Immediate(-0.5f);
        var words = on(Memory.SBUF, DType.I32, 8192, 1);
        var mask = on(Memory.SBUF, DType.U32, 8448, 4, 8);
        var word = on(Memory.HBM, DType.I32, 0, 1);
        var hbm = on(Memory.HBM, DType.F32, 4096, 128, 4, 8);
        var row = on(Memory.HBM, DType.F32, 4096, 32);
        var block = Access.physical(Memory.SBUF, DType.F32, 32, 32, 0, List.of(new Access.Dim(1, 32)));
        var other = Access.physical(Memory.SBUF, DType.F32, 64, 32, 512, List.of(new Access.Dim(1, 32)));
        var moving = new Access(
                Memory.SBUF,
                java.util.OptionalInt.empty(),
                DType.BF16,
                0,
                128,
                64,
                List.of(new Access.Dim(1, 128)),
                Optional.of(new Access.Index(3, 256)));
        var stationary = on(Memory.SBUF, DType.BF16, 512, 128);
        var sum = on(Memory.PSUM, DType.F32, 0, 128);
        return List.of(
                new Instruction.NcMatmul(sum, stationary, moving, true, false),
                new Instruction.Activation(a, ActivationFunction.EXP, b, immediate, Optional.of(column)),
                new Instruction.ActivationReduce(
                        a, ActivationFunction.SQUARE, b, scalar, Optional.empty(), sbuf(5120, 1)),
                new Instruction.TensorTensor(Engine.VECTOR, a, b, AluOp.MULTIPLY, c),
                new Instruction.TensorScalar(
                        Engine.VECTOR, a, b, AluOp.SUBTRACT, scalar, true, AluOp.ADD, immediate, false),
                new Instruction.ScalarTensorTensor(a, b, AluOp.MULTIPLY, immediate, AluOp.ADD, c),
                new Instruction.TensorReduce(sbuf(6144, 4), AluOp.MAXIMUM, b, 1, true),
                new Instruction.TensorTensorScan(a, b, c, scalar, AluOp.MULTIPLY, AluOp.ADD),
                new Instruction.TensorCopy(Engine.VECTOR, a, b),
                new Instruction.TensorCopyPredicated(a, b, mask),
                new Instruction.Memset(Engine.GPSIMD, a, Float.NEGATIVE_INFINITY),
                new Instruction.Reciprocal(a, b),
                new Instruction.NcTranspose(other, block),
                new Instruction.Iota(on(Memory.SBUF, DType.I32, 0, 4, 8), -3, 2, List.of(8, -1)),
                new Instruction.AffineSelect(a, b, 1, -1, List.of(0, 1), AluOp.GREATER_EQUAL, -1e30f),
                new Instruction.DmaCopy(Engine.SYNC, 2, a, hbm, Optional.empty()),
                new Instruction.DmaCopy(
                        Engine.GPSIMD, 3, sbuf(0, 32), row, Optional.of(new Instruction.Indirect(words, 128, 1000))),
                new Instruction.RegisterMove(Engine.SYNC, 1, -7),
                new Instruction.RegisterAlu(Engine.SYNC, 2, 1, AluOp.MULTIPLY, 1),
                new Instruction.RegisterLoad(Engine.SYNC, 3, word),
                new Instruction.RegisterStore(Engine.SYNC, word, 3),
                new Instruction.Branch(Engine.SYNC, 1, AluOp.LESS, 5, 0),
                new Instruction.LoopBegin(Engine.TENSOR, 3, 0, 8, 2),
                new Instruction.LoopEnd(Engine.TENSOR),
                new Instruction.EventSemaphore(Engine.VECTOR));
    }
}
