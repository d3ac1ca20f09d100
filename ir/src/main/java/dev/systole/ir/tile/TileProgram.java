package dev.systole.ir.tile;

import java.util.List;

/** A model as loops over tiles. */
public record TileProgram(String name, List<Buffer> buffers, List<Statement> body) {
    public TileProgram {
        buffers = List.copyOf(buffers);
        body = List.copyOf(body);
    }

    /** The printed form, see {@link TilePrinter}. */
    @Override
    public String toString() {
        return TilePrinter.print(this);
    }
}
