package dev.systole.frontend.sy;

import dev.systole.frontend.sy.Syntax.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Evaluates the expressions of a block. An error in one is reported, and leaves it unknown. */
final class Expressions {
    private final Elaboration all;
    private final Scope scope;
    private final Operands operands;

    Expressions(Elaboration all, Scope scope) {
        this.all = all;
        this.scope = scope;
        this.operands = new Operands(all.emission());
    }

    Site site(Span span) {
        return new Site(span, scope.frame());
    }

    /** One result, which has no name. */
    Term evaluate(Expression expression) {
        return evaluate(expression, Wanted.ONE);
    }

    /** What an expression stands for; several results if several are wanted or given. */
    Term evaluate(Expression expression, Wanted wanted) {
        try {
            all.budget().enter(site(expression.span()));
            try {
                return term(expression, wanted);
            } finally {
                all.budget().leave();
            }
        } catch (SyError e) {
            all.faults().add(e.fault());
            return new Term.Unknown();
        }
    }

    /**
     * A whole number that is known while compiling.
     *
     * @return empty if an error left it unknown
     * @throws SyError if it is something else
     */
    Optional<Long> whole(Expression expression) {
        return switch (evaluate(expression)) {
            case Term.Whole(var value) -> Optional.of(value);
            case Term.Unknown() -> Optional.empty();
            case Term other ->
                throw new SyError(
                        "SYS1508",
                        site(expression.span()),
                        "a whole number that is known when compiling is wanted here, not " + other.describe());
        };
    }

    /** A tensor, made of what an expression stands for. */
    private Term.Flow flow(Term term, Span span) {
        return operands.flow(term, Optional.empty(), site(span));
    }

    private Term term(Expression expression, Wanted wanted) {
        var site = site(expression.span());
        return switch (expression) {
            case Syntax.Whole(var value, var span) -> new Term.Whole(value);
            case Syntax.Real(var value, var span) -> new Term.Real(value);
            case Syntax.Text(var value, var span) -> new Term.Text(value);
            case Syntax.Variable(var name, var span) -> variable(name, site);
            case Syntax.Items(var items, var span) -> items(items);
            case Syntax.Group(var members, var span) -> group(members, wanted);
            case Syntax.Negate(var operand, var span) -> negate(evaluate(operand), site, wanted);
            case Syntax.Not(var operand, var span) -> not(evaluate(operand), site, wanted);
            case Syntax.Binary(var operator, var left, var right, var span) ->
                binary(operator, evaluate(left), evaluate(right), site, wanted);
            case Syntax.Slice slice -> slice(slice, site, wanted);
            case Syntax.Extent(var operand, var axis, var span) -> extent(evaluate(operand), axis, site);
            case Syntax.Call call -> new Calls(all, scope, this).call(call, wanted);
        };
    }

    private Term variable(String name, Site site) {
        var variable = scope.find(name)
                .orElseThrow(() -> new SyError(
                        "SYS1503",
                        site,
                        "there is no variable \"" + name + "\"",
                        Suggestions.hint(name, scope.names())));
        return variable.value().orElseThrow(() -> new SyError("SYS1504", site, "\"" + name + "\" is not assigned yet"));
    }

    private Term items(List<Expression> items) {
        var terms = new ArrayList<Term>();
        for (var item : items) {
            var term = evaluate(item);
            if (term instanceof Term.Unknown) {
                return term;
            }
            if (!(term instanceof Term.Whole || term instanceof Term.Real || term instanceof Term.Text)) {
                throw new SyError(
                        "SYS1508", site(item.span()), "a list holds numbers or texts, not " + term.describe());
            }
            terms.add(term);
        }
        return new Term.Items(List.copyOf(terms));
    }

    private Term group(List<Expression> members, Wanted wanted) {
        boolean fits = wanted.results().size() == members.size();
        var terms = new ArrayList<Term>();
        for (int i = 0; i < members.size(); i++) {
            terms.add(evaluate(members.get(i), fits ? wanted.member(i) : Wanted.ONE));
        }
        return new Term.Several(List.copyOf(terms));
    }

    private Term negate(Term operand, Site site, Wanted wanted) {
        return switch (operand) {
            case Term.Unknown u -> u;
            case Term.Whole n -> arithmetic(site, () -> Arithmetic.negative(n));
            case Term.Real n -> Arithmetic.negative(n);
            default -> all.emission().apply(site, "Neg", List.of(flow(operand, site.span())), wanted);
        };
    }

    private Term not(Term operand, Site site, Wanted wanted) {
        return switch (operand) {
            case Term.Unknown u -> u;
            case Term.Truth(var value) -> new Term.Truth(!value);
            default -> all.emission().apply(site, "Not", List.of(flow(operand, site.span())), wanted);
        };
    }

    private interface Computation {
        Term result();
    }

    private static Term arithmetic(Site site, Computation computation) {
        try {
            return computation.result();
        } catch (ArithmeticException e) {
            throw new SyError("SYS1508", site, e.getMessage());
        }
    }

    private Term binary(BinaryOperator operator, Term left, Term right, Site site, Wanted wanted) {
        if (left instanceof Term.Unknown || right instanceof Term.Unknown) {
            return new Term.Unknown();
        }
        if (Arithmetic.isKnown(left) && Arithmetic.isKnown(right)) {
            return arithmetic(site, () -> Arithmetic.apply(operator, left, right));
        }
        if (operator == BinaryOperator.MODULO) {
            throw new SyError("SYS1508", site, "\"%\" takes whole numbers; of tensors it is Mod(a, b)");
        }
        var inputs = List.of(operands.flow(left, right.dtype(), site), operands.flow(right, left.dtype(), site));
        if (operator == BinaryOperator.UNEQUAL) {
            return all.emission().apply(site, "Not", List.of(all.emission().apply(site, "Equal", inputs)), wanted);
        }
        return all.emission().apply(site, operator.onnx(), inputs, wanted);
    }

    private Term slice(Syntax.Slice slice, Site site, Wanted wanted) {
        var operand = evaluate(slice.operand());
        if (operand instanceof Term.Unknown) {
            return operand;
        }
        return new Slices(all.emission(), this)
                .slice(flow(operand, slice.operand().span()), slice, site, wanted);
    }

    private Term extent(Term operand, Expression axis, Site site) {
        if (operand instanceof Term.Unknown) {
            return operand;
        }
        var shape = flow(operand, site.span()).type().shape();
        var given = whole(axis);
        if (given.isEmpty()) {
            return new Term.Unknown();
        }
        long at = given.get() < 0 ? given.get() + shape.rank() : given.get();
        if (at < 0 || at >= shape.rank()) {
            throw new SyError("SYS1508", site(axis.span()), "[" + shape + "] has no dimension " + given.get());
        }
        return new Term.Whole(shape.dim((int) at));
    }
}
