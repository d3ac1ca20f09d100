package dev.systole.cli.conformance;

import dev.systole.cli.conformance.Flow.Step;
import dev.systole.frontend.onnx.proto.ModelProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which inputs of a model may be bound when it is compiled: those that only positions of {@code bindable.txt} read, and those of a few numbers
 * that reach such a position by arithmetic and do not meet data on the way.
 */
public final class Bindable {
    /** Elements of the longest list of sizes: two for each of eight dimensions. */
    private static final long FEW = 16;

    private static final String RESOURCE = "bindable.txt";
    private static final String ARITHMETIC = "arithmetic";
    private static final Map<String, List<String>> TABLE = read();

    private final Flow flow;
    private final Set<String> candidates;

    private Bindable(Flow flow, Set<String> candidates) {
        this.flow = flow;
        this.candidates = candidates;
    }

    private static Map<String, List<String>> read() {
        try (var in = Bindable.class.getResourceAsStream(RESOURCE)) {
            var table = new HashMap<String, List<String>>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .map(l -> List.of(l.split(" ")))
                    .forEach(words -> table.put(words.getFirst(), words.subList(1, words.size())));
            return table;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isListed(Step step, int input) {
        return TABLE.getOrDefault(step.operator(), List.of()).contains(Integer.toString(input));
    }

    /** True for steps whose results are small where their operands are. */
    private static boolean isArithmetic(Step step) {
        return TABLE.get(ARITHMETIC).contains(step.operator())
                || step.operator().equals(Flow.LINK)
                || step.operator().equals(Flow.CHOICE);
    }

    /**
     * Names of the inputs that may be bound.
     *
     * @param elements of the inputs that are numbers or lists of numbers, by name
     */
    static Set<String> of(ModelProto model, Map<String, Long> elements) {
        var flow = Flow.of(model);
        var candidates = new HashSet<String>();
        var listed = new HashSet<String>();
        for (var input : model.getGraph().getInputList()) {
            var name = input.getName();
            if (elements.getOrDefault(name, Long.MAX_VALUE) <= FEW) {
                candidates.add(name);
            }
            if (isOnlyListed(flow, name)) {
                listed.add(name);
            }
        }
        candidates.addAll(listed);
        boolean changed = true;
        while (changed) {
            var rules = new Bindable(flow, candidates);
            var data = rules.data();
            var large = rules.large(data);
            changed = candidates.removeIf(c -> !listed.contains(c) && !rules.decides(c, data, large));
        }
        return candidates;
    }

    private static boolean isOnlyListed(Flow flow, String name) {
        boolean read = false;
        for (var step : flow.steps()) {
            for (int i = 0; i < step.inputs().size(); i++) {
                if (step.inputs().get(i).equals(name)) {
                    if (!isListed(step, i)) {
                        return false;
                    }
                    read = true;
                }
            }
        }
        return read;
    }

    /**
     * Names of the inputs that decide a shape, a count or which branch of an If is taken, and nothing beside them does: a model may need
     * their values to be compiled.
     *
     * @param elements of the inputs that are whole numbers, truths or lists of them, by name
     */
    public static Set<String> deciding(ModelProto model, Map<String, Long> elements) {
        var deciding = of(model, elements);
        var flow = Flow.of(model);
        var few = new HashSet<>(elements.keySet());
        few.removeIf(name -> elements.get(name) > FEW);
        var rules = new Bindable(flow, few);
        var conditions = new HashSet<>(flow.conditions());
        conditions.removeAll(rules.data());
        for (var name : few) {
            var derived = new HashSet<>(Set.of(name));
            rules.spread(derived);
            if (conditions.stream().anyMatch(derived::contains)) {
                deciding.add(name);
            }
        }
        return deciding;
    }

    /** What is not computed of the candidates, of constants and of shapes alone. */
    private Set<String> data() {
        var data = new HashSet<String>();
        flow.steps().forEach(s -> data.addAll(s.inputs()));
        flow.steps().forEach(s -> data.removeAll(s.outputs()));
        data.removeAll(flow.constants().keySet());
        data.removeAll(flow.counters());
        data.removeAll(candidates);
        data.remove("");
        spread(data);
        return data;
    }

    /** What is data, or more than a few numbers. */
    private Set<String> large(Set<String> data) {
        var large = new HashSet<>(data);
        flow.constants().forEach((name, elements) -> {
            if (elements > FEW) {
                large.add(name);
            }
        });
        flow.steps().stream()
                .filter(s -> !isArithmetic(s) && !s.operator().equals("Constant"))
                .forEach(s -> large.addAll(s.outputs()));
        spread(large);
        return large;
    }

    /** Adds what is computed of names, until nothing is. */
    private void spread(Set<String> names) {
        boolean grown = true;
        while (grown) {
            grown = false;
            for (var step : flow.steps()) {
                grown |= step.inputs().stream().anyMatch(names::contains) && names.addAll(step.outputs());
            }
        }
    }

    /** True if what is computed of an input reaches a listed position, and nothing but arithmetic with known values before. */
    private boolean decides(String input, Set<String> data, Set<String> large) {
        var derived = new HashSet<>(Set.of(input));
        boolean reaches = false;
        boolean grown = true;
        while (grown) {
            grown = false;
            for (var step : flow.steps()) {
                var reads = IntStream.range(0, step.inputs().size())
                        .filter(i -> derived.contains(step.inputs().get(i)))
                        .toArray();
                boolean isData = IntStream.of(reads).anyMatch(i -> !isListed(step, i));
                reaches |= IntStream.of(reads).anyMatch(i -> isListed(step, i));
                if (!isData) {
                    continue;
                }
                if (step.inputs().stream().anyMatch(data::contains)
                        || !isArithmetic(step) && !step.operator().equals(Flow.STACK)) {
                    return false;
                }
                if (step.outputs().stream().noneMatch(large::contains)) {
                    grown |= derived.addAll(step.outputs());
                }
            }
        }
        return reaches;
    }
}
