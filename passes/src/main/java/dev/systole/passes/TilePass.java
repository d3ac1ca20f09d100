package dev.systole.passes;

import dev.systole.ir.tile.TileProgram;

/** A rewriting of tile programs. */
public interface TilePass {
    /** Name in kebab case, as the command line and dumps print it. */
    String name();

    TileProgram run(TileProgram program);
}
