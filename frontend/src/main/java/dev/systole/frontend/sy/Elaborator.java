package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.States;
import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.OperatorSetIdProto;
import dev.systole.frontend.sy.Syntax.Statement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes an ONNX model of a model in the language. Mutable: one elaboration. */
final class Elaborator {
    /** The version of the ONNX operators where a model says none. */
    static final int OPSET = 21;

    private static final int IR_VERSION = 10;

    private final Syntax.Model model;
    private final Faults faults;
    private final Elaboration all;
    private final Scope head = Scope.outermost(new Frame("", "", Optional.empty(), new FreeNames()));
    private final Types types;
    private final Map<Syntax.Name, Scope.Variable> outputs = new LinkedHashMap<>();

    Elaborator(SyFile file) {
        this.model = file.model();
        this.faults = new Faults(file.source());
        var directory = Optional.ofNullable(file.path().getParent()).orElse(Path.of(""));
        var budget = new Budget(faults);
        this.all = new Elaboration(
                new HashMap<>(),
                faults,
                new Emission(opsets(model), directory, budget),
                new Parameters(directory, budget),
                budget,
                new ArrayList<>());
        this.types = new Types(head, new Expressions(all, head));
        file.functions().forEach(this::function);
    }

    /** The statements that the model begins with, as far as they say versions. */
    private static List<Syntax.Opset> leading(Syntax.Model model) {
        return model.body().stream()
                .takeWhile(Syntax.Opset.class::isInstance)
                .map(Syntax.Opset.class::cast)
                .toList();
    }

    private static Map<String, Integer> opsets(Syntax.Model model) {
        var opsets = new HashMap<>(Map.of("", OPSET));
        leading(model).forEach(o -> opsets.put(o.domain(), (int) Math.min(o.version(), Integer.MAX_VALUE)));
        return opsets;
    }

    private Site site(Span span) {
        return new Site(span, head.frame());
    }

    private void fault(String code, Span span, String message) {
        faults.add(new Fault(code, span, message));
    }

    private void function(Syntax.Function function) {
        var name = function.name();
        if (Calls.isReserved(name.text())) {
            fault("SYS1504", name.span(), "\"" + name + "\" means something already; call the function otherwise");
        } else if (all.functions().putIfAbsent(name.text(), function) != null) {
            fault("SYS1504", name.span(), "there is a function \"" + name + "\" already");
        }
        requireDistinct(function.parameters());
    }

    private void requireDistinct(List<Syntax.Parameter> parameters) {
        var names = new HashSet<String>();
        for (var p : parameters) {
            if (!names.add(p.name().text())) {
                fault("SYS1504", p.name().span(), "\"" + p.name() + "\" stands here a second time");
            }
        }
    }

    /** @throws SyException with all errors, if there are any */
    ModelProto elaborate(Bindings bindings) {
        try {
            var all = new ArrayList<>(model.inputs());
            all.addAll(model.outputs());
            requireDistinct(all);
            new ModelInputs(this.all, head, model.inputs(), bindings).declare();
            model.outputs().forEach(this::declareOutput);
            body();
            finish();
        } catch (SyError e) {
            faults.add(e.fault());
        }
        faults.check();
        return proto();
    }

    private void declareOutput(Syntax.Parameter output) {
        var name = all.emission().free(output.name().text());
        var role = new Scope.Role.Output(name, output.type(), types);
        outputs.put(output.name(), head.declare(output.name().text(), role, Optional.empty()));
    }

    /** Weights are known before the first parameter, wherever the model names them. */
    private void body() {
        var rest = new ArrayList<Statement>();
        var leading = leading(model);
        leading.forEach(this::requireKnown);
        for (var statement : model.body().subList(leading.size(), model.body().size())) {
            switch (statement) {
                case Syntax.Weights(var file, var span) -> weights(file);
                case Statement other -> rest.add(other);
            }
        }
        new Statements(all, head.block(head.frame())).run(rest);
    }

    private void requireKnown(Syntax.Opset opset) {
        int newest = OperatorSchemas.newest(opset.domain());
        if (opset.version() < 1 || opset.version() > newest) {
            fault(
                    "SYS1507",
                    opset.span(),
                    "versions 1 to %d of the operators%s are known"
                            .formatted(newest, opset.domain().isEmpty() ? "" : " of " + opset.domain()));
        }
    }

    private void weights(Syntax.Text file) {
        try {
            all.parameters().weights(site(file.span()), file.value());
        } catch (SyError e) {
            faults.add(e.fault());
        }
    }

    private void finish() {
        outputs.forEach((name, variable) -> {
            switch (variable.value().orElseGet(() -> unassigned(name))) {
                case Term.Named value -> all.emission().output(site(name.span()), outputName(variable), value);
                case Term other -> {}
            }
        });
        for (var state : all.states()) {
            var value = state.variable().value().orElseThrow();
            if (value.equals(state.input())) {
                fault(
                        "SYS1513",
                        state.site().span(),
                        "state \"" + state.input().name() + "\" is never assigned its next value");
            } else if (value instanceof Term.Flow flow) {
                all.emission().output(state.site(), state.next(), flow);
            }
        }
    }

    private Term unassigned(Syntax.Name name) {
        fault("SYS1513", name.span(), "output \"" + name + "\" is never assigned");
        return new Term.Unknown();
    }

    private static String outputName(Scope.Variable variable) {
        return ((Scope.Role.Output) variable.role()).name();
    }

    private ModelProto proto() {
        var proto = ModelProto.newBuilder().setIrVersion(IR_VERSION).setProducerName("systole");
        all.emission()
                .domains()
                .forEach(domain -> proto.addOpsetImport(OperatorSetIdProto.newBuilder()
                        .setDomain(domain)
                        .setVersion(all.emission().opset(domain))));
        all.states()
                .forEach(s -> proto.addMetadataProps(States.metadata(s.input().name(), s.next())));
        return proto.setGraph(all.emission().finish(model.name().text())).build();
    }
}
