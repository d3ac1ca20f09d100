package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.text.TextException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each limit as its message states it, then what breaks it (-) and what only just keeps it (+): a target, and an engine with its
 * instruction or a program.
 */
class LimitsTest {
    private static final String MEMORIES = """
            tensor does not read psum [A1]
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), psum[0:1, 64] f32 (), sbuf[0:1, 0] f32 ()
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), psum[0:1, 64] f32 ()
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 ()

            tensor does not write sbuf [A1]
            - trn2 tensor nc_matmul sbuf[0:1, 0] f32 (), sbuf[0:1, 64] f32 (), sbuf[0:1, 64] f32 ()
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 64] f32 (), sbuf[0:1, 64] f32 ()

            vector does not read hbm [A1]
            - trn2 vector tensor_copy sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            + trn2 vector tensor_copy sbuf[0:1, 0] f32 (), psum[0:1, 0] f32 ()

            vector does not write hbm [A1]
            - trn2 vector memset hbm[0] f32 (), value=0
            + trn2 vector memset psum[0:1, 0] f32 (), value=0

            scalar does not read hbm [A1]
            - trn2 scalar activation sbuf[0:1, 0] f32 (), op=exp, hbm[0] f32 ()
            + trn2 scalar activation sbuf[0:1, 0] f32 (), op=exp, psum[0:1, 0] f32 ()

            scalar does not write hbm [A1]
            - trn2 scalar activation hbm[0] f32 (), op=exp, sbuf[0:1, 0] f32 ()
            + trn2 scalar activation psum[0:1, 0] f32 (), op=exp, sbuf[0:1, 0] f32 ()

            gpsimd does not read psum [A1]
            - trn2 gpsimd tensor_copy sbuf[0:1, 0] f32 (), psum[0:1, 0] f32 ()
            + trn2 gpsimd tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()

            gpsimd does not write psum [A1]
            - trn2 gpsimd memset psum[0:1, 0] f32 (), value=0
            + trn2 gpsimd memset sbuf[0:1, 0] f32 (), value=0

            sync does not read sbuf [A1]
            - trn2 sync tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()
            + trn2 sync dma_copy queue=0, sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()

            sync does not write sbuf [A1]
            - trn2 sync memset sbuf[0:1, 0] f32 (), value=0
            + trn2 sync dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            """;

