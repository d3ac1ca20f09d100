package dev.systole.passes;

import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Afterwards the program is one straight line: every loop is written out, every offset is a constant, and every tile that a
 * loop body allocates is a tile of its own in each iteration.
 *
 * @param mostStatements the longest line that is still written out
 */
public record Unroll(int mostStatements) implements TilePass {
    @Override
    public String name() {
        return "unroll";
    }

    /** @throws PassException if the line would be longer than the limit */
    @Override
    public TileProgram run(TileProgram program) {
        var line = new Line();
        line.append(program.body(), new HashMap<>(), new HashMap<>());
        return new TileProgram(program.name(), program.contract(), program.buffers(), line.statements);
    }

    private final class Line {
        private final List<Statement> statements = new ArrayList<>();
        private int nextTile;

        private void append(List<Statement> body, Map<Integer, Long> variables, Map<Integer, Tile> tiles) {
            for (var s : body) {
                if (statements.size() > mostStatements) {
                    throw new PassException("SYS3104 the model needs more than " + mostStatements
                            + " tile statements written out; compile it with a smaller batch or sequence length");
                }
                switch (s) {
                    case Statement.For f -> {
                        for (long i = 0; i < f.count(); i++) {
                            variables.put(f.variable(), i);
                            append(f.body(), variables, tiles);
                        }
                        variables.remove(f.variable());
                    }
                    case Statement.Alloc(var t, var at) -> {
                        var fresh = new Tile(nextTile++, t.psum(), t.dtype(), t.partitions(), t.free());
                        tiles.put(t.id(), fresh);
                        statements.add(new Statement.Alloc(fresh, at));
                    }
                    default ->
                        statements.add(TileRewriter.map(
                                s,
                                r -> new TileRef(
                                        tiles.get(r.tile().id()),
                                        r.startPartition(),
                                        r.partitions(),
                                        constant(r.offset(), variables),
                                        r.dims()),
                                r -> new BufferRef(r.buffer(), constant(r.offset(), variables), r.dims()),
                                a -> constant(a, variables)));
                }
            }
        }

        private static Affine constant(Affine a, Map<Integer, Long> variables) {
            return a.isConstant() ? a : Affine.of(a.at(variables));
        }
    }
}
