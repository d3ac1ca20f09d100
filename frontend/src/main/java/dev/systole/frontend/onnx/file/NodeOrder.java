package dev.systole.frontend.onnx.file;

import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;

/**
 * Nodes behind those that they read. ONNX asks for that, but converters to 16 bits append the casts of inputs, and runtimes take such models.
 */
final class NodeOrder {
    private NodeOrder() {}

    /** The same model, its nodes in the order that they have if that does; those that wait for each other come last. */
    static ModelProto sorted(ModelProto model) {
        var graph = model.getGraph();
        var reads = reads(graph);
        boolean isSorted = true;
        for (int i = 0; i < reads.size() && isSorted; i++) {
            isSorted = reads.get(i).isEmpty() || reads.get(i).getLast() < i;
        }
        return isSorted
                ? model
                : model.toBuilder().setGraph(sorted(graph, reads)).build();
    }

    private static GraphProto sorted(GraphProto graph, List<TreeSet<Integer>> reads) {
        var readers = new ArrayList<List<Integer>>();
        reads.forEach(r -> readers.add(new ArrayList<>()));
        var missing = new int[reads.size()];
        var ready = new PriorityQueue<Integer>();
        for (int i = 0; i < reads.size(); i++) {
            missing[i] = reads.get(i).size();
            for (int from : reads.get(i)) {
                readers.get(from).add(i);
            }
            if (missing[i] == 0) {
                ready.add(i);
            }
        }
        var sorted = graph.toBuilder().clearNode();
        while (!ready.isEmpty()) {
            int next = ready.remove();
            sorted.addNode(graph.getNode(next));
            for (int reader : readers.get(next)) {
                if (--missing[reader] == 0) {
                    ready.add(reader);
                }
            }
        }
        for (int i = 0; i < missing.length; i++) {
            if (missing[i] > 0) {
                sorted.addNode(graph.getNode(i));
            }
        }
        return sorted.build();
    }

    /** For each node, those that it reads. */
    private static List<TreeSet<Integer>> reads(GraphProto graph) {
        var producers = new HashMap<String, Integer>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (var output : graph.getNode(i).getOutputList()) {
                producers.put(output, i);
            }
        }
        producers.remove("");
        return graph.getNodeList().stream()
                .map(n -> {
                    var reads = new TreeSet<Integer>();
                    addReads(n, producers, reads);
                    return reads;
                })
                .toList();
    }

    private static void addReads(NodeProto node, Map<String, Integer> producers, TreeSet<Integer> reads) {
        for (var input : node.getInputList()) {
            if (producers.containsKey(input)) {
                reads.add(producers.get(input));
            }
        }
        for (var attribute : node.getAttributeList()) {
            attribute.getG().getNodeList().forEach(n -> addReads(n, producers, reads));
            for (var output : attribute.getG().getOutputList()) {
                if (producers.containsKey(output.getName())) {
                    reads.add(producers.get(output.getName()));
                }
            }
        }
    }
}
