package dev.systole.frontend.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    private static final String HEADER = "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }";

    @TempDir
    private Path directory;

    /** The bytes of a file: magic, version, length of the header, the header, and data in hexadecimal digits. */
    static byte[] file(int version, String header, String data) {
        var text = header.getBytes(version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        var length = version == 1
                ? new byte[] {(byte) text.length, (byte) (text.length >> 8)}
                : new byte[] {(byte) text.length, (byte) (text.length >> 8), (byte) (text.length >> 16), 0};
        var start = "934e554d50590" + version + "00" + HexFormat.of().formatHex(length);
        return HexFormat.of().parseHex(start + HexFormat.of().formatHex(text) + data.replace(" ", ""));
    }

    private static byte[] file(String descr, String fortran, String shape, String data) {
        return file(1, HEADER.formatted(descr, fortran, shape), data);
    }

    static Tensor parse(byte... bytes) {
        return Npy.parse(MemorySegment.ofArray(bytes), "a.npy");
    }

    static double[] values(Tensor t) {
        return LongStream.range(0, t.type().shape().elements())
                .mapToDouble(i -> Elements.readDouble(t.bytes(), i, t.type().dtype()))
                .toArray();
    }

    private static void refused(byte[] bytes, String... said) {
        assertThatThrownBy(() -> parse(bytes))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageStartingWith("a.npy: ")
                .hasMessageContainingAll(said);
    }

    private byte[] written(Tensor tensor) throws IOException {
        var file = directory.resolve("written.npy");
        Npy.write(file, tensor);
        try (var all = Files.list(directory)) {
            assertThat(all).containsExactly(file);
        }
        return Files.readAllBytes(file);
    }

    /** A tensor with a different bit pattern in every element. */
    static Tensor pattern(DType dtype, long... dims) {
        var tensor = Tensor.allocate(TensorType.of(dtype, dims));
        for (long i = 0; i < tensor.type().shape().elements(); i++) {
            Elements.writeBits(tensor.bytes(), i, dtype, dtype == DType.BOOL ? i & 1 : i * 0x0123456789ABCDEFL + 7);
        }
        return tensor;
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            f32  ; 2,3 ; '<f4' ; (2, 3)
            f64  ;     ; '<f8' ; ()
            f16  ; 4   ; '<f2' ; (4,)
            i8   ; 3   ; '|i1' ; (3,)
            i16  ; 2,0 ; '<i2' ; (2, 0)
            i32  ; 1   ; '<i4' ; (1,)
            i64  ; 2   ; '<i8' ; (2,)
            u8   ; 0   ; '|u1' ; (0,)
            u16  ; 1,1 ; '<u2' ; (1, 1)
            u32  ; 2   ; '<u4' ; (2,)
            u64  ; 2   ; '<u8' ; (2,)
            bool ; 2   ; '|b1' ; (2,)
            """, quoteCharacter = '"')
    void writesWhatNumPyWrites(String dtype, String shape, String descr, String tuple) throws IOException {
        var dims = shape == null
                ? new long[0]
                : Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray();
        var tensor = pattern(DType.parse(dtype).orElseThrow(), dims);
        var text = "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + tuple + ", }";
        var data = HexFormat.of().formatHex(tensor.bytes().toArray(ValueLayout.JAVA_BYTE));
        assertThat(written(tensor)).isEqualTo(file(1, text + " ".repeat(117 - text.length()) + "\n", data));
        assertThat(parse(written(tensor)).sameBytes(tensor)).isTrue();
        assertThat(Npy.read(directory.resolve("written.npy")).sameBytes(tensor)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {"TF32", "BF16", "F8.*", "F4.*", "[IU][24]"})
    void typesThatNumPyHasNot(DType dtype) {
        assertThatThrownBy(() -> Npy.write(directory.resolve("a.npy"), Tensor.allocate(TensorType.of(dtype, 2))))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageContainingAll(
                        "a.npy", "no element type " + dtype, "write it as a TensorProto with --format pb");
        assertThat(directory).isEmptyDirectory();
    }

    /** Nothing stays behind when the file cannot be moved into place. */
    @Test
    void placesThatAreDirectories() throws IOException {
        var file = Files.createDirectories(directory.resolve("a.npy/full")).getParent();
        assertThatThrownBy(() -> Npy.write(file, Tensor.ofLongs(Shape.of(1), 5)))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageContaining("cannot be written");
        try (var all = Files.list(directory)) {
            assertThat(all).containsExactly(file);
        }
    }

    /** The array's file is sparse, and what is written ends after the first part. */
    @Test
    void arraysOfMoreThanTwoGibibytes() throws IOException {
        long size = (1L << 31) + 8;
        var enough = new OutputStream() {
            private int bytes;

            @Override
            public void write(int b) throws IOException {
                bytes++;
                if (bytes > 1000) {
                    throw new IOException("enough");
                }
            }
        };
        try (var large = new RandomAccessFile(directory.resolve("large.bin").toFile(), "rw")) {
            large.setLength(size);
            var mapped = large.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
            var tensor = new Tensor(TensorType.of(DType.U8, size), mapped);
            assertThatThrownBy(() -> Npy.write(enough, "a.npy", tensor)).hasMessage("enough");
        }
    }

    @Test
    void booleansAreZeroOrOne() {
        var tensor = parse(file("|b1", "False", "3,", "07 00 01"));
        assertThat(tensor.bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 0, 1);
    }

    @Test
    void headersThatAreTooLong() {
        var junk = "x".repeat(5_000);
        refused(file(1, junk, ""), "header that is not understood: " + "x".repeat(100) + "…");
        assertThatThrownBy(() -> parse(file(1, junk, ""))).message().hasSizeLessThan(300);
        refused(file(2, " ".repeat(1 << 20), ""), "has a header of 1048588 bytes; no array needs that");
        var dims = HEADER.formatted("|u1", "False", "1,".repeat(65));
        refused(file(1, dims, "00"), "has 65 dimensions; up to 64 are read");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            <f2 ; 003c 00c0                         ; f16  ; 1       ; -2
            >f2 ; 3c00 c000                         ; f16  ; 1       ; -2
            <f4 ; 0000803f 000000c0                 ; f32  ; 1       ; -2
            >f4 ; 3f800000 c0000000                 ; f32  ; 1       ; -2
            =f4 ; 0000803f 000000c0                 ; f32  ; 1       ; -2
            <f8 ; 000000000000f03f 00000000000000c0 ; f64  ; 1       ; -2
            >f8 ; 3ff0000000000000 c000000000000000 ; f64  ; 1       ; -2
            |i1 ; 7f 80                             ; i8   ; 127     ; -128
            <i2 ; 0001 feff                         ; i16  ; 256     ; -2
            >i2 ; 0100 fffe                         ; i16  ; 256     ; -2
            <i4 ; 00010000 feffffff                 ; i32  ; 256     ; -2
            >i4 ; 00000100 fffffffe                 ; i32  ; 256     ; -2
            <i8 ; 0001000000000000 feffffffffffffff ; i64  ; 256     ; -2
            >i8 ; 0000000000000100 fffffffffffffffe ; i64  ; 256     ; -2
            |u1 ; 01 ff                             ; u8   ; 1       ; 255
            >u1 ; 01 ff                             ; u8   ; 1       ; 255
            <u2 ; 0001 ffff                         ; u16  ; 256     ; 65535
            >u2 ; 0100 ffff                         ; u16  ; 256     ; 65535
            <u4 ; 00010000 ffffffff                 ; u32  ; 256     ; 4294967295
            >u4 ; 00000100 ffffffff                 ; u32  ; 256     ; 4294967295
            <u8 ; 0001000000000000 0000000000000080 ; u64  ; 256     ; 9223372036854775808
            >u8 ; 0000000000000100 8000000000000000 ; u64  ; 256     ; 9223372036854775808
            |b1 ; 01 00                             ; bool ; 1       ; 0
            """)
    void readsEitherEnd(String descr, String data, String dtype, double first, double second) {
        var tensor = parse(file(descr, "False", "2,", data));
        assertThat(tensor.type()).hasToString(dtype + "[2]");
        assertThat(values(tensor)).containsExactly(first, second);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void readsAllVersions(int version) {
        var tensor = parse(file(version, HEADER.formatted("|u1", "False", "3,") + "  \n", "01 02 03"));
        assertThat(tensor.type()).hasToString("u8[3]");
        assertThat(values(tensor)).containsExactly(1, 2, 3);
    }

    @Test
    void readsFortranOrder() {
        assertThat(values(parse(file("|u1", "True", "2, 3", "00 03 01 04 02 05"))))
                .containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(values(parse(file(">i2", "True", "3, 2", "0000 0002 0004 0001 0003 0005"))))
                .containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(values(parse(file("|u1", "True", "2, 1, 3", "00 03 01 04 02 05"))))
                .containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(values(parse(file("|u1", "True", "2, 2, 2", "00 04 02 06 01 05 03 07"))))
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(values(parse(file("|u1", "True", "3,", "07 08 09")))).containsExactly(7, 8, 9);
        assertThat(values(parse(file("|u1", "True", "", "07")))).containsExactly(7);
        assertThat(parse(file(">f4", "True", "2, 0", "")).type()).hasToString("f32[2,0]");
    }

    @Test
    void readsHeadersAsOthersWriteThem() {
        var reordered = "{'shape':(2,1),'fortran_order':False,'descr':'<i2'}";
        assertThat(parse(file(1, reordered, "0100 0200")).type()).hasToString("i16[2,1]");
        var python2 = HEADER.formatted("<i2", "False", "2L, 1L");
        assertThat(parse(file(1, python2, "0100 0200")).type()).hasToString("i16[2,1]");
        assertThat(parse(file("|i1", "False", "", "05")).type()).hasToString("i8[]");
        var longHeader = HEADER.formatted("|i1", "False", "1,") + " ".repeat(70_000);
        assertThat(values(parse(file(2, longHeader, "05")))).containsExactly(5);
        assertThat(values(parse(file("|i1", "False", "2,", "05 06 07 08")))).containsExactly(5, 6);
    }

    @Test
    void doesNotCopyWhatLiesAsItShould() throws IOException {
        Npy.write(directory.resolve("a.npy"), Tensor.ofFloats(Shape.of(2), 1, 2));
        var read = Npy.read(directory.resolve("a.npy"));
        assertThat(read.bytes().isMapped()).isTrue();
        assertThat(read.bytes().isReadOnly()).isTrue();
        var bytes = MemorySegment.ofArray(file("<f4", "False", "1,", "0000803f"));
        assertThat(Npy.parse(bytes, "a").bytes().heapBase()).isEqualTo(bytes.heapBase());
    }

    @Test
    void replacesAFile() throws IOException {
        var file = directory.resolve("written.npy");
        Files.writeString(file, "something else, and longer than the array".repeat(20));
        assertThat(parse(written(Tensor.ofLongs(Shape.of(2), 5, 6))).type()).hasToString("i64[2]");
        var missing = directory.resolve("missing/a.npy");
        assertThatThrownBy(() -> Npy.write(missing, Tensor.ofLongs(Shape.of(1), 5)))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageContainingAll(missing.toString(), "cannot be written");
    }

    @Test
    void filesThatAreNotThere() throws IOException {
        for (var path : new Path[] {directory.resolve("none.npy"), directory}) {
            assertThatThrownBy(() -> Npy.read(path))
                    .isInstanceOf(ArrayFileException.class)
                    .hasMessage(path + ": no such file");
        }
        var empty = Files.write(directory.resolve("empty.npy"), new byte[0]);
        assertThatThrownBy(() -> Npy.read(empty))
                .isInstanceOf(ArrayFileException.class)
                .hasMessage(empty + ": is not an .npy file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            {'descr': '<c8', 'fortran_order': False, 'shape': (1,)}                   ; elements of type c8
            {'descr': '<f16', 'fortran_order': False, 'shape': (1,)}                  ; elements of type f16
            {'descr': '<i3', 'fortran_order': False, 'shape': (1,)}                   ; elements of type i3
            {'descr': '<U3', 'fortran_order': False, 'shape': (1,)}                   ; header that is not understood
            {'descr': '|S3', 'fortran_order': False, 'shape': (1,)}                   ; header that is not understood
            {'descr': '|O', 'fortran_order': False, 'shape': (1,)}                    ; header that is not understood
            {'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,)}               ; header that is not understood
            {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}          ; header that is not understood
            {'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}                       ; header that is not understood
            {'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}                  ; header that is not understood
            {'descr': '<f4', 'fortran_order': False, 'shape': 1}                      ; header that is not understood
            {'descr': '<f4', 'fortran_order': False}                                  ; header that is not understood
            {'fortran_order': False, 'shape': (1,)}                                   ; header that is not understood
            {'descr': '<f4', 'shape': (1,)}                                           ; header that is not understood
            nothing                                                                   ; not understood: nothing
            {'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}                  ; impossible shape (1 2)
            {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)} ; impossible shape
            {'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,4294967296)} ; impossible shape
            {'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)} ; impossible shape
            {'descr': '<f4', 'fortran_order': False, 'shape': (0,4294967296,4294967296)} ; impossible shape
            {'descr': '<f4', 'fortran_order': True, 'shape': (1000000000000,)}        ; f32[1000000000000] needs 4000000000000
            {'descr': '>f4', 'fortran_order': False, 'shape': (2,)}                   ; f32[2] needs 8 bytes of data, the file holds 4
            """, quoteCharacter = '"')
    void headersThatAreNotUnderstood(String header, String said) {
        refused(file(1, header, "00000000"), said);
    }

    @Test
    void filesThatAreNoArrays() {
        var good = file("<f4", "False", "1,", "0000803f");
        refused(new byte[0], "is not an .npy file");
        refused("PK and so on and on".getBytes(StandardCharsets.US_ASCII), "is not an .npy file");
        var magic = good.clone();
        magic[0] = 'N';
        refused(magic, "is not an .npy file");
        for (int version : new int[] {0, 4, 9, 200}) {
            var other = good.clone();
            other[6] = (byte) version;
            refused(other, "has .npy version " + version + "; versions 1 to 3 are read");
        }
        var longer = good.clone();
        longer[9] = (byte) 0xff;
        refused(longer, "ends in its header; the file is truncated");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void filesThatEndEarly(int version) {
        var whole = file(version, HEADER.formatted("<f4", "False", "2,") + "\n", "0000803f 000000c0");
        assertThat(values(parse(whole))).containsExactly(1, -2);
        for (int length = 0; length < whole.length; length++) {
            refused(Arrays.copyOf(whole, length), "a.npy");
        }
    }
}
