package dev.systole.frontend.sy;

import dev.systole.frontend.sy.Scope.Role;
import dev.systole.frontend.sy.Syntax.AttributeValue;
import dev.systole.frontend.sy.Syntax.Expression;
import dev.systole.frontend.sy.Syntax.Name;
import dev.systole.frontend.sy.Syntax.Statement;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Carries out the statements of a block. An error ends a statement, is reported, and the next one goes on. */
final class Statements {
    private static final String SEED = "seed";

    private final Elaboration all;
    private final Scope scope;
    private final Expressions expressions;
    private final Types types;
    private final Operands operands;

    Statements(Elaboration all, Scope scope) {
        this.all = all;
        this.scope = scope;
        this.expressions = new Expressions(all, scope);
        this.types = new Types(scope, expressions);
        this.operands = new Operands(all.emission());
    }

    void run(List<Statement> statements) {
        for (var statement : statements) {
            try {
                all.budget().step(expressions.site(statement.span()));
                run(statement);
            } catch (SyError e) {
                all.faults().add(e.fault());
            }
        }
    }

    private void run(Statement statement) {
        switch (statement) {
            case Syntax.Let let -> let(let);
            case Syntax.Assign assign -> assign(assign);
            case Syntax.Param param -> param(param);
            case Syntax.State state -> state(state);
            case Syntax.For loop -> repeat(loop);
            case Syntax.If choice -> choose(choice);
            case Syntax.Weights weights ->
                throw new SyError(
                        "SYS1512",
                        expressions.site(weights.span()),
                        "weights are named in the model, outside its blocks");
            case Syntax.Opset opset ->
                throw new SyError(
                        "SYS1507", expressions.site(opset.span()), "opset is said in the model, outside its blocks");
        }
    }

    private void let(Syntax.Let let) {
        var results = let.names().stream()
                .map(n -> n.<Wanted.Result>map(
                                name -> new Wanted.Result.Named(scope.frame().full(name.text())))
                        .orElseGet(Wanted.Result.Nothing::new))
                .toList();
        var terms = values(let.names(), results, let.value());
        for (int i = 0; i < terms.size(); i++) {
            if (let.names().get(i).isPresent()) {
                let(let.names().get(i).get(), let.type(), terms.get(i), let.value());
            }
        }
    }

    private void let(Name name, Optional<Syntax.Type> type, Term term, Expression value) {
        boolean again = scope.declares(name.text());
        Term typed = term;
        try {
            typed = type.isPresent() ? typed(name, type.get(), types, term, value) : term;
        } finally {
            scope.declare(name.text(), new Role.Local(), Optional.of(typed));
        }
        if (again) {
            throw new SyError(
                    "SYS1504",
                    expressions.site(name.span()),
                    "\"%s\" is declared in this block already; without \"let\" it is assigned".formatted(name));
        }
    }

    /** What each name is given; unknown after an error, which is reported. */
    private List<Term> values(List<Optional<Name>> names, List<Wanted.Result> results, Expression value) {
        var call = names.size() == 1 ? names.getFirst().map(Name::text) : Optional.<String>empty();
        var term = expressions.evaluate(value, new Wanted(call, results));
        var terms = term instanceof Term.Several(var members) ? members : List.of(term);
        if (terms.size() == names.size()) {
            return terms;
        }
        if (!(term instanceof Term.Unknown)) {
            all.faults()
                    .add(new SyError(
                                    "SYS1505",
                                    expressions.site(value.span()),
                                    "%d name%s for %s"
                                            .formatted(names.size(), names.size() == 1 ? "" : "s", term.describe()))
                            .fault());
        }
        return names.stream().<Term>map(n -> new Term.Unknown()).toList();
    }

    /** A term as a tensor of a type as it is written. */
    private Term typed(Name name, Syntax.Type type, Types place, Term term, Expression value) {
        if (term instanceof Term.Unknown) {
            return term;
        }
        var site = expressions.site(value.span());
        if (type.content().isPresent()) {
            return structure(name, type, place, term, site);
        }
        var flow = operands.flow(term, Optional.of(place.dtype(type)), site);
        if (!place.accepts(type, flow.type(), all.emission().boundedAxes(flow))) {
            throw mismatch(name, place.describe(type), flow, site);
        }
        return flow;
    }

    private static Term structure(Name name, Syntax.Type type, Types place, Term term, Site site) {
        if (!(term instanceof Term.Structure(var of, var value)) || !place.accepts(type, value)) {
            throw new SyError(
                    "SYS1505", site, "\"%s\" is %s, not %s".formatted(name, place.describe(type), term.describe()));
        }
        return term;
    }

    private Term typed(Name name, TensorType type, Term term, Expression value) {
        if (term instanceof Term.Unknown) {
            return term;
        }
        var site = expressions.site(value.span());
        var flow = operands.flow(term, Optional.of(type.dtype()), site);
        if (!flow.type().equals(type)) {
            throw mismatch(name, type.toString(), flow, site);
        }
        return flow;
    }

    private static SyError mismatch(Name name, String type, Term.Flow flow, Site site) {
        return new SyError("SYS1505", site, "\"%s\" is %s, not %s".formatted(name, type, flow.type()));
    }

    private void assign(Syntax.Assign assign) {
        var results = new ArrayList<Wanted.Result>();
        assign.names().forEach(n -> results.add(n.map(this::wanted).orElseGet(Wanted.Result.Nothing::new)));
        var terms = values(assign.names(), results, assign.value());
        for (int i = 0; i < terms.size(); i++) {
            var name = assign.names().get(i);
            if (name.isPresent()) {
                assign(name.get(), terms.get(i), assign.value());
            }
        }
    }

