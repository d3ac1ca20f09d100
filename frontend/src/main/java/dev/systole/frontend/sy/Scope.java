package dev.systole.frontend.sy;

import dev.systole.ir.type.TensorType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The variables of a block, inside those of the block around it. Mutable. */
final class Scope {
    private final Frame frame;
    private final Optional<Scope> around;
    private final boolean isGraph;
    private final Map<String, Variable> variables = new HashMap<>();

    /** What a variable is. */
    sealed interface Role {
        /** Assigned as often as one likes. */
        record Local() implements Role {}

        /** A parameter, a dimension, a loop's number. */
        record Fixed(String what) implements Role {}

        /**
         * A result of the model, assigned once.
         *
         * @param types of the model's head, where its type stands
         */
        record Output(String name, Syntax.Type type, Types types) implements Role {}

        /** Assigned its next value. */
        record State(TensorType type) implements Role {}
    }

    /** A variable, whose value changes. */
    static final class Variable {
        private final Role role;
        private Optional<Term> value;

        private Variable(Role role, Optional<Term> value) {
            this.role = role;
            this.value = value;
        }

        Role role() {
            return role;
        }

        /** Absent while an output is not assigned. */
        Optional<Term> value() {
            return value;
        }

        void assign(Term term) {
            value = Optional.of(term);
        }
    }

    private Scope(Frame frame, Optional<Scope> around, boolean isGraph) {
        this.frame = frame;
        this.around = around;
        this.isGraph = isGraph;
    }

    /** The scope of a model or a function. */
    static Scope outermost(Frame frame) {
        return new Scope(frame, Optional.empty(), false);
    }

    Scope block(Frame inside) {
        return new Scope(inside, Optional.of(this), false);
    }

    /** The scope of a graph that is an attribute: it sees the variables around it and cannot change them. */
    Scope graph() {
        return new Scope(frame, Optional.of(this), true);
    }

    Frame frame() {
        return frame;
    }

    /** True if this block declares the name. */
    boolean declares(String name) {
        return variables.containsKey(name);
    }

    /** A new variable; one of this name in the same block is forgotten. */
    Variable declare(String name, Role role, Optional<Term> value) {
        var variable = new Variable(role, value);
        variables.put(name, variable);
        return variable;
    }

    void fix(String name, String what, Term value) {
        declare(name, new Role.Fixed(what), Optional.of(value));
    }

    Optional<Variable> find(String name) {
        return Optional.ofNullable(variables.get(name)).or(() -> around.flatMap(s -> s.find(name)));
    }

    /** True if the variable lies outside the graph that this block is part of. */
    boolean isOutsideGraph(String name) {
        return !declares(name)
                && (isGraph || around.map(s -> s.isOutsideGraph(name)).orElse(false));
    }

    /** True inside a graph that is an attribute. */
    boolean isInGraph() {
        return isGraph || around.map(Scope::isInGraph).orElse(false);
    }

    /** All names that can be seen from here. */
    Set<String> names() {
        var names = around.map(Scope::names).orElseGet(TreeSet::new);
        names.addAll(variables.keySet());
        return names;
    }
}
