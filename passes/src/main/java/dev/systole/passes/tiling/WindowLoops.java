package dev.systole.passes.tiling;

import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.Optional;

/**
 * Reductions of windows over planes: planes lie on partitions, or few of them in {@link Strips}. Results whose windows see the same places are
 * reduced together; what the machine cannot reduce so is combined place by place. If no place lies inside of the plane for all windows, the plane
 * is padded.
 */
final class WindowLoops {
    /** Elements that an instruction works on. */
    private static final long LONGEST_BLOCK = 2048;

    private final TileBuilder b;
    private final Target target;
    private final Op.WindowReduce op;
    private final Source x;
    private final Source to;
    private final Strips strips;
    private final Windows windows;

    private WindowLoops(TileBuilder b, Target target, Op.WindowReduce op, Source x, Source to) {
        this.b = b;
        this.target = target;
        this.op = op;
        this.x = x;
        this.to = to;
        var all = Windows.of(x.view().shape(), to.view().shape(), op.window(), op.strides(), op.low(), op.dilations());
        var strips = Strips.forVector(
                target, all, x.view().shape().dim(1), x.buffer().dtype());
        this.strips = inside(strips).isPresent() ? strips : Strips.whole(all);
        this.windows = this.strips.windows();
    }

    /** Emits the loops from {@code x} to {@code to}, both [N, C, H, W]. */
    static void emit(TileBuilder b, Target target, Op.WindowReduce op, Source x, Source to) {
        var planes = planes(x);
        var results = planes(to);
        if (planes.isPresent() && results.isPresent()) {
            new WindowLoops(b, target, op, planes.get(), results.get()).emit();
        } else {
            new WindowLoops(b, target, op, x, to).emit();
        }
    }

    /** All planes of all images as those of one, if they lie evenly. */
    private static Optional<Source> planes(Source s) {
        var shape = s.shape();
        return s.through(new Op.Reshape(Shape.of(1, shape.dim(0) * shape.dim(1), shape.dim(2), shape.dim(3))));
    }

    private void emit() {
        var shape = to.view().shape();
        var bands = new Bands(windows, shape.dim(0), LONGEST_BLOCK);
        var inside = inside(strips);
        int block = target.memory().partitions();
        for (long first = 0; first < shape.dim(1); first += block) {
            int n = (int) Math.min(block, shape.dim(1) - first);
            if (inside.isPresent()) {
                for (var band : bands(strips)) {
                    band(bands, band, inside.get(), first, n);
                }
            } else {
                padded(first, n);
            }
        }
    }

    private List<Bands.Band> bands(Strips strips) {
        return strips.bands(to.view().shape().dim(0), LONGEST_BLOCK, mostElements());
    }

    private long mostElements() {
        return target.memory().sbufBytesPerPartition() / 16 / x.buffer().dtype().bytes();
    }

    /** A place that no window has beyond the plane, or its strip; empty if there is none, or bands do not fit. */
    private Optional<Long> inside(Strips strips) {
        var windows = strips.windows();
        return new Bands(windows, to.view().shape().dim(0), LONGEST_BLOCK)
                .alwaysInside()
                .filter(place -> bands(strips).stream()
                        .allMatch(band -> band.out().images() * band.inRows() * windows.width() <= 2 * mostElements()));
    }

    private void band(Bands bands, Bands.Band band, long inside, long first, int n) {
        int partitions = strips.partitions(n);
        var input = strips.load(
                b, x, band, first, n, identity(op.function(), x.buffer().dtype()));
        var result = b.sbuf(x.buffer().dtype(), partitions, band.out().elements());
        for (var block : bands.blocks(band.out())) {
            var views = bands.views(block).filter(v -> isReduced(x.buffer().dtype()));
            if (views.isPresent()) {
                views.get()
                        .forEach(v -> b.reduce(
                                v.block().in(result, partitions, band.out()),
                                op.function(),
                                bands.input(input, partitions, band, v)));
                continue;
            }
            var f = op.function().combination();
            var running = block.in(result, partitions, band.out());
            b.copy(running, bands.input(input, partitions, band, block, inside));
            for (long place = 0; place < windows.places(); place++) {
                long at = place;
                var seen = at == inside ? Optional.<Bands.Block>empty() : bands.seen(block, at);
                seen.ifPresent(part -> {
                    var partly = part.in(result, partitions, band.out());
                    b.binary(partly, f, partly, bands.input(input, partitions, band, part, at));
                });
            }
        }
        strips.store(b, to, first, n, band.out(), result);
    }

    /** True if one instruction combines a rectangle of places: the results' two dimensions, and the window's. */
    private boolean isReduced(DType dtype) {
        return dtype.isFloat()
                && op.function() != ReduceOp.PROD
                && target.accessPatterns().maxFreeDims() >= 4;
    }

    private static BufferRef ref(
            Source s, long first, int n, long image, long images, long row, long rows, long column, long columns) {
        return new BufferRef(
                s.buffer(),
                Affine.of(s.view().offset()
                        + image * s.stride(0)
                        + first * s.stride(1)
                        + row * s.stride(2)
                        + column * s.stride(3)),
                List.of(
                        new Dim(s.stride(1), n),
                        new Dim(s.stride(0), images),
                        new Dim(s.stride(2), rows),
                        new Dim(s.stride(3), columns)));
    }

    private void padded(long first, int n) {
        long columns = Math.min(windows.outColumns(), LONGEST_BLOCK);
        long rows = windows.rowsWithin(target.memory().sbufBytesPerPartition() / 16 / DType.F32.bytes(), columns);
        var f = op.function().combination();
        var dtype = x.buffer().dtype();
        b.blocks(
                to.view().shape().dim(0),
                1,
                (image, one) -> windows.stripes(rows, columns, stripe -> {
                    var input = windows.load(b, x, image, first, n, 1, stripe, identity(op.function(), dtype));
                    stripe.blocks(LONGEST_BLOCK, part -> {
                        var running = windows.at(input, stripe, part, 0);
                        for (long place = 1; place < windows.places(); place++) {
                            var next = TileRef.of(b.sbuf(dtype, n, part.elements()));
                            b.binary(next, f, running, windows.at(input, stripe, part, place));
                            running = next;
                        }
                        if (windows.places() == 1) {
                            var copy = TileRef.of(b.sbuf(dtype, n, part.elements()));
                            b.copy(copy, running);
                            running = copy;
                        }
                        var at = ref(to, first, n, 0, 1, part.row(), part.rows(), part.column(), part.columns());
                        b.store(
                                new BufferRef(at.buffer(), at.offset().plus(image.times(to.stride(0))), at.dims()),
                                running);
                    });
                }));
    }

    private static double identity(ReduceOp f, DType dtype) {
        return switch (f) {
            case SUM -> 0;
            case PROD -> 1;
            case MAX ->
                dtype.isFloat() ? Double.NEGATIVE_INFINITY : dtype.isSigned() ? -Math.scalb(1.0, dtype.bits() - 1) : 0;
            case MIN ->
                dtype.isFloat()
                        ? Double.POSITIVE_INFINITY
                        : Math.scalb(1.0, dtype.isSigned() ? dtype.bits() - 1 : dtype.bits()) - 1;
        };
    }
}
