package dev.systole.trainium;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.passes.GraphPass;
import dev.systole.passes.PassException;
import dev.systole.passes.TilePass;
import dev.systole.passes.tiling.Tiling;
import dev.systole.trainium.codegen.Allocate;
import dev.systole.trainium.codegen.Schedule;
import dev.systole.trainium.codegen.Synchronise;
import dev.systole.trainium.codegen.selection.SelectInstructions;
import java.util.function.Function;

/** A pass as the pipeline holds it: from one level of the compiler to the same or another one. */
public record Stage(String name, Function<Level, Level> work) {

    static Stage of(GraphPass pass) {
        return new Stage(pass.name(), level -> new Level.OfGraph(pass.run(graph(level, pass.name()))));
    }

    static Stage of(TilePass pass) {
        return new Stage(pass.name(), level -> new Level.OfTiles(pass.run(tiles(level, pass.name()))));
    }

    static Stage of(Tiling pass) {
        return new Stage(pass.name(), level -> new Level.OfTiles(pass.run(graph(level, pass.name()))));
    }

    static Stage of(SelectInstructions pass) {
        return new Stage(pass.name(), level -> new Level.OfCode(pass.run(straightLine(level, pass.name()))));
    }

    static Stage of(Schedule pass) {
        return new Stage(pass.name(), level -> switch (level) {
            case Level.OfCode(var code) -> new Level.OfCode(pass.run(code));
            default -> throw wrong(pass.name(), "code", level);
        });
    }

    static Stage of(Allocate pass) {
        return new Stage(pass.name(), level -> switch (level) {
            case Level.OfCode(var code) -> new Level.OfAddresses(pass.run(code));
            default -> throw wrong(pass.name(), "code", level);
        });
    }

    static Stage of(Synchronise pass) {
        return new Stage(pass.name(), level -> switch (level) {
            case Level.OfAddresses(var allocation) -> new Level.OfProgram(pass.run(allocation));
            default -> throw wrong(pass.name(), "allocated", level);
        });
    }

    private static Graph graph(Level level, String pass) {
        return switch (level) {
            case Level.OfGraph(var graph) -> graph;
            default -> throw wrong(pass, "graph", level);
        };
    }

    private static TileProgram tiles(Level level, String pass) {
        return switch (level) {
            case Level.OfTiles(var tiles) -> tiles;
            default -> throw wrong(pass, "tiles", level);
        };
    }

    /** Tiles without loops. */
    private static TileProgram straightLine(Level level, String pass) {
        var tiles = tiles(level, pass);
        if (tiles.body().stream().anyMatch(Statement.For.class::isInstance)) {
            throw new PassException("SYS3009 pass %s takes tiles without loops; apply unroll first".formatted(pass));
        }
        return tiles;
    }

    private static PassException wrong(String pass, String takes, Level level) {
        return new PassException("SYS3006 pass %s takes a dump of level %s, this one is of level %s"
                .formatted(pass, takes, level.name()));
    }
}
