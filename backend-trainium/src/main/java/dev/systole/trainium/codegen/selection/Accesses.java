package dev.systole.trainium.codegen.selection;

import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.Scalar;
import java.util.ArrayList;
import java.util.List;

/** What instructions access of tiles and buffers that have no addresses yet. */
final class Accesses {
    private Accesses() {}

    static Access of(TileRef r) {
        return of(r, r.tile().dtype());
    }

    /** The elements as numbers of another type of their width. */
    static Access of(TileRef r, DType dtype) {
        return of(r, dtype, dims(r.dims()));
    }

    static Access of(TileRef r, DType dtype, List<Access.Dim> dims) {
        return Access.virtual(
                r.tile().psum() ? Memory.PSUM : Memory.SBUF,
                r.tile().id(),
                dtype,
                r.startPartition(),
                r.partitions(),
                r.offset().constant() * dtype.bytes(),
                dims);
    }

    static Access of(BufferRef r) {
        Buffer buffer = r.buffer();
        return Access.virtual(
                Memory.HBM,
                buffer.id(),
                buffer.dtype(),
                0,
                1,
                r.offset().constant() * buffer.dtype().bytes(),
                dims(r.dims()));
    }

    /** The one element of each partition that the reference repeats. */
    static Access column(TileRef r) {
        return of(new TileRef(r.tile(), r.startPartition(), r.partitions(), r.offset(), List.of(new Dim(1, 1))));
    }

    /** True if the reference repeats one fp32 element of each partition, which instructions take as a scalar. */
    static boolean isColumn(TileRef r) {
        return r.tile().dtype() == DType.F32
                && r.free() > 1
                && r.dims().stream().allMatch(d -> d.stride() == 0 || d.size() == 1);
    }

    static Scalar scalar(Operand o) {
        return switch (o) {
            case Operand.Immediate(var value) -> new Scalar.Immediate((float) value);
            case TileRef column -> new Scalar.Column(column(column));
        };
    }

    /** Neighbouring dimensions that are one even run become one, so that patterns are as short as they can be. */
    static List<Access.Dim> dims(List<Dim> from) {
        var list = new ArrayList<Access.Dim>();
        for (var d : from) {
            if (d.size() == 1) {
                continue;
            }
            var last = list.isEmpty() ? null : list.getLast();
            if (last != null && last.stride() == d.stride() * d.size()) {
                list.set(list.size() - 1, new Access.Dim(d.stride(), last.size() * d.size()));
            } else {
                list.add(new Access.Dim(d.stride(), d.size()));
            }
        }
        return list;
    }
}
