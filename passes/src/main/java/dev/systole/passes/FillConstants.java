package dev.systole.passes;

import dev.systole.ir.number.Elements;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.type.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Afterwards what would be loaded of constants that are one number throughout is filled on chip: weights that a model gives as a shape and a
 * number would come number by number. Such constants are gone from the program.
 */
public final class FillConstants implements TilePass {
    @Override
    public String name() {
        return "fill-constants";
    }

    @Override
    public TileProgram run(TileProgram program) {
        Map<Buffer, OptionalDouble> numbers = new HashMap<>();
        var body = program.body().stream()
                .map(s ->
                        s instanceof Statement.Load load ? filled(load, numbers).orElse(s) : s)
                .toList();
        var gathered = program.body().stream()
                .filter(Statement.GatherRows.class::isInstance)
                .map(s -> ((Statement.GatherRows) s).from().buffer())
                .collect(Collectors.toSet());
        var buffers = program.buffers().stream()
                .filter(b -> gathered.contains(b)
                        || numbers.getOrDefault(b, OptionalDouble.empty()).isEmpty())
                .toList();
        return new TileProgram(program.name(), program.contract(), buffers, body);
    }

    private static Optional<Statement> filled(Statement.Load load, Map<Buffer, OptionalDouble> numbers) {
        var number = numbers.computeIfAbsent(load.from().buffer(), FillConstants::number);
        return number.isPresent()
                ? Optional.of(new Statement.Fill(load.to(), number.getAsDouble(), load.location()))
                : Optional.empty();
    }

    /** The finite number that all elements of a constant are. */
    private static OptionalDouble number(Buffer buffer) {
        if (!(buffer.role() instanceof Buffer.Role.Constant(Tensor value))
                || !value.type().dtype().isFloat()
                || value.type().dtype().bits() < 8
                || value.type().shape().elements() == 0) {
            return OptionalDouble.empty();
        }
        var bytes = value.bytes();
        long element = value.type().dtype().bytes();
        long rest = bytes.byteSize() - element;
        double first = Elements.readDouble(bytes, 0, value.type().dtype());
        boolean isUniform = bytes.asSlice(0, rest).mismatch(bytes.asSlice(element, rest)) == -1;
        return isUniform && Double.isFinite(first) ? OptionalDouble.of(first) : OptionalDouble.empty();
    }
}
