package dev.systole.passes.tiling;

import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which results of windows over planes are computed together. A band is rows of one image, or several whole images; what it sees of
 * the input is loaded once, as it lies, without padding: a place of the window that looks beyond the plane gives nothing to those
 * results. A block of a band is what an instruction works on.
 *
 * @param images that there are
 * @param most elements of a block
 */
record Bands(Windows windows, long images, long most) {
    /** A box of results. */
    record Block(long image, long images, long row, long rows, long column, long columns) {
        long elements() {
            return images * rows * columns;
        }

        /** The part of a tile of {@code partitions} channels with the results {@code whole} that holds these ones. */
        TileRef in(Tile tile, int partitions, Block whole) {
            return new TileRef(
                    tile,
                    0,
                    partitions,
                    Affine.of(((image - whole.image) * whole.rows + row - whole.row) * whole.columns
                            + column
                            - whole.column),
                    List.of(
                            new Dim(whole.rows * whole.columns, images),
                            new Dim(whole.columns, rows),
                            new Dim(1, columns)));
        }
    }

    /** Results and the {@code inRows} rows of the plane from {@code inRow} on that they see; all columns. */
    record Band(Block out, long inRow, long inRows) {
        /** The same of another image. */
        Band ofImage(long image) {
            return new Band(new Block(image, out.images, out.row, out.rows, out.column, out.columns), inRow, inRows);
        }
    }

    /** A place that no window has outside of the plane; empty if there is none. */
    Optional<Long> alwaysInside() {
        var all = new Block(0, images, 0, windows.outRows(), 0, windows.outColumns());
        for (long place = 0; place < windows.places(); place++) {
            if (seen(all, place).equals(Optional.of(all))) {
                return Optional.of(place);
            }
        }
        return Optional.empty();
    }

    /** The results of a block whose windows have the place inside of the plane. */
    Optional<Block> seen(Block block, long place) {
        long down = place / windows.columns() * windows.rowDilation() - windows.top();
        long right = place % windows.columns() * windows.columnDilation() - windows.left();
        long row = Math.max(block.row, Math.ceilDiv(-down, windows.rowStride()));
        long toRow =
                Math.min(block.row + block.rows, Math.floorDiv(windows.height() - 1 - down, windows.rowStride()) + 1);
        long column = Math.max(block.column, Math.ceilDiv(-right, windows.columnStride()));
        long toColumn = Math.min(
                block.column + block.columns, Math.floorDiv(windows.width() - 1 - right, windows.columnStride()) + 1);
        return toRow <= row || toColumn <= column
                ? Optional.empty()
                : Optional.of(new Block(block.image, block.images, row, toRow - row, column, toColumn - column));
    }

    /**
     * Results of one image, all of whose windows have the same places inside of the plane.
     *
     * @param row of the window that is the first inside
     * @param column of the window that is the first inside
     */
    record View(Block block, long row, long rows, long column, long columns) {}

    /** The results of a block by what their windows have inside of the plane; empty if there is one that has nothing. */
    Optional<List<View>> views(Block block) {
        var views = new ArrayList<View>();
        var rows = spans(
                block.row,
                block.rows,
                windows.rowStride(),
                windows.top(),
                windows.rowDilation(),
                windows.rows(),
                windows.height());
        var columns = spans(
                block.column,
                block.columns,
                windows.columnStride(),
                windows.left(),
                windows.columnDilation(),
                windows.columns(),
                windows.width());
        for (long i = 0; i < block.images; i++) {
            for (var r : rows) {
                for (var c : columns) {
                    var part = new Block(block.image + i, 1, r.first, r.count, c.first, c.count);
                    views.add(new View(part, r.place, r.places, c.place, c.places));
                }
            }
        }
        return views.stream().anyMatch(v -> v.rows <= 0 || v.columns <= 0) ? Optional.empty() : Optional.of(views);
    }

    /** Neighbouring results in one direction, and the places of their windows inside of the plane. */
    private record Span(long first, long count, long place, long places) {}

