package dev.systole.passes.tiling;

import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.function.Consumer;

/**
 * Windows that slide over the planes of [N, C, H, W].
 *
 * @param rows of the window
 * @param columns of the window
 */
record Windows(
        long height,
        long width,
        long outRows,
        long outColumns,
        long rows,
        long columns,
        long rowStride,
        long columnStride,
        long top,
        long left,
        long rowDilation,
        long columnDilation) {

    static Windows of(
            Shape x, Shape result, List<Long> window, List<Long> strides, List<Long> low, List<Long> dilations) {
        return new Windows(
                x.dim(2),
                x.dim(3),
                result.dim(2),
                result.dim(3),
                window.get(0),
                window.get(1),
                strides.get(0),
                strides.get(1),
                low.get(0),
                low.get(1),
                dilations.get(0),
                dilations.get(1));
    }

    /** A rectangle of results. */
    record Block(long row, long rows, long column, long columns) {
        long elements() {
            return rows * columns;
        }
    }

    /** A rectangle of results and the padded input that its windows see: {@code inRows} by {@code inColumns} from {@code inRow}, {@code inColumn}. */
    record Stripe(Block out, long inRow, long inRows, long inColumn, long inColumns) {
        /** Blocks of whole rows of at most so many elements, one row at least. */
        void blocks(long most, Consumer<Block> each) {
            long step = Math.max(1, most / out.columns);
            for (long r = 0; r < out.rows; r += step) {
                each.accept(new Block(out.row + r, Math.min(step, out.rows - r), out.column, out.columns));
            }
        }
    }

    /** Places in the window. */
    long places() {
        return rows * columns;
    }

    private static long span(long results, long stride, long window, long dilation) {
        return (results - 1) * stride + (window - 1) * dilation + 1;
    }

    /** Rows of results whose input, of all columns of the plane, is at most so many elements; one at least. */
    long rowsOfWholeWidth(long elements) {
        return Math.clamp((elements / width - (rows - 1) * rowDilation - 1) / rowStride + 1, 1, outRows);
    }

    /** Rows of results, of {@code outColumns} elements, whose input is at most so many elements; one at least. */
    long rowsWithin(long elements, long outColumns) {
        long inColumns = span(outColumns, columnStride, columns, columnDilation);
        long inRows = elements / inColumns;
        return Math.clamp((inRows - (rows - 1) * rowDilation - 1) / rowStride + 1, 1, outRows);
    }

    /** All results, in stripes of so many rows and columns. */
    void stripes(long stripeRows, long stripeColumns, Consumer<Stripe> each) {
        for (long r = 0; r < outRows; r += stripeRows) {
            for (long c = 0; c < outColumns; c += stripeColumns) {
                var out = new Block(r, Math.min(stripeRows, outRows - r), c, Math.min(stripeColumns, outColumns - c));
                each.accept(new Stripe(
                        out,
                        r * rowStride - top,
                        span(out.rows, rowStride, rows, rowDilation),
                        c * columnStride - left,
                        span(out.columns, columnStride, columns, columnDilation)));
            }
        }
    }

    /**
     * The input of a stripe for the channels first, first + step, ... on partitions, with {@code padding} where the plane ends.
     *
     * @param image times the stride of dimension 0
     */
    TileRef load(
            TileBuilder b, Source x, Affine image, long first, int channels, long step, Stripe stripe, double padding) {
        long fromRow = Math.clamp(stripe.inRow, 0, height);
        long toRow = Math.clamp(stripe.inRow + stripe.inRows, fromRow, height);
        long fromColumn = Math.clamp(stripe.inColumn, 0, width);
        long toColumn = Math.clamp(stripe.inColumn + stripe.inColumns, fromColumn, width);
        long loadedRows = toRow - fromRow;
        long loadedColumns = toColumn - fromColumn;
        var tile = TileRef.of(b.sbuf(x.buffer().dtype(), channels, stripe.inRows * stripe.inColumns));
        boolean padded = loadedRows < stripe.inRows || loadedColumns < stripe.inColumns;
        if (padded) {
            b.fill(tile, padding);
        }
        if (loadedRows == 0 || loadedColumns == 0) {
            return tile;
        }
        var from = new BufferRef(
                x.buffer(),
                image.times(x.stride(0))
                        .plus(x.view().offset()
                                + first * x.stride(1)
                                + fromRow * x.stride(2)
                                + fromColumn * x.stride(3)),
                List.of(
                        new Dim(step * x.stride(1), channels),
                        new Dim(x.stride(2), loadedRows),
                        new Dim(x.stride(3), loadedColumns)));
        if (!padded) {
            b.load(tile, from);
            return tile;
        }
        // Rows that follow each other in memory come in long transfers, and are set apart on chip.
        var dense = TileRef.of(b.sbuf(x.buffer().dtype(), channels, loadedRows * loadedColumns));
        b.load(dense, from);
        b.copy(
                new TileRef(
                        tile.tile(),
                        0,
                        channels,
                        Affine.of((fromRow - stripe.inRow) * stripe.inColumns + fromColumn - stripe.inColumn),
                        List.of(new Dim(stripe.inColumns, loadedRows), new Dim(1, loadedColumns))),
                new TileRef(
                        dense.tile(),
                        0,
                        channels,
                        Affine.ZERO,
                        List.of(new Dim(loadedColumns, loadedRows), new Dim(1, loadedColumns))));
        return tile;
    }

    /** Elements between neighbours, up to which a run with what lies between is loaded rather than each by itself. */
    private static final long WORTH_A_RUN = 16;

    /** Elements of a row that {@link #loadAlong} loads for a row of results. */
    long alongColumns(long results) {
        return areFarApart() ? results : (results - 1) * columnStride + 1;
    }

    /** True if the elements between those that a column of the window sees are not worth loading. */
    boolean areFarApart() {
        return columnStride > WORTH_A_RUN;
    }

    /**
     * Of a channel of a padded input, what so many windows from {@code outColumn} on in row {@code outRow} see in {@code n} columns of one of their rows:
     * [window, column].
     *
     * @param image times the stride of dimension 0
     */
    BufferRef runs(
            Source x,
            Affine image,
            long channel,
            long outRow,
            long row,
            long outColumn,
            int windows,
            long column,
            int n) {
        var first = image.times(x.stride(0))
                .plus(x.view().offset()
                        + channel * x.stride(1)
                        + (outRow * rowStride + row * rowDilation) * x.stride(2)
                        + (outColumn * columnStride + column * columnDilation) * x.stride(3));
        return new BufferRef(
                x.buffer(),
                first,
                List.of(new Dim(columnStride * x.stride(3), windows), new Dim(columnDilation * x.stride(3), n)));
    }

    /**
     * What one row of the window sees of one channel of a padded input: column {@code column + p} of the window on partition p, and a row of
     * {@link #alongColumns} elements for each row of results.
     */
    TileRef loadAlong(
            TileBuilder b, Source x, Affine image, long channel, long row, long column, int n, Stripe stripe) {
        long length = alongColumns(stripe.out.columns);
        long step = length > stripe.out.columns ? 1 : columnStride;
        var tile = TileRef.of(b.sbuf(x.buffer().dtype(), n, stripe.out.rows * length));
        b.load(
                tile,
                new BufferRef(
                        x.buffer(),
                        image.times(x.stride(0))
                                .plus(x.view().offset()
                                        + channel * x.stride(1)
                                        + (stripe.out.row * rowStride + row * rowDilation) * x.stride(2)
                                        + (stripe.out.column * columnStride + column * columnDilation) * x.stride(3)),
                        List.of(
                                new Dim(columnDilation * x.stride(3), n),
                                new Dim(rowStride * x.stride(2), stripe.out.rows),
                                new Dim(step * x.stride(3), length))));
        return tile;
    }

    /** The elements of a block of results in what {@link #loadAlong} loaded. */
    TileRef alongAt(TileRef input, Stripe stripe, Block part) {
        long length = alongColumns(stripe.out.columns);
        long step = length > stripe.out.columns ? columnStride : 1;
        return new TileRef(
                input.tile(),
                0,
                input.partitions(),
                Affine.of((part.row - stripe.out.row) * length),
                List.of(new Dim(length, part.rows), new Dim(step, part.columns)));
    }

    /** The elements at one place of the windows of a block. */
    TileRef at(TileRef input, Stripe stripe, Block part, long place) {
        long row = (part.row - stripe.out.row) * rowStride + place / columns * rowDilation;
        long column = (part.column - stripe.out.column) * columnStride + place % columns * columnDilation;
        return new TileRef(
                input.tile(),
                0,
                input.partitions(),
                Affine.of(row * stripe.inColumns + column),
                List.of(new Dim(rowStride * stripe.inColumns, part.rows), new Dim(columnStride, part.columns)));
    }
}