    private static final String PATTERNS = """
            there are 128 partitions [A1], not 129
            - trn2 vector memset sbuf[96:129, 0] f32 (), value=0
            + trn2 vector memset sbuf[96:128, 0] f32 (), value=0

            65 partitions start at a multiple of 128 [A1], not 32
            - trn2 vector memset sbuf[32:97, 0] f32 (), value=0
            + trn2 vector memset sbuf[0:65, 0] f32 (), value=0
            + trn2 vector memset sbuf[64:128, 0] f32 (), value=0

            33 partitions start at a multiple of 64 [A1], not 32
            - trn2 vector memset sbuf[32:65, 0] f32 (), value=0
            + trn2 vector memset sbuf[64:97, 0] f32 (), value=0
            + trn2 vector memset sbuf[32:64, 0] f32 (), value=0

            2 partitions start at a multiple of 32 [A1], not 16
            - trn2 vector memset sbuf[16:18, 0] f32 (), value=0
            + trn2 vector memset sbuf[96:98, 0] f32 (), value=0

            an access has at most 4 free dimensions [A1], not 5
            - trn2 vector memset sbuf[0:1, 0] f32 (1:1,1:1,1:1,1:1,1:1), value=0
            + trn2 vector memset sbuf[0:1, 0] f32 (1:1,1:1,1:1,1:1), value=0

            a dimension has at most 65535 elements [A1], not 65536
            - trn2 vector memset sbuf[0:1, 0] u8 (1:65536), value=0
            + trn2 vector memset sbuf[0:1, 0] u8 (1:65535), value=0

            a stride lies in -32768..32767 [A1], not 32768
            - trn2 vector memset sbuf[0:1, 0] u8 (32768:2), value=0
            + trn2 vector memset sbuf[0:1, 0] u8 (32767:2), value=0

            a stride lies in -32768..32767 [A1], not -32769
            - trn2 vector memset sbuf[0:1, 32769] u8 (-32769:2), value=0
            + trn2 vector memset sbuf[0:1, 32768] u8 (-32768:2), value=0

            an access has at most 65536 elements a partition [A1], not 65792
            - trn2 vector memset sbuf[0:1, 0] u8 (256:257,1:256), value=0
            + trn2 vector memset sbuf[0:1, 0] u8 (256:256,1:256), value=0

            an access has at most 4096 elements a partition [A1], not 4160
            - trn2 vector memset psum[0:1, 0] f16 (64:65,1:64), value=0
            + trn2 vector memset psum[0:1, 0] f16 (64:64,1:64), value=0

            offsets are multiples of 4 bytes (assumed), not 2
            - trn2 vector memset sbuf[0:1, 2] f32 (), value=0
            - trn2 vector memset psum[0:1, 2] f32 (), value=0
            + trn2 vector memset sbuf[0:1, 4] f32 (), value=0
            + trn2 vector memset psum[0:1, 4] f32 (), value=0

            offsets are multiples of 4 bytes (assumed), not 1
            - trn2 vector memset psum[0:1, 1] bf16 (), value=0
            - trn2 vector memset psum[0:1, 1] u8 (), value=0
            + trn2 vector memset psum[0:1, 4] bf16 (), value=0
            + trn2 vector memset sbuf[0:1, 1] u8 (), value=0

            a sequencer has registers 0 to 63 [ISA], not 200
            - trn2 vector memset sbuf[0:1, 0 + r200*4] f32 (), value=0
            + trn2 vector memset sbuf[0:1, 0 + r63*4] f32 (), value=0

            power runs on gpsimd only, in tensor_tensor [SH], not here
            - trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=power, operand0=2
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=power, sbuf[0:1, 8] f32 ()
            + trn2 gpsimd tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=power, sbuf[0:1, 8] f32 ()

            rsqrt is the first operator of tensor_scalar only [ISA], not here
            - trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=add, operand0=2, op1=rsqrt, operand1=0
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=rsqrt, sbuf[0:1, 8] f32 ()
            + trn2 gpsimd tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=rsqrt, operand0=0

            abs_max and abs_min exist from v4 on [SH], not abs_min on v3
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=abs_min, sbuf[0:1, 8] f32 ()
            + trn3 vector tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=abs_min, sbuf[0:1, 8] f32 ()

            tensor_reduce adds, subtracts, multiplies, takes the extreme, or works on bits and truths [SH], not greater
            - trn2 vector tensor_reduce sbuf[0:1, 0] f32 (), op=greater, sbuf[0:1, 4] f32 (1:4), axes=1
            + trn2 vector tensor_reduce sbuf[0:1, 0] f32 (), op=logical_or, sbuf[0:1, 4] f32 (1:4), axes=1

            tensor_tensor_scan is arithmetic only [ISA], not bitwise_and
            - trn2 vector tensor_tensor_scan sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), sbuf[0:1, 8] f32 (), initial=0, op0=bitwise_and, op1=add
            + trn2 vector tensor_tensor_scan sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), sbuf[0:1, 8] f32 (), initial=0, op0=multiply, op1=add

            reciprocal takes no bias before v3 [SH]
            - trn1 scalar activation sbuf[0:1, 0] f32 (), op=reciprocal, sbuf[0:1, 4] f32 (), bias=sbuf[0:1, 8] f32 ()
            + trn1 scalar activation sbuf[0:1, 0] f32 (), op=sqrt, sbuf[0:1, 4] f32 (), bias=sbuf[0:1, 8] f32 ()
            + trn2 scalar activation sbuf[0:1, 0] f32 (), op=reciprocal, sbuf[0:1, 4] f32 (), bias=sbuf[0:1, 8] f32 ()

            affine_select compares with 0 [ISA], not add
            - trn2 gpsimd affine_select sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), offset=0, channel_multiplier=0, pattern=[], cmp_op=add, on_false=0
            + trn2 gpsimd affine_select sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), offset=0, channel_multiplier=0, pattern=[], cmp_op=less, on_false=0

            f8e4m3 and f8e4m3fn do not mix [ISA], not f8e4m3 and f8e4m3fn
            - trn3 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f8e4m3 (), sbuf[0:1, 0] f8e4m3fn ()
            + trn3 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f8e4m3fn (), sbuf[0:1, 0] f8e4m3fn ()
            + trn2 vector memset sbuf[0:1, 2] bf16 (), value=0

            offsets are multiples of 2 bytes (assumed), not 1
            - trn2 vector memset sbuf[0:1, 1] bf16 (), value=0
            + trn2 vector memset sbuf[0:1, 1] u8 (), value=0

            a partition of sbuf has 196608 bytes [A1], not 196608..196612
            - trn1 vector memset sbuf[0:1, 196608] f32 (), value=0
            - inf2 vector memset sbuf[0:1, 196608] f32 (), value=0
            + trn1 vector memset sbuf[0:1, 196604] f32 (), value=0
            + trn2 vector memset sbuf[0:1, 196608] f32 (), value=0

            a partition of sbuf has 229376 bytes [A1], not 229372..229380
            - trn2 vector memset sbuf[0:1, 229372] f32 (1:2), value=0
            + trn2 vector memset sbuf[0:1, 229368] f32 (1:2), value=0
            + trn3 vector memset sbuf[0:1, 229372] f32 (1:2), value=0
            + trn2 vector memset sbuf.t1[0:1, 229372] f32 (1:2), value=0

            a partition of sbuf has 262144 bytes [A1], not 262144..262148
            - trn3 vector memset sbuf[0:1, 262144] f32 (), value=0
            + trn3 vector memset sbuf[0:1, 262140] f32 (), value=0

            a partition of sbuf has 229376 bytes [A1], not -4..4
            - trn2 vector memset sbuf[0:1, 0] f32 (-1:2), value=0
            + trn2 vector memset sbuf[0:1, 4] f32 (-1:2), value=0

            a partition of psum has 16384 bytes [A1], not 16384..16388
            - trn2 vector memset psum[0:1, 16384] f32 (), value=0
            + trn2 vector memset psum[0:1, 16380] f32 (), value=0

            an hbm access has at most 5 dimensions [NEFF], not 6
            - trn2 sync dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 (1:1,1:1,1:1,1:1,1:1,1:1)
            - trn2 sync dma_copy queue=0, hbm[0] f32 (1:1,1:1,1:1,1:1,1:1,1:1), sbuf[0:1, 0] f32 ()
            + trn2 sync dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 (1:1,1:1,1:1,1:1,1:1)

            a write touches an element once, but has stride 0
            - trn2 vector memset sbuf[0:1, 0] f32 (0:2), value=0
            - trn2 sync dma_copy queue=0, hbm[0] f32 (0:2), sbuf[0:1, 0] f32 (1:2)
            + trn2 vector memset sbuf[0:1, 0] f32 (0:1), value=0
            + trn2 vector tensor_copy sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 8] f32 (0:2)

            a destination is the same elements as a source or touches none of it (assumed)
            - trn2 vector tensor_copy sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 4] f32 (1:2)
            - trn2 vector tensor_copy sbuf[0:1, 0] bf16 (1:2), sbuf[0:1, 0] f32 (1:2)
            + trn2 vector tensor_copy sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 0] f32 (1:2)
            + trn2 vector tensor_copy sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 8] f32 (1:2)
            + trn2 vector tensor_copy sbuf[0:1, 0 + r1*4] f32 (1:4), sbuf[0:1, 8192] f32 (1:4)
            """;

