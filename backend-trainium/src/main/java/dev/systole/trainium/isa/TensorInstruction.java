package dev.systole.trainium.isa;

/** What the systolic array does. */
public sealed interface TensorInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.TENSOR;
    }

    /**
     * {@code d[m][n] (+)= sum over k of stationary[k][m] * moving[k][n]}, k on partitions, added in row order with fused
     * multiply-adds from 0, then one addition into PSUM when accumulating.
     *
     * @param to [M, N] in PSUM
     * @param stationary [K, M] in SBUF
     * @param moving [K, N] in SBUF
     * @param accumulate adds to PSUM instead of overwriting
     * @param transpose moving is an identity and the result an exact copy of the stationary's bits, transposed; the
     *     destination has the stationary's type (v3 on)
     */
    record NcMatmul(Access to, Access stationary, Access moving, boolean accumulate, boolean transpose)
            implements TensorInstruction {
        @Override
        public NcMatmul through(Fields f) {
            return new NcMatmul(
                    accumulate ? f.update("dst", to) : f.to("dst", to),
                    f.from("stationary", stationary),
                    f.from("moving", moving),
                    f.flag("accumulate", accumulate),
                    f.flag("is_transpose", transpose));
        }
    }
}
