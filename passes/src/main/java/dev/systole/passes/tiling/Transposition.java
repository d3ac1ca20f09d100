package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;

/** A transpose of one tile, through PSUM. */
final class Transposition {
    /** Rows of 2-byte elements that the DMA engines transpose at a time. */
    private static final int ROWS_OF_TRANSFER = 16;

    private Transposition() {}

    /** {@code to[f][p] = from[p][f]} of an operand of a product; at most 128 partitions and as many elements of a float type. */
    static void emit(TileBuilder b, Target target, Source operand, TileRef from, TileRef to) {
        boolean isFinite = isFinite(operand);
        var dtype = dtypeInPsum(target, from.tile().dtype(), isFinite);
        var turned = TileRef.of(b.psum(dtype, (int) from.free(), from.partitions()));
        b.transpose(turned, from, isFinite);
        b.copy(to, turned);
    }

    /** Rows and columns of the largest square that the array takes, as of a transpose. */
    static int block(Target target) {
        var array = target.tensor();
        return Math.min(target.memory().partitions(), Math.min(array.maxContractionRows(), array.maxStationaryFree()));
    }

    /** What a region computed and a product contracts is taken to be finite. What a model is given is not: it is transposed exactly. */
    static boolean isFinite(Source operand) {
        return operand.buffer().role() instanceof Buffer.Role.Scratch;
    }

    /** The type that a transpose writes: fp32 where it is a product. */
    static DType dtypeInPsum(Target target, DType dtype, boolean isFinite) {
        return isFinite && !target.tensor().nativeTranspose() ? DType.F32 : dtype;
    }

    /** True if the DMA engines can transpose so many rows of elements of a type. */
    static boolean isTransferable(Target target, DType dtype, long rows) {
        return target.dma().transposeSupported() && dtype.bytes() == 2 && rows % ROWS_OF_TRANSFER == 0;
    }

    /** True if a load transposes so many rows. What another region makes is not loaded like that, as it may stay in SBUF. */
    static boolean isOnTheWay(Target target, Source s, long rows) {
        return isTransferable(target, s.buffer().dtype(), rows) && !(s.buffer().role() instanceof Buffer.Role.Scratch);
    }

    /** True if the machine can transpose tiles of this type. */
    static boolean supports(DType dtype) {
        return dtype == DType.F32 || dtype == DType.BF16 || dtype == DType.F16;
    }
}
