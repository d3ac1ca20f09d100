package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.List;

/** Loads and stores blocks of the rows of a region's operands. */
final class RowTransfers {
    private final TileBuilder b;
    private final List<RowOperand> operands;
    private final int inputs;
    private final Rows rows;

    /** Bytes a partition of a tile, if SBUF is to hold the tiles of several blocks. */
    private final long room;

    /** Bytes that a DMA engine moves in half of the time that an element by itself takes. */
    private final double apart;

    RowTransfers(TileBuilder b, Target target, List<RowOperand> operands, int inputs, Rows rows, long room) {
        this.b = b;
        this.operands = operands;
        this.inputs = inputs;
        this.rows = rows;
        this.room = room;
        this.apart = Runs.shortBytes(target);
    }

    /** True for an operand of one element a partition. */
    static boolean isColumn(int operand, List<Axis> free) {
        return free.stream().allMatch(a -> a.strides()[operand] == 0);
    }

    TileRef load(int k, Affine origin, int partitions, List<Axis> free) {
        if (loadsGaps(k, free)) {
            return loadWithGaps(k, origin, partitions, free);
        }
        var operand = operands.get(k);
        boolean column = isColumn(k, free);
        if (!column && isRepeated(k, free)) {
            return loadOnce(k, origin, partitions, free);
        }
        long size = column ? 1 : free.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact) / operand.packing();
        return TileRef.of(load(k, origin, partitions, column ? List.of() : free, size));
    }

    private Tile load(int k, Affine origin, int partitions, List<Axis> free, long size) {
        var operand = operands.get(k);
        var tile = b.sbuf(operand.source().buffer().dtype(), partitions, size);
        b.load(TileRef.of(tile), ref(k, origin, partitions, free));
        return tile;
    }

    /** True for an operand that repeats itself along a dimension, not to be loaded as often. */
    private boolean isRepeated(int k, List<Axis> free) {
        return k < inputs
                && operands.get(k).packing() == 1
                && free.stream().anyMatch(a -> a.strides()[k] == 0)
                && free.stream().filter(a -> a.strides()[k] != 0).noneMatch(a -> isApart(k, List.of(a)));
    }

    /** An operand without its repetitions, which are read of the tile. */
    private TileRef loadOnce(int k, Affine origin, int partitions, List<Axis> free) {
        var once = free.stream().filter(a -> a.strides()[k] != 0).toList();
        var tile = load(k, origin, partitions, once, elements(once));
        var dims = new ArrayList<Dim>();
        long step = 1;
        for (var axis : free.reversed()) {
            boolean repeats = axis.strides()[k] == 0;
            dims.addFirst(new Dim(repeats ? 0 : step, axis.size()));
            step *= repeats ? 1 : axis.size();
        }
        return new TileRef(tile, 0, partitions, Affine.ZERO, dims);
    }

    /** An operand whose rows are loaded with what lies between their elements. */
    private TileRef loadWithGaps(int k, Affine origin, int partitions, List<Axis> free) {
        var run = free.getLast();
        long step = run.strides()[k];
        long whole = (run.size() - 1) * Math.abs(step) + 1;
        var ones = run.strides().clone();
        ones[k] = 1;
        var all = new ArrayList<>(free);
        all.set(all.size() - 1, new Axis(whole, ones));
        long last = (run.size() - 1) * Math.min(0, step);
        long runs = elements(free) / run.size();
        var tile = load(k, origin.plus(last), partitions, all, runs * whole);
        var along = new Dim(step, run.size());
        var dims = runs == 1 ? List.of(along) : List.of(new Dim(whole, runs), along);
        return new TileRef(tile, 0, partitions, Affine.of(-last), dims);
    }

    /** True if what lies between the elements of an operand's rows is loaded, too. */
    private boolean loadsGaps(int k, List<Axis> free) {
        return isApart(k, free)
                && elements(free)
                                * Math.abs(free.getLast().strides()[k])
                                * operands.get(k).bytes()
                        <= room;
    }

    /** True for elements of a row apart, or the other way round, where what lies between is sooner loaded than each element by itself. */
    boolean isApart(int k, List<Axis> free) {
        if (k >= inputs || operands.get(k).packing() > 1 || isColumn(k, free)) {
            return false;
        }
        long step = free.getLast().strides()[k];
        return step != 0 && step != 1 && Math.abs(step) * operands.get(k).bytes() < apart;
    }

    static long elements(List<Axis> free) {
        return free.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
    }

    BufferRef ref(int k, Affine origin, int partitions, List<Axis> free) {
        var operand = operands.get(k);
        var dims = new ArrayList<Dim>();
        dims.addAll(rows.dims(k, partitions));
        free.forEach(a -> dims.add(new Dim(a.strides()[k], a.size())));
        var buffer = operand.source().buffer();
        int packing = operand.packing();
        return packing == 1
                ? new BufferRef(buffer, origin, dims)
                : new BufferRef(buffer, origin.dividedBy(packing), inBytes(dims, packing));
    }

    /** Steps and sizes in elements as they are in bytes; the last dimension is a run. */
    private static List<Dim> inBytes(List<Dim> dims, int packing) {
        var bytes = new ArrayList<Dim>();
        for (var d : dims.subList(0, dims.size() - 1)) {
            bytes.add(new Dim(Affine.of(d.stride()).dividedBy(packing).constant(), d.size()));
        }
        bytes.add(new Dim(1, Affine.of(dims.getLast().size()).dividedBy(packing).constant()));
        return bytes;
    }
}
