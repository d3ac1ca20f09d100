package dev.systole.frontend.onnx;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.operator.OnnxNode;
import dev.systole.frontend.onnx.operator.Operators;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Adds nodes to a graph, one after the other, with the values that names stand for so far. Mutable. */
public final class NodeImporter {
    private final GraphBuilder builder;
    private final ToIntFunction<String> opsets;
    private final Path directory;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<Value, Tensor> constants = new HashMap<>();

    /**
     * @param builder where operations go
     * @param opsets version of an operator set by its domain
     * @param directory that external data lies in
     */
    public NodeImporter(GraphBuilder builder, ToIntFunction<String> opsets, Path directory) {
        this.builder = builder;
        this.opsets = opsets;
        this.directory = directory;
    }

    /** Where a node comes from, as dumps and messages say it. */
    public static Location location(NodeProto node) {
        var name = !node.getName().isEmpty() ? node.getName() : node.getOutputCount() > 0 ? node.getOutput(0) : "";
        return new Location(name, node.getOpType());
    }

    /** Lets a name stand for a value. */
    public void define(String name, Value value) {
        values.put(name, value);
    }

    /** Lets a name stand for a value that is known. */
    public void constant(String name, Tensor tensor) {
        var v = builder.at(Location.COMPILER).constant(tensor);
        constants.put(v, tensor);
        values.put(name, v);
    }

    /** What a name stands for. */
    public Optional<Value> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** What a value is, if it is known while importing. */
    public Optional<Tensor> known(Value value) {
        return Optional.ofNullable(constants.get(value));
    }

    /**
     * Adds a node and defines its outputs.
     *
     * @throws FrontendException if the operator is not supported, or its operands or attributes do not fit
     */
    public void build(NodeProto node) {
        var at = location(node);
        var rule = Operators.find(node.getDomain(), node.getOpType())
                .orElseThrow(() -> new FrontendException("SYS1201", "node " + at + " is not supported"));
        var inputs = new ArrayList<Optional<Value>>();
        for (var name : node.getInputList()) {
            var v = name.isEmpty() ? Optional.<Value>empty() : value(name);
            if (v.isEmpty() && !name.isEmpty()) {
                throw new FrontendException(
                        "SYS1205", "node " + at + " reads \"" + name + "\", which nothing before it defines");
            }
            inputs.add(v);
        }
        builder.at(at);
        var onnx = new OnnxNode(builder, constants, node, inputs, opsets.applyAsInt(node.getDomain()), directory);
        List<Value> results;
        try {
            results = rule.build(onnx);
        } catch (GraphException | IllegalArgumentException | ArithmeticException e) {
            throw new FrontendException("SYS1204", "node " + at + ": " + e.getMessage());
        } catch (FrontendException e) {
            var parts = e.getMessage().split(" ", 2);
            throw parts[0].equals("SYS1204") ? new FrontendException(parts[0], "node " + parts[1]) : e;
        }
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (node.getOutput(i).isEmpty()) {
                continue;
            }
            if (i >= results.size()) {
                throw new FrontendException("SYS1204", "node " + at + ": output " + i + " is not supported");
            }
            values.put(node.getOutput(i), results.get(i));
        }
    }
}
