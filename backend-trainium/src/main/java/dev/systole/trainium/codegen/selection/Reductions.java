package dev.systole.trainium.codegen.selection;

import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Instruction;
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

    /** ScalarE can sum, too; the largest of narrow numbers is as narrow, and found at twice the rate. */
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
        code.emit(sum(ActivationFunction.COPY, x, Optional.empty(), to));
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

    /** Statistics on VectorE, or sums of elements and of squares on ScalarE. */
    void moments(TileRef to, TileRef x) {
        code.emitOneOf(List.of(statistics(to, x), sums(to, x)));
    }

    /** Statistics of parts of a row, as even as they can be, and what they are together. */
    private List<Instruction> statistics(TileRef to, TileRef x) {
        int parts =
                Math.toIntExact(Math.ceilDiv(x.free(), code.target().vector().bnStatsMaxFree()));
        var triples = code.fresh(DType.F32, x.partitions(), 6L * parts);
        var instructions = new ArrayList<Instruction>();
        for (int i = 0; i < parts; i++) {
            long first = x.free() * i / parts;
            long size = x.free() * (i + 1) / parts - first;
            instructions.add(new VectorInstruction.BnStats(
                    Accesses.of(TileRef.of(triples, x.partitions(), Affine.of(6L * i), 6)),
                    Accesses.of(part(x, first, size))));
        }
        instructions.add(new VectorInstruction.BnAggr(Accesses.of(to), Accesses.of(TileRef.of(triples))));
        return instructions;
    }

    private List<Instruction> sums(TileRef to, TileRef x) {
        var sum = code.fresh(DType.F32, x.partitions(), 1);
        var negative = code.fresh(DType.F32, x.partitions(), 1);
        var squares = code.fresh(DType.F32, x.partitions(), 1);
        float share = 1f / x.free();
        return List.of(
                sum(ActivationFunction.COPY, x, Optional.empty(), TileRef.of(sum)),
                scaled(TileRef.of(sum), share, part(to, 0, 1)),
                scaled(TileRef.of(sum), -share, TileRef.of(negative)),
                sum(ActivationFunction.SQUARE, x, Optional.of(Accesses.of(TileRef.of(negative))), TileRef.of(squares)),
                scaled(TileRef.of(squares), share, part(to, 1, 1)));
    }

    /** Nobody reads the summands: they are narrow. */
    private Instruction sum(ActivationFunction f, TileRef x, Optional<Access> bias, TileRef to) {
        return new ScalarInstruction.ActivationReduce(
                Accesses.of(code.like(x, DType.BF16)), f, Accesses.of(x), Scalar.ONE, bias, Accesses.of(to));
    }

    private static Instruction scaled(TileRef x, float scale, TileRef to) {
        return ScalarInstruction.Activation.of(
                Accesses.of(to),
                ActivationFunction.COPY,
                Accesses.of(x),
                new Scalar.Immediate(scale),
                Optional.empty());
    }

    /** Neighbouring elements of a reference that is one run. */
    private static TileRef part(TileRef r, long first, long size) {
        return new TileRef(
                r.tile(), r.startPartition(), r.partitions(), r.offset().plus(first), List.of(new Dim(1, size)));
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
