package dev.systole.passes.tiling;

import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;

/** A transpose of one tile, through PSUM. */
final class Transposition {
    private Transposition() {}

    /** {@code to[f][p] = from[p][f]}; at most 128 partitions and as many elements of a float type. */
    static void emit(TileBuilder b, TileRef from, TileRef to) {
        var turned = TileRef.of(b.psum(from.tile().dtype(), (int) from.free(), from.partitions()));
        b.transpose(turned, from);
        b.copy(to, turned);
    }

    /** True if the machine can transpose tiles of this type. */
    static boolean supports(DType dtype) {
        return dtype == DType.F32 || dtype == DType.BF16 || dtype == DType.F16;
    }
}
