package dev.systole.ir.graph;

import dev.systole.ir.type.TensorType;

/** An SSA value. The id is unique within its graph; the printed form is {@code %id}. */
public record Value(int id, TensorType type) {
    @Override
    public String toString() {
        return "%" + id;
    }
}
