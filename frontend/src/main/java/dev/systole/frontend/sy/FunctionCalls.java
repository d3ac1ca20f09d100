package dev.systole.frontend.sy;

import dev.systole.frontend.sy.Syntax.Dimension;
import dev.systole.frontend.sy.Syntax.Function;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Calls of functions: their statements in the place of the call, with names of their own. */
final class FunctionCalls {
    private final Elaboration all;
    private final Scope scope;
    private final Expressions expressions;

    FunctionCalls(Elaboration all, Scope scope, Expressions expressions) {
        this.all = all;
        this.scope = scope;
        this.expressions = expressions;
    }

    /**
     * Expands a call.
     *
     * @param arguments what the call's inputs stand for
     */
    Term expand(Function function, Syntax.Call call, List<Optional<Term>> arguments, Wanted wanted) {
        var site = expressions.site(call.span());
        all.budget().step(site);
        requirePlain(function, call);
        requireNoCycle(function, site);
        var name = scope.frame().unique(wanted.call().orElse(function.name().text()));
        var frame =
                scope.frame().call(name, new Frame.Caller(site, function.name().text()));
        var outer = Scope.outermost(frame);
        boolean fits = bind(function, call, arguments, outer);
        if (!fits) {
            return new Term.Unknown();
        }
        var body = outer.block(frame);
        new Statements(all, body).run(function.body());
        return results(function, outer, body, wanted);
    }

    private void requirePlain(Function function, Syntax.Call call) {
        var wanted = function.parameters().size();
        if (!call.attributes().isEmpty()) {
            throw new SyError(
                    "SYS1507",
                    expressions.site(call.attributes().getFirst().name().span()),
                    "arguments of functions are given by position");
        }
        if (call.inputs().size() != wanted || call.inputs().stream().anyMatch(Optional::isEmpty)) {
            throw new SyError(
                    "SYS1507",
                    expressions.site(call.span()),
                    "\"%s\" takes %d argument%s".formatted(function.name(), wanted, wanted == 1 ? "" : "s"));
        }
    }

    private void requireNoCycle(Function function, Site site) {
        for (var at = scope.frame().caller();
                at.isPresent();
                at = at.get().site().frame().caller()) {
            if (at.get().function().equals(function.name().text())) {
                throw new SyError("SYS1514", site, "\"" + function.name() + "\" calls itself");
            }
        }
    }

    /** Declares the arguments and the dimensions that they bind. False if one does not fit. */
    private boolean bind(Function function, Syntax.Call call, List<Optional<Term>> arguments, Scope outer) {
        var inside = new Expressions(all, outer);
        var types = new Types(outer, inside);
        var terms = new ArrayList<Term>();
        for (int i = 0; i < arguments.size(); i++) {
            var parameter = function.parameters().get(i);
            var site = expressions.site(call.inputs().get(i).orElseThrow().span());
            terms.add(converted(parameter, arguments.get(i).orElseThrow(), types, site));
            if (isInt(parameter)) {
                outer.fix(parameter.name().text(), "an argument", terms.getLast());
            }
        }
        for (int i = 0; i < terms.size(); i++) {
            if (terms.get(i) instanceof Term.Flow(var name, var type)) {
                types.bind(function.parameters().get(i).type(), type.shape());
            }
        }
        boolean fits = true;
        for (int i = 0; i < terms.size(); i++) {
            var parameter = function.parameters().get(i);
            if (!isInt(parameter)) {
                unbound(parameter.type(), outer);
                var site = expressions.site(call.inputs().get(i).orElseThrow().span());
                fits &= accepts(function, parameter, terms.get(i), types, site);
                outer.declare(parameter.name().text(), new Scope.Role.Local(), Optional.of(terms.get(i)));
            }
        }
        return fits;
    }

    private static boolean isInt(Syntax.Parameter parameter) {
        return parameter.type().dimensions().isEmpty()
                && parameter.type().element().text().equals(Types.INT);
    }

    /** The whole number or the tensor that a parameter takes; unknown after an error, which is reported. */
    private Term converted(Syntax.Parameter parameter, Term argument, Types types, Site site) {
        if (argument instanceof Term.Unknown) {
            return argument;
        }
        try {
            if (!isInt(parameter)) {
                return new Operands(all.emission()).flow(argument, Optional.of(types.dtype(parameter.type())), site);
            }
            if (argument instanceof Term.Whole) {
                return argument;
            }
            throw new SyError(
                    "SYS1508",
                    site,
                    "\"%s\" is a whole number that is known when compiling, not %s"
                            .formatted(parameter.name(), argument.describe()));
        } catch (SyError e) {
            all.faults().add(e.fault());
            return new Term.Unknown();
        }
    }

    /** Dimensions that an unknown argument would have bound are unknown. */
    private static void unbound(Syntax.Type type, Scope outer) {
        type.dimensions().orElse(List.of()).forEach(d -> {
            if (d instanceof Dimension.Extent(Syntax.Variable(var name, var span)) && !outer.declares(name)) {
                outer.fix(name, "a dimension", new Term.Unknown());
            }
        });
    }

    private boolean accepts(Function function, Syntax.Parameter parameter, Term term, Types types, Site site) {
        if (!(term instanceof Term.Flow(var name, var type)) || types.accepts(parameter.type(), type)) {
            return true;
        }
        var fault = new SyError(
                "SYS1505",
                site,
                "\"%s\" takes %s: %s, not %s"
                        .formatted(function.name(), parameter.name(), types.describe(parameter.type()), type));
        all.faults().add(fault.fault());
        return false;
    }

    private Term results(Function function, Scope outer, Scope body, Wanted wanted) {
        var inside = new Expressions(all, body);
        var terms = new ArrayList<Term>();
        var spans = new ArrayList<Span>();
        int given = function.giving().size();
        for (int i = 0; i < given; i++) {
            var expression = function.giving().get(i);
            boolean fits = function.results().size() == wanted.results().size();
            var each = !fits
                    ? Wanted.ONE
                    : given == 1 ? wanted.inside() : given == wanted.results().size() ? wanted.member(i) : Wanted.ONE;
            switch (inside.evaluate(expression, each)) {
                case Term.Several(var members) -> terms.addAll(members);
                case Term term -> terms.add(term);
            }
            while (spans.size() < terms.size()) {
                spans.add(expression.span());
            }
        }
        if (terms.contains(new Term.Unknown())) {
            return new Term.Unknown();
        }
        if (terms.size() != function.results().size()) {
            throw new SyError(
                    "SYS1514",
                    inside.site(spans.getFirst()),
                    "\"%s\" gives %d result%s, its head says %d"
                            .formatted(
                                    function.name(),
                                    terms.size(),
                                    terms.size() == 1 ? "" : "s",
                                    function.results().size()));
        }
        var types = new Types(outer, new Expressions(all, outer));
        for (int i = 0; i < terms.size(); i++) {
            terms.set(i, result(function, i, terms.get(i), types, inside.site(spans.get(i))));
        }
        return terms.size() == 1 ? terms.getFirst() : new Term.Several(List.copyOf(terms));
    }

    private Term result(Function function, int i, Term term, Types types, Site site) {
        var type = function.results().get(i);
        var flow = new Operands(all.emission()).flow(term, Optional.of(types.dtype(type)), site);
        if (!types.accepts(type, flow.type())) {
            throw new SyError(
                    "SYS1505",
                    site,
                    "\"%s\" gives %s, its head says %s".formatted(function.name(), flow.type(), types.describe(type)));
        }
        return flow;
    }
}
