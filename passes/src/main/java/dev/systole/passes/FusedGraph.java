package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A graph whose regions are fused nodes, each computed once what it reads is. Numbers that are the same everywhere are constants in it. */
final class FusedGraph {
    private final FusionRegions regions;
    private final GraphBuilder b;
    private final Map<Value, Value> replaced = new HashMap<>();

    private FusedGraph(FusionRegions regions) {
        this.regions = regions;
        this.b = GraphBuilder.rewriting(regions.graph());
    }

    static Graph of(FusionRegions regions) {
        return new FusedGraph(regions).emit();
    }

    /** Emits each region at the place of its last member's readiness, everything else in graph order. */
    private Graph emit() {
        var done = new boolean[regions.nodes()];
        var needed = new ArrayList<Integer>();
        for (int i = 0; i < done.length; i++) {
            needed.add(i);
            while (!needed.isEmpty()) {
                int at = needed.getLast();
                if (done[at]) {
                    needed.removeLast();
                    continue;
                }
                var missing = new ArrayList<Integer>();
                for (int m : regions.with(at)) {
                    for (var v : regions.node(m).inputs()) {
                        regions.definition(v)
                                .filter(d -> !done[d] && (regions.of(d) == null || regions.of(d) != regions.of(at)))
                                .ifPresent(missing::add);
                    }
                }
                if (missing.isEmpty()) {
                    needed.removeLast();
                    regions.with(at).forEach(m -> done[m] = true);
                    emit(at);
                } else {
                    needed.addAll(missing);
                }
            }
        }
        var graph = regions.graph();
        graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
        return b.build();
    }

    private void emit(int at) {
        var region = regions.of(at);
        if (region != null) {
            emit(region);
            return;
        }
        var node = regions.node(at);
        var inputs =
                node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
        b.keep(new Node(node.op(), inputs, node.outputs(), node.location()));
    }

    private void emit(FusionRegion region) {
        var members = region.members.stream().sorted().toList();
        var inside = new HashMap<Value, Value>();
        var body = new GraphBuilder("region");
        var operands = new ArrayList<Value>();
        for (int m : members) {
            var member = regions.node(m);
            body.at(member.location());
            for (var v : member.inputs()) {
                if (!inside.containsKey(v) && !regions.isIn(v, region)) {
                    var number = number(v).filter(t -> region.kind == FusionKind.ROWS || !isHead(member));
                    if (number.isPresent()) {
                        var one = body.constant(number.get().reshape(Shape.SCALAR));
                        inside.put(v, body.broadcast(one, v.type().shape()));
                    } else {
                        inside.put(v, body.input("x" + operands.size(), v.type()));
                        operands.add(replaced.getOrDefault(v, v));
                    }
                }
            }
            var out = body.addAll(
                    member.op(), member.inputs().stream().map(inside::get).toList());
            inside.put(member.output(), out.getFirst());
        }
        var outside = new ArrayList<Value>();
        for (int m : members) {
            var v = regions.node(m).output();
            boolean isRead = regions.readers(v).stream().anyMatch(r -> regions.of(r) != region);
            if (isRead || regions.isResult(v)) {
                body.output("y" + outside.size(), inside.get(v));
                outside.add(v);
            }
        }
        if (outside.isEmpty()) {
            return;
        }
        var fused = b.at(location(members)).addAll(new Op.Fused(region.kind, body.build()), operands);
        for (int i = 0; i < outside.size(); i++) {
            replaced.put(outside.get(i), fused.get(i));
        }
    }

    /** The one element of a value that is a constant of equal elements, seen through reshapes and broadcasts. */
    private Optional<Tensor> number(Value v) {
        return regions.definition(v).flatMap(d -> switch (regions.node(d).op()) {
            case Op.Constant constant -> element(constant);
            case Op.Reshape r -> number(regions.node(d).input(0));
            case Op.Broadcast r -> number(regions.node(d).input(0));
            default -> Optional.empty();
        });
    }

    /** The one element of a constant whose elements are all equal. */
    private static Optional<Tensor> element(Op.Constant constant) {
        var tensor = constant.value();
        int bits = tensor.type().dtype().bits();
        if (tensor.type().shape().elements() == 1) {
            return Optional.of(tensor);
        }
        return bits % 8 != 0 || Op.splat(constant).isEmpty()
                ? Optional.empty()
                : Optional.of(new Tensor(
                        new TensorType(tensor.type().dtype(), Shape.SCALAR),
                        tensor.bytes().asSlice(0, bits / 8)));
    }

    private Location location(List<Integer> members) {
        return members.stream()
                .map(regions::node)
                .filter(n -> isHead(n) || !n.location().equals(Location.COMPILER))
                .map(Node::location)
                .findFirst()
                .orElse(Location.COMPILER);
    }

    /** True for what a region is built around. */
    private static boolean isHead(Node node) {
        return node.op() instanceof Op.MatMul || node.op() instanceof Op.Convolution;
    }
}