    private static final String OPERANDS = """
            operands have as many partitions [A1], not 1 and 2
            - trn2 vector tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:2, 4] f32 ()
            - trn2 vector tensor_scalar sbuf[0:2, 0] f32 (), sbuf[0:2, 0] f32 (), op0=add, operand0=sbuf[0:1, 4] f32 ()
            - trn2 vector tensor_scalar sbuf[0:2, 0] f32 (), sbuf[0:2, 0] f32 (), op0=add, operand0=1, op1=add, operand1=sbuf[0:1, 4] f32 ()
            - trn2 vector scalar_tensor_tensor sbuf[0:2, 0] f32 (), sbuf[0:2, 0] f32 (), op0=add, operand0=sbuf[0:1, 4] f32 (), op1=add, sbuf[0:2, 0] f32 ()
            + trn2 vector tensor_copy sbuf[0:1, 0] f32 (), sbuf[32:33, 4] f32 ()

            operands have as many elements a partition [ISA], not 4 and 3
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3), op=add, sbuf[0:1, 64] f32 (1:4)
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:4), op=add, sbuf[0:1, 64] f32 (1:3)
            - trn2 vector tensor_scalar sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3), op0=add, operand0=1
            - trn2 vector scalar_tensor_tensor sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3), op0=add, operand0=1, op1=add, sbuf[0:1, 64] f32 (1:4)
            - trn2 vector scalar_tensor_tensor sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:4), op0=add, operand0=1, op1=add, sbuf[0:1, 64] f32 (1:3)
            - trn2 vector tensor_tensor_scan sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3), sbuf[0:1, 64] f32 (1:4), initial=0, op0=add, op1=add
            - trn2 vector tensor_tensor_scan sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 64] f32 (1:3), initial=0, op0=add, op1=add
            - trn2 vector tensor_copy sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3)
            - trn2 vector tensor_copy_predicated sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3), sbuf[0:1, 128] u8 (1:4)
            - trn2 vector tensor_copy_predicated sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 128] u8 (1:3)
            - trn2 vector reciprocal sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3)
            - trn2 scalar activation sbuf[0:1, 0] f32 (1:4), op=exp, sbuf[0:1, 64] f32 (1:3)
            - trn2 gpsimd affine_select sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:3), offset=0, channel_multiplier=1, pattern=[1], cmp_op=less, on_false=0
            + trn2 vector tensor_copy sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (8:2,1:2)

            at most one input lies in PSUM [ISA], not both
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (), psum[0:1, 0] f32 (), op=add, psum[0:1, 4] f32 ()
            - trn2 vector scalar_tensor_tensor sbuf[0:1, 0] f32 (), psum[0:1, 0] f32 (), op0=add, operand0=1, op1=add, psum[0:1, 4] f32 ()
            - trn2 vector tensor_tensor_scan sbuf[0:1, 0] f32 (), psum[0:1, 0] f32 (), psum[0:1, 4] f32 (), initial=0, op0=add, op1=add
            + trn2 vector tensor_tensor sbuf[0:1, 0] f32 (), psum[0:1, 0] f32 (), op=add, sbuf[0:1, 4] f32 ()
            + trn2 vector tensor_tensor psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), op=add, psum[0:1, 4] f32 ()

            a scalar operand is one f32 a partition, not
            - trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), op0=add, operand0=sbuf[0:1, 4] f32 (1:2)
            - trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), op0=add, operand0=sbuf[0:1, 4] bf16 ()
            - trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), op0=add, operand0=hbm[4] f32 ()
            + trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), op0=add, operand0=sbuf[0:1, 4] f32 (1:1)

            bitwise_and takes integers [SH], not f32
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] i32 (), op=bitwise_and, sbuf[0:1, 8] i32 ()
            - trn2 vector tensor_tensor sbuf[0:1, 0] i32 (), sbuf[0:1, 4] f32 (), op=bitwise_and, sbuf[0:1, 8] i32 ()
            - trn2 vector tensor_tensor sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op=bitwise_and, sbuf[0:1, 8] f32 ()
            - trn2 vector tensor_scalar sbuf[0:1, 0] i32 (), sbuf[0:1, 4] f32 (), op0=bitwise_and, operand0=1
            - trn2 vector tensor_reduce sbuf[0:1, 0] i32 (), op=bitwise_and, sbuf[0:1, 4] f32 (1:4), axes=1
            + trn2 vector tensor_tensor sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op=bitwise_and, sbuf[0:1, 8] i32 ()
            + trn2 vector tensor_scalar sbuf[0:1, 0] u8 (), sbuf[0:1, 4] i16 (), op0=bitwise_and, operand0=1
            + trn2 vector tensor_reduce sbuf[0:1, 0] i32 (), op=bitwise_and, sbuf[0:1, 4] i32 (1:4), axes=1
            """;

