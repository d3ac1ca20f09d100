package dev.systole.ir.tile;

import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;

/**
 * A linear run of elements in HBM.
 *
 * @param id unique in its program; printed as {@code @id}
 * @param name of the model's input or output, or of the value that it holds
 * @param dtype element type as it lies in memory, a {@link DType#carrier}
 * @param elements number of elements
 */
public record Buffer(int id, String name, DType dtype, long elements, Role role) {
    /** Why a buffer exists. */
    public sealed interface Role {
        /** Filled by the host: position among the model's inputs, and the type there. */
        record Input(int position, TensorType type) implements Role {}

        /** Read by the host: position among the model's outputs, and the type there. */
        record Output(int position, TensorType type) implements Role {}

        /** Holds these bytes from the start; the tensor has the buffer's element type. */
        record Constant(Tensor value) implements Role {}

        /** Holds an intermediate value. */
        record Scratch() implements Role {}
    }

    public long bytes() {
        return dtype.bytesFor(elements);
    }

    /** Of the id alone, so that sets have the same order in every run; an enum hashes otherwise in each. */
    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public String toString() {
        return "@" + id;
    }
}
