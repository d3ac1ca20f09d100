package dev.systole.trainium.isa;

import dev.systole.ir.target.Target;
import java.util.Arrays;

/**
 * When the parts of the systolic array are free. A product takes the row tile and the column tile that its operands and its result lie
 * on; products on different tiles run at the same time [nki.isa nc_matmul, tile_position]. Not documented and assumed: TensorE issues
 * one of them every {@code minIssueIntervalCycles}, as it does with the shortest products, and tiles in the same columns that run at the
 * same time write different banks of PSUM. Mutable.
 */
public final class ArrayClock {
    private final Target.TensorEngine tensor;
    private final long bankBytes;
    private final int tile;

    /** By row and column, in tiles of the smallest size. */
    private final double[][] free;

    /** The bank that was written last from there. */
    private final long[][] bank;

    private double next;

    public ArrayClock(Target target) {
        this.tensor = target.tensor();
        this.bankBytes = target.memory().psumBankBytesPerPartition();
        this.tile = tensor.rowTileSizes().getLast();
        this.free = new double[Math.ceilDiv(tensor.rows(), tile)][Math.ceilDiv(tensor.columns(), tile)];
        this.bank = new long[free.length][free[0].length];
    }

    /** When a product can start whose operands are ready at a time; in seconds. */
    public double start(TensorInstruction product, double ready) {
        double start = Math.max(ready, next);
        var rows = rows(product);
        var columns = columns(product);
        long to = bankOf(product.to());
        for (int r = 0; r < free.length; r++) {
            for (int c = columns.first; c < columns.end; c++) {
                if (rows.first <= r && r < rows.end || bank[r][c] == to) {
                    start = Math.max(start, free[r][c]);
                }
            }
        }
        return start;
    }

    /** Takes the product's part of the array from {@code start} to {@code end}. */
    public void take(TensorInstruction product, double start, double end) {
        var rows = rows(product);
        var columns = columns(product);
        long to = bankOf(product.to());
        for (int r = rows.first; r < rows.end; r++) {
            Arrays.fill(free[r], columns.first, columns.end, end);
            Arrays.fill(bank[r], columns.first, columns.end, to);
        }
        next = Math.min(end, start + tensor.minIssueIntervalCycles() / tensor.clockHz());
    }

    /** Tiles from {@code first} to before {@code end}. */
    private record Tiles(int first, int end) {}

    private Tiles rows(TensorInstruction product) {
        return tiles(product.moving().startPartition(), product.moving().partitions(), free.length);
    }

    private Tiles columns(TensorInstruction product) {
        return tiles(product.to().startPartition(), product.to().partitions(), free[0].length);
    }

    /** The smallest tile that holds {@code count} rows or columns from {@code first} on; the whole array if there is none. */
    private Tiles tiles(int first, int count, int all) {
        for (int i = tensor.rowTileSizes().size() - 1; i >= 0; i--) {
            int size = tensor.rowTileSizes().get(i);
            if (count <= size && first % size == 0 && first + size <= all * tile) {
                return new Tiles(first / tile, (first + size) / tile);
            }
        }
        return new Tiles(0, all);
    }

    /** A number that tells banks apart. */
    private long bankOf(Access to) {
        return to.object().isPresent() ? to.object().getAsInt() : to.offset() / bankBytes;
    }
}