    private static List<Span> spans(
            long first, long count, long stride, long low, long dilation, long window, long extent) {
        var spans = new ArrayList<Span>();
        for (long i = first; i < first + count; i++) {
            long place = Math.max(0, Math.ceilDiv(low - i * stride, dilation));
            long places = Math.min(window, Math.floorDiv(extent - 1 + low - i * stride, dilation) + 1) - place;
            var last = spans.isEmpty() ? null : spans.getLast();
            if (last != null && last.place == place && last.places == places) {
                spans.set(spans.size() - 1, new Span(last.first, last.count + 1, place, places));
            } else {
                spans.add(new Span(i, 1, place, places));
            }
        }
        return spans;
    }

    /** All results, in bands whose input has at most so many elements a channel if a row's has not more. */
    List<Band> bands(long elements) {
        var bands = new ArrayList<Band>();
        long plane = windows.height() * windows.width();
        if (plane <= elements) {
            long count = Math.ceilDiv(images, Math.max(1, elements / plane));
            long step = Math.ceilDiv(images, count);
            for (long i = 0; i < images; i += step) {
                bands.add(band(i, Math.min(step, images - i), 0, windows.outRows()));
            }
            return bands;
        }
        long rows = windows.rowsOfWholeWidth(elements);
        long blockRows = Math.clamp(most / windows.outColumns(), 1, windows.outRows());
        if (rows > blockRows) {
            rows = rows / blockRows * blockRows;
        }
        rows = Math.ceilDiv(windows.outRows(), Math.ceilDiv(windows.outRows(), rows));
        for (long i = 0; i < images; i++) {
            for (long r = 0; r < windows.outRows(); r += rows) {
                bands.add(band(i, 1, r, Math.min(rows, windows.outRows() - r)));
            }
        }
        return bands;
    }

    private Band band(long image, long count, long row, long rows) {
        long first = Math.clamp(row * windows.rowStride() - windows.top(), 0, windows.height() - 1);
        long last = Math.clamp(
                (row + rows - 1) * windows.rowStride() - windows.top() + (windows.rows() - 1) * windows.rowDilation(),
                first,
                windows.height() - 1);
        return new Band(
                new Block(image, count, row, rows, 0, windows.outColumns()),
                count == 1 ? first : 0,
                count == 1 ? last - first + 1 : windows.height());
    }

    /** The blocks of a band: several images where they are small, rows of one otherwise, all about as large. */
    List<Block> blocks(Block band) {
        var blocks = new ArrayList<Block>();
        long plane = band.rows * band.columns;
        long imageStep = step(band.images, Math.max(1, most / plane));
        long rowStep = step(band.rows, Math.clamp(most / band.columns, 1, band.rows));
        long columnStep = step(band.columns, Math.min(most, band.columns));
        for (long i = 0; i < band.images; i += imageStep) {
            for (long r = 0; r < band.rows; r += rowStep) {
                for (long c = 0; c < band.columns; c += columnStep) {
                    blocks.add(new Block(
                            band.image + i,
                            Math.min(imageStep, band.images - i),
                            band.row + r,
                            Math.min(rowStep, band.rows - r),
                            band.column + c,
                            Math.min(columnStep, band.columns - c)));
                }
            }
        }
        return blocks;
    }

    private static long step(long extent, long most) {
        return Math.ceilDiv(extent, Math.ceilDiv(extent, most));
    }

    /** What the results of a block, all of which have the place inside, see there in a band's input. */
    TileRef input(Tile tile, int partitions, Band band, Block block, long place) {
        long row = block.row * windows.rowStride()
                - windows.top()
                + place / windows.columns() * windows.rowDilation()
                - band.inRow;
        long column = block.column * windows.columnStride()
                - windows.left()
                + place % windows.columns() * windows.columnDilation();
        return new TileRef(
                tile,
                0,
                partitions,
                Affine.of(((block.image - band.out.image) * band.inRows + row) * windows.width() + column),
                List.of(
                        new Dim(band.inRows * windows.width(), block.images),
                        new Dim(windows.rowStride() * windows.width(), block.rows),
                        new Dim(windows.columnStride(), block.columns)));
    }

    /** For each result of a view, what its window sees in a band's input. */
    TileRef input(Tile tile, int partitions, Band band, View view) {
        var first = input(tile, partitions, band, view.block, view.row * windows.columns() + view.column);
        var dims = new ArrayList<>(first.dims().subList(1, first.dims().size()));
        dims.add(new Dim(windows.rowDilation() * windows.width(), view.rows));
        dims.add(new Dim(windows.columnDilation(), view.columns));
        return new TileRef(tile, 0, partitions, first.offset(), dims);
    }
}
