package dev.systole.trainium.isa;

import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.List;

/** What the systolic array does. */
public sealed interface TensorInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.TENSOR;
    }

    /** Where the result goes. */
    Access to();

    Access moving();

    /** True if the result is added to PSUM instead of overwriting it. */
    boolean accumulate();

    /**
     * {@code d[m][n] (+)= sum over k of stationary[k][m] * moving[k][n]}, k on partitions, added in row order with fused
     * multiply-adds from 0, then one addition into PSUM when accumulating.
     *
     * @param to [M, N] in PSUM
     * @param stationary [K, M] in SBUF; [K, 2, M] of a double row
     * @param moving [K, N] in SBUF; [K, 2, N] of a double row
     * @param transpose moving is an identity and the result an exact copy of the stationary's bits, transposed; the
     *     destination has the stationary's type (v3 on)
     * @param doubleRow row k holds two rows of 8-bit floats, of which the first is added first (v3 on)
     * @param stationaryIsOneZero a promise that the stationary holds zeros and ones only, for which fp32 takes half the passes
     * @param movingIsOneZero the same of moving
     */
    record NcMatmul(
            Access to,
            Access stationary,
            Access moving,
            boolean accumulate,
            boolean transpose,
            boolean doubleRow,
            boolean stationaryIsOneZero,
            boolean movingIsOneZero)
            implements TensorInstruction {
        /** A product without any of the special modes. */
        public static NcMatmul of(Access to, Access stationary, Access moving, boolean accumulate) {
            return new NcMatmul(to, stationary, moving, accumulate, false, false, false, false);
        }

        /** An exact transpose of {@code stationary}. */
        public static NcMatmul transposing(Access to, Access stationary, Access identity) {
            return new NcMatmul(to, stationary, identity, false, true, false, false, false);
        }

        /** A transpose of {@code stationary} as a product: exact but for infinities and NaN, and zeros lose their sign. */
        public static NcMatmul timesIdentity(Access to, Access stationary, Access identity) {
            boolean isOneZero = stationary.dtype() == DType.F32;
            return new NcMatmul(to, stationary, identity, false, false, false, false, isOneZero);
        }

        @Override
        public NcMatmul through(Fields f) {
            return new NcMatmul(
                    accumulate ? f.update("dst", to) : f.to("dst", to),
                    f.from("stationary", stationary),
                    f.from("moving", moving),
                    f.flag("accumulate", accumulate),
                    f.flag("is_transpose", transpose),
                    f.flag("double_row", doubleRow),
                    f.flag("is_stationary_onezero", stationaryIsOneZero),
                    f.flag("is_moving_onezero", movingIsOneZero));
        }
    }

    /**
     * A product of microscaled operands (v4): {@code d[m][n] (+)= sum over k, j of (stationary[k][m][j] * moving[k][n][j]) *
     * 2^a * 2^b}, j the four elements of a packed one, a and b the scales of their blocks of 8 partitions by 4 elements. Added row
     * by row, the four of a row in packed order.
     *
     * @param to [M, N] in PSUM
     * @param stationary [K, M] of a packed type
     * @param moving [K, N] of a packed type
     * @param stationaryScale exponents (e8m0, as bytes): from the row of the first block to that of the last one; the four blocks of a
     *     quadrant of 32 partitions have four neighbouring rows, quadrants are 32 rows apart
     * @param movingScale the same for moving
     */
    record NcMatmulMx(
            Access to, Access stationary, Access moving, Access stationaryScale, Access movingScale, boolean accumulate)
            implements TensorInstruction {
        @Override
        public NcMatmulMx through(Fields f) {
            return new NcMatmulMx(
                    accumulate ? f.update("dst", to) : f.to("dst", to),
                    f.from("stationary", stationary),
                    f.from("moving", moving),
                    f.from("stationary_scale", stationaryScale),
                    f.from("moving_scale", movingScale),
                    f.flag("accumulate", accumulate));
        }

        /** Of the scales only the rows of blocks. */
        @Override
        public List<Access> reads() {
            var list = new ArrayList<Access>();
            if (accumulate) {
                list.add(to);
            }
            list.add(stationary);
            list.add(moving);
            list.addAll(Scales.rows(stationaryScale));
            list.addAll(Scales.rows(movingScale));
            return list;
        }
    }
}
