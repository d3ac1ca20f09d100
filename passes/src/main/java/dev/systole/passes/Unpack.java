package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Afterwards inputs, outputs and large constants of elements of less than a byte lie packed: what computes with them reads what an
 * unpacking makes of them, and outputs are packed last. Relies on constants that are not widened where they are large
 * ({@link FoldConstants}).
 *
 * <p>Two designs were weighed. <i>Ordinary operators</i>: the host's bytes become an input of bytes, and shifts, masks and a
 * concatenation make elements of them; nothing below the graph is new, but the graph no longer has the model's types, and elements
 * that come together from two values meet in HBM, byte by byte, where a transfer costs as much as of 512 bytes. <i>Operators of
 * their own</i> that change where elements lie and not what they are: the graph stays the model, tiles hold the bytes, and shifts and
 * masks write every other element of a tile, which costs an engine nothing, beside whatever reads them. Systole has the second; no
 * statement and no instruction is new.
 *
 * <p>Floats of 4 bits are unpacked as integers, whose bits then are a number ({@link FormatRules}).
 */
public final class Unpack implements GraphPass {
    @Override
    public String name() {
        return "unpack";
    }

    @Override
    public Graph run(Graph graph) {
        return new Rewrite(graph).run();
    }

    private static boolean isNarrow(Value v) {
        return v.type().dtype().bits() < 8;
    }

    /** The integers that have the bits of a type of less than a byte. */
    private static DType integers(DType dtype) {
        return dtype.isInteger() ? dtype : DType.U4;
    }

    private static final class Rewrite {
        private final Graph graph;
        private final GraphBuilder b;
        private final Set<Value> packed = new HashSet<>();
        private final Set<Value> constants = new HashSet<>();
        private final Map<Value, Value> unpacked = new HashMap<>();

        Rewrite(Graph graph) {
            this.graph = graph;
            this.b = GraphBuilder.rewriting(graph);
        }

        Graph run() {
            graph.inputValues().stream().filter(Unpack::isNarrow).forEach(packed::add);
            for (var node : graph.nodes()) {
                b.at(node.location());
                if (isNarrow(node.outputs().getFirst()) && liesPacked(node)) {
                    packed.add(node.output());
                }
                boolean isView = node.op() instanceof Op.Reshape && packed.contains(node.input(0));
                b.keep(isView ? node : new Node(node.op(), operands(node), node.outputs(), node.location()));
            }
            for (var o : graph.outputs()) {
                b.output(o.name(), isNarrow(o.value()) ? packed(o.value()) : o.value());
            }
            return b.build();
        }

        private boolean liesPacked(Node node) {
            if (node.op() instanceof Op.Constant(var tensor)) {
                constants.add(node.output());
                return tensor.type().shape().elements() > FoldConstants.SMALL_BYTES;
            }
            return node.op() instanceof Op.Reshape && packed.contains(node.input(0));
        }

        private List<Value> operands(Node node) {
            var operands = new ArrayList<Value>();
            for (var v : node.inputs()) {
                operands.add(packed.contains(v) ? unpacked(v) : v);
            }
            return operands;
        }

        private Value unpacked(Value v) {
            return unpacked.computeIfAbsent(v, x -> {
                var dtype = v.type().dtype();
                var elements = b.add(new Op.Unpack(integers(dtype)), v);
                return dtype.isInteger() ? elements : b.add(new Op.Bitcast(dtype), elements);
            });
        }

        /** A result as it is to lie in HBM; an input or a constant lies so. */
        private Value packed(Value v) {
            if (packed.contains(v) || constants.contains(v)) {
                return v;
            }
            var dtype = v.type().dtype();
            var elements = dtype.isInteger() ? v : b.add(new Op.Bitcast(integers(dtype)), v);
            return b.add(new Op.Pack(dtype), elements);
        }
    }
}
