package dev.systole.passes.tiling;

import dev.systole.ir.graph.Value;

/**
 * What a region of rows reads or writes.
 *
 * @param value in the region's body
 * @param packing elements in a byte if they lie packed; else 1
 */
record RowOperand(Value value, Source source, int packing) {
    int bytes() {
        return source.buffer().dtype().bytes();
    }
}
