package dev.systole.trainium.codegen.selection;

import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.List;

/** Arithmetic of 32-bit integers, on GpSimd, the only engine that computes it exactly. */
record Words(CodeBuilder code, Copies copies) {
    static boolean isWord(TileRef r) {
        return r.tile().dtype() == DType.I32 || r.tile().dtype() == DType.U32;
    }

    void binary(TileRef to, AluOp op, TileRef a, TileRef b) {
        code.emit(new VectorInstruction.TensorTensor(
                Engine.GPSIMD, Accesses.of(to), Accesses.of(copies.inSbuf(a)), op, Accesses.of(copies.inSbuf(b))));
    }

    void unary(TileRef to, UnaryOp f, TileRef x) {
        switch (f) {
            case NEG -> binary(to, AluOp.SUBTRACT, copies.tile(new Operand.Immediate(0), x), x);
            case ABS -> {
                var negated = code.like(x, x.tile().dtype());
                binary(negated, AluOp.SUBTRACT, copies.tile(new Operand.Immediate(0), x), x);
                binary(to, AluOp.MAXIMUM, x, negated);
            }
            case SQUARE -> binary(to, AluOp.MULTIPLY, x, x);
            case RELU -> binary(to, AluOp.MAXIMUM, x, copies.tile(new Operand.Immediate(0), x));
            default -> throw code.unsupported(f.mnemonic(), x.tile().dtype());
        }
    }

    /** Wrapping arithmetic does not depend on the order, so halves are combined until one element is left. */
    void reduce(TileRef to, AluOp op, TileRef x) {
        var sums = code.like(x, x.tile().dtype());
        copies.copy(sums, x);
        long length = x.free() / to.free();
        long n = length;
        while (n > 1) {
            long half = n / 2;
            var low = ofEach(sums.tile(), length, 0, half);
            binary(low, op, low, ofEach(sums.tile(), length, n - half, half));
            n -= half;
        }
        copies.copy(to, ofEach(sums.tile(), length, 0, 1));
    }

    /** So many elements of each run of a length. */
    private static TileRef ofEach(Tile tile, long length, long first, long n) {
        return new TileRef(
                tile,
                0,
                tile.partitions(),
                Affine.of(first),
                List.of(new Dim(length, tile.free() / length), new Dim(1, n)));
    }

    /**
     * Wrapping arithmetic does not depend on the order, so every element takes in the one a distance before it, for distances that
     * double.
     */
    void scan(TileRef to, AluOp op, TileRef x) {
        var running = copies.converted(x, x);
        for (long distance = 1; distance < x.free(); distance *= 2) {
            var next = code.like(x, x.tile().dtype());
            long rest = x.free() - distance;
            int partitions = x.partitions();
            copies.copy(TileRef.of(next.tile(), partitions, Affine.ZERO, distance), head(running, distance));
            binary(
                    TileRef.of(next.tile(), partitions, Affine.of(distance), rest),
                    op,
                    head(running, rest),
                    TileRef.of(running.tile(), partitions, Affine.of(distance), rest));
            running = next;
        }
        copies.copy(to, running);
    }

    private static TileRef head(TileRef r, long length) {
        return TileRef.of(r.tile(), r.partitions(), Affine.ZERO, length);
    }
}
