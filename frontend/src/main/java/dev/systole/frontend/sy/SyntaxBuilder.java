package dev.systole.frontend.sy;

import dev.systole.frontend.sy.Syntax.AttributeValue;
import dev.systole.frontend.sy.Syntax.Dimension;
import dev.systole.frontend.sy.Syntax.Expression;
import dev.systole.frontend.sy.Syntax.Index;
import dev.systole.frontend.sy.Syntax.Name;
import dev.systole.frontend.sy.Syntax.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;

/** Parse trees without errors as records. */
final class SyntaxBuilder {
    private static final String EXTENT = "shape";

    private final Faults faults;

    SyntaxBuilder(Faults faults) {
        this.faults = faults;
    }

    Syntax.Model model(SyParser.ModelContext c) {
        int inputs = 0;
        while (c.parameter(inputs) != null && before(c.parameter(inputs), c.ARROW())) {
            inputs++;
        }
        var all = c.parameter().stream().map(this::parameter).toList();
        return new Syntax.Model(
                name(c.name()), all.subList(0, inputs), all.subList(inputs, all.size()), statements(c.block()));
    }

    private static boolean before(ParserRuleContext c, TerminalNode token) {
        return c.getStop().getTokenIndex() < token.getSymbol().getTokenIndex();
    }

    Syntax.Function function(SyParser.FunctionContext c) {
        return new Syntax.Function(
                name(c.name()),
                c.parameter().stream().map(this::parameter).toList(),
                c.results().type().stream().map(this::type).toList(),
                c.statement().stream().map(this::statement).toList(),
                expressions(c.giving().expression()));
    }

    private static Name name(SyParser.NameContext c) {
        return new Name(c.getText(), Span.of(c));
    }

    private Syntax.Parameter parameter(SyParser.ParameterContext c) {
        return new Syntax.Parameter(name(c.name()), type(c.type()));
    }

    private Syntax.Type type(SyParser.TypeContext c) {
        var dimensions = c.LIST() == null
                ? Optional.<List<Dimension>>empty()
                : Optional.of(c.dimension().stream().map(this::dimension).toList());
        return new Syntax.Type(
                name(c.name()), dimensions, Optional.ofNullable(c.type()).map(this::type), Span.of(c));
    }

    private Dimension dimension(SyParser.DimensionContext c) {
        return c.ANY() != null
                ? new Dimension.Any()
                : c.ELLIPSIS() != null ? new Dimension.Rest() : new Dimension.Extent(expression(c.expression()));
    }

    private List<Statement> statements(SyParser.BlockContext c) {
        return c.statement().stream().map(this::statement).toList();
    }

    private Statement statement(SyParser.StatementContext statement) {
        var span = Span.of(statement);
        return switch (statement) {
            case SyParser.LetContext c ->
                new Syntax.Let(
                        names(c.target()),
                        Optional.ofNullable(c.type()).map(this::type),
                        expression(c.expression()),
                        span);
            case SyParser.AssignContext c -> new Syntax.Assign(names(c.target()), expression(c.expression()), span);
            case SyParser.ParamContext c -> {
                var source = c.arguments() == null
                        ? Optional.<Syntax.Call>empty()
                        : Optional.of(call(name(c.name(1)), c.arguments(), between(c.name(1), c.CLOSE())));
                yield new Syntax.Param(name(c.name(0)), type(c.type()), source, span);
            }
            case SyParser.StateContext c -> new Syntax.State(name(c.name()), type(c.type()), span);
            case SyParser.WeightsContext c -> new Syntax.Weights(text(c.TEXT().getSymbol()), span);
            case SyParser.OpsetContext c ->
                new Syntax.Opset(
                        c.name().stream().map(SyParser.NameContext::getText).collect(Collectors.joining(".")),
                        whole(c.WHOLE().getSymbol(), ""),
                        span);
            case SyParser.ForContext c ->
                new Syntax.For(
                        name(c.name()),
                        expression(c.expression(0)),
                        expression(c.expression(1)),
                        statements(c.block()),
                        span);
            case SyParser.IfContext c ->
                new Syntax.If(
                        expression(c.expression()),
                        statements(c.block(0)),
                        c.ELSE() == null ? List.of() : statements(c.block(1)),
                        span);
            default -> throw new IllegalStateException(statement.getText());
        };
    }

    private static List<Optional<Name>> names(SyParser.TargetContext c) {
        var names = new ArrayList<Optional<Name>>();
        for (var child : c.children) {
            if (child instanceof SyParser.NameContext n) {
                names.add(Optional.of(name(n)));
            } else if (child instanceof TerminalNode t && t.getSymbol().getType() == SyParser.NONE) {
                names.add(Optional.empty());
            }
        }
        return names;
    }

    private List<Expression> expressions(List<SyParser.ExpressionContext> list) {
        return list.stream().map(this::expression).toList();
    }

    private Expression expression(SyParser.ExpressionContext expression) {
        var span = Span.of(expression);
        return switch (expression) {
            case SyParser.VariableContext c -> new Syntax.Variable(c.getText(), span);
            case SyParser.LiteralContext c -> literal(c.getStart());
            case SyParser.ListContext c -> new Syntax.Items(expressions(c.expression()), span);
            case SyParser.GroupContext c ->
                c.expression().size() == 1
                        ? expression(c.expression(0))
                        : new Syntax.Group(expressions(c.expression()), span);
            case SyParser.UnaryContext c -> unary(c, span);
            case SyParser.BinaryContext c ->
                new Syntax.Binary(
                        BinaryOperator.of(c.op.getText()),
                        expression(c.expression(0)),
                        expression(c.expression(1)),
                        span);
            case SyParser.SliceContext c ->
                new Syntax.Slice(
                        expression(c.expression()),
                        c.index().stream().map(this::index).toList(),
                        span);
            case SyParser.CallContext c -> call(name(c.name()), c.arguments(), span);
            case SyParser.MemberContext c -> member(c, span);
            default -> throw new IllegalStateException(expression.getText());
        };
    }