    private Wanted.Result wanted(Name name) {
        return scope.find(name.text()).map(Scope.Variable::role).orElseGet(Role.Local::new)
                        instanceof Role.Output(var output, var type, var types)
                ? new Wanted.Result.Output(output)
                : new Wanted.Result.Named(scope.frame().full(name.text()));
    }

    private void assign(Name name, Term term, Expression value) {
        var site = expressions.site(name.span());
        var variable = scope.find(name.text())
                .orElseThrow(() -> new SyError(
                        "SYS1503",
                        site,
                        "there is no variable \"%s\"; a new one is declared with \"let\"".formatted(name),
                        Suggestions.hint(name.text(), scope.names())));
        if (scope.isOutsideGraph(name.text())) {
            throw new SyError("SYS1504", site, "a graph does not assign \"" + name + "\", which lies outside it");
        }
        switch (variable.role()) {
            case Role.Local() -> variable.assign(term);
            case Role.Fixed(var what) ->
                throw new SyError("SYS1504", site, "\"" + name + "\" is " + what + ", which is not assigned");
            case Role.Output(var output, var type, var place) -> {
                if (variable.value().isPresent()) {
                    throw new SyError("SYS1504", site, "output \"" + name + "\" is assigned a second time");
                }
                variable.assign(new Term.Unknown());
                variable.assign(typed(name, type, place, term, value));
            }
            case Role.State(var type) -> {
                variable.assign(new Term.Unknown());
                variable.assign(typed(name, type, term, value));
            }
        }
    }

    private void param(Syntax.Param param) {
        var site = expressions.site(param.span());
        Term value = new Term.Unknown();
        try {
            requireNew(param.name());
            var name = scope.frame().unique(param.name().text());
            var type = types.resolve(param.type());
            var source = param.source().map(this::source);
            boolean known = type.isPresent()
                    && source.stream().flatMap(s -> s.arguments().stream()).noneMatch(Term.Unknown.class::isInstance);
            if (known) {
                var at = param.source().map(c -> expressions.site(c.span())).orElse(site);
                value = all.emission().parameter(name, all.parameters().value(at, name, type.get(), source));
            }
        } finally {
            scope.fix(param.name().text(), "a parameter", value);
        }
    }

    private Parameters.Source source(Syntax.Call call) {
        var arguments = new ArrayList<Term>();
        call.inputs()
                .forEach(i -> arguments.add(i.map(expressions::evaluate)
                        .orElseThrow(() -> new SyError(
                                "SYS1512", expressions.site(call.span()), "arguments of sources are not left out"))));
        var seed = Optional.<Long>empty();
        for (var attribute : call.attributes()) {
            if (!attribute.name().text().equals(SEED)
                    || !(attribute.value() instanceof AttributeValue.Plain(var expression))) {
                throw new SyError(
                        "SYS1512",
                        expressions.site(attribute.name().span()),
                        "sources have no attribute but \"" + SEED + "\", a whole number");
            }
            seed = expressions.whole(expression);
        }
        return new Parameters.Source(call.name().text(), arguments, seed);
    }

    private void requireNew(Name name) {
        if (scope.declares(name.text())) {
            throw new SyError(
                    "SYS1504", expressions.site(name.span()), "\"" + name + "\" is declared in this block already");
        }
    }

    private void state(Syntax.State state) {
        var site = expressions.site(state.name().span());
        if (scope.isInGraph()) {
            scope.declare(state.name().text(), new Role.Local(), Optional.of(new Term.Unknown()));
            throw new SyError("SYS1517", site, "a graph has no states of its own");
        }
        requireNew(state.name());
        var type = types.resolve(state.type());
        if (type.isEmpty()) {
            scope.declare(state.name().text(), new Role.Local(), Optional.of(new Term.Unknown()));
            return;
        }
        var name = scope.frame().unique(state.name().text());
        var input = all.emission().input(name, type.get());
        var variable = scope.declare(state.name().text(), new Role.State(type.get()), Optional.of(input));
        all.states().add(new Elaboration.State(input, all.emission().free(input.name() + "_next"), variable, site));
    }

    private void repeat(Syntax.For loop) {
        var from = expressions.whole(loop.from());
        var to = expressions.whole(loop.to());
        if (from.isEmpty() || to.isEmpty()) {
            return;
        }
        for (long i = from.get(); i < to.get(); i++) {
            all.budget().step(expressions.site(loop.span()));
            var inside = scope.block(scope.frame().iteration(i));
            inside.fix(loop.variable().text(), "the number of a loop", new Term.Whole(i));
            block(inside, loop.body(), loop.span());
        }
    }

    private void choose(Syntax.If choice) {
        var chosen = switch (expressions.evaluate(choice.condition())) {
            case Term.Truth(var value) -> value ? choice.then() : choice.otherwise();
            case Term.Whole(var value) -> value != 0 ? choice.then() : choice.otherwise();
            case Term.Unknown() -> List.<Statement>of();
            case Term other ->
                throw new SyError(
                        "SYS1508",
                        expressions.site(choice.condition().span()),
                        "a condition is known when compiling; this is " + other.describe(),
                        List.of("what is chosen at run time: Where(c, a, b), or If(c, ...)"));
        };
        block(scope.block(scope.frame()), chosen, choice.span());
    }

    private void block(Scope inside, List<Statement> statements, Span span) {
        all.budget().enter(expressions.site(span));
        new Statements(all, inside).run(statements);
        all.budget().leave();
    }
}
