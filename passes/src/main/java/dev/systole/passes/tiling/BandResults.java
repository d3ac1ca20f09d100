package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Value;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What follows on the sums of a convolution, band by band: its epilogue, what that reads, and the results. Mutable: the columns that are loaded. */
final class BandResults {
    private final TileBuilder b;
    private final Graph body;
    private final Node node;
    private final Strips strips;
    private final Map<Value, Source> reads = new HashMap<>();
    private final Map<Value, Source> writes = new HashMap<>();
    private final Map<Value, Map<Long, TileRef>> columns = new HashMap<>();

    /**
     * @param node the convolution of the region
     * @param strips of planes, each with partitions of its own
     */
    BandResults(TileBuilder b, Graph body, Node node, Strips strips, List<Source> in, List<Source> out) {
        this.b = b;
        this.body = body;
        this.node = node;
        this.strips = strips;
        for (int i = 0; i < in.size(); i++) {
            reads.put(body.inputs().get(i).value(), in.get(i));
        }
        for (int i = 0; i < out.size(); i++) {
            writes.put(body.outputs().get(i).value(), out.get(i));
        }
    }

    /** The output channels from {@code first} on, {@code count} of them, of a band; {@code width} partitions, for all strips. */
    record Channels(
            long first, int count, int width, Bands.Block band, Map<Value, Tile> operands, Map<Value, Tile> results) {}

    /** Makes room for results of so many channels, and loads what the epilogue reads beside the sums. */
    Channels begin(long first, int channels, Bands.Block band) {
        int width = strips.partitions(channels);
        var operands = new HashMap<Value, Tile>();
        var results = new HashMap<Value, Tile>();
        for (var p : body.outputs()) {
            results.computeIfAbsent(
                    p.value(), v -> b.sbuf(writes.get(v).buffer().dtype(), width, band.elements()));
        }
        for (var n : body.nodes()) {
            for (var v : n.inputs()) {
                if (n != node && reads.containsKey(v) && !isColumn(v)) {
                    operands.computeIfAbsent(v, k -> {
                        b.at(n.location());
                        return strips.load(b, reads.get(v), first, channels, band);
                    });
                }
            }
        }
        return new Channels(first, channels, width, band, operands, results);
    }

    /** The results of a band in fp32 that nothing follows on: sums may add up there. */
    Optional<Tile> sums(Channels c) {
        return Optional.ofNullable(c.results.get(node.output()))
                .filter(t -> body.nodes().size() == 1 && t.dtype() == DType.F32);
    }

    /** What follows on the sums of a block. */
    void epilogue(Channels c, Bands.Block block, TileRef sum) {
        var e = new Expression(b, c.width, List.of(new Dim(1, block.elements())));
        c.results.forEach((v, tile) -> e.place(v, block.in(tile, c.width, c.band)));
        e.define(node.output(), rounded(sum));
        for (var next : body.nodes()) {
            if (next == node) {
                continue;
            }
            for (var v : next.inputs()) {
                if (!e.isDefined(v)) {
                    e.define(
                            v,
                            isColumn(v) ? column(v, c.first, c.count) : block.in(c.operands.get(v), c.width, c.band));
                }
            }
            e.evaluate(next, false);
        }
        c.results.forEach((v, tile) -> {
            var to = block.in(tile, c.width, c.band);
            var from = e.stored(v, false);
            if (!from.equals(to)) {
                b.copy(to, from);
            }
        });
    }

    void store(Channels c) {
        body.outputs().stream()
                .map(Graph.Result::value)
                .distinct()
                .forEach(v -> strips.store(b, writes.get(v), c.first, c.count, c.band, c.results.get(v)));
    }

    private TileRef rounded(TileRef sum) {
        var dtype = node.type().dtype().carrier();
        if (dtype == DType.F32) {
            return sum;
        }
        var to = TileRef.of(b.sbuf(dtype, sum.partitions(), sum.free()));
        b.copy(to, sum);
        return to;
    }

    /** True for an operand with one element a channel. */
    private boolean isColumn(Value v) {
        var s = reads.get(v);
        return s.stride(0) == 0 && s.stride(2) == 0 && s.stride(3) == 0;
    }

    private TileRef column(Value v, long first, int count) {
        return columns.computeIfAbsent(v, k -> new HashMap<>()).computeIfAbsent(first, k -> {
            var s = reads.get(v);
            return TileRef.of(
                    strips.columns(b, s, s.stride(1), first, count, s.buffer().dtype(), new Dim(1, 1)));
        });
    }
}
