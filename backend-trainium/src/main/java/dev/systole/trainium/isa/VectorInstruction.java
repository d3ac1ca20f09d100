package dev.systole.trainium.isa;

/** What VectorE does; a few of these run on GpSimd or ScalarE, too, and name their engine. */
public sealed interface VectorInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.VECTOR;
    }

    /** VectorE or GpSimd: {@code d[p][i] = a[p][i] op b[p][i]}. On GpSimd int32 and uint32 are exact. */
    record TensorTensor(Engine engine, Access to, Access a, AluOp op, Access b) implements VectorInstruction {
        @Override
        public TensorTensor through(Fields f) {
            return new TensorTensor(
                    f.engine(engine), f.to("dst", to), f.from("data1", a), f.op("op", op), f.from("data2", b));
        }
    }

    /**
     * VectorE or GpSimd (ScalarE from v3 for multiply and add): {@code d = (data op0 operand0) op1 operand1}; a reversed
     * operator takes its scalar on the left. {@code op1} may be {@link AluOp#BYPASS}.
     */
    record TensorScalar(
            Engine engine,
            Access to,
            Access data,
            AluOp op0,
            Scalar operand0,
            boolean reverse0,
            AluOp op1,
            Scalar operand1,
            boolean reverse1)
            implements VectorInstruction {
        @Override
        public TensorScalar through(Fields f) {
            return new TensorScalar(
                    f.engine(engine),
                    f.to("dst", to),
                    f.from("data", data),
                    f.op("op0", op0),
                    f.scalar("operand0", operand0),
                    f.flag("reverse0", reverse0),
                    f.op("op1", op1, AluOp.BYPASS),
                    f.scalar("operand1", operand1, Scalar.ZERO),
                    f.flag("reverse1", reverse1));
        }
    }

    /** {@code d = (data op0 operand0) op1 tensor}. */
    record ScalarTensorTensor(Access to, Access data, AluOp op0, Scalar operand0, AluOp op1, Access tensor)
            implements VectorInstruction {
        @Override
        public ScalarTensorTensor through(Fields f) {
            return new ScalarTensorTensor(
                    f.to("dst", to),
                    f.from("data", data),
                    f.op("op0", op0),
                    f.scalar("operand0", operand0),
                    f.op("op1", op1),
                    f.from("operand1", tensor));
        }
    }

    /**
     * Reduces the last {@code axes} free dimensions in element order, starting from the first element.
     *
     * @param to one element for each element of the remaining dimensions
     * @param negate the result is negated
     */
    record TensorReduce(Access to, AluOp op, Access data, int axes, boolean negate) implements VectorInstruction {
        @Override
        public TensorReduce through(Fields f) {
            return new TensorReduce(
                    f.to("dst", to),
                    f.op("op", op),
                    f.from("data", data),
                    (int) f.integer("axes", axes),
                    f.flag("negate", negate));
        }
    }

    /** {@code d[0] = (a[0] op0 initial) op1 b[0]; d[i] = (a[i] op0 d[i-1]) op1 b[i]}, the running value in fp32. */
    record TensorTensorScan(Access to, Access a, Access b, Scalar initial, AluOp op0, AluOp op1)
            implements VectorInstruction {
        @Override
        public TensorTensorScan through(Fields f) {
            return new TensorTensorScan(
                    f.to("dst", to),
                    f.from("data0", a),
                    f.from("data1", b),
                    f.scalar("initial", initial),
                    f.op("op0", op0),
                    f.op("op1", op1));
        }
    }

    /** VectorE, GpSimd or (from v3) ScalarE: {@code d = s}: the raw bits if the types are equal, else through fp32. */
    record TensorCopy(Engine engine, Access to, Access from) implements VectorInstruction {
        @Override
        public TensorCopy through(Fields f) {
            return new TensorCopy(f.engine(engine), f.to("dst", to), f.from("src", from));
        }
    }

    /** Where the predicate (an unsigned integer) is nonzero {@code d = s}, else d stays. Types of d and s are equal. */
    record TensorCopyPredicated(Access to, Access from, Access predicate) implements VectorInstruction {
        @Override
        public TensorCopyPredicated through(Fields f) {
            return new TensorCopyPredicated(f.update("dst", to), f.from("src", from), f.from("predicate", predicate));
        }
    }

    /** VectorE or GpSimd: {@code d = value}, rounded to the type of d. */
    record Memset(Engine engine, Access to, float value) implements VectorInstruction {
        @Override
        public Memset through(Fields f) {
            return new Memset(f.engine(engine), f.to("dst", to), f.real("value", value));
        }
    }

    /** {@code d = 1 / data}. */
    record Reciprocal(Access to, Access data) implements VectorInstruction {
        @Override
        public Reciprocal through(Fields f) {
            return new Reciprocal(f.to("dst", to), f.from("data", data));
        }
    }

    /** For every 32 x 32 block {@code d[f][p] = s[p][f]}, raw bits; at most one block in each direction. */
    record NcTranspose(Access to, Access from) implements VectorInstruction {
        @Override
        public NcTranspose through(Fields f) {
            return new NcTranspose(f.to("dst", to), f.from("data", from));
        }
    }
}
