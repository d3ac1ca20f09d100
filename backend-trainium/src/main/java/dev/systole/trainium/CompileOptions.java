package dev.systole.trainium;

import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.passes.AssignPrecision.AutoCast;
import java.util.function.BiConsumer;

/**
 * How to compile.
 *
 * @param autoCast which f32 operations may run in {@code autoCastType}
 * @param dump receives the name of each pass and its result; see {@link #withoutDump}
 */
public record CompileOptions(Target target, AutoCast autoCast, DType autoCastType, BiConsumer<String, Level> dump) {
    /** Nothing is dumped. */
    public static CompileOptions withoutDump(Target target, AutoCast autoCast, DType type) {
        return new CompileOptions(target, autoCast, type, (pass, ir) -> {});
    }
}
