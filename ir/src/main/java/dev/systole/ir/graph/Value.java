package dev.systole.ir.graph;

import dev.systole.ir.type.TensorType;

/** An SSA value. The id is unique within its graph; the printed form is {@code %id}. */
public record Value(int id, TensorType type) {
    /** Of the id alone, so that sets have the same order in every run; an enum hashes otherwise in each. */
    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public String toString() {
        return "%" + id;
    }
}
