package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;

/** A transpose of one tile on TensorE, through PSUM. */
final class Transposition {
    private Transposition() {}

    /** {@code to[f][p] = from[p][f]}; at most 128 partitions and as many elements of a float type. */
    static void emit(TileBuilder b, Target target, TileRef from, TileRef to) {
        // A target without a transposing mode multiplies by an identity, which gives fp32.
        var dtype = target.tensor().nativeTranspose() ? from.tile().dtype() : DType.F32;
        var turned = TileRef.of(b.psum(dtype, (int) from.free(), from.partitions()));
        b.transpose(turned, from);
        b.copy(to, turned);
    }

    /** True if TensorE can transpose tiles of this type. */
    static boolean supports(DType dtype) {
        return dtype == DType.F32 || dtype == DType.BF16 || dtype == DType.F16;
    }
}
