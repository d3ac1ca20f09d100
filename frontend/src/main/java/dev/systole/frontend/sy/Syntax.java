package dev.systole.frontend.sy;

import java.util.List;
import java.util.Optional;

/** What a text says, as records that know where they stand. */
final class Syntax {
    private Syntax() {}

    /** A name that the text gives or refers to. */
    record Name(String text, Span span) {
        @Override
        public String toString() {
            return text;
        }
    }

    record Model(Name name, List<Parameter> inputs, List<Parameter> outputs, List<Statement> body) {}

    record Function(
            Name name, List<Parameter> parameters, List<Type> results, List<Statement> body, List<Expression> giving) {}

    record Parameter(Name name, Type type) {}

    /**
     * A type.
     *
     * @param dimensions absent where it has none: in {@code int}, in sequences and optionals
     * @param content what a sequence or an optional holds
     */
    record Type(Name element, Optional<List<Dimension>> dimensions, Optional<Type> content, Span span) {}

    sealed interface Dimension {
        /** {@code ?} */
        record Any() implements Dimension {}

        /** {@code ...}: any dimensions, or none. */
        record Rest() implements Dimension {}

        record Extent(Expression expression) implements Dimension {}
    }

    sealed interface Statement {
        Span span();
    }

    /**
     * {@code let a = ...}, {@code let (a, _) = ...}.
     *
     * @param names what is not wanted is absent
     */
    record Let(List<Optional<Name>> names, Optional<Type> type, Expression value, Span span) implements Statement {}

    record Assign(List<Optional<Name>> names, Expression value, Span span) implements Statement {}

    /** @param source absent if a file holds the parameter */
    record Param(Name name, Type type, Optional<Call> source, Span span) implements Statement {}

    record State(Name name, Type type, Span span) implements Statement {}

    record Weights(Text file, Span span) implements Statement {}

    /** @param domain empty for the default one */
    record Opset(String domain, long version, Span span) implements Statement {}

    record For(Name variable, Expression from, Expression to, List<Statement> body, Span span) implements Statement {}

    record If(Expression condition, List<Statement> then, List<Statement> otherwise, Span span) implements Statement {}

    sealed interface Expression {
        Span span();
    }

    record Variable(String name, Span span) implements Expression {}

    record Whole(long value, Span span) implements Expression {}

    record Real(double value, Span span) implements Expression {}

    record Text(String value, Span span) implements Expression {}

    record Items(List<Expression> items, Span span) implements Expression {}

    /** Two or more expressions in parentheses. */
    record Group(List<Expression> members, Span span) implements Expression {}

    record Negate(Expression operand, Span span) implements Expression {}

    record Not(Expression operand, Span span) implements Expression {}

    /** @param span of the whole */
    record Binary(BinaryOperator operator, Expression left, Expression right, Span span) implements Expression {}

    record Slice(Expression operand, List<Index> indices, Span span) implements Expression {}

    /** {@code x.shape(0)} */
    record Extent(Expression operand, Expression axis, Span span) implements Expression {}

    /**
     * A call of an operator or a function.
     *
     * @param name with its domain, as in {@code com.acme.Norm}
     * @param inputs those left out are absent
     */
    record Call(Name name, List<Optional<Expression>> inputs, List<Attribute> attributes, Span span)
            implements Expression {}

    record Attribute(Name name, AttributeValue value) {}

    sealed interface AttributeValue {
        record Plain(Expression expression) implements AttributeValue {}

        record OfGraph(Graph graph) implements AttributeValue {}
    }

    /** @param type absent if what the operator gives says it */
    record Input(Name name, Optional<Type> type) {}

    /** A graph that is an attribute. */
    record Graph(List<Input> inputs, List<Statement> body, List<Expression> giving, Span span) {}

    sealed interface Index {
        /** {@code ...} */
        record Rest() implements Index {}

        /** A number, which takes the dimension away. */
        record At(Expression position) implements Index {}

        record Range(Optional<Expression> start, Optional<Expression> end, Optional<Expression> step)
                implements Index {}
    }
}
