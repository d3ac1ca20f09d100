package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the ONNX specification says of an operator's form, from one version on.
 *
 * @param name with its domain, unless that is ai.onnx
 * @param since version of the operator set that brought this form
 * @param attributes by name
 * @param types that each type variable may stand for
 */
public record OperatorSchema(
        String name,
        int since,
        List<Formal> inputs,
        List<Formal> outputs,
        Map<String, Attribute> attributes,
        Map<String, Set<String>> types) {

    /** How often a formal input or output may occur. */
    enum Occurrence {
        ONCE,
        OPTIONAL,
        /** Any number, all of one type. */
        MANY,
        /** Any number of any types. */
        ANY
    }

    /**
     * A formal input or output.
     *
     * @param type a type variable or a type
     */
    record Formal(String name, String type, Occurrence occurrence) {}

    /** Kinds of attributes with their numbers in AttributeProto. */
    enum Kind {
        FLOAT(1, "a number"),
        INT(2, "a whole number"),
        STRING(3, "a text"),
        TENSOR(4, "a tensor"),
        GRAPH(5, "a graph"),
        FLOATS(6, "numbers"),
        INTS(7, "whole numbers"),
        STRINGS(8, "texts"),
        TENSORS(9, "tensors"),
        GRAPHS(10, "graphs"),
        SPARSE_TENSOR(11, "a sparse tensor"),
        TYPE_PROTO(13, "a type");

        private final int number;
        private final String text;

        Kind(int number, String text) {
            this.number = number;
            this.text = text;
        }

        static Optional<Kind> of(int number) {
            for (var kind : values()) {
                if (kind.number == number) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * An attribute.
     *
     * @param fallback its value where the node does not give it, as the specification writes it
     */
    record Attribute(Kind kind, boolean required, Optional<String> fallback) {}

    /**
     * Checks a node against the form.
     *
     * @param inputs of the node; absent optional ones are empty
     * @throws IllegalArgumentException that says which rule of the specification is broken
     */
    public void check(NodeProto node, List<Optional<OnnxValue>> inputs) {
        counts(node, inputs);
        attributes(node);
        var bound = new HashMap<String, String>();
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).isPresent()) {
                type(
                        i,
                        formal(this.inputs, i).orElseThrow(),
                        inputs.get(i).get().type(),
                        bound);
            }
        }
    }

    /** The name of an input. */
    String input(int i) {
        return formal(inputs, i).map(Formal::name).orElse("?");
    }

    private void counts(NodeProto node, List<Optional<OnnxValue>> given) {
        for (int i = 0; i < given.size(); i++) {
            if (formal(inputs, i).isEmpty()) {
                throw new IllegalArgumentException(
                        "has " + given.size() + " inputs; it takes at most " + inputs.size());
            }
        }
        for (int i = 0; i < inputs.size(); i++) {
            boolean there = i < given.size() && given.get(i).isPresent();
            if (inputs.get(i).occurrence() == Occurrence.ONCE && !there) {
                throw new IllegalArgumentException(
                        "input " + i + " (" + inputs.get(i).name() + ") is missing");
            }
        }
        if (!outputs.isEmpty()
                && node.getOutputCount() > 0
                && formal(outputs, node.getOutputCount() - 1).isEmpty()) {
            throw new IllegalArgumentException(
                    "has " + node.getOutputCount() + " outputs; it gives at most " + outputs.size());
        }
    }

    private static Optional<Formal> formal(List<Formal> formals, int i) {
        if (i < formals.size()) {
            return Optional.of(formals.get(i));
        }
        boolean repeats = !formals.isEmpty()
                && (formals.getLast().occurrence() == Occurrence.MANY
                        || formals.getLast().occurrence() == Occurrence.ANY);
        return repeats ? Optional.of(formals.getLast()) : Optional.empty();
    }

    private void attributes(NodeProto node) {
        for (var given : node.getAttributeList()) {
            var formal = attributes.get(given.getName());
            if (formal == null) {
                throw new IllegalArgumentException("has an attribute \"%s\"; %s".formatted(given.getName(), known()));
            }
            var kind = kind(given);
            if (kind.isPresent() && kind.get() != formal.kind()) {
                throw new IllegalArgumentException("attribute \"%s\" is %s, not %s"
                        .formatted(given.getName(), formal.kind().text, kind.get().text));
            }
        }
        attributes.forEach((name, formal) -> {
            if (formal.required()
                    && node.getAttributeList().stream()
                            .noneMatch(a -> a.getName().equals(name))) {
                throw new IllegalArgumentException("attribute \"" + name + "\" is missing");
            }
        });
    }

    private String known() {
        return attributes.isEmpty()
                ? "it takes none"
                : "it takes " + attributes.keySet().stream().sorted().collect(Collectors.joining(", "));
    }

    /** Old files do not say the kind of an attribute; what is set tells. */
    private static Optional<Kind> kind(AttributeProto a) {
        if (a.hasType() && a.getType() != 0) {
            return Kind.of(a.getType());
        }
        return a.hasF()
                ? Optional.of(Kind.FLOAT)
                : a.hasI()
                        ? Optional.of(Kind.INT)
                        : a.hasS() ? Optional.of(Kind.STRING) : a.hasT() ? Optional.of(Kind.TENSOR) : Optional.empty();
    }

    private void type(int i, Formal formal, String type, Map<String, String> bound) {
        var allowed = types.getOrDefault(formal.type(), Set.of(formal.type()));
        if (type.isEmpty()) {
            return;
        }
        if (!allowed.contains(type)) {
            throw new IllegalArgumentException("input %d (%s) is %s; version %d of the operator takes %s"
                    .formatted(
                            i,
                            formal.name(),
                            type,
                            since,
                            allowed.stream().sorted().collect(Collectors.joining(", "))));
        }
        if (formal.occurrence() != Occurrence.ANY && types.containsKey(formal.type())) {
            var first = bound.putIfAbsent(formal.type(), type);
            if (first != null && !first.equals(type)) {
                throw new IllegalArgumentException("input %d (%s) is %s where %s came before; they are of one type"
                        .formatted(i, formal.name(), type, first));
            }
        }
    }
}
