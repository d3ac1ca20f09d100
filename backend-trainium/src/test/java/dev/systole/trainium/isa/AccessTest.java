package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.text.Scanner;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
    private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.U8);

    private static Access access(String text) {
        return Assembler.access(new Scanner(text, "test"));
    }

    private static Access random(Random random) {
        var dims = new ArrayList<Access.Dim>();
        for (int i = random.nextInt(4); i > 0; i--) {
            dims.add(new Access.Dim(random.nextInt(-4, 7), random.nextInt(1, 4)));
        }
        return Access.physical(
                Memory.SBUF, TYPES.get(random.nextInt(TYPES.size())), 0, 1, random.nextInt(100, 140), dims);
    }

    /** Offsets of the elements of a partition, in order. */
    private static List<Long> elements(Access a) {
        var offsets = List.of(a.offset());
        for (var d : a.dims()) {
            var next = new ArrayList<Long>();
            for (long at : offsets) {
                for (long i = 0; i < d.size(); i++) {
                    next.add(at + i * d.stride() * a.dtype().bytes());
                }
            }
            offsets = next;
        }
        return offsets;
    }

    private static TreeSet<Long> bytes(Access a) {
        var bytes = new TreeSet<Long>();
        for (long at : elements(a)) {
            for (long b = 0; b < a.dtype().bytes(); b++) {
                bytes.add(at + b);
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true  | sbuf[0:128, 0] f32 (1:4)      | sbuf[0:128, 12] f32 (1:4)
            false | sbuf[0:128, 0] f32 (1:4)      | sbuf[0:128, 16] f32 (1:4)
            true  | sbuf[0:128, 0] f32 (1:4)      | sbuf[0:128, 15] u8 ()
            false | sbuf[0:128, 0] f32 (1:4)      | psum[0:128, 0] f32 (1:4)
            true  | hbm[0] f32 (1:4)              | hbm[8] f32 (1:4)
            true  | sbuf[0:64, 0] f32 (1:4)       | sbuf[32:96, 0] f32 (1:4)
            false | sbuf[0:64, 0] f32 (1:4)       | sbuf[64:96, 0] f32 (1:4)
            false | sbuf.t1[0:64, 0] f32 (1:4)    | sbuf.t2[0:64, 0] f32 (1:4)
            true  | sbuf.t1[0:64, 0] f32 (1:4)    | sbuf.t1[0:64, 0] f32 (1:4)
            false | sbuf.t1[0:64, 0] f32 (1:4)    | sbuf[0:64, 0] f32 (1:4)
            false | sbuf[0:1, 0] bf16 (2:4)       | sbuf[0:1, 2] bf16 (2:4)
            true  | sbuf[0:1, 0] bf16 (2:4)       | sbuf[0:1, 4] bf16 (2:4)
            true  | sbuf[0:1, 0] bf16 (2:4)       | sbuf[0:1, 2] f32 (1:4)
            false | sbuf[0:1, 0] bf16 (4:4)       | sbuf[0:1, 2] f32 (2:4)
            true  | sbuf[0:1, 0] bf16 (4:4)       | sbuf[0:1, 6] f32 (2:4)
            false | sbuf[0:1, 0] f32 (64:4,1:32)  | sbuf[0:1, 1024] f32 (64:4,1:32)
            false | hbm[0] f32 (64:8,1:32)        | hbm[128] f32 (64:8,1:32)
            true  | hbm[0] f32 (64:8,1:33)        | hbm[128] f32 (64:8,1:32)
            true  | hbm[0] f32 (64:8,1:32)        | hbm[128] f32 (64:8,1:33)
            false | hbm[0] f32 (1:32,64:8)        | hbm[188] f32 (128:4,-1:16)
            false | sbuf[0:1, 0] f32 (64:4,4:4)   | sbuf[0:1, 4] f32 (64:4,4:4)
            false | sbuf[0:1, 16] f32 (-1:4)      | sbuf[0:1, 20] f32 (1:4)
            true  | sbuf[0:1, 16] f32 (-1:4)      | sbuf[0:1, 4] f32 ()
            false | sbuf[0:1, 16] f32 (-1:4)      | sbuf[0:1, 0] f32 ()
            false | sbuf[0:1, 14] bf16 (-2:4)     | sbuf[0:1, 0] bf16 (2:4)
            true  | sbuf[0:1, 0 + r1*4] f32 ()    | sbuf[0:1, 4096] f32 ()
            false | sbuf[0:1, 0 + r1*4] f32 ()    | sbuf[32:33, 4096] f32 ()
            false | sbuf[0:1, 0 + r1*4] f32 ()    | psum[0:1, 0] f32 ()
            """)
    void overlap(boolean overlap, String a, String b) {
        assertThat(access(a).mayOverlap(access(b))).isEqualTo(overlap);
        assertThat(access(b).mayOverlap(access(a))).isEqualTo(overlap);
    }

    @Test
    void noCommonByteIsMissed() {
        var random = new Random(23);
        int apart = 0;
        for (int i = 0; i < 20_000; i++) {
            var a = random(random);
            var b = random(random);
            boolean may = a.mayOverlap(b);
            assertThat(may).isEqualTo(b.mayOverlap(a));
            if (!may) {
                apart++;
                assertThat(Collections.disjoint(bytes(a), bytes(b)))
                        .as("%s and %s", a, b)
                        .isTrue();
            }
        }
        assertThat(apart).isGreaterThan(2000);
    }

    @Test
    void boundsAreThoseOfTheElements() {
        var random = new Random(29);
        for (int i = 0; i < 2_000; i++) {
            var a = random(random);
            assertThat(a.offset() + a.lowestByte()).as("%s", a).isEqualTo(bytes(a).first());
            assertThat(a.offset() + a.highestByte()).as("%s", a).isEqualTo(bytes(a).last() + 1);
            assertThat(a.free()).isEqualTo(elements(a).size());
        }
    }

    @Test
    void contiguousElementsFollowEachOther() {
        var random = new Random(31);
        for (int i = 0; i < 2_000; i++) {
            var a = random(random);
            var elements = elements(a);
            boolean neighbours = true;
            for (int e = 1; e < elements.size(); e++) {
                neighbours &= elements.get(e) - elements.get(e - 1) == a.dtype().bytes();
            }
            assertThat(a.isContiguous()).as("%s", a).isEqualTo(neighbours);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sbuf[0:128, 0] f32 ()              | true  | 1  | 0   | 4
            sbuf[0:128, 64] f32 (8:4,1:8)      | true  | 1  | 0   | 128
            sbuf[0:128, 64] f32 (7:1,1:8,3:1)  | true  | 1  | 0   | 32
            sbuf[0:128, 64] f32 (16:4,1:8)     | false | 1  | 0   | 224
            sbuf[0:128, 64] f32 (1:8,8:4)      | false | 8  | 0   | 128
            sbuf[0:128, 64] bf16 (-1:8)        | false | -1 | -14 | 2
            sbuf[0:128, 64] bf16 (16:2,-2:8)   | false | -2 | -28 | 34
            sbuf[0:128, 64] u8 (0:4,1:8)       | false | 1  | 0   | 8
            hbm[64] i32 (4:2,1:4)              | true  | 1  | 0   | 32
            """)
    void shape(String text, boolean contiguous, long innermost, long lowest, long highest) {
        var a = access(text);
        assertThat(a.isContiguous()).isEqualTo(contiguous);
        assertThat(a.innermostStride()).isEqualTo(innermost);
        assertThat(a.lowestByte()).isEqualTo(lowest);
        assertThat(a.highestByte()).isEqualTo(highest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sbuf[0:128, 4096] bf16 (384:3,1:128)",
                "psum[32:64, 0] f32 ()",
                "hbm[12884901888] i32 (-1:4,0:2)",
                "sbuf.t17[0:1, 0] u8 (1:1)",
                "psum.t0[0:64, 2] f8e4m3 (1:2,1:2,1:2,1:2)",
                "hbm.b3[16] tf32 (1:2)",
                "sbuf[64:128, 8 + r63*-512] f16 (1:4)"
            })
    void printedFormParsesBack(String text) {
        assertThat(access(text)).hasToString(text);
        assertThat(access(access(text).toString())).isEqualTo(access(text));
    }

    @Test
    void fieldsAreInThePrintedForm() {
        assertThat(access("sbuf.t7[32:96, 8 + r2*512] bf16 (64:3,-1:5)"))
                .isEqualTo(new Access(
                        Memory.SBUF,
                        OptionalInt.of(7),
                        DType.BF16,
                        32,
                        64,
                        8,
                        List.of(new Access.Dim(64, 3), new Access.Dim(-1, 5)),
                        Optional.of(new Access.Index(2, 512))));
    }

    @Test
    void anAddressTakesThePlaceOfTheObject() {
        assertThat(access("sbuf.t7[0:32, 8 + r2*512] bf16 (1:5)").at(64, 4096))
                .hasToString("sbuf[64:96, 4104 + r2*512] bf16 (1:5)");
    }

    @Test
    void elementsAreCountedOverPartitions() {
        var a = access("sbuf[0:32, 0] bf16 (8:3,1:5)");
        assertThat(a.free()).isEqualTo(15);
        assertThat(a.elements()).isEqualTo(480);
        assertThat(a.bytes()).isEqualTo(960);
    }

    @Test
    void impossibleAccessesAreRefused() {
        refuses(Memory.SBUF, DType.F32, 0, 0, 0, 1, "access starts at partition 0, byte 0, with 0 partitions");
        refuses(Memory.SBUF, DType.F32, -1, 1, 0, 1, "access starts at partition -1, byte 0, with 1 partitions");
        refuses(Memory.SBUF, DType.F32, 0, 1, -4, 1, "access starts at partition 0, byte -4, with 1 partitions");
        refuses(Memory.SBUF, DType.F32, 0, 1, 0, 0, "access with a dimension of size 0");
        refuses(Memory.HBM, DType.F32, 0, 2, 0, 1, "an HBM access has no partitions");
        refuses(Memory.SBUF, DType.F64, 0, 1, 0, 1, "no operand has elements of type f64");
        refuses(Memory.SBUF, DType.I4, 0, 1, 0, 1, "no operand has elements of type i4");
    }

    private static void refuses(
            Memory memory, DType type, int start, int partitions, long offset, long size, String message) {
        var dims = List.of(new Access.Dim(1, size));
        assertThatThrownBy(() -> Access.physical(memory, type, start, partitions, offset, dims))
                .isInstanceOf(LimitException.class)
                .hasMessage(message);
    }
}
