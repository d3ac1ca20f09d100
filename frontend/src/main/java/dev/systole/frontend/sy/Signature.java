package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.operator.OperatorSchema;
import dev.systole.frontend.onnx.operator.OperatorSchema.Kind;
import dev.systole.frontend.onnx.operator.OperatorSchema.Occurrence;
import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the language needs to know of an operator: the kinds of its attributes, and which type a number takes as an input. */
record Signature(OperatorSchema schema) {
    /** The operator in a version of the operator set. */
    static Optional<Signature> find(String domain, String operator, int opset) {
        return OperatorSchemas.find(domain, operator, opset).map(Signature::new);
    }

    /** The version that brought an operator; empty if there is none of this name. */
    static Optional<Integer> since(String domain, String operator) {
        return OperatorSchemas.versions(domain, operator).stream().findFirst();
    }

    /** All operators of the default domain. */
    static Set<String> names() {
        return OperatorSchemas.names().stream().filter(n -> n.indexOf('.') < 0).collect(Collectors.toSet());
    }

    Set<String> attributes() {
        return schema.attributes().keySet();
    }

    /** Empty if there is no such attribute. */
    Optional<Kind> kind(String attribute) {
        return Optional.ofNullable(schema.attributes().get(attribute)).map(OperatorSchema.Attribute::kind);
    }

    /**
     * The type that a number takes as an input: that of another input that must have the same, else what the operator allows.
     *
     * @param types of the inputs, absent for numbers and for inputs that are left out
     * @param natural the number's type where any would do
     */
    DType numberType(int input, List<Optional<DType>> types, DType natural) {
        var formal = formal(input);
        if (formal.isEmpty() || formal.get().occurrence() == Occurrence.ANY) {
            return natural;
        }
        var type = formal.get().type();
        for (int i = 0; i < types.size(); i++) {
            boolean same = formal(i).filter(f -> f.type().equals(type)).isPresent();
            if (same && types.get(i).isPresent()) {
                return types.get(i).get();
            }
        }
        var allowed = schema.types().getOrDefault(type, Set.of(type)).stream()
                .flatMap(t -> DType.parse(t).stream())
                .toList();
        return types.stream()
                .flatMap(Optional::stream)
                .findFirst()
                .filter(allowed::contains)
                .or(() -> Optional.of(natural).filter(allowed::contains))
                .or(() -> Optional.of(DType.F32).filter(allowed::contains))
                .or(() -> allowed.stream().findFirst())
                .orElse(natural);
    }

    private Optional<OperatorSchema.Formal> formal(int input) {
        var formals = schema.inputs();
        return formals.isEmpty() ? Optional.empty() : Optional.of(formals.get(Math.min(input, formals.size() - 1)));
    }
}