    private static final String TENSOR = """
            stationary and moving lie on the same partitions [ISA]
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:32, 0] f32 (), sbuf[32:64, 0] f32 ()
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:32, 0] f32 (), sbuf[0:31, 0] f32 ()
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[32:64, 0] f32 (), sbuf[32:64, 0] f32 ()

            operands start at a row tile of [128, 64] rows [ISA]
            - trn1 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[32:64, 0] f32 (), sbuf[32:64, 0] f32 ()
            - inf2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[96:97, 0] f32 (), sbuf[96:97, 0] f32 ()
            + trn1 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[64:96, 0] f32 (), sbuf[64:96, 0] f32 ()
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[96:97, 0] f32 (), sbuf[96:97, 0] f32 ()

            stationary has at most 128 columns [A1], not 129
            - trn2 tensor nc_matmul psum[0:128, 0] f32 (), sbuf[0:1, 0] f32 (1:129), sbuf[0:1, 0] f32 ()
            + trn2 tensor nc_matmul psum[0:128, 0] f32 (), sbuf[0:1, 0] f32 (1:128), sbuf[0:1, 0] f32 ()

            moving has at most 512 columns [A1], not 513
            - trn1 tensor nc_matmul psum[0:1, 0] f32 (1:513), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:513)
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (1:513), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:513)
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (1:512), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:512)
            + trn3 tensor nc_matmul psum[0:1, 0] f32 (1:513), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:513)

            moving has at most 4096 columns [A1], not 4097
            - trn3 tensor nc_matmul psum[0:1, 0] f32 (1:4096), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:4097)
            + trn3 tensor nc_matmul psum[0:1, 0] f32 (1:4096), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:4096)

            a matmul writes [2, 4] [ISA]
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (1:4), sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 0] f32 (1:4)
            - trn2 tensor nc_matmul psum[0:2, 0] f32 (1:3), sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 0] f32 (1:4)
            + trn2 tensor nc_matmul psum[0:2, 0] f32 (1:4), sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 0] f32 (1:4)

            a matmul writes one PSUM bank of 2048 bytes [A1]
            - trn2 tensor nc_matmul psum[0:1, 2048] f32 (-1:2), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:2)
            + trn3 tensor nc_matmul psum[0:1, 0] bf16 (1:8192), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (1:8192)
            - trn1 tensor nc_matmul psum[0:1, 2044] f32 (1:2), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:2)
            - trn2 tensor nc_matmul psum[0:1, 2044] f32 (1:2), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:2)
            + trn2 tensor nc_matmul psum[0:1, 2040] f32 (1:2), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:2)
            + trn2 tensor nc_matmul psum[0:1, 2048] f32 (1:512), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:512)
            + trn2 tensor nc_matmul psum.t1[0:1, 2044] f32 (1:2), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:2)
            + trn3 tensor nc_matmul psum[0:1, 2044] f32 (1:2), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:2)

            a transposing matmul exists from v3 on [A2], not v2
            - trn1 tensor nc_matmul psum[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), is_transpose
            - inf2 tensor nc_matmul psum[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), is_transpose
            + trn2 tensor nc_matmul psum[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), is_transpose

            a transpose keeps the type [A2], not f32
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), is_transpose
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), is_transpose

            a transpose overwrites [A2], not accumulates
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), accumulate, is_transpose
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), accumulate

            a matmul writes f32 [ISA], not bf16
            - trn1 tensor nc_matmul psum[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 ()
            - trn2 tensor nc_matmul psum[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 ()
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 ()
            + trn3 tensor nc_matmul psum[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] bf16 ()

            a matmul writes f32 [ISA], not f16
            - trn3 tensor nc_matmul psum[0:1, 0] f16 (), sbuf[0:1, 0] f16 (), sbuf[0:1, 0] f16 ()
            + trn3 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f16 (), sbuf[0:1, 0] f16 ()

            a matmul on v3 takes f32, tf32, bf16, f16
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] i8 (), sbuf[0:1, 0] bf16 ()
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] bf16 (), sbuf[0:1, 0] i8 ()
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f8e4m3fn (), sbuf[0:1, 0] bf16 ()
            + trn3 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f8e4m3fn (), sbuf[0:1, 0] bf16 ()
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f8e4m3 (), sbuf[0:1, 0] f8e5m2 ()
            + trn1 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f16 (), sbuf[0:1, 0] bf16 ()

            f32 and tf32 mix with each other only [ISA], not f32 and bf16
            - trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] bf16 ()
            + trn2 tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] tf32 ()
            """;

