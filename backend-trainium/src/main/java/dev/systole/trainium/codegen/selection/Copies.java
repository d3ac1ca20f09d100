package dev.systole.trainium.codegen.selection;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.TileRef;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.ArrayList;
import java.util.List;

/** Copies of tiles and tiles of numbers, and the copies that operands need because of where they are or what they are. */
record Copies(CodeBuilder code) {
    void copy(TileRef to, TileRef from) {
        boolean words = to.tile().dtype().bits() == 32
                && to.tile().dtype().isInteger()
                && from.tile().dtype() == to.tile().dtype();
        boolean onScalar = code.target().generation() >= 3
                || !words && to.tile().dtype().isFloat() && from.tile().dtype().isFloat();
        if (!onScalar) {
            code.emit(new VectorInstruction.TensorCopy(Engine.VECTOR, Accesses.of(to), Accesses.of(from)));
            return;
        }
        code.emit(
                code.target().generation() >= 3
                        ? new VectorInstruction.TensorCopy(Engine.SCALAR, Accesses.of(to), Accesses.of(from))
                        : Functions.activation(to, ActivationFunction.COPY, from));
    }

    void assign(TileRef to, Operand from) {
        switch (from) {
            case TileRef t -> copy(to, t);
            case Operand.Immediate(var value) -> fill(to, value);
        }
    }

    void fill(TileRef to, double value) {
        if (to.tile().dtype().isInteger() && (float) value != value) {
            iota(to, (int) (long) value, 0, to.dims().stream().map(d -> 0L).toList());
        } else {
            var engine = to.tile().psum() ? Engine.VECTOR : Engine.GPSIMD;
            code.emit(new VectorInstruction.Memset(engine, Accesses.of(to), (float) value));
        }
    }

    /** Dimensions of one element have no step, and dimensions stay apart, as their steps do. */
    void iota(TileRef to, long base, long channelMultiplier, List<Long> dimensionSteps) {
        var dims = new ArrayList<Access.Dim>();
        var steps = new ArrayList<Integer>();
        for (int d = 0; d < dimensionSteps.size(); d++) {
            var dim = to.dims().get(d);
            if (dim.size() > 1) {
                dims.add(new Access.Dim(dim.stride(), dim.size()));
                steps.add(Math.toIntExact(dimensionSteps.get(d)));
            }
        }
        var access = Accesses.of(to);
        code.emit(new GpSimdInstruction.Iota(
                Access.virtual(
                        access.memory(),
                        to.tile().id(),
                        access.dtype(),
                        access.startPartition(),
                        access.partitions(),
                        access.offset(),
                        dims),
                Math.toIntExact(base),
                Math.toIntExact(channelMultiplier),
                steps));
    }

    /** The operand as a tile. */
    TileRef tile(Operand o, TileRef like) {
        return switch (o) {
            case TileRef t -> t;
            case Operand.Immediate(var value) -> {
                var to = code.like(like, like.tile().dtype());
                fill(to, value);
                yield to;
            }
        };
    }

    /** A copy in the type of another reference. */
    TileRef converted(TileRef from, TileRef like) {
        var to = code.like(from, like.tile().dtype());
        copy(to, from);
        return to;
    }

    /** The elements in SBUF, for what reads no PSUM, or only one operand from there. */
    TileRef inSbuf(TileRef r) {
        if (!r.tile().psum()) {
            return r;
        }
        var to = code.like(r, r.tile().dtype());
        copy(to, r);
        return to;
    }
}
