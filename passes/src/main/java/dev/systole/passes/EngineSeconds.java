package dev.systole.passes;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileRef;
import java.util.stream.Stream;

/** Estimates of how long statements keep engines busy, without overheads. */
final class EngineSeconds {
    private EngineSeconds() {}

    /** About how long the array, or Vector and Scalar Engine together, are busy; nothing for a transfer. */
    static double of(Statement s, Target target) {
        return switch (s) {
            case Statement.MatMul m ->
                m.moving().free()
                        * (m.moving().tile().dtype().bytes() == 4
                                ? target.tensor().fp32PassFactor()
                                : 1)
                        / target.tensor().clockHz();
            case Statement.Transpose t ->
                t.to().tile().psum() ? t.to().free() / target.tensor().clockHz() : 0;
            case Statement.Load l -> 0;
            case Statement.Store t -> 0;
            default ->
                Stream.concat(TileRewriter.writes(s).stream(), TileRewriter.reads(s).stream())
                                .mapToLong(TileRef::free)
                                .max()
                                .orElse(0)
                        / target.vector().clockHz()
                        / 2;
        };
    }

    /** True for what the array does. */
    static boolean isOfArray(Statement s) {
        return s instanceof Statement.MatMul
                || s instanceof Statement.Transpose t && t.to().tile().psum();
    }
}
