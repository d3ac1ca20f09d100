package dev.systole.trainium.codegen.selection;

import dev.systole.ir.graph.Location;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.passes.PassException;
import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/** The tiles and steps of the code that selection is making: the one state that all its parts share. */
final class CodeBuilder {
    private final Target target;
    private final List<Tile> tiles = new ArrayList<>();
    private final List<VirtualCode.Step> steps = new ArrayList<>();
    private Location location = Location.COMPILER;
    private int nextTile;

    CodeBuilder(Target target) {
        this.target = target;
    }

    Target target() {
        return target;
    }

    /** A tile of the program. */
    void add(Tile tile) {
        tiles.add(tile);
        nextTile = Math.max(nextTile, tile.id() + 1);
    }

    /** What follows serves a node. */
    void at(Location node) {
        location = node;
    }

    void emit(Instruction instruction) {
        steps.add(new VirtualCode.Step(instruction, location));
    }

    /** A tile of its own for as many elements. */
    TileRef like(TileRef r, DType dtype) {
        return TileRef.of(fresh(dtype, r.partitions(), r.free()));
    }

    Tile fresh(DType dtype, int partitions, long free) {
        var tile = new Tile(nextTile++, false, dtype, partitions, free);
        tiles.add(tile);
        return tile;
    }

    PassException unsupported(String what, DType dtype) {
        return new PassException(
                "SYS3105 node " + location + ": no engine of " + target.name() + " computes " + what + " of " + dtype);
    }

    VirtualCode code(TileProgram program) {
        var touched = new HashSet<Integer>();
        steps.forEach(s -> Arrays.stream(s.tiles()).forEach(touched::add));
        var used = tiles.stream().filter(t -> touched.contains(t.id())).toList();
        return new VirtualCode(program.name(), program.contract(), program.buffers(), used, steps);
    }
}