    private static final String VECTOR_AND_SCALAR = """
            tensor_tensor runs on vector or gpsimd [ISA], not scalar
            - trn3 scalar tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=add, sbuf[0:1, 8] f32 ()
            + trn3 vector tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=add, sbuf[0:1, 8] f32 ()

            tensor_tensor runs on gpsimd for power and 32-bit integers only [ISA], not add of f32
            - trn2 gpsimd tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=add, sbuf[0:1, 8] f32 ()
            + trn2 gpsimd tensor_tensor sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op=add, sbuf[0:1, 8] u32 ()
            + trn2 gpsimd tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=power, sbuf[0:1, 8] f32 ()

            power runs on gpsimd only, in tensor_tensor [SH], not here
            - trn2 vector tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=power, sbuf[0:1, 8] f32 ()
            + trn2 gpsimd tensor_tensor sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op=power, sbuf[0:1, 8] f32 ()

            both operators of tensor_scalar are arithmetic or both work on bits [ISA]
            - trn2 vector tensor_scalar sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op0=add, operand0=1, op1=bitwise_or, operand1=1
            - trn2 vector tensor_scalar sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op0=bitwise_or, operand0=1, op1=add, operand1=1
            + trn2 vector tensor_scalar sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op0=bitwise_or, operand0=1, op1=left_shift, operand1=1
            + trn2 vector tensor_scalar sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op0=bitwise_or, operand0=1

            tensor_scalar runs on vector, scalar or gpsimd [ISA], not tensor
            - trn2 tensor tensor_scalar psum[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=add, operand0=1
            + trn2 vector tensor_scalar psum[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=add, operand0=1

            tensor_scalar rsqrt runs on gpsimd [ISA], not vector
            - trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=rsqrt, operand0=0
            + trn2 gpsimd tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=rsqrt, operand0=0

            tensor_scalar runs on gpsimd for rsqrt only [ISA], not add
            - trn2 gpsimd tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=add, operand0=1
            + trn2 vector tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=add, operand0=1

            tensor_scalar runs on scalar from v3 on, for multiply and add [ISA]
            - trn1 scalar tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=multiply, operand0=2
            - trn2 scalar tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=maximum, operand0=2
            - trn2 scalar tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=multiply, operand0=2, op1=multiply, operand1=2
            + trn2 scalar tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=multiply, operand0=2
            + trn2 scalar tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=add, operand0=2
            + trn2 scalar tensor_scalar sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), op0=multiply, operand0=2, op1=add, operand1=1

            scalar_tensor_tensor is arithmetic only [ISA]
            - trn2 vector scalar_tensor_tensor sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op0=bitwise_and, operand0=1, op1=add, sbuf[0:1, 8] i32 ()
            - trn2 vector scalar_tensor_tensor sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op0=add, operand0=1, op1=bitwise_and, sbuf[0:1, 8] i32 ()
            + trn2 vector scalar_tensor_tensor sbuf[0:1, 0] i32 (), sbuf[0:1, 4] i32 (), op0=add, operand0=1, op1=logical_and, sbuf[0:1, 8] i32 ()

            tensor_reduce takes 1 to 2 axes [ISA]
            - trn2 vector tensor_reduce sbuf[0:1, 0] f32 (1:8), op=add, sbuf[0:1, 64] f32 (2:4,1:2), axes=0
            - trn2 vector tensor_reduce sbuf[0:1, 0] f32 (), op=add, sbuf[0:1, 64] f32 (2:4,1:2), axes=3
            + trn2 vector tensor_reduce sbuf[0:1, 0] f32 (), op=add, sbuf[0:1, 64] f32 (2:4,1:2), axes=2
            + trn2 vector tensor_reduce sbuf[0:1, 0] f32 (), op=add, sbuf[0:1, 64] f32 (), axes=1

            tensor_reduce writes 4 elements a partition [ISA], not 2
            - trn2 vector tensor_reduce sbuf[0:1, 0] f32 (1:2), op=add, sbuf[0:1, 64] f32 (2:4,1:2), axes=1
            + trn2 vector tensor_reduce sbuf[0:1, 0] f32 (1:4), op=add, sbuf[0:1, 64] f32 (2:4,1:2), axes=1

            tensor_copy runs on scalar from v3 on [ISA], not v2
            - trn1 scalar tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()
            - inf2 scalar tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()
            + trn2 scalar tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()

            tensor_copy runs on vector, scalar or gpsimd [ISA], not tensor
            - trn2 tensor tensor_copy psum[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()
            + trn2 vector tensor_copy psum[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()

            tensor_copy_predicated copies between equal types [ISA], not bf16 to f32
            - trn2 vector tensor_copy_predicated sbuf[0:1, 0] f32 (), sbuf[0:1, 4] bf16 (), sbuf[0:1, 8] u8 ()
            + trn2 vector tensor_copy_predicated sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), sbuf[0:1, 8] u8 ()

            a predicate is an unsigned integer [ISA], not
            - trn2 vector tensor_copy_predicated sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), sbuf[0:1, 8] i32 ()
            - trn2 vector tensor_copy_predicated sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), sbuf[0:1, 8] f32 ()
            + trn2 vector tensor_copy_predicated sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 (), sbuf[0:1, 8] u32 ()

            memset runs on vector or gpsimd [ISA], not scalar
            - trn3 scalar memset sbuf[0:1, 0] f32 (), value=0
            + trn3 gpsimd memset sbuf[0:1, 0] f32 (), value=0

            nc_transpose on vector takes blocks of 32 [ISA]
            - trn2 vector nc_transpose sbuf[0:32, 0] f32 (1:33), sbuf[0:33, 512] f32 (1:32)
            - trn2 vector nc_transpose sbuf[0:33, 0] f32 (1:32), sbuf[0:32, 512] f32 (1:33)
            + trn2 vector nc_transpose sbuf[0:32, 0] f32 (1:32), sbuf[0:32, 512] f32 (1:32)

            nc_transpose writes [4, 2] [ISA]
            - trn2 vector nc_transpose sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 64] f32 (1:4)
            - trn2 vector nc_transpose sbuf[0:4, 0] f32 (1:3), sbuf[0:2, 64] f32 (1:4)
            + trn2 vector nc_transpose sbuf[0:4, 0] f32 (1:2), sbuf[0:2, 64] f32 (1:4)

            nc_transpose keeps the type [ISA], not f32
            - trn2 vector nc_transpose sbuf[0:1, 0] f32 (), sbuf[0:1, 4] bf16 ()
            + trn2 vector nc_transpose sbuf[0:1, 0] bf16 (), sbuf[0:1, 4] bf16 ()

            a bias is one element a partition [ISA]
            - trn2 scalar activation sbuf[0:1, 0] f32 (1:2), op=exp, sbuf[0:1, 64] f32 (1:2), bias=sbuf[0:1, 8] f32 (1:2)
            + trn2 scalar activation sbuf[0:1, 0] f32 (1:2), op=exp, sbuf[0:1, 64] f32 (1:2), bias=sbuf[0:1, 8] f32 (1:1)

            a bias is of any type but tf32 [ISA], not tf32
            - trn2 scalar activation sbuf[0:1, 0] f32 (), op=exp, sbuf[0:1, 0] f32 (), bias=sbuf[0:1, 8] tf32 ()
            + trn2 scalar activation sbuf[0:1, 0] f32 (), op=exp, sbuf[0:1, 0] f32 (), bias=sbuf[0:1, 8] f16 ()

            activation_reduce writes one sum a partition [ISA]
            - trn2 scalar activation_reduce sbuf[0:1, 0] f32 (1:2), op=exp, sbuf[0:1, 64] f32 (1:2), sbuf[0:1, 8] f32 (1:2)
            + trn2 scalar activation_reduce sbuf[0:1, 0] f32 (1:2), op=exp, sbuf[0:1, 64] f32 (1:2), sbuf[0:1, 8] f32 ()
            """;

