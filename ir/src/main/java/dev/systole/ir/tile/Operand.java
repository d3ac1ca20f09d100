package dev.systole.ir.tile;

/** What an elementwise statement reads: elements of a tile, or one constant for all elements. */
public sealed interface Operand permits TileRef, Operand.Immediate {
    /** The same value for every element. */
    record Immediate(double value) implements Operand {
        @Override
        public String toString() {
            return Double.toString(value);
        }
    }
}
