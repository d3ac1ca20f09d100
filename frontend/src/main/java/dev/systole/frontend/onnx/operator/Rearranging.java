package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Blocks of an image that become channels or columns, and back. */
final class Rearranging {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "SpaceToDepth",
            Rearranging::spaceToDepth,
            "DepthToSpace",
            Rearranging::depthToSpace,
            "Col2Im",
            Rearranging::columnsToImage);

    /** Columns are added one by one along each dimension of the image. */
    private static final long MOST_ADDITIONS = 1024;

    private Rearranging() {}

    private static long blockSize(OnnxNode n) {
        long size = n.attributes().integer("blocksize");
        if (size <= 0) {
            throw n.fault("blocksize is " + size + ", not positive");
        }
        if (n.input(0).type().shape().rank() != 4) {
            throw n.fault("takes [N,C,H,W], not " + n.input(0).type());
        }
        return size;
    }

    private static long divided(OnnxNode n, long extent, long by, String what) {
        if (extent % by != 0) {
            throw n.fault(what + " " + extent + " is not divisible by " + by);
        }
        return extent / by;
    }

    private static List<Value> spaceToDepth(OnnxNode n) {
        long b = blockSize(n);
        var d = n.input(0).type().shape().toArray();
        long h = divided(n, d[2], b, "height");
        long w = divided(n, d[3], b, "width");
        var blocks = n.reshape(n.input(0), Shape.of(d[0], d[1], h, b, w, b));
        var mode = n.since() < 28 ? "DCR" : n.attributes().text("mode");
        var channels = n.transpose(
                blocks,
                switch (mode) {
                    case "DCR" -> List.of(0, 3, 5, 1, 2, 4);
                    case "CRD" -> List.of(0, 1, 3, 5, 2, 4);
                    default -> throw n.fault("mode is \"" + mode + "\"; it is DCR or CRD");
                });
        return List.of(n.reshape(channels, Shape.of(d[0], Math.multiplyExact(d[1], Math.multiplyExact(b, b)), h, w)));
    }

    /** The channels hold [row, column, depth] (DCR), or [depth, row, column] (CRD). */
    private static List<Value> depthToSpace(OnnxNode n) {
        long b = blockSize(n);
        var d = n.input(0).type().shape().toArray();
        long c = divided(n, d[1], Math.multiplyExact(b, b), "depth");
        var mode = n.attributes().text("mode", "DCR");
        var blocks = switch (mode) {
            case "DCR" ->
                n.transpose(n.reshape(n.input(0), Shape.of(d[0], b, b, c, d[2], d[3])), List.of(0, 3, 4, 1, 5, 2));
            case "CRD" ->
                n.transpose(n.reshape(n.input(0), Shape.of(d[0], c, b, b, d[2], d[3])), List.of(0, 1, 4, 2, 5, 3));
            default -> throw n.fault("mode is \"" + mode + "\"; it is DCR or CRD");
        };
        return List.of(n.reshape(blocks, Shape.of(d[0], c, Math.multiplyExact(d[2], b), Math.multiplyExact(d[3], b))));
    }

    /** One dimension of an image: where the blocks lie that add up to it. */
    private record Window(long image, long block, long stride, long dilation, long low, long high) {
        long positions() {
            long span = Math.addExact(Math.multiplyExact(block - 1, dilation), 1);
            long free = Math.subtractExact(Math.addExact(image, Math.addExact(low, high)), span);
            return Math.floorDiv(free, stride) + 1;
        }
    }

    /** SignalWindows overlap dimension by dimension, so the columns are added along one dimension after the other. */
    private static List<Value> columnsToImage(OnnxNode n) {
        var windows = windows(n);
        var d = n.input(0).type().shape().toArray();
        long block = windows.stream().mapToLong(Window::block).reduce(1, Math::multiplyExact);
        long positions = windows.stream().mapToLong(Window::positions).reduce(1, Math::multiplyExact);
        if (d.length != 3 || d[2] != positions || windows.stream().anyMatch(w -> w.positions() <= 0)) {
            throw n.fault("takes [N, C * %d, %d] for this image and these blocks, not %s"
                    .formatted(block, positions, n.input(0).type()));
        }
        long channels = divided(n, d[1], block, "dimension 1 of extent");
        var x = n.input(0);
        long outer = Math.multiplyExact(Math.multiplyExact(d[0], channels), block);
        long middle = positions;
        long inner = 1;
        for (var w : windows.reversed()) {
            outer /= w.block;
            middle /= w.positions();
            x = folded(n, n.reshape(x, Shape.of(outer, w.block, middle, w.positions(), inner)), w);
            inner = Math.multiplyExact(inner, w.image);
        }
        var shape = new long[windows.size() + 2];
        shape[0] = d[0];
        shape[1] = channels;
        for (int i = 0; i < windows.size(); i++) {
            shape[i + 2] = windows.get(i).image;
        }
        return List.of(n.reshape(x, Shape.of(shape)));
    }

    private static List<Window> windows(OnnxNode n) {
        var image = n.longs(1);
        var block = n.longs(2);
        int rank = image.size();
        var ones = Collections.nCopies(rank, 1L);
        var strides = n.attributes().integers("strides").orElse(ones);
        var dilations = n.attributes().integers("dilations").orElse(ones);
        var pads = n.attributes().integers("pads").orElse(Collections.nCopies(2 * rank, 0L));
        if (rank == 0
                || block.size() != rank
                || strides.size() != rank
                || dilations.size() != rank
                || pads.size() != 2 * rank) {
            throw n.fault("image " + image + ", blocks " + block + ", strides " + strides + ", dilations " + dilations
                    + " and pads " + pads + " do not have the same dimensions");
        }
        if (image.stream().anyMatch(i -> i < 0)
                || pads.stream().anyMatch(p -> p < 0)
                || block.stream().anyMatch(b -> b <= 0)
                || strides.stream().anyMatch(s -> s <= 0)
                || dilations.stream().anyMatch(s -> s <= 0)) {
            throw n.fault("blocks, strides and dilations are positive, image and pads not negative");
        }
        return IntStream.range(0, rank)
                .mapToObj(i -> new Window(
                        image.get(i), block.get(i), strides.get(i), dilations.get(i), pads.get(i), pads.get(rank + i)))
                .toList();
    }

    /**
     * Adds the elements that fall on the same place of the image: [outer, block, middle, positions, inner] becomes
     * [outer, middle, image, inner], element k of the block at position l falling on {@code l stride + k dilation - low}.
     */
    private static Value folded(OnnxNode n, Value x, Window w) {
        boolean byBlock = w.block <= w.positions();
        long count = Math.min(w.block, w.positions());
        if (count > MOST_ADDITIONS) {
            throw n.fault("adds %d elements of blocks at %d positions along one dimension; at most %d are supported"
                    .formatted(w.block, w.positions(), MOST_ADDITIONS));
        }
        var d = x.type().shape().toArray();
        var zero = n.scalar(x.type().dtype(), 0);
        var parts = new ArrayList<Value>();
        for (long i = 0; i < count; i++) {
            long offset = i * (byBlock ? w.dilation : w.stride) - w.low;
            var part = byBlock
                    ? n.reshape(n.slice(x, 1, i, 1), Shape.of(d[0], d[2], d[3], d[4]))
                    : n.transpose(
                            n.reshape(n.slice(x, 3, i, 1), Shape.of(d[0], d[1], d[2], d[4])), List.of(0, 2, 1, 3));
            var spread = spread(n, part, zero, byBlock ? w.stride : w.dilation);
            long after = w.image - offset - spread.type().shape().dim(2);
            parts.add(Padding.padded(n, spread, zero, new long[] {0, 0, offset, 0}, new long[] {0, 0, after, 0}));
        }
        var sum = x.type().dtype() == DType.BOOL ? BinaryOp.OR : BinaryOp.ADD;
        return parts.stream().reduce((a, b) -> n.binary(sum, a, b)).orElseThrow();
    }

    /** Elements of dimension 2 at a distance, with zeros between. */
    private static Value spread(OnnxNode n, Value x, Value zero, long distance) {
        var d = x.type().shape().toArray();
        if (distance == 1 || d[2] == 1) {
            return x;
        }
        var apart = Padding.padded(n, n.reshape(x, Shape.of(d[0], d[1], d[2], 1, d[3])), zero, new long[5], new long[] {
            0, 0, 0, distance - 1, 0
        });
        var rows = n.reshape(apart, Shape.of(d[0], d[1], Math.multiplyExact(d[2], distance), d[3]));
        return n.slice(rows, 2, 0, (d[2] - 1) * distance + 1);
    }
}