    private static final String GPSIMD_AND_DMA = """
            there is a step for each of 2 dimensions [ISA], not 1
            - trn2 gpsimd iota sbuf[0:1, 0] i32 (4:2,1:4), offset=0, channel_multiplier=0, pattern=[4]
            - trn2 gpsimd affine_select sbuf[0:1, 0] f32 (1:8), sbuf[0:1, 64] f32 (4:2,1:4), offset=0, channel_multiplier=0, pattern=[4], cmp_op=less, on_false=0
            + trn2 gpsimd iota sbuf[0:1, 0] i32 (4:2,1:4), offset=0, channel_multiplier=0, pattern=[4, 1]
            + trn2 gpsimd affine_select sbuf[0:1, 0] f32 (1:8), sbuf[0:1, 64] f32 (4:2,1:4), offset=0, channel_multiplier=0, pattern=[4, 1], cmp_op=less, on_false=0

            DMA reaches hbm and sbuf [MIG], not psum
            - trn2 sync dma_copy queue=0, psum[0:1, 0] f32 (), hbm[0] f32 ()
            - trn2 sync dma_copy queue=0, hbm[0] f32 (), psum[0:1, 0] f32 ()
            + trn2 sync dma_copy queue=0, hbm[0] f32 (), sbuf[0:1, 0] f32 ()
            + trn2 sync dma_copy queue=0, hbm[0] f32 (), hbm[4] f32 ()

            transfers are started by sync, scalar or gpsimd [DGE], not
            - trn2 vector dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            - trn2 tensor dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            + trn2 sync dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            + trn2 scalar dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            + trn2 gpsimd dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 ()

            DMA has queues 0 to 15 [DMA], not
            - trn2 sync dma_copy queue=16, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            - trn2 sync dma_copy queue=-1, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
            + trn2 sync dma_copy queue=15, sbuf[0:1, 0] f32 (), hbm[0] f32 ()

            a transfer reads as many elements as it writes [DMA]
            - trn2 sync dma_copy queue=0, sbuf[0:2, 0] f32 (1:4), hbm[0] f32 (1:7)
            + trn2 sync dma_copy queue=0, sbuf[0:2, 0] f32 (1:4), hbm[0] f32 (1:8)

            indirect descriptors are generated by gpsimd [DGE], not sync
            - trn2 sync dma_gather queue=0, sbuf[0:2, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:2, 64] i32 (), bytes_per_row=16, rows=8
            - trn2 sync dma_scatter queue=0, hbm[0] f32 (1:4), sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 64] i32 (), bytes_per_row=16, rows=8
            + trn2 gpsimd dma_gather queue=0, sbuf[0:2, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:2, 64] i32 (), bytes_per_row=16, rows=8
            + trn2 gpsimd dma_scatter queue=0, hbm[0] f32 (1:4), sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 64] i32 (), bytes_per_row=16, rows=8

            an indirect transfer moves one row of hbm to or from each partition [DGE]
            - trn2 gpsimd dma_gather queue=0, hbm[64] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=16, rows=8
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 128] i32 (), bytes_per_row=16, rows=8
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:3), sbuf[0:1, 64] i32 (), bytes_per_row=16, rows=8
            + trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=16, rows=8

            row numbers are one 32-bit integer a partition [DGE]
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i16 (), bytes_per_row=16, rows=8
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (1:2), bytes_per_row=16, rows=8
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), hbm[64] i32 (), bytes_per_row=16, rows=8
            + trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] u32 (), bytes_per_row=16, rows=8

            there is at least one row of whole elements
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=16, rows=0
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=0, rows=1
            - trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=18, rows=1
            + trn2 gpsimd dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=4, rows=1
            """;

    private static final String REGISTERS = """
            a sequencer has registers 0 to 63 [ISA], not 64
            - trn2 sync register_move dst=r64, value=1
            - trn2 sync register_alu dst=r64, a=r0, op=add, b=r0
            - trn2 sync register_alu dst=r0, a=r64, op=add, b=r0
            - trn2 sync register_alu dst=r0, a=r0, op=add, b=r64
            - trn2 sync register_load dst=r64, hbm[0] i32 ()
            - trn2 sync register_store hbm[0] i32 (), src=r64
            - trn2 sync loop_begin register=r64, start=0, stop=1, step=1
            + trn2 sync register_alu dst=r63, a=r63, op=add, b=r63

            registers have add, subtract and multiply [ISA], not maximum
            - trn2 sync register_alu dst=r0, a=r0, op=maximum, b=r0
            + trn2 sync register_alu dst=r0, a=r0, op=add, b=r0
            + trn2 sync register_alu dst=r0, a=r0, op=subtract, b=r0
            + trn2 sync register_alu dst=r0, a=r0, op=multiply, b=r0

            registers load from and store to hbm or sbuf [ISA], not psum
            - trn2 vector register_load dst=r0, psum[0:1, 0] i32 ()
            - trn2 vector register_store psum[0:1, 0] i32 (), src=r0
            + trn2 vector register_load dst=r0, hbm[0] i32 ()
            + trn2 vector register_store sbuf[0:1, 0] i32 (), src=r0

            a register holds one 32-bit word [ISA]
            - trn2 sync register_load dst=r0, hbm[0] i32 (1:2)
            - trn2 sync register_load dst=r0, sbuf[0:2, 0] i32 ()
            - trn2 sync register_store hbm[0] f32 (), src=r0
            + trn2 sync register_load dst=r0, sbuf[0:1, 0] u32 (1:1)

            1 partition starts at a multiple of 32 [A1], not 16
            - trn2 sync register_load dst=r0, sbuf[16:17, 0] i32 ()
            - trn2 sync register_store sbuf[16:17, 0] i32 (), src=r0
            + trn2 sync register_load dst=r0, sbuf[32:33, 0] i32 ()

            a loop counts up [LOOP], not
            - trn2 sync loop_begin register=r0, start=0, stop=1, step=0
            - trn2 sync loop_begin register=r0, start=1, stop=0, step=-1
            + trn2 sync loop_begin register=r0, start=1, stop=0, step=1
            """;

