package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    public enum Occurrence {
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
    public record Formal(String name, String type, Occurrence occurrence) {}

    /** Kinds of attributes with their numbers in AttributeProto. */
    public enum Kind {
        FLOAT(1, "a number", AttributeProto::hasF),
        INT(2, "a whole number", AttributeProto::hasI),
        STRING(3, "a text", AttributeProto::hasS),
        TENSOR(4, "a tensor", AttributeProto::hasT),
        GRAPH(5, "a graph", AttributeProto::hasG),
        FLOATS(6, "numbers", a -> a.getFloatsCount() > 0),
        INTS(7, "whole numbers", a -> a.getIntsCount() > 0),
        STRINGS(8, "texts", a -> a.getStringsCount() > 0),
        TENSORS(9, "tensors", a -> a.getTensorsCount() > 0),
        GRAPHS(10, "graphs", a -> a.getGraphsCount() > 0),
        SPARSE_TENSOR(11, "a sparse tensor", AttributeProto::hasSparseTensor),
        TYPE_PROTO(13, "a type", a -> false);

        private final int number;
        private final String text;
        private final Predicate<AttributeProto> isHeld;

        Kind(int number, String text, Predicate<AttributeProto> isHeld) {
            this.number = number;
            this.text = text;
            this.isHeld = isHeld;
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
    public record Attribute(Kind kind, boolean required, Optional<String> fallback) {}

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
        var seen = new HashSet<String>();
        for (var given : node.getAttributeList()) {
            if (!seen.add(given.getName())) {
                throw new IllegalArgumentException("has two attributes \"%s\"".formatted(given.getName()));
            }
            var formal = attributes.get(given.getName());
            if (formal == null) {
                throw new IllegalArgumentException("has an attribute \"%s\"; %s".formatted(given.getName(), known()));
            }
            kind(given, formal.kind());
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

    /** The kind of an attribute as it is given. Old files do not say it; what is held tells. */
    public static Optional<Kind> kind(AttributeProto a) {
        return a.getType() != 0
                ? Kind.of(a.getType())
                : Arrays.stream(Kind.values()).filter(k -> k.isHeld.test(a)).findFirst();
    }

    /** Old files do not say the kind of an attribute, and some writers leave out a value that is zero or empty. */
    private static void kind(AttributeProto a, Kind formal) {
        if (a.hasRefAttrName()) {
            throw new IllegalArgumentException("attribute \"%s\" refers to \"%s\" of a function, but is in none"
                    .formatted(a.getName(), a.getRefAttrName()));
        }
        if (a.getType() != 0 && Kind.of(a.getType()).isEmpty()) {
            throw new IllegalArgumentException(
                    "attribute \"%s\" is of the unknown kind %d".formatted(a.getName(), a.getType()));
        }
        Stream.concat(
                        Kind.of(a.getType()).stream(),
                        Arrays.stream(Kind.values()).filter(k -> k.isHeld.test(a)))
                .filter(k -> k != formal)
                .findFirst()
                .ifPresent(k -> {
                    throw new IllegalArgumentException(
                            "attribute \"%s\" is %s, not %s".formatted(a.getName(), formal.text, k.text));
                });
        if ((formal == Kind.TENSOR || formal == Kind.GRAPH) && !formal.isHeld.test(a)) {
            throw new IllegalArgumentException("attribute \"%s\" holds nothing".formatted(a.getName()));
        }
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
