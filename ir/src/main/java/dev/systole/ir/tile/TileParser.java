package dev.systole.ir.tile;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.text.Literals;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.text.TextException;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the printed form of tile programs, see {@link TilePrinter}. Mutable: one program. */
public final class TileParser {
    private final Scanner s;
    private final Constants constants;
    private final List<Buffer> buffers = new ArrayList<>();
    private final Map<Integer, Buffer> bufferById = new HashMap<>();
    private final Map<Integer, Tile> tiles = new HashMap<>();
    private Location location = Location.COMPILER;

    private TileParser(Scanner s, Constants constants) {
        this.s = s;
        this.constants = constants;
    }

    /**
     * @param source the file, as messages call it
     * @param constants where constants that are printed as hashes come from
     * @throws TextException if the text is no tile program; what {@link TileVerifier} asks of a program is not checked
     */
    public static TileProgram parse(String text, String source, Constants constants) {
        var s = new Scanner(text, source);
        var program = new TileParser(s, constants).program();
        if (!s.isAtEnd()) {
            throw s.fault("expected nothing more");
        }
        return program;
    }

    private TileProgram program() {
        s.expectWord("tiles");
        var name = s.string("the program's name");
        s.expect("{");
        var contract = Contract.parse(s);
        readLocation();
        while (s.sees("@")) {
            addBuffer(buffer(s, constants));
            readLocation();
        }
        var body = block();
        return new TileProgram(name, contract, buffers, body);
    }

    private void addBuffer(Buffer b) {
        if (bufferById.putIfAbsent(b.id(), b) != null) {
            throw s.fault(b + " is declared twice");
        }
        buffers.add(b);
    }

    /** A buffer as {@link TilePrinter#text(Buffer)} prints it. */
    public static Buffer buffer(Scanner s, Constants constants) {
        s.expect("@");
        int id = s.integer("a buffer's number", 0, Integer.MAX_VALUE);
        s.expect("=");
        int place = s.mark();
        var kind = s.word("a role");
        boolean isOfModel = kind.equals("input") || kind.equals("output");
        int position = isOfModel ? s.integer("a position", 0, 1 << 20) : 0;
        var modelType = isOfModel ? Literals.type(s) : TensorType.of(DType.U8);
        var name = s.string("the buffer's name");
        s.expect(":");
        var type = Literals.type(s);
        if (type.shape().rank() != 1) {
            throw s.fault("a buffer has one extent", place);
        }
        var role = switch (kind) {
            case "input" -> new Buffer.Role.Input(position, modelType);
            case "output" -> new Buffer.Role.Output(position, modelType);
            case "scratch" -> new Buffer.Role.Scratch();
            case "constant" -> new Buffer.Role.Constant(literal(s, type, constants));
            default -> throw s.fault("a buffer is input, output, constant or scratch", place);
        };
        return new Buffer(id, name, type.dtype(), type.shape().dim(0), role);
    }

    private static Tensor literal(Scanner s, TensorType type, Constants constants) {
        s.expect("{");
        var value = Literals.parse(s, type, constants);
        s.expect("}");
        return value.reshape(Shape.of(type.shape().elements()));
    }

    /** Headings say which node the statements after them serve. */
    private void readLocation() {
        for (var heading = s.commentBefore(); heading.isPresent(); heading = s.commentBefore()) {
            var text = s.unescaped(heading.get());
            location = text.isEmpty() ? Location.COMPILER : Location.parse(text);
        }
    }

    /** Statements up to the closing brace. */
    private List<Statement> block() {
        s.enter();
        var body = new ArrayList<Statement>();
        for (readLocation(); !s.accept("}"); readLocation()) {
            body.add(s.acceptWord("for") ? loop() : statement());
        }
        s.leave();
        return body;
    }

    private Statement loop() {
        var at = location;
        int variable = variable();
        s.expectWord("in");
        s.integer("the first count", 0, 0);
        s.expect("..");
        long count = s.integer("the number of iterations");
        s.expect("{");
        return new Statement.For(variable, count, block(), at);
    }

    private int variable() {
        int place = s.mark();
        var name = s.word("a loop variable");
        if (!name.matches("i\\d{1,9}")) {
            throw s.fault("a loop variable is i0, i1, ...", place);
        }
        return Integer.parseInt(name.substring(1));
    }

    private Statement statement() {
        if (s.sees("@")) {
            var to = bufferRef();
            s.expect("=");
            if (s.acceptWord("scatter_rows")) {
                return scatter(to);
            }
            s.expectWord("store");
            return new Statement.Store(to, tileRef(), location);
        }
        int place = s.mark();
        int id = tileId(s);
        if (s.accept("=")) {
            return alloc(id);
        }
        var to = tileRef(id, place);
        s.expect("=");
        int opPlace = s.mark();
        var mnemonic = s.word("an operation");
        return operation(to, mnemonic)
                .orElseThrow(() -> s.fault("there is no operation \"" + mnemonic + "\"", opPlace));
    }

