package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;

/** What a name of a model stands for while it is imported. Sequences and optionals dissolve: only tensors reach the graph. */
public sealed interface OnnxValue {
    /** A tensor. */
    record OfTensor(Value value) implements OnnxValue {}

    /**
     * A sequence whose length is known.
     *
     * @param dtype element type of its tensors
     */
    record OfSequence(DType dtype, List<Value> values) implements OnnxValue {
        public OfSequence {
            values = List.copyOf(values);
        }
    }

    /** An optional of which it is known whether it holds something. */
    record OfOptional(Optional<OnnxValue> content) implements OnnxValue {}

    /** The type as the operator specification names it: {@code f32}, {@code seq(f32)}, {@code optional(...)}; empty if nothing is known of it. */
    default String type() {
        return switch (this) {
            case OfTensor(var value) -> value.type().dtype().toString();
            case OfSequence(var dtype, var values) -> "seq(" + dtype + ")";
            case OfOptional(var content) ->
                content.map(c -> "optional(" + c.type() + ")").orElse("");
        };
    }
}
