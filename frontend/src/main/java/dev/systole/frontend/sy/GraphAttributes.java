package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The graphs that a node holds. They take what the node gives them when it enters them first. */
final class GraphAttributes {
    static final String IF = "If";

    private final Elaboration all;
    private final Scope scope;
    private final NodeProto.Builder node;

    /** @param node with its inputs and those attributes that are no graphs */
    GraphAttributes(Elaboration all, Scope scope, NodeProto.Builder node) {
        this.all = all;
        this.scope = scope;
        this.node = node;
    }

    /** Elaborates a graph; empty if an error, which is reported, left something in it unknown. */
    Optional<AttributeProto> of(Site site, Syntax.Name name, Syntax.Graph graph) {
        var emission = all.emission();
        emission.begin();
        try {
            var given = given(site, name, graph);
            var values = elaborate(graph, given);
            if (values.isPresent()) {
                return Optional.of(Attributes.graph(
                        name.text(), emission.end(new Site(graph.span(), scope.frame()), name.text(), values.get())));
            }
        } catch (SyError e) {
            all.faults().add(e.fault());
        }
        emission.abandon();
        return Optional.empty();
    }

    /** The results of a graph without inputs whose nodes stand where the node would. */
    Term inline(Syntax.Graph graph, Wanted wanted) {
        var inside = scope.graph();
        var expressions = new Expressions(all, inside);
        requireAsMany(graph, Optional.of(List.of()), expressions);
        new Statements(all, inside).run(graph.body());
        int given = graph.giving().size();
        var terms = new ArrayList<Term>();
        for (int i = 0; i < given; i++) {
            terms.add(expressions.evaluate(
                    graph.giving().get(i),
                    given == 1 ? wanted.inside() : given == wanted.results().size() ? wanted.member(i) : Wanted.ONE));
        }
        return terms.size() == 1 ? terms.getFirst() : new Term.Several(List.copyOf(terms));
    }

    /** What the node gives a graph; the branches of a condition take nothing, whichever is taken. */
    private Optional<List<OnnxValue>> given(Site site, Syntax.Name name, Syntax.Graph graph) {
        if (node.getOpType().equals(IF)) {
            return Optional.of(List.of());
        }
        var head = GraphProto.newBuilder();
        graph.inputs().forEach(i -> head.addInputBuilder().setName(i.name().text()));
        for (int i = 0; i < graph.giving().size(); i++) {
            head.addOutputBuilder().setName(Integer.toString(i));
        }
        return all.emission().given(site, node, name.text(), head.build());
    }

    private Optional<List<Term.Named>> elaborate(Syntax.Graph graph, Optional<List<OnnxValue>> given) {
        var inside = scope.graph();
        var expressions = new Expressions(all, inside);
        requireAsMany(graph, given, expressions);
        for (int i = 0; i < graph.inputs().size(); i++) {
            var input = graph.inputs().get(i);
            int at = i;
            Term term = declare(input, given.map(g -> g.get(at)), new Types(inside, expressions), expressions);
            inside.declare(input.name().text(), new Scope.Role.Local(), Optional.of(term));
        }
        new Statements(all, inside).run(graph.body());
        var values = new ArrayList<Term.Named>();
        boolean known = true;
        for (var result : graph.giving()) {
            var term = expressions.evaluate(result);
            known &= !(term instanceof Term.Unknown);
            if (known) {
                values.add(new Operands(all.emission()).named(term, Optional.empty(), expressions.site(result.span())));
            }
        }
        return known ? Optional.of(values) : Optional.empty();
    }

    private void requireAsMany(Syntax.Graph graph, Optional<List<OnnxValue>> given, Expressions expressions) {
        if (given.isPresent() && given.get().size() != graph.inputs().size()) {
            throw new SyError(
                    "SYS1517",
                    expressions.site(graph.span()),
                    "the graph's inputs are %d, %s gives it %d"
                            .formatted(
                                    graph.inputs().size(),
                                    node.getOpType(),
                                    given.get().size()));
        }
    }

    private Term declare(Syntax.Input input, Optional<OnnxValue> given, Types types, Expressions expressions) {
        var name = input.name().text();
        if (given.isEmpty()) {
            var type = input.type()
                    .orElseThrow(() -> new SyError(
                            "SYS1517",
                            expressions.site(input.name().span()),
                            "%s never enters the graph, so the type of \"%s\" must be said"
                                    .formatted(node.getOpType(), name)));
            return types.resolve(type)
                    .<Term>map(t -> all.emission().input(name, t))
                    .orElseGet(Term.Unknown::new);
        }
        if (input.type().isEmpty()) {
            return all.emission().input(name, given.get());
        }
        var type = input.type().get();
        var value = Types.isOptional(type) && !(given.get() instanceof OnnxValue.OfOptional)
                ? new OnnxValue.OfOptional(given)
                : given.get();
        types.bind(type, value);
        if (!types.accepts(type, value)) {
            throw new SyError(
                    "SYS1517",
                    expressions.site(type.span()),
                    "the graph takes \"%s\" as %s, %s gives it %s"
                            .formatted(name, types.describe(type), node.getOpType(), Types.describe(value)));
        }
        return all.emission().input(name, value);
    }
}