    private Expression unary(SyParser.UnaryContext c, Span span) {
        if (c.op.getType() == SyParser.NOT) {
            return new Syntax.Not(expression(c.expression()), span);
        }
        boolean number = c.expression() instanceof SyParser.LiteralContext l && l.WHOLE() != null;
        return number
                ? new Syntax.Whole(whole(c.expression().getStart(), "-"), span)
                : new Syntax.Negate(expression(c.expression()), span);
    }

    private Index index(SyParser.IndexContext c) {
        return c.ELLIPSIS() != null
                ? new Index.Rest()
                : c.at != null
                        ? new Index.At(expression(c.at))
                        : new Index.Range(optional(c.start), optional(c.end), optional(c.step));
    }

    private Optional<Expression> optional(SyParser.ExpressionContext c) {
        return Optional.ofNullable(c).map(this::expression);
    }

    private Syntax.Call call(Name name, SyParser.ArgumentsContext arguments, Span span) {
        var inputs = new ArrayList<Optional<Expression>>();
        var attributes = new ArrayList<Syntax.Attribute>();
        for (var a : arguments.argument()) {
            if (a.name() != null) {
                attributes.add(new Syntax.Attribute(
                        name(a.name()),
                        a.graph() != null
                                ? new AttributeValue.OfGraph(graph(a.graph()))
                                : new AttributeValue.Plain(expression(a.expression()))));
            } else {
                inputs.add(optional(a.expression()));
            }
        }
        return new Syntax.Call(name, inputs, attributes, span);
    }

    private Syntax.Graph graph(SyParser.GraphContext c) {
        return new Syntax.Graph(
                c.input().stream()
                        .map(i -> new Syntax.Input(
                                name(i.name()), Optional.ofNullable(i.type()).map(this::type)))
                        .toList(),
                c.statement().stream().map(this::statement).toList(),
                expressions(c.giving() == null ? c.expression() : c.giving().expression()),
                Span.of(c));
    }

    /** What follows a dot: {@code x.shape(0)}, or an operator after its domain. */
    private Expression member(SyParser.MemberContext c, Span span) {
        var name = name(c.name());
        var domain = domain(c.expression());
        if (c.arguments() != null && name.text().equals(EXTENT)) {
            var call = call(name, c.arguments(), span);
            if (call.inputs().size() == 1
                    && call.inputs().getFirst().isPresent()
                    && call.attributes().isEmpty()) {
                return new Syntax.Extent(
                        expression(c.expression()), call.inputs().getFirst().get(), span);
            }
        } else if (c.arguments() != null && domain.isPresent()) {
            return call(new Name(domain.get() + "." + name, between(c, c.name())), c.arguments(), span);
        }
        faults.add(new Fault("SYS1502", span, "after a dot stands shape(AXIS), which gives an extent"));
        return new Syntax.Variable(name.text(), span);
    }

    private static Optional<String> domain(SyParser.ExpressionContext expression) {
        return switch (expression) {
            case SyParser.VariableContext c -> Optional.of(c.getText());
            case SyParser.MemberContext c
            when c.arguments() == null ->
                domain(c.expression()).map(d -> d + "." + c.name().getText());
            default -> Optional.empty();
        };
    }

    private Expression literal(Token token) {
        return switch (token.getType()) {
            case SyParser.WHOLE -> new Syntax.Whole(whole(token, ""), Span.of(token));
            case SyParser.REAL -> new Syntax.Real(real(token), Span.of(token));
            default -> text(token);
        };
    }

    private long whole(Token token, String sign) {
        try {
            return Long.parseLong(sign + token.getText());
        } catch (NumberFormatException e) {
            faults.add(new Fault("SYS1502", Span.of(token), "whole numbers have at most 64 bits"));
            return 0;
        }
    }

    private double real(Token token) {
        double value = Double.parseDouble(token.getText());
        if (Double.isInfinite(value)) {
            faults.add(new Fault("SYS1502", Span.of(token), "the number is too large; infinity is 1.0 / 0.0"));
        }
        return value;
    }

    private Syntax.Text text(Token token) {
        var quoted = token.getText();
        var text = new StringBuilder();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c == '\\') {
                c = switch (quoted.charAt(++i)) {
                    case 'n' -> '\n';
                    case 't' -> '\t';
                    case '"' -> '"';
                    case '\\' -> '\\';
                    default -> {
                        faults.add(new Fault(
                                "SYS1502", Span.of(token), "a backslash stands before \", \\, n or t in quotes"));
                        yield '?';
                    }
                };
            }
            text.append(c);
        }
        return new Syntax.Text(text.toString(), Span.of(token));
    }

    private static Span between(ParserRuleContext from, ParserRuleContext to) {
        return between(from.getStart(), to.getStop());
    }

    private static Span between(ParserRuleContext from, TerminalNode to) {
        return between(from.getStart(), to.getSymbol());
    }

    private static Span between(Token from, Token to) {
        var whole = new ParserRuleContext();
        whole.start = from;
        whole.stop = to;
        return Span.of(whole);
    }
}
