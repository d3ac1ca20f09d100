package dev.systole.cli.conformance;

import dev.systole.frontend.onnx.proto.GraphProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which inputs of a model may be bound when it is compiled: those that only positions of {@code bindable.txt} read. */
final class Bindable {
    private static final String RESOURCE = "bindable.txt";
    private static final Map<String, Set<Integer>> POSITIONS = read();

    private Bindable() {}

    private static Map<String, Set<Integer>> read() {
        try (var in = Bindable.class.getResourceAsStream(RESOURCE)) {
            var positions = new HashMap<String, Set<Integer>>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .forEach(l -> {
                        var words = l.split(" ");
                        var set = positions.computeIfAbsent(words[0], k -> new HashSet<>());
                        for (int i = 1; i < words.length; i++) {
                            set.add(Integer.valueOf(words[i]));
                        }
                    });
            return positions;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the inputs that may be bound. */
    static Set<String> of(GraphProto graph) {
        var bindable = new HashSet<String>();
        var data = new HashSet<String>();
        collect(graph, bindable, data);
        bindable.removeAll(data);
        return bindable;
    }

    private static void collect(GraphProto graph, Set<String> bindable, Set<String> data) {
        for (var node : graph.getNodeList()) {
            var positions = POSITIONS.getOrDefault(node.getOpType(), Set.of());
            for (int i = 0; i < node.getInputCount(); i++) {
                (positions.contains(i) ? bindable : data).add(node.getInput(i));
            }
            node.getAttributeList().forEach(a -> collect(a.getG(), bindable, data));
        }
        graph.getOutputList().forEach(o -> data.add(o.getName()));
    }
}
