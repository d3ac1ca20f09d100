package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.sy.Syntax.Dimension;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Declares the inputs of a model with what is bound when it is compiled. A shape of an input binds dimensions before their names do. */
final class ModelInputs {
    private final Elaboration all;
    private final Scope head;
    private final List<Syntax.Parameter> inputs;
    private final Bindings bindings;
    private final Expressions expressions;
    private final Types types;

    /** @param head the model's outermost scope, which gets inputs and dimensions */
    ModelInputs(Elaboration all, Scope head, List<Syntax.Parameter> inputs, Bindings bindings) {
        this.all = all;
        this.head = head;
        this.inputs = inputs;
        this.bindings = bindings;
        this.expressions = new Expressions(all, head);
        this.types = new Types(head, expressions);
    }

    void declare() {
        inputs.stream()
                .filter(i -> i.type().content().isEmpty())
                .forEach(i -> given(i.name().text()).ifPresent(shape -> types.bind(i.type(), shape)));
        bindings.dimensions().forEach((name, extent) -> {
            if (!head.declares(name)) {
                head.fix(name, "a dimension", new Term.Whole(extent));
            }
        });
        inputs.forEach(this::declare);
    }

    private Optional<Shape> given(String name) {
        return Optional.ofNullable(bindings.shapes().get(name))
                .or(() -> Optional.ofNullable(bindings.values().get(name))
                        .map(t -> t.type().shape()));
    }

    private void declare(Syntax.Parameter input) {
        var name = input.name().text();
        Term term = new Term.Unknown();
        try {
            var type = input.type().content().isPresent() ? Optional.<TensorType>empty() : type(input);
            if (input.type().content().isPresent()) {
                var proto = types.structure(input.type());
                term = all.emission().input(name, proto, structure(input, input.type(), name));
            } else if (type.isPresent()) {
                var bound = Optional.ofNullable(bindings.values().get(name));
                if (bound.isPresent() && !bound.get().type().equals(type.get())) {
                    throw fault(
                            input,
                            "SYS1511",
                            "input \"%s\" is bound to %s, the model takes %s"
                                    .formatted(name, bound.get().type(), type.get()));
                }
                term = all.emission().input(name, type.get(), bound);
            }
        } catch (SyError e) {
            all.faults().add(e.fault());
        } finally {
            head.declare(name, new Scope.Role.Local(), Optional.of(term));
        }
    }

    /** A sequence holds the tensors that are bound, an optional what is bound for its content. */
    private OnnxValue structure(Syntax.Parameter input, Syntax.Type type, String name) {
        if (type.content().isEmpty()) {
            return new OnnxValue.OfTensor(tensor(input, type, name));
        }
        var content = type.content().get();
        if (Types.isOptional(type)) {
            boolean holds = given(name).isPresent()
                    || given(OnnxImporter.element(name, 0)).isPresent();
            return new OnnxValue.OfOptional(holds ? Optional.of(structure(input, content, name)) : Optional.empty());
        }
        var tensors = new ArrayList<Value>();
        for (int i = 0; given(OnnxImporter.element(name, i)).isPresent(); i++) {
            tensors.add(tensor(input, content, OnnxImporter.element(name, i)));
        }
        return new OnnxValue.OfSequence(types.dtype(content), tensors);
    }

    private Value tensor(Syntax.Parameter input, Syntax.Type type, String name) {
        var actual = new TensorType(types.dtype(type), given(name).orElseThrow());
        var bound = Optional.ofNullable(bindings.values().get(name));
        boolean fits = types.accepts(type, actual)
                && bound.map(t -> t.type().equals(actual)).orElse(true);
        if (!fits) {
            throw fault(
                    input,
                    "SYS1511",
                    "\"%s\" is given as %s, the model declares %s"
                            .formatted(
                                    name,
                                    bound.map(t -> t.type().toString()).orElse(actual.toString()),
                                    types.describe(type)));
        }
        return all.emission().tensor(name, actual, bound);
    }

    private SyError fault(Syntax.Parameter input, String code, String message) {
        return new SyError(code, expressions.site(input.name().span()), message);
    }

    private Optional<TensorType> type(Syntax.Parameter input) {
        var given = given(input.name().text());
        if (given.isPresent()) {
            var type = new TensorType(types.dtype(input.type()), given.get());
            if (!types.accepts(input.type(), type)) {
                throw fault(
                        input,
                        "SYS1511",
                        "input \"%s\" is given as [%s], the model declares %s"
                                .formatted(input.name(), given.get(), types.describe(input.type())));
            }
            return Optional.of(type);
        }
        var unknown = unknown(input);
        if (unknown.isEmpty()) {
            return types.resolve(input.type());
        }
        unknown.stream().filter(n -> !n.isEmpty()).forEach(n -> head.fix(n, "a dimension", new Term.Unknown()));
        throw fault(input, "SYS1511", unbound(input, unknown));
    }

    /** Names without a value in the dimensions; an empty one stands for dimensions that have no name. */
    private Set<String> unknown(Syntax.Parameter input) {
        var names = new LinkedHashSet<String>();
        for (var d : input.type().dimensions().orElse(List.of())) {
            switch (d) {
                case Dimension.Any(), Dimension.Rest() -> names.add("");
                case Dimension.Extent(var expression) -> unknown(expression, names);
            }
        }
        return names;
    }

    private void unknown(Syntax.Expression expression, Set<String> names) {
        switch (expression) {
            case Syntax.Variable(var name, var span) -> {
                if (!head.declares(name)
                        || head.find(name).flatMap(Scope.Variable::value).equals(Optional.of(new Term.Unknown()))) {
                    names.add(name);
                }
            }
            case Syntax.Binary(var operator, var left, var right, var span) -> {
                unknown(left, names);
                unknown(right, names);
            }
            case Syntax.Negate(var operand, var span) -> unknown(operand, names);
            default -> {}
        }
    }

    private String unbound(Syntax.Parameter input, Set<String> unknown) {
        var example = new ArrayList<String>();
        for (var d : input.type().dimensions().orElseThrow()) {
            example.add(
                    d instanceof Dimension.Extent(Syntax.Whole(var extent, var span)) ? Long.toString(extent) : "8");
        }
        var named = unknown.stream()
                .filter(n -> !n.isEmpty())
                .map(n -> "--dim " + n + "=8")
                .collect(Collectors.joining(" "));
        return "input \"%s\" has unknown dimension%s %s; give %s--shape %s=%s"
                .formatted(
                        input.name(),
                        unknown.size() == 1 ? "" : "s",
                        unknown.stream().map(n -> n.isEmpty() ? "?" : n).collect(Collectors.joining(", ")),
                        named.isEmpty() ? "" : named + " or ",
                        input.name(),
                        String.join("x", example));
    }
}
