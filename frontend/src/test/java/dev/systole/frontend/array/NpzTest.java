package dev.systole.frontend.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {
    /** {@code numpy.savez} of x, f4 [[1, 2, 3]], and count, i8 7: stored entries with zip64 sizes. */
    private static final String STORED = """
            UEsDBC0AAAAAAAAAIQAcCKs1//////////8FABQAeC5ucHkBABAAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzog
            JzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAg
            ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAACAPwAAAEAAAEBAUEsDBC0AAAAAAAAAIQAjuPBs//////////8JABQA
            Y291bnQubnB5AQAQAIgAAAAAAAAAiAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZh
            bHNlLCAnc2hhcGUnOiAoKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
            ICAgICAgCgcAAAAAAAAAUEsBAi0DLQAAAAAAAAAhABwIqzWMAAAAjAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAA
            AAAAAAAhACO48GyIAAAAiAAAAAkAAAAAAAAAAAAAAIABwwAAAGNvdW50Lm5weVBLBQYAAAAAAgACAGoAAACGAQAAAAA=
            """;

    /** The same of {@code numpy.savez_compressed}. */
    private static final String COMPRESSED = """
            UEsDBC0AAAAIAAAAIQAcCKs1//////////8FABQAeC5ucHkBABAAjAAAAAAAAABRAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6l
            oG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CsaaOgq1CmQDLgaGBnsGBgYHIHIAAFBLAwQtAAAACAAAACEA
            I7jwbP//////////CQAUAGNvdW50Lm5weQEAEACIAAAAAAAAAEYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6W
            X1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkamjoKtQoUAS52BggAAFBLAQItAy0AAAAIAAAAIQAcCKs1UQAAAIwAAAAFAAAAAAAA
            AAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAIAAAAIQAjuPBsRgAAAIgAAAAJAAAAAAAAAAAAAACAAYgAAABjb3VudC5ucHlQSwUG
            AAAAAAIAAgBqAAAACQEAAAAA
            """;

    @TempDir
    private Path directory;

    private static byte[] bytes(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("a.npz"), bytes);
    }

    /** A zip file with these entries. */
    private Path zip(Map<String, byte[]> entries) throws IOException {
        var file = directory.resolve("a.npz");
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (var e : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(e.getKey()));
                zip.write(e.getValue());
            }
        }
        return file;
    }

    private static byte[] npy(Path directory, Tensor tensor) throws IOException {
        var file = directory.resolve("entry.npy");
        Npy.write(file, tensor);
        return Files.readAllBytes(file);
    }

    private static void refused(Path file, String... said) {
        assertThatThrownBy(() -> Npz.read(file))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContainingAll(said);
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(strings = {STORED, COMPRESSED})
    void readsWhatNumPyWrites(String base64) throws IOException {
        var arrays = Npz.read(file(bytes(base64)));
        assertThat(arrays).containsOnlyKeys("x", "count");
        assertThat(arrays.get("x").sameBytes(Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3)))
                .isTrue();
        assertThat(arrays.get("count").sameBytes(Tensor.ofLongs(Shape.SCALAR, 7)))
                .isTrue();
    }

    @Test
    void comesBackInOrder() throws IOException {
        var arrays = new LinkedHashMap<String, Tensor>();
        for (var dtype : List.of(DType.I64, DType.F32, DType.U8, DType.BOOL, DType.I16, DType.F64, DType.U32)) {
            arrays.put("z" + (99 - dtype.ordinal()), NpyTest.pattern(dtype, 2, 3));
        }
        arrays.put("empty", Tensor.allocate(TensorType.of(DType.F16, 0, 4)));
        arrays.put("a name/with.npy in it, and ü", Tensor.ofLongs(Shape.SCALAR, 7));
        var file = directory.resolve("a.npz");
        Npz.write(file, arrays);
        var read = Npz.read(file);
        assertThat(read.keySet()).containsExactlyElementsOf(arrays.keySet());
        arrays.forEach(
                (name, t) -> assertThat(read.get(name).sameBytes(t)).as(name).isTrue());
        try (var all = Files.list(directory)) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void noArraysAreAFileToo() {
        var file = directory.resolve("a.npz");
        Npz.write(file, Map.of());
        assertThat(Npz.read(file)).isEmpty();
    }

    @Test
    void entriesAreWhatNpyWrites() throws IOException {
        var tensor = NpyTest.pattern(DType.I16, 3, 2);
        var file = directory.resolve("a.npz");
        Npz.write(file, Map.of("x", tensor));
        try (var zip = new ZipFile(file.toFile());
                var in = zip.getInputStream(zip.getEntry("x.npy"))) {
            assertThat(in.readAllBytes()).isEqualTo(npy(directory, tensor));
        }
    }

    @Test
    void theSameArraysGiveTheSameBytes() throws IOException {
        var arrays = Map.of("x", NpyTest.pattern(DType.F32, 50));
        Npz.write(directory.resolve("a.npz"), arrays);
        Npz.write(directory.resolve("b.npz"), arrays);
        assertThat(directory.resolve("a.npz")).hasSameBinaryContentAs(directory.resolve("b.npz"));
        var first = Files.readAllBytes(directory.resolve("a.npz"));
        Npz.write(directory.resolve("a.npz"), arrays);
        assertThat(directory.resolve("a.npz")).hasBinaryContent(first);
    }

    @Test
    void entriesWithoutTheEndingAreArraysToo() throws IOException {
        var one = npy(directory, Tensor.ofLongs(Shape.of(1), 1));
        assertThat(Npz.read(zip(Map.of("weights", one)))).containsOnlyKeys("weights");
    }

    @Test
    void entriesThatAreNoArrays() throws IOException {
        var one = npy(directory, Tensor.ofLongs(Shape.of(1), 1));
        refused(
                zip(Map.of("note.txt", "hello".getBytes(StandardCharsets.US_ASCII))),
                "\"note.txt\"",
                "not an .npy file");
        refused(zip(Map.of("folder/", new byte[0])), "\"folder/\"", "is not an .npy file");
        refused(zip(Map.of("x.npy", Arrays.copyOf(one, one.length - 1))), "\"x\"", "i64[1] needs 8 bytes");
        var text = new String(one, StandardCharsets.ISO_8859_1).replace("<i8", "<c8");
        refused(zip(Map.of("x.npy", text.getBytes(StandardCharsets.ISO_8859_1))), "\"x\"", "elements of type c8");
        var twice = new LinkedHashMap<String, byte[]>();
        twice.put("x.npy", one);
        twice.put("x", one);
        refused(zip(twice), "holds \"x\" twice");
    }

    @Test
    void filesThatAreNoZip() throws IOException {
        refused(directory.resolve("none.npz"), "no such file");
        refused(directory, "no such file");
        refused(file(new byte[0]), "is not a readable .npz file");
        refused(file("PK and so on and on and on and on and on".getBytes(StandardCharsets.US_ASCII)), "not a readable");
        refused(file(npy(directory, Tensor.ofLongs(Shape.of(1), 1))), "is not a readable .npz file");
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(strings = {STORED, COMPRESSED})
    void filesThatEndEarly(String base64) throws IOException {
        var whole = bytes(base64);
        for (int length = 0; length < whole.length; length++) {
            refused(file(Arrays.copyOf(whole, length)), "a.npz");
        }
    }

    /** The first entry's compressed data begins at byte 55. */
    @Test
    void entriesThatDoNotUnpack() throws IOException {
        var damaged = bytes(COMPRESSED);
        Arrays.fill(damaged, 55, 75, (byte) 0xff);
        refused(file(damaged), "is not a readable .npz file");
    }

    @Test
    void placesAndTypesThatCannotBeWritten() {
        var missing = directory.resolve("missing/a.npz");
        assertThatThrownBy(() -> Npz.write(missing, Map.of("x", Tensor.ofLongs(Shape.of(1), 5))))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageContainingAll(missing.toString(), "cannot be written");
        var file = directory.resolve("a.npz");
        assertThatThrownBy(() -> Npz.write(file, Map.of("x", Tensor.allocate(TensorType.of(DType.BF16, 2)))))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageContainingAll(file.toString(), "\"x\"", "no element type bf16");
        assertThat(directory).isEmptyDirectory();
        var longName = "n".repeat(70_000);
        assertThatThrownBy(() -> Npz.write(file, Map.of(longName, Tensor.ofLongs(Shape.of(1), 5))))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageContainingAll(file.toString(), "is a name of 70000 bytes; .npz holds up to 65531");
        assertThat(directory).isEmptyDirectory();
    }

    /** The last byte of x's data is in the middle of 3.0. */
    @Test
    void entriesWithAFlippedBit() throws IOException {
        var damaged = bytes(STORED);
        damaged[55 + 139] ^= 1;
        refused(file(damaged), "\"x\" is damaged: its bytes do not have its checksum");
    }

    @Test
    void filesWithAnyBitFlipped() throws IOException {
        for (var whole : new byte[][] {bytes(STORED), bytes(COMPRESSED)}) {
            for (int at = 0; at < whole.length; at += 3) {
                var damaged = whole.clone();
                damaged[at] ^= (byte) 0x80;
                try {
                    Npz.read(file(damaged));
                } catch (ArrayFileException e) {
                    assertThat(e).message().doesNotContain("null");
                }
            }
        }
    }

    /** Headers are read first: what cannot be there is not waited for, and takes no memory. */
    @Test
    void entriesThatClaimMoreThanTheyHold() throws IOException {
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (%d,)}";
        refused(
                zip(Map.of("x.npy", NpyTest.file(1, header.formatted(1L << 30), ""))),
                "u8[1073741824] needs 1073741824");
        refused(zip(Map.of("x.npy", NpyTest.file(1, "  ", ""))), "\"x\": has a header that is not understood");
        refused(zip(Map.of("x.npy", NpyTest.file(1, header.formatted(2), "010203"))), "\"x\" goes on behind its data");
        refused(zip(Map.of("x.npy", new byte[11])), "\"x\": is not an .npy file");
    }

    @Test
    void namesWithLineBreaksStayOnTheirLine() throws IOException {
        refused(zip(Map.of("a\nerror: b", new byte[0])), "\"a\\nerror: b\"");
    }

    /** A megabyte of zeros takes a kilobyte in the file. */
    @Test
    void entriesThatCompressWell() throws IOException {
        var zeros = NpyTest.file(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000,)}", "");
        var array = Npz.read(zip(Map.of("x.npy", Arrays.copyOf(zeros, zeros.length + 1_000_000))))
                .get("x");
        assertThat(array.type()).hasToString("u8[1000000]");
        assertThat(array.bytes().get(ValueLayout.JAVA_BYTE, 999_999)).isZero();
    }
}
