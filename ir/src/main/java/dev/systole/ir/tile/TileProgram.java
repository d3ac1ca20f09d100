package dev.systole.ir.tile;

import dev.systole.ir.graph.Contract;
import java.util.List;

/**
 * A model as loops over tiles.
 *
 * @param contract what else callers must know of the inputs and outputs
 */
public record TileProgram(String name, Contract contract, List<Buffer> buffers, List<Statement> body) {
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
