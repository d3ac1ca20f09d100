package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The graphs that a node holds, and the types of its results that follow from theirs. */
final class GraphAttributes {
    private static final String IF = "If";
    private static final String LOOP = "Loop";

    private final Elaboration all;
    private final Scope scope;
    private final String operator;
    private final List<Optional<Term.Flow>> inputs;
    private final Map<String, List<TensorType>> results = new LinkedHashMap<>();

    /** @param inputs of the node */
    GraphAttributes(Elaboration all, Scope scope, String operator, List<Optional<Term.Flow>> inputs) {
        this.all = all;
        this.scope = scope;
        this.operator = operator;
        this.inputs = inputs;
    }

    /** Elaborates a graph; empty if an error, which is reported, left something in it unknown. */
    Optional<AttributeProto> add(Syntax.Name name, Syntax.Graph graph) {
        var emission = all.emission();
        emission.begin();
        try {
            var flows = elaborate(graph);
            if (flows.isPresent()) {
                results.put(
                        name.text(), flows.get().stream().map(Term.Flow::type).toList());
                return Optional.of(Attributes.graph(
                        name.text(), emission.end(new Site(graph.span(), scope.frame()), name.text(), flows.get())));
            }
        } catch (SyError e) {
            all.faults().add(e.fault());
        }
        emission.abandon();
        return Optional.empty();
    }

    private Optional<List<Term.Flow>> elaborate(Syntax.Graph graph) {
        var inside = scope.graph();
        var expressions = new Expressions(all, inside);
        declare(graph, inside, expressions);
        new Statements(all, inside).run(graph.body());
        var flows = new ArrayList<Term.Flow>();
        boolean known = true;
        for (var result : graph.giving()) {
            var term = expressions.evaluate(result);
            known &= !(term instanceof Term.Unknown);
            if (known) {
                flows.add(new Operands(all.emission()).flow(term, Optional.empty(), expressions.site(result.span())));
            }
        }
        return known ? Optional.of(flows) : Optional.empty();
    }

    /** A loop's graph takes what the loop carries; the graphs of other operators say what they take. */
    private void declare(Syntax.Graph graph, Scope inside, Expressions expressions) {
        var expected = expected();
        if (expected.isPresent() && expected.get().size() != graph.inputs().size()) {
            throw new SyError(
                    "SYS1517",
                    expressions.site(graph.span()),
                    "the graph's inputs are %d, %s gives it %d"
                            .formatted(
                                    graph.inputs().size(),
                                    operator,
                                    expected.get().size()));
        }
        var types = new Types(inside, expressions);
        for (int i = 0; i < graph.inputs().size(); i++) {
            var input = graph.inputs().get(i);
            var type = expected.isPresent() ? Optional.of(expected.get().get(i)) : types.resolve(input.type());
            if (expected.isPresent()) {
                types.bind(input.type(), expected.get().get(i).shape());
                if (!types.accepts(input.type(), expected.get().get(i))) {
                    throw new SyError(
                            "SYS1517",
                            expressions.site(input.type().span()),
                            "the graph takes \"%s\" as %s, %s gives it %s"
                                    .formatted(
                                            input.name(),
                                            types.describe(input.type()),
                                            operator,
                                            expected.get().get(i)));
                }
            }
            Term term = type.<Term>map(t -> all.emission().input(input.name().text(), t))
                    .orElseGet(Term.Unknown::new);
            inside.declare(input.name().text(), new Scope.Role.Local(), Optional.of(term));
        }
    }

    private Optional<List<TensorType>> expected() {
        return switch (operator) {
            case IF -> Optional.of(List.of());
            case LOOP -> {
                var types = new ArrayList<>(List.of(TensorType.of(DType.I64), TensorType.of(DType.BOOL)));
                types.addAll(carried());
                yield Optional.of(types);
            }
            default -> Optional.empty();
        };
    }

    private List<TensorType> carried() {
        return inputs.stream()
                .skip(2)
                .flatMap(Optional::stream)
                .map(Term.Flow::type)
                .toList();
    }

    /** The types of the node's results; none if they do not follow from the graphs. */
    List<TensorType> results(Site site) {
        return switch (operator) {
            case IF -> branches(site);
            case LOOP -> loop(site);
            default -> List.of();
        };
    }

    private List<TensorType> branches(Site site) {
        var then = results.getOrDefault("then_branch", List.of());
        var otherwise = results.getOrDefault("else_branch", List.of());
        if (!then.equals(otherwise)) {
            throw new SyError("SYS1517", site, "the branches give " + then + " and " + otherwise);
        }
        return then;
    }

    /** What is carried, then what is collected: one element for each turn. */
    private List<TensorType> loop(Site site) {
        var given = results.getOrDefault("body", List.of());
        var types = new ArrayList<>(carried());
        if (given.size() <= types.size()
                || !given.subList(1, 1 + types.size()).equals(types)
                || !given.getFirst().equals(TensorType.of(DType.BOOL))) {
            throw new SyError("SYS1517", site, "the loop carries %s, its graph gives %s".formatted(types, given));
        }
        for (var collected : given.subList(1 + types.size(), given.size())) {
            var dims = new ArrayList<>(List.of(turns(site)));
            dims.addAll(collected.shape().dims().asList());
            types.add(collected.with(Shape.of(dims)));
        }
        return types;
    }

    private long turns(Site site) {
        boolean stops = inputs.size() > 1 && inputs.get(1).isPresent();
        return inputs.getFirst()
                .filter(m -> !stops)
                .flatMap(all.emission()::known)
                .map(m -> Elements.readInteger(m.bytes(), 0, m.type().dtype()))
                .orElseThrow(
                        () -> new SyError("SYS1517", site, "how many turns are collected is not known when compiling"));
    }
}