    private static final String PROGRAMS = """
            bytes of HBM; a core of
            - trn1 hbm 17179869185
            - trn2 hbm 12884901889
            + trn1 hbm 17179869184
            + trn2 hbm 12884901888
            + trn3 hbm 19327352832

            tensor "x" lies at 4084..4100, outside the program's 4096 bytes of HBM
            - trn2 hbm 4096 input "x" : f32[4] as f32 at 4084
            - trn2 hbm 4096 output "x" : f32[4] as f32 at 4084
            + trn2 hbm 4096 input "x" : f32[4] as f32 at 4080

            tensor "x" lies at -8..8, outside the program's 4096 bytes of HBM
            - trn2 hbm 4096 input "x" : i64[4] as i32 at -8
            + trn2 hbm 4096 input "x" : i64[4] as i32 at 0

            a constant lies at 4093..4097, outside the program's 4096 bytes of HBM
            - trn2 hbm 4096 constant : u8[4] at 4093 {value: [1, 2, 3, 4]}
            + trn2 hbm 4096 constant : u8[4] at 4092 {value: [1, 2, 3, 4]}

            hbm[4084] f32 (1:4) lies at 4084..4100, outside the program's 4096 bytes of HBM
            - trn2 hbm 4096 core 0 sync { dma_copy queue=0, sbuf[0:1, 0] f32 (1:4), hbm[4084] f32 (1:4) }
            - trn2 hbm 4096 core 0 sync { dma_copy queue=0, hbm[4084] f32 (1:4), sbuf[0:1, 0] f32 (1:4) }
            + trn2 hbm 4096 core 0 sync { dma_copy queue=0, sbuf[0:1, 0] f32 (1:4), hbm[4080] f32 (1:4) }

            hbm[0] f32 (-1:2) lies at -4..4, outside the program's 4096 bytes of HBM
            - trn2 hbm 4096 core 0 sync { dma_copy queue=0, sbuf[0:1, 0] f32 (1:2), hbm[0] f32 (-1:2) }
            + trn2 hbm 4096 core 0 sync { dma_copy queue=0, sbuf[0:1, 0] f32 (1:2), hbm[4] f32 (-1:2) }

            hbm[0] f32 (64:17,1:4) lies at 0..4112, outside the program's 4096 bytes of HBM
            - trn2 hbm 4096 core 0 gpsimd { dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=256, rows=17 }
            - trn2 hbm 4096 core 0 gpsimd { dma_scatter queue=0, hbm[0] f32 (1:4), sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=256, rows=17 }
            + trn2 hbm 4096 core 0 gpsimd { dma_gather queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:1, 64] i32 (), bytes_per_row=256, rows=16 }

            a virtual operand: sbuf.t3[0:1, 0] f32 ()
            - trn2 hbm 0 core 0 vector { memset sbuf.t3[0:1, 0] f32 (), value=0 }
            - trn2 hbm 0 core 0 vector { tensor_copy sbuf[0:1, 0] f32 (), sbuf.t3[0:1, 0] f32 () }
            + trn2 hbm 0 core 0 vector { memset sbuf[0:1, 0] f32 (), value=0 }

            a core has semaphores 0 to 255 [DRV], not 256
            - trn2 hbm 0 core 0 vector { S[256]>=1 event_semaphore }
            - trn2 hbm 0 core 0 vector { event_semaphore S[256]+=1 }
            + trn2 hbm 0 core 0 vector { S[255]>=2147483647 event_semaphore S[255]+=2147483647 }

            3 waits on one instruction; it carries 2
            - trn2 hbm 0 core 0 vector { S[0]>=1 S[1]>=1 S[2]>=1 event_semaphore }
            + trn2 hbm 0 core 0 vector { S[0]>=1 S[1]>=1 event_semaphore }

            a completed transfer adds 16 [DMA], not 1
            - trn2 hbm 4096 core 0 sync { dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 () S[1]+=1 }
            + trn2 hbm 4096 core 0 sync { dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 () S[1]+=16 }
            + trn2 hbm 4096 core 0 sync { dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 () event_semaphore S[1]+=1 }

            vector @1: loop_end without loop_begin
            - trn2 hbm 0 core 0 vector { event_semaphore loop_end }
            + trn2 hbm 0 core 0 vector { loop_begin register=r0, start=0, stop=1, step=1 loop_end }

            vector @0: loop_begin without loop_end
            - trn2 hbm 0 core 0 vector { loop_begin register=r0, start=0, stop=1, step=1 }
            - trn2 hbm 0 core 0 vector { loop_begin register=r0, start=0, stop=1, step=1 loop_begin register=r1, start=0, stop=1, step=1 loop_end }
            + trn2 hbm 0 core 0 vector { loop_begin register=r0, start=0, stop=1, step=1 loop_begin register=r1, start=0, stop=1, step=1 loop_end loop_end }

            a branch compares [A1], not
            - trn2 hbm 0 core 0 sync { branch register=r0, cmp_op=minimum, value=0, target=end end: }
            - trn2 hbm 0 core 0 sync { branch register=r0, cmp_op=logical_and, value=0, target=end end: }
            + trn2 hbm 0 core 0 sync { branch register=r0, cmp_op=equal, value=0, target=end end: }
            + trn2 hbm 0 core 0 sync { branch register=r0, cmp_op=less, value=0, target=end end: }

            a sequencer has registers 0 to 63 [ISA], not 64
            - trn2 hbm 0 core 0 sync { branch register=r64, cmp_op=less, value=0, target=end end: }
            + trn2 hbm 0 core 0 sync { branch register=r63, cmp_op=less, value=0, target=end end: }
            """;

    private static Stream<Arguments> limits(String... texts) {
        return Stream.of(texts)
                .flatMap(t -> Arrays.stream(t.strip().split("\n\n")))
                .map(block -> Arguments.of((Object[]) block.split("\n", 2)));
    }

    static Stream<Arguments> instructionLimits() {
        return limits(MEMORIES, PATTERNS, OPERANDS, TENSOR, VECTOR_AND_SCALAR, GPSIMD_AND_DMA, REGISTERS);
    }

    static Stream<Arguments> programLimits() {
        return limits(PROGRAMS);
    }

