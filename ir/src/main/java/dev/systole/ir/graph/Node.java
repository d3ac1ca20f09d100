package dev.systole.ir.graph;

import dev.systole.ir.type.TensorType;
import java.util.List;

/** One operation: an operator, the values it reads, the values it defines, and where it comes from. */
public record Node(Op op, List<Value> inputs, List<Value> outputs, Location location) {
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    public Value input(int i) {
        return inputs.get(i);
    }

    /**
     * The single result.
     *
     * @throws IllegalStateException if the operator has more than one
     */
    public Value output() {
        if (outputs.size() != 1) {
            throw new IllegalStateException(op.mnemonic() + " has " + outputs.size() + " results");
        }
        return outputs.getFirst();
    }

    /** Type of the first result. */
    public TensorType type() {
        return outputs.getFirst().type();
    }
}
