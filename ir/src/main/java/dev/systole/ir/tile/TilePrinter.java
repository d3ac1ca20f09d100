package dev.systole.ir.tile;

import dev.systole.ir.graph.Location;
import dev.systole.ir.text.Literals;
import dev.systole.ir.text.Scanner;
import java.util.List;

/**
 * The printed form of a tile program: the buffers, then a statement a line with loops indented, each group of statements
 * headed by the model node that it serves. {@link TileParser} reads the form.
 */
public final class TilePrinter {
    private final StringBuilder out = new StringBuilder();
    private Location last = Location.COMPILER;

    private TilePrinter() {}

    public static String print(TileProgram program) {
        var p = new TilePrinter();
        p.out.append("tiles ").append(Scanner.quoted(program.name())).append(" {\n");
        p.out.append(program.contract().lines("  "));
        program.buffers().forEach(b -> p.out.append("  ").append(text(b)).append('\n'));
        p.statements(program.body(), "  ");
        return p.out.append("}\n").toString();
    }

    /** A buffer, as in {@code @0 = input 0 f32[1,128,384] "x" : f32[49152]}. */
    public static String text(Buffer b) {
        var literal = b.role() instanceof Buffer.Role.Constant(var value) ? " {" + Literals.print(value) + "}" : "";
        return "%s = %s %s : %s[%d]%s"
                .formatted(b, role(b.role()), Scanner.quoted(b.name()), b.dtype(), b.elements(), literal);
    }

    private static String role(Buffer.Role role) {
        return switch (role) {
            case Buffer.Role.Input(var position, var type) -> "input " + position + " " + type;
            case Buffer.Role.Output(var position, var type) -> "output " + position + " " + type;
            case Buffer.Role.Constant c -> "constant";
            case Buffer.Role.Scratch s -> "scratch";
        };
    }

    private void statements(List<Statement> body, String indent) {
        for (var s : body) {
            if (!s.location().equals(last)) {
                out.append(indent)
                        .append("// ")
                        .append(Scanner.escaped(s.location().toString()))
                        .append('\n');
                last = s.location();
            }
            out.append(indent).append(text(s));
            if (s instanceof Statement.For f) {
                out.append(" {\n");
                statements(f.body(), indent + "  ");
                out.append(indent).append('}');
            }
            out.append('\n');
        }
    }

    /** One statement without its body. */
    public static String text(Statement s) {
        return switch (s) {
            case Statement.For f -> "for i%d in 0..%d".formatted(f.variable(), f.count());
            case Statement.Alloc(var t, var at) ->
                "%s = %s %s[%d, %d]".formatted(t, t.psum() ? "psum" : "sbuf", t.dtype(), t.partitions(), t.free());
            case Statement.Load(var to, var from, var at) -> to + " = load " + from;
            case Statement.Store(var to, var from, var at) -> to + " = store " + from;
            case Statement.GatherRows g ->
                "%s = gather_rows %s, %s {row: %d, rows: %d}"
                        .formatted(g.to(), g.from(), g.index(), g.rowStride(), g.rows());
            case Statement.ScatterRows g ->
                "%s = scatter_rows %s, %s {row: %d, rows: %d}"
                        .formatted(g.to(), g.from(), g.index(), g.rowStride(), g.rows());
            case Statement.GatherElements(var to, var from, var index, var at) ->
                to + " = gather_elements " + from + ", " + index;
            case Statement.Fill(var to, var value, var at) -> to + " = fill " + value;
            case Statement.Iota i ->
                "%s = iota {base: %d, channel: %d, steps: %s}"
                        .formatted(i.to(), i.base(), i.channelMultiplier(), i.steps());
            case Statement.Copy(var to, var from, var at) -> to + " = copy " + from;
            case Statement.Bitcast(var to, var from, var at) -> to + " = bitcast " + from;
            case Statement.Unary(var to, var f, var x, var at) -> to + " = " + f.mnemonic() + " " + x;
            case Statement.Activate a ->
                "%s = activate_%s %s, %s {scale: %s}%s"
                        .formatted(
                                a.to(),
                                a.function().mnemonic(),
                                a.x(),
                                a.bias(),
                                a.scale(),
                                a.sum().map(sum -> " sum " + sum).orElse(""));
            case Statement.Binary(var to, var f, var a, var b, var at) ->
                to + " = " + f.mnemonic() + " " + a + ", " + b;
            case Statement.Chain c -> {
                var inner = "(%s %s, %s)".formatted(c.first().mnemonic(), c.a(), c.b());
                yield "%s = %s %s, %s"
                        .formatted(
                                c.to(),
                                c.second().mnemonic(),
                                c.swapped() ? c.c() : inner,
                                c.swapped() ? inner : c.c());
            }
            case Statement.Select(var to, var c, var a, var b, var at) -> to + " = select " + c + ", " + a + ", " + b;
            case Statement.Reduce(var to, var f, var x, var at) -> to + " = reduce_" + f.mnemonic() + " " + x;
            case Statement.Moments(var to, var x, var at) -> to + " = moments " + x;
            case Statement.Scan(var to, var f, var x, var at) -> to + " = scan_" + f.mnemonic() + " " + x;
            case Statement.TopEight(var values, var places, var x, var rest, var at) ->
                values + " = top_eight " + x + " places " + places
                        + rest.map(r -> " rest " + r).orElse("");
            case Statement.Recurrence(var to, var factor, var summand, var first, var at) ->
                "%s = recurrence %s, %s, %s".formatted(to, factor, summand, first);
            case Statement.MatMul(var to, var stationary, var moving, var step, var at) ->
                "%s = nc_matmul %s, %s {step: %s}".formatted(to, stationary, moving, step);
            case Statement.Transpose(var to, var from, var isFinite, var at) ->
                to + " = nc_transpose " + from + (isFinite ? " {finite}" : "");
        };
    }
}
