package dev.systole.cli;

import dev.systole.ir.target.Target;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.passes.AssignPrecision.AutoCast;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command that runs passes. */
class TargetOptions {
    @Option(
            names = "--target",
            paramLabel = "TARGET",
            defaultValue = "trn2",
            description = "trn1, inf2, trn2, trn3 or a target file (default: ${DEFAULT-VALUE})")
    String target;

    @Option(
            names = "--auto-cast",
            paramLabel = "none|matmult|all",
            defaultValue = "none",
            description = "which f32 operations may run in a narrower type (default: ${DEFAULT-VALUE})")
    AutoCast autoCast;

    @Option(
            names = "--auto-cast-type",
            paramLabel = "bf16|fp16|tf32",
            defaultValue = "bf16",
            description = "the narrower type (default: ${DEFAULT-VALUE})",
            converter = CastTypeConverter.class)
    DType autoCastType;

    /** Reads the names that the compiler of AWS uses. */
    static final class CastTypeConverter implements ITypeConverter<DType> {
        @Override
        public DType convert(String text) {
            return switch (text) {
                case "bf16" -> DType.BF16;
                case "fp16" -> DType.F16;
                case "tf32" -> DType.TF32;
                default -> throw new TypeConversionException("'" + text + "' is not bf16, fp16 or tf32");
            };
        }
    }

    final Target loadTarget() {
        return Targets.load(target);
    }

    /** The target with a name that a text has: the one that the options name, or a built-in one. */
    final Target named(String name) {
        var given = loadTarget();
        return given.name().equals(name) ? given : Targets.load(name);
    }
}
