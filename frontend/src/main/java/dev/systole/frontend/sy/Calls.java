package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.sy.Syntax.Expression;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Calls: what a name stands for before its parenthesis. */
final class Calls {
    private static final String EINSUM = "einsum";
    private static final String CONCAT = "concat";

    private final Elaboration all;
    private final Scope scope;
    private final Expressions expressions;

    Calls(Elaboration all, Scope scope, Expressions expressions) {
        this.all = all;
        this.scope = scope;
        this.expressions = expressions;
    }

    /** True if a function may not have this name, because it means something already. */
    static boolean isReserved(String name) {
        return name.equals(EINSUM)
                || name.equals(CONCAT)
                || name.equals(Types.INT)
                || Types.element(name).isPresent()
                || Signature.since("", name).isPresent();
    }

    /** @throws SyError if there is nothing of the name, or it does not take what it is given */
    Term call(Syntax.Call call, Wanted wanted) {
        var site = expressions.site(call.span());
        var name = call.name().text();
        var inputs = new ArrayList<Optional<Term>>();
        call.inputs().forEach(i -> inputs.add(i.map(expressions::evaluate)));
        if (all.functions().containsKey(name)) {
            return new FunctionCalls(all, scope, expressions)
                    .expand(all.functions().get(name), call, inputs, wanted);
        }
        var element = Types.element(name);
        if (element.isPresent()) {
            return cast(element.get(), call, inputs, site, wanted);
        }
        var operators = new OperatorCalls(all, scope, expressions);
        if (name.equals(CONCAT)) {
            return operators.call("", "Concat", call, inputs, wanted);
        }
        if (name.equals(EINSUM)) {
            return einsum(call, inputs, site, wanted);
        }
        int dot = name.lastIndexOf('.');
        var domain = name.substring(0, Math.max(0, dot));
        if (dot < 0 && Signature.since("", name).isEmpty()) {
            throw unknown(call.name());
        }
        return operators.call(domain, name.substring(dot + 1), call, inputs, wanted);
    }

    private SyError unknown(Syntax.Name name) {
        var names = new TreeSet<>(Signature.names());
        names.addAll(all.functions().keySet());
        names.addAll(Types.elements());
        names.addAll(List.of(EINSUM, CONCAT));
        return new SyError(
                "SYS1503",
                expressions.site(name.span()),
                "there is no function or operator \"" + name + "\"",
                Suggestions.hint(name.text(), names));
    }

    private static void requirePlain(Syntax.Call call, Site site) {
        if (call.inputs().stream().anyMatch(Optional::isEmpty)
                || !call.attributes().isEmpty()) {
            throw new SyError(
                    "SYS1507", site, "\"" + call.name() + "\" takes neither attributes nor inputs that are left out");
        }
    }

    /** Numbers become a tensor of the type, a tensor is cast to it. */
    private Term cast(DType to, Syntax.Call call, List<Optional<Term>> inputs, Site site, Wanted wanted) {
        requirePlain(call, site);
        if (inputs.size() != 1) {
            throw new SyError("SYS1507", site, "\"" + to + "\" takes one number, list or tensor");
        }
        var term = inputs.getFirst().orElseThrow();
        try {
            return switch (term) {
                case Term.Unknown u -> u;
                case Term.Whole n -> new Term.Constant(Literals.scalar(to, n));
                case Term.Real n -> new Term.Constant(Literals.scalar(to, n));
                case Term.Truth n -> new Term.Constant(Literals.scalar(to, n));
                case Term.Items list when list.isNumbers() -> new Term.Constant(Literals.vector(to, list.items()));
                default -> {
                    var flow = new Operands(all.emission()).flow(term, Optional.empty(), site);
                    var number = OnnxTensors.number(to).orElseThrow();
                    yield all.emission().apply(site, "Cast", List.of(flow), wanted, Attributes.integer("to", number));
                }
            };
        } catch (IllegalArgumentException e) {
            throw new SyError("SYS1508", site, e.getMessage());
        }
    }

    private Term einsum(Syntax.Call call, List<Optional<Term>> inputs, Site site, Wanted wanted) {
        requirePlain(call, site);
        var flows = new ArrayList<Term.Flow>();
        boolean known = true;
        for (int i = 1; i < inputs.size(); i++) {
            var term = inputs.get(i).orElseThrow();
            known &= !(term instanceof Term.Unknown);
            if (known) {
                flows.add(new Operands(all.emission())
                        .flow(
                                term,
                                Optional.empty(),
                                expressions.site(span(call.inputs().get(i)))));
            }
        }
        if (!known) {
            return new Term.Unknown();
        }
        if (inputs.isEmpty() || !(inputs.getFirst().orElseThrow() instanceof Term.Text(var equation))) {
            throw new SyError("SYS1510", site, "\"einsum\" takes an equation in quotes, then its operands");
        }
        var at = expressions.site(span(call.inputs().getFirst()));
        return new Einsum(all.emission(), at).apply(equation, flows, wanted);
    }

    private static Span span(Optional<Expression> input) {
        return input.orElseThrow().span();
    }
}
