package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OperatorSchema.Kind;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.sy.Syntax.AttributeValue;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Calls of ONNX operators: one node each. */
final class OperatorCalls {
    private final Elaboration all;
    private final Scope scope;
    private final Expressions expressions;
    private final Operands operands;

    OperatorCalls(Elaboration all, Scope scope, Expressions expressions) {
        this.all = all;
        this.scope = scope;
        this.expressions = expressions;
        this.operands = new Operands(all.emission());
    }

    /**
     * Appends the node.
     *
     * @param inputs what the call's inputs stand for
     */
    Term call(String domain, String operator, Syntax.Call call, List<Optional<Term>> inputs, Wanted wanted) {
        var site = expressions.site(call.span());
        var signature = signature(domain, operator, site);
        var node = NodeProto.newBuilder().setDomain(domain).setOpType(operator);
        if (domain.isEmpty()) {
            node.clearDomain();
        }
        boolean known = true;
        for (var attribute : call.attributes()) {
            if (attribute.value() instanceof AttributeValue.Plain(var expression)) {
                var proto = plain(operator, attribute.name(), expression, signature);
                proto.ifPresent(node::addAttribute);
                known &= proto.isPresent();
            }
        }
        requireOnce(call.attributes());
        known &= inputs.stream().flatMap(Optional::stream).noneMatch(Term.Unknown.class::isInstance);
        if (!known) {
            return new Term.Unknown();
        }
        var flows = flows(call, inputs, signature);
        flows.forEach(f -> node.addInput(f.map(Term.Named::name).orElse("")));
        var graphs = new GraphAttributes(all, scope, node);
        for (var attribute : call.attributes()) {
            if (attribute.value() instanceof AttributeValue.OfGraph) {
                kind(operator, attribute.name(), signature, Kind.GRAPH);
            }
        }
        var taken = taken(operator, call, flows);
        if (taken.isPresent()) {
            return graphs.inline(taken.get(), wanted);
        }
        for (var attribute : call.attributes()) {
            if (attribute.value() instanceof AttributeValue.OfGraph(var graph)) {
                var proto = graphs.of(site, attribute.name(), graph);
                proto.ifPresent(node::addAttribute);
                known &= proto.isPresent();
            }
        }
        if (!known) {
            return new Term.Unknown();
        }
        var results = all.emission().node(site, node, wanted);
        return results.size() == 1 ? results.getFirst() : new Term.Several(results);
    }

    /** The branch of a condition that is known; the other one may well be wrong for these shapes. */
    private Optional<Syntax.Graph> taken(String operator, Syntax.Call call, List<Optional<Term.Named>> flows) {
        boolean chooses = operator.equals(GraphAttributes.IF) && flows.size() == 1;
        return flows.stream()
                .filter(f -> chooses)
                .flatMap(Optional::stream)
                .filter(Term.Flow.class::isInstance)
                .flatMap(f -> all.emission().known((Term.Flow) f).stream())
                .filter(t -> t.type().dtype() == DType.BOOL && t.type().shape().elements() == 1)
                .map(t -> Elements.readInteger(t.bytes(), 0, DType.BOOL) != 0 ? "then_branch" : "else_branch")
                .flatMap(branch -> call.attributes().stream()
                        .filter(a -> a.name().text().equals(branch))
                        .flatMap(a -> a.value() instanceof AttributeValue.OfGraph(var graph)
                                ? Stream.of(graph)
                                : Stream.empty()))
                .findFirst();
    }

    private Optional<Signature> signature(String domain, String operator, Site site) {
        int opset = all.emission().opset(domain);
        var signature = Signature.find(domain, operator, opset);
        if (signature.isEmpty() && domain.isEmpty()) {
            throw new SyError(
                    "SYS1507",
                    site,
                    "\"%s\" comes with version %d of the operators, the model has version %d"
                            .formatted(operator, Signature.since("", operator).orElseThrow(), opset));
        }
        return signature;
    }

    private void requireOnce(List<Syntax.Attribute> attributes) {
        var names = new HashSet<String>();
        for (var a : attributes) {
            if (!names.add(a.name().text())) {
                throw new SyError(
                        "SYS1507", expressions.site(a.name().span()), "attribute \"" + a.name() + "\" is given twice");
            }
        }
    }

    /** The kind of an attribute, if the operator is known, which may want only one kind. */
    private Optional<Kind> kind(String operator, Syntax.Name name, Optional<Signature> signature, Kind given) {
        var site = expressions.site(name.span());
        if (signature.isEmpty()) {
            return Optional.empty();
        }
        var kind = signature
                .get()
                .kind(name.text())
                .orElseThrow(() -> new SyError(
                        "SYS1503",
                        site,
                        "\"" + operator + "\" has no attribute \"" + name + "\"",
                        Suggestions.hint(name.text(), signature.get().attributes())));
        if ((kind == Kind.GRAPH) != (given == Kind.GRAPH)) {
            throw mismatch(operator, name, kind, given == Kind.GRAPH ? "a graph" : "an expression");
        }
        return Optional.of(kind);
    }

    private SyError mismatch(String operator, Syntax.Name name, Kind kind, String given) {
        return new SyError(
                "SYS1507",
                expressions.site(name.span()),
                "attribute \"%s\" of %s is %s, not %s".formatted(name, operator, Attributes.describe(kind), given));
    }

    /** An attribute that is an expression; empty if an error left it unknown, which is reported. */
    private Optional<AttributeProto> plain(
            String operator, Syntax.Name name, Syntax.Expression expression, Optional<Signature> signature) {
        try {
            var kind = kind(operator, name, signature, Kind.INT);
            var term = value(kind, expression);
            if (term instanceof Term.Unknown) {
                return Optional.empty();
            }
            var proto = Attributes.of(name.text(), kind, term);
            if (proto.isEmpty()) {
                throw mismatch(operator, name, kind.orElse(Kind.INT), term.describe());
            }
            return proto;
        } catch (SyError e) {
            all.faults().add(e.fault());
            return Optional.empty();
        }
    }

    /** Element types are whole numbers as attributes; tensors that the importer knows are constants. */
    private Term value(Optional<Kind> kind, Syntax.Expression expression) {
        if (kind.equals(Optional.of(Kind.INT))
                && expression instanceof Syntax.Variable(var name, var span)
                && scope.find(name).isEmpty()
                && Types.element(name).isPresent()) {
            return new Term.Whole(
                    Types.element(name).flatMap(OnnxTensors::number).orElseThrow());
        }
        var term = expressions.evaluate(expression);
        return term instanceof Term.Flow flow
                ? all.emission().known(flow).<Term>map(Term.Constant::new).orElse(flow)
                : term;
    }

    private List<Optional<Term.Named>> flows(
            Syntax.Call call, List<Optional<Term>> inputs, Optional<Signature> signature) {
        var types = inputs.stream().map(i -> i.flatMap(Term::dtype)).toList();
        var flows = new ArrayList<Optional<Term.Named>>();
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).isEmpty()) {
                flows.add(Optional.empty());
                continue;
            }
            var term = inputs.get(i).get();
            int at = i;
            var type = signature.map(s -> s.numberType(at, types, Operands.natural(term)));
            var span = call.inputs().get(i).orElseThrow().span();
            flows.add(Optional.of(operands.named(term, type, expressions.site(span))));
        }
        return flows;
    }
}