    private static void check(String limit, String cases, Consumer<String> check) {
        assertThat(cases).contains("- ", "+ ");
        for (var line : cases.split("\n")) {
            var checked = assertThatCode(() -> check.accept(line.substring(2))).as(line);
            if (line.startsWith("+")) {
                checked.doesNotThrowAnyException();
            } else {
                checked.isInstanceOfAny(LimitException.class, TextException.class)
                        .hasMessageContaining(limit);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("instructionLimits")
    void instructionsKeep(String limit, String cases) {
        check(limit, cases, line -> {
            var words = line.split(" ", 3);
            var text = new Scanner(words[2], "test");
            var instruction = Assembler.instruction(text, Assembler.engine(new Scanner(words[1], "test")));
            assertThat(text.isAtEnd()).isTrue();
            Limits.check(instruction, Targets.load(words[0]));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programLimits")
    void programsKeep(String limit, String cases) {
        check(limit, cases, line -> {
            var words = line.split(" ", 2);
            var text = "program \"p\" for \"" + words[0] + "\"\n" + words[1];
            Limits.check(Assembler.parse(text, "test", Targets::load, Constants.NONE));
        });
    }

    private static Instruction with(Instruction instruction, int operand, UnaryOperator<Access> f) {
        var n = new AtomicInteger();
        return instruction.map(a -> n.getAndIncrement() == operand ? f.apply(a) : a);
    }

    static Stream<Arguments> operandsOnChip() {
        return SampleProgram.instructions().stream().flatMap(i -> {
            var n = new AtomicInteger();
            var onChip = IntStream.builder();
            i.map(a -> {
                if (a.memory() != Memory.HBM) {
                    onChip.add(n.get());
                }
                n.incrementAndGet();
                return a;
            });
            return onChip.build().mapToObj(operand -> Arguments.of(i, operand, n.get()));
        });
    }

    @ParameterizedTest
    @MethodSource("operandsOnChip")
    void everyOperandIsChecked(Instruction instruction, int operand, int operands) {
        var target = Targets.load("trn2");
        Limits.check(instruction, target);
        var outside = with(instruction, operand, a -> a.at(0, 1 << 20));
        assertThatThrownBy(() -> Limits.check(outside, target))
                .isInstanceOf(LimitException.class)
                .hasMessageMatching("a partition of (sbuf|psum) has \\d+ bytes .*");
        if (operands > 1) {
            var halved = with(
                    instruction,
                    operand,
                    a -> Access.physical(
                            a.memory(), a.dtype(), a.startPartition(), a.partitions() / 2, a.offset(), a.dims()));
            assertThatThrownBy(() -> Limits.check(halved, target)).isInstanceOf(LimitException.class);
        }
    }

    @Test
    void theSampleKeepsTheLimitsOfItsTarget() {
        Limits.check(SampleProgram.program());
    }

    @Test
    void theTargetSaysHowManyRowsAMatmulContracts() {
        var json = Targets.json(Targets.load("trn2"));
        var target = Targets.parse(
                json.replace("\"matmul_max_contraction_rows\": 128", "\"matmul_max_contraction_rows\": 64"), "test");
        var text = "nc_matmul psum[0:1, 0] f32 (), sbuf[0:%1$d, 0] f32 (), sbuf[0:%1$d, 0] f32 ()";
        Limits.check(Assembler.instruction(new Scanner(text.formatted(64), "test"), Engine.TENSOR), target);
        assertThatThrownBy(() -> Limits.check(
                        Assembler.instruction(new Scanner(text.formatted(65), "test"), Engine.TENSOR), target))
                .isInstanceOf(LimitException.class)
                .hasMessage("a matmul contracts at most 64 rows [A1], not 65");
    }

    static Stream<Arguments> issuesThatNoTextSays() {
        var nothing = new ControlInstruction.EventSemaphore(Engine.VECTOR);
        var copy = new ControlInstruction.RegisterMove(Engine.SYNC, 0, 0);
        return Stream.of(
                Arguments.of(
                        "semaphores rise; an update adds 0",
                        new Issue(nothing, List.of(), Optional.of(new Issue.Update(1, 0)), 0)),
                Arguments.of(
                        "a semaphore holds 0 to 2147483647, not -1",
                        new Issue(nothing, List.of(new Issue.Wait(1, -1)), Optional.empty(), 0)),
                Arguments.of(
                        "a core has semaphores 0 to 255 [DRV], not -1",
                        new Issue(nothing, List.of(new Issue.Wait(-1, 1)), Optional.empty(), 0)),
                Arguments.of("vector @0: location 9 of 2", new Issue(nothing, List.of(), Optional.empty(), 9)),
                Arguments.of("an instruction of sync in the stream of vector", SampleProgram.issue(copy)),
                Arguments.of("a branch to 2 in a stream of 1", SampleProgram.issue(branch(2))),
                Arguments.of("a branch to -1 in a stream of 1", SampleProgram.issue(branch(-1))));
    }

    private static Instruction branch(int target) {
        return new ControlInstruction.Branch(Engine.VECTOR, 0, AluOp.EQUAL, 0, target);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("issuesThatNoTextSays")
    void issuesKeep(String limit, Issue issue) {
        Limits.check(SampleProgram.with(Map.of(Engine.VECTOR, List.of(SampleProgram.issue(branch(1))))));
        var program = SampleProgram.with(Map.of(Engine.VECTOR, List.of(issue)));
        assertThatThrownBy(() -> Limits.check(program))
                .isInstanceOf(LimitException.class)
                .hasMessageEndingWith(limit);
    }

    @Test
    void theMessageSaysWhere() {
        var text = """
                program "p" for "trn1"
                hbm 0
                core 0 scalar {
                  activation psum[0:1, 0] f32 (), op=exp, sbuf[0:1, 0] f32 ()
                  // /layer.0/Cast (Cast)
                  tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()
                }
                """;
        assertThatThrownBy(() -> Limits.check(Assembler.parse(text, "test", Targets::load, Constants.NONE)))
                .isInstanceOf(LimitException.class)
                .hasMessage("scalar @1 (node /layer.0/Cast (Cast)):"
                        + " tensor_copy runs on scalar from v3 on [ISA], not v2");
    }
}
