package dev.systole.passes;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;

/**
 * Afterwards an fp32 row that all partitions of a tile get is loaded into one partition, and TensorE spreads it, as a product with ones, in a
 * straight-line program that waits for its transfers: a transfer moves such a row once for each partition. Programs whose engines have
 * nearly as much to do are left alone.
 */
public record SpreadRows(Target target) implements TilePass {
    /** Seconds of transfers for one of the busiest engine from which on a program waits for them. */
    private static final double WAITING = 2.5;

    /** Partitions from which on a row is worth a product and a copy. */
    private static final int MANY_PARTITIONS = 64;

    @Override
    public String name() {
        return "spread-rows";
    }

    @Override
    public TileProgram run(TileProgram program) {
        if (!waitsForTransfers(program.body())
                || program.body().stream().noneMatch(s -> spread(s).isPresent())) {
            return program;
        }
        var after = new Spreading(target, program.body());
        for (var s : program.body()) {
            spread(s).ifPresentOrElse(after::spread, () -> after.add(s));
        }
        return new TileProgram(program.name(), program.contract(), program.buffers(), after.body());
    }

    private boolean waitsForTransfers(List<Statement> body) {
        double array = 0;
        double others = 0;
        double transfers = 0;
        for (var s : body) {
            double seconds = EngineSeconds.of(s, target);
            array += EngineSeconds.isOfArray(s) ? seconds : 0;
            others += EngineSeconds.isOfArray(s) ? 0 : seconds;
            transfers += switch (s) {
                case Statement.Load(var to, var from, var at) -> seconds(from);
                case Statement.Store(var to, var from, var at) -> seconds(to);
                default -> 0;
            };
        }
        return transfers > WAITING * Math.max(array, others);
    }

    private double seconds(BufferRef r) {
        long elements = r.dims().stream().mapToLong(Dim::size).reduce(1, (a, b) -> a * b);
        return elements * r.buffer().dtype().bits() / 8.0 / target.dma().bytesPerSecondPerCore();
    }

    /** A load of one row into many partitions. */
    private Optional<Statement.Load> spread(Statement s) {
        return s instanceof Statement.Load load
                        && load.from().dims().getFirst().stride() == 0
                        && load.from().isRowByRow(load.to().partitions())
                        && load.from().dims().getFirst().size() >= MANY_PARTITIONS
                        && load.from().dims().getFirst().size()
                                <= target.tensor().maxStationaryFree()
                        && load.from().buffer().dtype() == DType.F32
                        && load.to().equals(TileRef.of(load.to().tile()))
                        && load.to().tile().dtype() == DType.F32
                ? Optional.of(load)
                : Optional.empty();
    }
}
