package dev.systole.cli.calibration;

import static dev.systole.cli.calibration.KernelWriter.of;
import static dev.systole.cli.calibration.KernelWriter.rows;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.TensorInstruction;
import java.util.List;

/** The two products among the baselines of NKIBench, see {@link Kernels}. */
public final class MatmulKernels {
    private static final int P = 128;
    private static final int BANK = 512;
    private static final int BLOCK = 1024;

    private MatmulKernels() {}

    /**
     * lhs [rows, depth] times rhs [depth, columns]. Each 128 rows of lhs are transposed on the TensorE; for each column block of 1024 all of
     * rhs's tiles pass by, once for each row block: the profile's 9.06 GB of reads are lhs 12 times and rhs 32 times. 26 tiles of rhs are
     * what fits beside the rest, so both halves of a tile are used before the next one.
     */
    public static Program matmul(Target target, int rows, int depth, int columns) {
        int piece = 8 * P;
        int tiles = depth / P;
        var w = new KernelWriter("matmul", target);
        var lhs = w.input("lhs", rows, depth);
        var rhs = w.input("rhs", depth, columns);
        var product = w.output("product", rows, columns);
        var unit = w.constant("identity", identity());
        var identity = w.sbuf(P);
        w.load(of(identity, 0, P), rows(unit, 0, P, P, P));
        var pieces = w.sbuf(10, piece);
        var turned = w.sbuf(depth);
        var moving = w.sbuf(26, BLOCK);
        var out = w.sbuf(2, BLOCK);
        var flipped = w.psum(4, P);
        var sums = w.psum(4, BANK);
        int turn = 0;
        int loads = 0;
        int flips = 0;
        for (int column = 0; column < columns; column += BLOCK) {
            for (int row = 0; row < rows; row += P, turn++) {
                for (int k = 0; k < depth; k += piece) {
                    var to = pieces.get((turn * (depth / piece) + k / piece) % pieces.size());
                    w.load(of(to, 0, piece), rows(lhs, (long) row * depth + k, depth, P, piece));
                    for (int b = 0; b < piece; b += P) {
                        var psum = of(flipped.get(flips++ % flipped.size()), 0, P);
                        w.emit(new TensorInstruction.NcMatmul(
                                psum, of(to, b, P), of(identity, 0, P), false, false, false, false, true));
                        w.copyOnScalar(of(turned, k + b, P), psum);
                    }
                }
                for (int k = 0; k < tiles; k++) {
                    var tile = moving.get(loads++ % moving.size());
                    w.load(of(tile, 0, BLOCK), rows(rhs, (long) k * P * columns + column, columns, P, BLOCK));
                    for (int h = 0; h < 2; h++) {
                        w.emit(TensorInstruction.NcMatmul.of(
                                of(sums.get(2 * (turn % 2) + h), 0, BANK),
                                of(turned, k * P, P),
                                of(tile, h * BANK, BANK),
                                k > 0));
                    }
                }
                var result = out.get(turn % 2);
                for (int h = 0; h < 2; h++) {
                    w.copyOnScalar(of(result, h * BANK, BANK), of(sums.get(2 * (turn % 2) + h), 0, BANK));
                }
                w.store(rows(product, (long) row * columns + column, columns, P, BLOCK), of(result, 0, BLOCK));
            }
        }
        return w.finish();
    }

    private static Tensor identity() {
        var values = new float[P * P];
        for (int i = 0; i < P; i++) {
            values[i * P + i] = 1;
        }
        return Tensor.ofFloats(Shape.of(P, P), values);
    }

    /**
     * lhs [depth, rows], transposed, times rhs [depth, columns]: row blocks of 1024 stay while column blocks of 1024 pass by. Two sets of rhs
     * do not fit beside lhs, so the next one follows this one tile by tile.
     */
    public static Program transposeMatmul(Target target, int rows, int depth, int columns) {
        int tiles = depth / P;
        var w = new KernelWriter("transpose_matmul", target);
        var lhs = w.input("lhs", depth, rows);
        var rhs = w.input("rhs", depth, columns);
        var product = w.output("product", rows, columns);
        var stationary = w.sbuf(tiles, BLOCK);
        var moving = w.sbuf(tiles, BLOCK);
        var out = w.sbuf(2, BLOCK);
        var sums = w.psum(4, BANK);
        int results = 0;
        int products = 0;
        for (int row = 0; row < rows; row += BLOCK) {
            for (int k = 0; k < tiles; k++) {
                w.load(of(stationary.get(k), 0, BLOCK), rows(lhs, (long) k * P * rows + row, rows, P, BLOCK));
            }
            for (int column = 0; column < columns; column += BLOCK) {
                int width = Math.min(BLOCK, columns - column);
                for (int k = 0; k < tiles; k++) {
                    w.load(of(moving.get(k), 0, width), rows(rhs, (long) k * P * columns + column, columns, P, width));
                }
                for (int m = 0; m < BLOCK; m += P) {
                    var result = out.get(results++ % 2);
                    for (int h = 0; h < width; h += BANK) {
                        int n = Math.min(BANK, width - h);
                        var sum = sums.get(products++ % sums.size());
                        accumulate(w, sum, stationary, m, moving, h, n);
                        w.copyOnScalar(of(result, h, n), of(sum, 0, n));
                    }
                    w.store(
                            rows(product, (long) (row + m) * columns + column, columns, P, width),
                            of(result, 0, width));
                }
            }
        }
        return w.finish();
    }

    private static void accumulate(
            KernelWriter w, Tile sum, List<Tile> stationary, int m, List<Tile> moving, int from, int count) {
        for (int k = 0; k < stationary.size(); k++) {
            w.emit(TensorInstruction.NcMatmul.of(
                    of(sum, 0, count), of(stationary.get(k), m, P), of(moving.get(k), from, count), k > 0));
        }
    }
}
