package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The bits of a result do not depend on how many threads work on it. All instructions here are long enough to be split. */
class ThreadsTest {
    /** Rows of 128 different numbers of both signs in all partitions at byte 0, and bf16 of them at byte 1024. */
    private static final String DATA = """
            gpsimd iota sbuf[0:128, 0] f32 (1:128), offset=-5000, channel_multiplier=37, pattern=[61]
            scalar activation sbuf[0:128, 0] f32 (1:128), op=square, sbuf[0:128, 0] f32 (1:128), scale=0.01
            scalar activation sbuf[0:128, 0] f32 (1:128), op=gelu_apprx_tanh, sbuf[0:128, 0] f32 (1:128), scale=-0.001
            vector tensor_scalar sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:128), op0=multiply, operand0=99.7,
                op1=add, operand1=0.3
            vector tensor_copy sbuf[0:128, 1024] bf16 (1:128), sbuf[0:128, 0] f32 (1:128)
            """;

    private static void check(String steps) {
        var one = Script.outputs("trn2", DATA + steps, 1);
        assertThat(one.values()).isNotEmpty().allSatisfy(t -> {
            assertThat(distinct(t)).isGreaterThan(t.type().shape().elements() / 100);
        });
        for (int threads : new int[] {2, 3}) {
            for (int run = 0; run < 2; run++) {
                assertThat(mismatches(one, Script.outputs("trn2", DATA + steps, threads)))
                        .as("with %d threads", threads)
                        .isEmpty();
            }
        }
    }

    private static long distinct(Tensor t) {
        return LongStream.range(0, t.type().shape().elements())
                .map(i -> Elements.readBits(t.bytes(), i, t.type().dtype()))
                .distinct()
                .count();
    }

    private static Map<String, Tensor> mismatches(Map<String, Tensor> one, Map<String, Tensor> other) {
        var result = new TreeMap<String, Tensor>();
        one.forEach((line, tensor) -> {
            if (!tensor.sameBytes(other.get(line))) {
                result.put(line, other.get(line));
            }
        });
        return result;
    }

    @Test
    void products() {
        check("""
                tensor nc_matmul psum[0:128, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:128)
                tensor nc_matmul psum[0:125, 2048] f32 (1:128), sbuf[0:128, 8] f32 (1:125), sbuf[0:128, 0] f32 (1:128)
                tensor nc_matmul psum[0:128, 0] f32 (1:126), sbuf[0:128, 1024] bf16 (1:128),
                    sbuf[0:128, 1024] bf16 (1:126), accumulate
                tensor nc_matmul psum[0:128, 4096] f32 (2:128), sbuf[0:128, 1024] bf16 (1:128),
                    sbuf[0:128, 1024] bf16 (1:128)
                psum[0:128, 0] f32 (1:128) :
                psum[0:125, 2048] f32 (1:128) :
                psum[0:128, 4096] f32 (2:128) :
                """);
    }

    @Test
    void transposes() {
        check("""
                gpsimd memset sbuf[0:128, 4096] f32 (1:128), value=1
                gpsimd affine_select sbuf[0:128, 4096] f32 (1:128), sbuf[0:128, 4096] f32 (1:128), offset=0,
                    channel_multiplier=1, pattern=[-1], cmp_op=equal, on_false=0
                vector tensor_copy sbuf[0:128, 8192] bf16 (1:128), sbuf[0:128, 4096] f32 (1:128)
                tensor nc_matmul psum[0:128, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:128),
                    sbuf[0:128, 4096] f32 (1:128), is_transpose
                tensor nc_matmul psum[0:101, 2048] bf16 (1:128), sbuf[0:128, 1024] bf16 (1:101),
                    sbuf[0:128, 8192] bf16 (1:128), is_transpose
                psum[0:128, 0] f32 (1:128) :
                psum[0:101, 2048] bf16 (1:128) :
                """);
    }

    @Test
    void rows() {
        check("""
                scalar activation_reduce sbuf[0:128, 4096] f32 (1:128), op=exp, sbuf[0:128, 0] f32 (1:128),
                    scale=sbuf[0:128, 0] f32 (), bias=sbuf[0:128, 4] f32 (), sbuf[0:128, 8192] f32 ()
                vector tensor_tensor sbuf[0:128, 4608] f32 (1:128), sbuf[0:128, 0] f32 (1:128), op=subtract,
                    sbuf[0:128, 1024] bf16 (1:128)
                vector tensor_scalar sbuf[0:128, 5120] bf16 (2:128), sbuf[0:128, 0] f32 (1:128), op0=maximum,
                    operand0=sbuf[0:128, 16] f32 (), op1=multiply, operand1=0.7
                vector scalar_tensor_tensor sbuf[0:128, 5632] f32 (1:128), sbuf[0:128, 0] f32 (1:128),
                    op0=add, operand0=3, op1=multiply, sbuf[0:128, 508] f32 (-1:128)
                vector tensor_tensor_scan sbuf[0:128, 6144] f32 (1:128), sbuf[0:128, 0] f32 (1:128),
                    sbuf[0:128, 0] f32 (1:128), initial=0.5, op0=multiply, op1=subtract
                vector reciprocal sbuf[0:128, 6656] f32 (1:128), sbuf[0:128, 0] f32 (1:128)
                gpsimd tensor_tensor sbuf[0:128, 7168] f32 (1:128), sbuf[0:128, 4096] f32 (1:128), op=power,
                    sbuf[0:128, 0] f32 (1:128)
                vector tensor_copy_predicated sbuf[0:128, 4608] f32 (1:128), sbuf[0:128, 0] f32 (1:128),
                    sbuf[0:128, 1024] u8 (2:128)
                sbuf[0:128, 4096] f32 (1:256) :
                sbuf[0:128, 8192] f32 () :
                sbuf[0:128, 5120] bf16 (2:128) :
                sbuf[0:128, 5632] f32 (1:512) :
                """);
    }

    @Test
    void reductions() {
        for (int partitions : new int[] {128, 127, 65}) {
            check("""
                    vector tensor_reduce sbuf[0:P, 8192] f32 (), op=add, sbuf[0:P, 0] f32 (1:128), axes=1
                    vector tensor_reduce sbuf[0:P, 8196] f32 (), op=maximum, sbuf[0:P, 0] f32 (1:128), axes=1, negate
                    vector tensor_reduce sbuf[0:P, 8200] f32 (1:16), op=add, sbuf[0:P, 1024] bf16 (8:16,1:8), axes=1
                    sbuf[0:P, 8192] f32 (1:18) :
                    """.replace("0:P", "0:" + partitions));
        }
    }

    @Test
    void transfers() {
        check("""
                sync dma_copy queue=0, hbm[0] f32 (1:16384), sbuf[0:128, 0] f32 (1:128)
                sync dma_copy queue=0, sbuf[0:128, 4096] bf16 (1:128), hbm[0] f32 (1:128,128:128)
                sync dma_copy queue=0, sbuf[0:128, 8192] f32 (2:128), sbuf[0:128, 0] f32 (1:128)
                sbuf[0:128, 4096] bf16 (1:128) :
                sbuf[0:128, 8192] f32 (2:128) :
                """);
    }
}
