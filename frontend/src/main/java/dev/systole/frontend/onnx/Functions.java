package dev.systole.frontend.onnx;

import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.FunctionProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.graph.Location;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * The functions that a model defines, which are expanded where they are called.
 *
 * @param byKey by domain, name and overload
 * @param open those that are being expanded, outermost first: none calls itself
 */
record Functions(Map<Key, Definition> byKey, List<Definition> open) {
    static final Functions NONE = new Functions(Map.of(), List.of());

    /** What a node calls a function by. */
    record Key(String domain, String name, String overload) {}

    /**
     * A function.
     *
     * @param own operator sets that its body imports
     * @param model versions of those that it does not
     */
    record Definition(FunctionProto proto, OperatorSets own, ToIntFunction<String> model) {
        int opset(String domain) {
            return own.version(domain).orElseGet(() -> model.applyAsInt(domain));
        }

        /** The function's nodes with the attributes of a call in place of references to them. */
        List<NodeProto> body(NodeProto call) {
            var given = new HashMap<String, AttributeProto>();
            proto.getAttributeProtoList().forEach(a -> given.put(a.getName(), a));
            call.getAttributeList().forEach(a -> given.put(a.getName(), a));
            return proto.getNodeList().stream().map(n -> substituted(n, given)).toList();
        }

        private static NodeProto substituted(NodeProto node, Map<String, AttributeProto> given) {
            var attributes = node.getAttributeList().stream()
                    .flatMap(a -> substituted(a, given))
                    .toList();
            return node.toBuilder().clearAttribute().addAllAttribute(attributes).build();
        }

        private static Stream<AttributeProto> substituted(AttributeProto a, Map<String, AttributeProto> given) {
            if (!a.getRefAttrName().isEmpty()) {
                return Optional.ofNullable(given.get(a.getRefAttrName()))
                        .map(g -> g.toBuilder().setName(a.getName()).build())
                        .stream();
            }
            if (!a.hasG()) {
                return Stream.of(a);
            }
            var nodes = a.getG().getNodeList().stream()
                    .map(n -> substituted(n, given))
                    .toList();
            GraphProto body = a.getG().toBuilder().clearNode().addAllNode(nodes).build();
            return Stream.of(a.toBuilder().setG(body).build());
        }
    }

    /** @param opsets of the model, by domain */
    static Functions of(ModelProto model, ToIntFunction<String> opsets) {
        var byKey = new HashMap<Key, Definition>();
        for (var f : model.getFunctionsList()) {
            byKey.put(
                    new Key(f.getDomain(), f.getName(), f.getOverload()),
                    new Definition(f, OperatorSets.of(f.getOpsetImportList()), opsets));
        }
        return new Functions(byKey, List.of());
    }

    Optional<Definition> find(NodeProto node) {
        return Optional.ofNullable(byKey.get(new Key(node.getDomain(), node.getOpType(), node.getOverload())));
    }

    /** @throws IllegalArgumentException if the function is being expanded already */
    Functions entered(Definition function, Location at) {
        if (open.contains(function)) {
            throw new IllegalArgumentException("the function calls itself, at " + at);
        }
        var longer = new ArrayList<>(open);
        longer.add(function);
        return new Functions(byKey, List.copyOf(longer));
    }
}
