package dev.systole.trainium.isa;

import dev.systole.ir.type.DType;

/** A scalar operand: one constant for all partitions, or one fp32 value a partition. */
public sealed interface Scalar {
    Scalar ZERO = new Immediate(0);
    Scalar ONE = new Immediate(1);

    /** The same fp32 constant for every partition. */
    record Immediate(float value) implements Scalar {
        @Override
        public String toString() {
            return Float.toString(value);
        }
    }

    /** One fp32 value for each partition, [P, 1] on chip. */
    record Column(Access access) implements Scalar {
        /** @throws LimitException if the access is not one fp32 element a partition on chip */
        public Column {
            if (access.free() != 1 || access.dtype() != DType.F32 || access.memory() == Memory.HBM) {
                throw new LimitException("a scalar operand is one f32 a partition, not " + access);
            }
        }

        @Override
        public String toString() {
            return access.toString();
        }
    }
}