    private static int tileId(Scanner s) {
        int place = s.mark();
        var name = s.word("a tile");
        if (!name.matches("t\\d{1,9}")) {
            throw s.fault("expected a tile such as t4, a buffer such as @2, or a loop", place);
        }
        return Integer.parseInt(name.substring(1));
    }

    private Statement alloc(int id) {
        var tile = tile(s, id);
        tiles.put(id, tile);
        return new Statement.Alloc(tile, location);
    }

    /** A tile as it is allocated, {@code t4 = sbuf f32[128, 384]}. */
    public static Tile tile(Scanner s) {
        int id = tileId(s);
        s.expect("=");
        return tile(s, id);
    }

    private static Tile tile(Scanner s, int id) {
        int place = s.mark();
        var memory = s.word("sbuf or psum");
        if (!memory.equals("sbuf") && !memory.equals("psum")) {
            throw s.fault("a tile lies in sbuf or psum", place);
        }
        var dtype = Literals.dtype(s);
        s.expect("[");
        int partitions = s.integer("partitions", 1, 1 << 16);
        s.expect(",");
        long free = s.integer("elements");
        s.expect("]");
        if (dtype.bits() < 8) {
            throw s.fault("a tile has elements of a byte or more", place);
        }
        return new Tile(id, memory.equals("psum"), dtype, partitions, free);
    }

    private Optional<Statement> operation(TileRef to, String mnemonic) {
        return switch (mnemonic) {
            case "load" -> Optional.of(new Statement.Load(to, bufferRef(), location));
            case "gather_rows" -> Optional.of(gather(to));
            case "gather_elements" -> {
                var from = tileRef();
                s.expect(",");
                yield Optional.of(new Statement.GatherElements(to, from, tileRef(), location));
            }
            case "bitcast" -> Optional.of(new Statement.Bitcast(to, tileRef(), location));
            case "fill" -> Optional.of(new Statement.Fill(to, s.real("a value"), location));
            case "iota" -> Optional.of(iota(to));
            case "copy" -> Optional.of(new Statement.Copy(to, tileRef(), location));
            case "select" -> {
                var condition = tileRef();
                s.expect(",");
                var a = operand();
                s.expect(",");
                yield Optional.of(new Statement.Select(to, condition, a, operand(), location));
            }
            case "top_eight" -> {
                var x = tileRef();
                s.expectWord("places");
                var places = tileRef();
                var rest = s.acceptOnLine("rest") ? Optional.of(tileRef()) : Optional.<TileRef>empty();
                yield Optional.of(new Statement.TopEight(to, places, x, rest, location));
            }
            case "moments" -> Optional.of(new Statement.Moments(to, tileRef(), location));
            case "recurrence" -> {
                var factor = tileRef();
                s.expect(",");
                var summand = tileRef();
                s.expect(",");
                yield Optional.of(new Statement.Recurrence(to, factor, summand, operand(), location));
            }
            case "nc_matmul" -> {
                var stationary = tileRef();
                s.expect(",");
                var moving = tileRef();
                s.expect("{");
                s.expectWord("step");
                s.expect(":");
                var step = affine();
                s.expect("}");
                yield Optional.of(new Statement.MatMul(to, stationary, moving, step, location));
            }
            case "nc_transpose" -> {
                var from = tileRef();
                boolean isFinite = s.accept("{");
                if (isFinite) {
                    s.expectWord("finite");
                    s.expect("}");
                }
                yield Optional.of(new Statement.Transpose(to, from, isFinite, location));
            }
            default -> function(to, mnemonic);
        };
    }

    private Optional<Statement> function(TileRef to, String mnemonic) {
        if (mnemonic.startsWith("reduce_")) {
            return named(ReduceOp.values(), mnemonic.substring("reduce_".length()))
                    .map(f -> new Statement.Reduce(to, f, tileRef(), location));
        }
        if (mnemonic.startsWith("activate_")) {
            return named(UnaryOp.values(), mnemonic.substring("activate_".length()))
                    .map(f -> activate(to, f));
        }
        if (mnemonic.startsWith("scan_")) {
            return named(ReduceOp.values(), mnemonic.substring("scan_".length()))
                    .map(f -> new Statement.Scan(to, f, tileRef(), location));
        }
        var unary = named(UnaryOp.values(), mnemonic);
        if (unary.isPresent()) {
            return Optional.of(new Statement.Unary(to, unary.get(), tileRef(), location));
        }
        return named(BinaryOp.values(), mnemonic).map(f -> binary(to, f));
    }

    private record Inner(BinaryOp function, Operand a, Operand b) {}

