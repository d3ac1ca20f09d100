package dev.systole.trainium.codegen.selection;

import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.codegen.RowMoments;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.ReduceCommand;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.SelectionInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reductions, scans and searches along partitions. */
record Reductions(CodeBuilder code, Copies copies, Words words) {
    void reduce(TileRef to, ReduceOp f, TileRef x) {
        if (Words.isWord(x)) {
            words.reduce(to, alu(f), x);
        } else {
            reduceNumbers(to, f, x);
        }
    }

    /**
     * ScalarE can sum, too, and its summands are narrow, as nobody reads them; the largest of narrow numbers is as narrow, and found at twice
     * the rate.
     */
    private void reduceNumbers(TileRef to, ReduceOp f, TileRef x) {
        var from = x.tile().dtype();
        if (f == ReduceOp.MAX && from == DType.BF16 && to.tile().dtype() == DType.F32 && x.free() > 1) {
            var narrow = code.like(to, from);
            reduceNumbers(narrow, f, x);
            copies.copy(to, narrow);
            return;
        }
        if (f != ReduceOp.SUM || !from.isFloat() || !to.tile().dtype().isFloat() || to.free() > 1) {
            code.emit(tensorReduce(to, f, x));
            return;
        }
        code.emit(new ScalarInstruction.ActivationReduce(
                Accesses.of(code.like(x, DType.BF16)),
                ActivationFunction.COPY,
                Accesses.of(x),
                Scalar.ONE,
                Optional.empty(),
                Accesses.of(to)));
    }

    private VectorInstruction.TensorReduce tensorReduce(TileRef to, ReduceOp f, TileRef x) {
        int kept = 0;
        for (long parts = 1; parts < to.free(); kept++) {
            parts *= x.dims().get(kept).size();
        }
        var reduced = Accesses.dims(x.dims().subList(kept, x.dims().size()));
        var all = new ArrayList<>(Accesses.dims(x.dims().subList(0, kept)));
        all.addAll(reduced.isEmpty() ? List.of(new Access.Dim(1, 1)) : reduced);
        return new VectorInstruction.TensorReduce(
                Accesses.of(to), alu(f), Accesses.of(x, x.tile().dtype(), all), Math.max(1, reduced.size()), false);
    }

    /** On ScalarE; nobody reads the summands, which are narrow. */
    void moments(TileRef to, TileRef x) {
        var bias = TileRef.of(code.fresh(DType.F32, x.partitions(), 1));
        new RowMoments(
                        Accesses.of(x),
                        Accesses.of(code.like(x, DType.BF16)),
                        Accesses.of(bias),
                        Accesses.of(code.like(x, DType.BF16)),
                        Accesses.of(element(to, 0)),
                        Accesses.of(element(to, 1)))
                .onScalar()
                .forEach(code::emit);
    }

    /** An element of each partition of a reference that is one run. */
    private static TileRef element(TileRef r, long at) {
        return new TileRef(
                r.tile(), r.startPartition(), r.partitions(), r.offset().plus(at), List.of(new Dim(1, 1)));
    }

    void scan(TileRef to, ReduceOp f, TileRef x) {
        if (Words.isWord(x)) {
            words.scan(to, alu(f), x);
        } else {
            code.emit(new VectorInstruction.TensorScalarCumulative(
                    Accesses.of(to),
                    Accesses.of(x),
                    AluOp.BYPASS,
                    Scalar.ZERO,
                    alu(f),
                    ReduceCommand.RESET_REDUCE,
                    Scalar.ZERO));
        }
    }

    /** VectorE reads at most one of two tiles from PSUM. */
    void recurrence(Statement.Recurrence r) {
        boolean bothInPsum = r.summand().tile().psum() && r.factor().tile().psum();
        code.emit(new VectorInstruction.TensorTensorScan(
                Accesses.of(r.to()),
                Accesses.of(r.factor()),
                Accesses.of(bothInPsum ? copies.inSbuf(r.summand()) : r.summand()),
                Accesses.scalar(r.first()),
                AluOp.MULTIPLY,
                AluOp.ADD));
    }

    void topEight(Statement.TopEight t) {
        code.emit(new SelectionInstruction.Max8(Accesses.of(t.values()), Accesses.of(t.x())));
        code.emit(new SelectionInstruction.NcFindIndex8(
                Accesses.of(t.places()), Accesses.of(t.x()), Accesses.of(t.values())));
        t.rest()
                .ifPresent(r -> code.emit(new SelectionInstruction.NcMatchReplace8(
                        Accesses.of(r),
                        Accesses.of(t.x()),
                        Accesses.of(t.values()),
                        Float.NEGATIVE_INFINITY,
                        Optional.empty())));
    }

    private static AluOp alu(ReduceOp f) {
        return switch (f) {
            case SUM -> AluOp.ADD;
            case PROD -> AluOp.MULTIPLY;
            case MAX -> AluOp.MAXIMUM;
            case MIN -> AluOp.MINIMUM;
        };
    }
}
