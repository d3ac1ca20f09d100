package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.PassException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Afterwards the graph is loops over tiles: every value that is not a view has a buffer, every region a loop nest. */
public record Tiling(Target target) {
    public String name() {
        return "tile";
    }

    /** Elements of the longest row that may be in SBUF as a whole with what is computed of it: a dozen tiles of it share a partition. */
    public static long longestRow(Target target) {
        return target.memory().sbufBytesPerPartition() / 48;
    }

    /**
     * @throws PassException that lists every operation that has no loop nest
     */
    public TileProgram run(Graph graph) {
        var unsupported = graph.nodes().stream()
                .filter(n -> !isSupported(n.op()))
                .map(n -> n.op().mnemonic() + " at node " + n.location())
                .collect(Collectors.joining("\n  "));
        if (!unsupported.isEmpty()) {
            throw new PassException("SYS3101 no loop nest for these operations:\n  " + unsupported);
        }
        return new Emission(graph).emit();
    }

    private static boolean isSupported(Op op) {
        return op.isView()
                || op instanceof Op.Constant
                || op instanceof Op.Fused
                || op instanceof Op.Relayout
                || op instanceof Op.Unpack
                || op instanceof Op.Pack
                || op instanceof Op.Gather
                || op instanceof Op.GatherElements
                || op instanceof Op.Scatter
                || op instanceof Op.Scan
                || op instanceof Op.TopK
                || op instanceof Op.WindowReduce
                || op instanceof Op.Concat
                || op instanceof Op.Pad;
    }

    /** A loop nest for each node, in the graph's order. */
    private final class Emission {
        private final Graph graph;
        private final TileBuilder b;
        private final MoveLoops moves;
        private final Placement placement;
        private final Convolutions convolutions;

        Emission(Graph graph) {
            this.graph = graph;
            this.b = new TileBuilder(graph.name(), graph.contract());
            this.moves = new MoveLoops(b, target);
            this.placement = new Placement(b, target, graph);
            this.convolutions = new Convolutions(b, target, placement);
        }

        TileProgram emit() {
            var nodes = graph.nodes();
            for (int i = 0; i < nodes.size(); ) {
                int end = ImageRun.end(target, graph, i);
                if (end > i) {
                    var run = ImageRun.of(target, graph, i, end);
                    run.nodes().stream().filter(n -> !ImageRun.slides(n.op())).forEach(this::emit);
                    convolutions.emit(run);
                    i = end;
                } else {
                    b.at(nodes.get(i).location());
                    emit(nodes.get(i++));
                }
            }
            placement.copyOutputs();
            return b.build();
        }

        private void emit(Node node) {
            switch (node.op()) {
                case Op.Constant c -> {}
                case Op.Fused(var kind, var body) -> region(node, kind, body);
                case Op.Relayout r -> placement.relayout(node);
                case Op.Unpack u ->
                    PackedLoops.emit(
                            b, target, u, node.input(0).type().dtype(), placement.packed(node.input(0)), result(node));
                case Op.Pack p ->
                    PackedLoops.emit(
                            b,
                            target,
                            p,
                            node.input(0).type().dtype(),
                            dense(node, 0),
                            placement.packedResult(node.output()));
                case Op.Gather g -> moves.gather(dense(node, 0), dense(node, 1), result(node));
                case Op.Concat(var axis) -> placement.concat(node, axis);
                case Op.Pad(var low, var high) -> pad(node, low);
                case Op.GatherElements g -> moves.gatherElements(dense(node, 0), dense(node, 1), result(node));
                case Op.Scatter s ->
                    moves.scatter(placement.source(node.input(0)), dense(node, 1), dense(node, 2), result(node));
                case Op.Scan(var f, var axis, var exclusive, var reverse) ->
                    moves.scan(f, dense(node, 0), result(node));
                case Op.TopK t ->
                    TopLoops.emit(
                            b,
                            target,
                            dense(node, 0),
                            placement.result(node.outputs().get(0)),
                            placement.result(node.outputs().get(1)));
                case Op.WindowReduce w -> {
                    if (node.type().shape().elements() > 0) {
                        WindowLoops.emit(b, target, w, placement.source(node.input(0)), result(node));
                    } else {
                        result(node);
                    }
                }
                default -> placement.view(node);
            }
        }

        private Source dense(Node node, int operand) {
            return placement.dense(node.input(operand));
        }

        private Source result(Node node) {
            return placement.result(node.output());
        }

        private void region(Node node, Op.FusionKind kind, Graph body) {
            var in = new ArrayList<Source>();
            for (int i = 0; i < node.inputs().size(); i++) {
                var v = node.input(i);
                var inside = body.inputs().get(i).value();
                boolean unpacks = body.nodes().stream()
                        .anyMatch(n -> n.op() instanceof Op.Unpack && n.input(0).equals(inside));
                in.add(
                        unpacks
                                ? placement.packed(v)
                                : kind == Op.FusionKind.ROWS ? placement.rows(v) : placement.source(v));
            }
            var out = new ArrayList<Source>();
            for (int i = 0; i < node.outputs().size(); i++) {
                var v = node.outputs().get(i);
                var inside = body.outputs().get(i).value();
                boolean packs = body.nodes().stream()
                        .anyMatch(n -> n.op() instanceof Op.Pack && n.output().equals(inside));
                out.add(packs ? placement.packedResult(v) : placement.result(v));
            }
            switch (kind) {
                case MATMUL -> ProductLoops.emit(b, target, body, in, out);
                case ATTENTION ->
                    attention(node, AttentionOperands.of(b, target, body, in, matrices(node, body), out.getFirst()));
                case CONVOLUTION -> convolutions.emit(node, body, in, out);
                case ROWS -> RowLoops.emit(b, target, body, in, out);
            }
        }

        private void attention(Node node, AttentionOperands operands) {
            switch (new AttentionChoice(target, graph).of(node, operands)) {
                case SCORES_TWICE -> TransposedAttention.emit(operands);
                case TRANSPOSED_BY_TENSOR -> AttentionLoops.emit(operands, false);
                case TRANSPOSED_BY_DMA -> AttentionLoops.emit(operands, true);
            }
        }

        /** The operands of a region that repeat one constant matrix over their leading dimensions. */
        private Map<Value, Tensor> matrices(Node node, Graph body) {
            var matrices = new HashMap<Value, Tensor>();
            for (int i = 0; i < node.inputs().size(); i++) {
                var v = node.input(i);
                var shape = v.type().shape();
                if (shape.rank() < 2) {
                    continue;
                }
                long matrix = shape.dim(shape.rank() - 2) * shape.dim(shape.rank() - 1);
                var parameter = body.inputs().get(i).value();
                placement
                        .constantBehindViews(v)
                        .filter(t -> t.type().shape().elements() == matrix)
                        .ifPresent(t -> matrices.put(parameter, t));
            }
            return matrices;
        }

        private void pad(Node node, List<Long> low) {
            var to = result(node);
            var value = node.input(1);
            placement
                    .constant(value)
                    .map(Placement::carried)
                    .ifPresentOrElse(
                            t -> moves.fill(
                                    to,
                                    Elements.readDouble(t.bytes(), 0, t.type().dtype())),
                            () -> moves.repeat(placement.source(value), to));
            moves.place(placement.source(node.input(0)), to, low);
        }
    }
}