    private Statement binary(TileRef to, BinaryOp f) {
        if (s.accept("(")) {
            var inner = inner();
            s.expect(",");
            return new Statement.Chain(to, inner.function, inner.a, inner.b, f, operand(), false, location);
        }
        var a = operand();
        s.expect(",");
        if (s.accept("(")) {
            var inner = inner();
            return new Statement.Chain(to, inner.function, inner.a, inner.b, f, a, true, location);
        }
        return new Statement.Binary(to, f, a, operand(), location);
    }

    /** The first operation of a chain, after its parenthesis. */
    private Inner inner() {
        int place = s.mark();
        var mnemonic = s.word("an operation of two operands");
        var f = named(BinaryOp.values(), mnemonic)
                .orElseThrow(() -> s.fault(mnemonic + " does not take two operands", place));
        var a = operand();
        s.expect(",");
        var inner = new Inner(f, a, operand());
        s.expect(")");
        return inner;
    }

    private Statement activate(TileRef to, UnaryOp f) {
        var x = tileRef();
        s.expect(",");
        var bias = operand();
        s.expect("{");
        s.expectWord("scale");
        s.expect(":");
        var scale = operand();
        s.expect("}");
        var sum = s.acceptOnLine("sum") ? Optional.of(tileRef()) : Optional.<TileRef>empty();
        return new Statement.Activate(to, f, x, scale, bias, sum, location);
    }

    private Statement gather(TileRef to) {
        var from = bufferRef();
        s.expect(",");
        var index = tileRef();
        var rows = rows();
        return new Statement.GatherRows(to, from, rows.stride(), rows.size(), index, location);
    }

    private Statement scatter(BufferRef to) {
        var from = tileRef();
        s.expect(",");
        var index = tileRef();
        var rows = rows();
        return new Statement.ScatterRows(to, from, rows.stride(), rows.size(), index, location);
    }

    private Dim rows() {
        s.expect("{");
        s.expectWord("row");
        s.expect(":");
        long rowStride = s.integer("elements of a row");
        s.expect(",");
        s.expectWord("rows");
        s.expect(":");
        long rows = s.integer("rows");
        s.expect("}");
        return new Dim(rowStride, rows);
    }

    private Statement iota(TileRef to) {
        s.expect("{");
        s.expectWord("base");
        s.expect(":");
        long base = s.integer("the base");
        s.expect(",");
        s.expectWord("channel");
        s.expect(":");
        long channel = s.integer("the channel multiplier");
        s.expect(",");
        s.expectWord("steps");
        s.expect(":");
        var steps = s.integers("a step");
        s.expect("}");
        return new Statement.Iota(to, base, channel, steps, location);
    }

    private static <T extends Enum<T>> Optional<T> named(T[] all, String mnemonic) {
        return Arrays.stream(all)
                .filter(f -> f.name().toLowerCase(Locale.ROOT).equals(mnemonic))
                .findFirst();
    }

    private Operand operand() {
        return s.sees("t") ? tileRef() : new Operand.Immediate(s.real("a tile or a number"));
    }

    private TileRef tileRef() {
        int place = s.mark();
        return tileRef(tileId(s), place);
    }

    private TileRef tileRef(int id, int place) {
        var tile = tiles.get(id);
        if (tile == null) {
            throw s.fault("t" + id + " is not allocated before this", place);
        }
        s.expect("[");
        int from = s.integer("a partition", 0, 1 << 16);
        s.expect(":");
        int until = s.integer("a partition", 0, 1 << 16);
        s.expect(",");
        var offset = affine();
        var dims = dims();
        s.expect("]");
        return new TileRef(tile, from, until - from, offset, dims);
    }

    private BufferRef bufferRef() {
        int place = s.mark();
        s.expect("@");
        int id = s.integer("a buffer's number", 0, Integer.MAX_VALUE);
        var buffer = bufferById.get(id);
        if (buffer == null) {
            throw s.fault("@" + id + " is not declared", place);
        }
        s.expect("[");
        var offset = affine();
        var dims = dims();
        s.expect("]");
        return new BufferRef(buffer, offset, dims);
    }

    private List<Dim> dims() {
        s.expect("(");
        var dims = new ArrayList<Dim>();
        if (s.accept(")")) {
            return dims;
        }
        do {
            long stride = s.integer("a stride");
            s.expect(":");
            dims.add(new Dim(stride, s.integer("a size")));
        } while (s.accept(","));
        s.expect(")");
        return dims;
    }

    private Affine affine() {
        var sum = Affine.ZERO;
        do {
            if (s.sees("i")) {
                sum = sum.plus(Affine.variable(variable()));
                continue;
            }
            long factor = s.integer("an offset");
            sum = sum.plus(s.accept("*") ? Affine.variable(variable()).times(factor) : Affine.of(factor));
        } while (s.accept("+"));
        return sum;
    }
}
