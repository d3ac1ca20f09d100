package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.PassException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Evaluates the elementwise operations and reductions of a region's body on one block of tiles. Mutable: one evaluation a
 * block.
 *
 * <p>A value of the body is an immediate, a full tile of {@code partitions} by the free pattern, or a column of one element a
 * partition, or of one for each of several rows beside each other.
 */
final class Expression {
    private static final List<Dim> ONE = List.of(new Dim(1, 1));

    private final TileBuilder b;
    private final int partitions;
    private final List<Dim> free;
    private final long rows;
    private final Map<Value, Operand> values = new HashMap<>();
    private final Map<Value, TileRef> places = new HashMap<>();
    private final Set<Value> unrounded = new HashSet<>();

    Expression(TileBuilder b, int partitions, List<Dim> free) {
        this(b, partitions, free, 1);
    }

    /** @param rows of a partition, the first dimension of the free pattern if there are several */
    Expression(TileBuilder b, int partitions, List<Dim> free, long rows) {
        this.b = b;
        this.partitions = partitions;
        this.free = free;
        this.rows = rows;
    }

    void define(Value v, Operand operand) {
        values.put(v, operand);
    }

    /** Says where a value that is computed here is wanted; it may end up elsewhere if it is no result of its own. */
    void place(Value v, TileRef to) {
        places.put(v, to);
    }

    /** Says that a value is read by one operation that takes it as it is computed: it need not be rounded to its type before. */
    void unrounded(Value v) {
        unrounded.add(v);
    }

    void number(Value v, double value) {
        values.put(v, new Operand.Immediate(value));
    }

    void alias(Value v, Value of) {
        values.put(v, values.get(of));
    }

    /** Takes over the values of one element a partition. */
    void defineAll(Expression columns) {
        values.putAll(columns.values);
    }

    /** Forgets all other values. */
    void retain(Predicate<Value> kept) {
        values.keySet().removeIf(kept.negate());
    }

    boolean isDefined(Value v) {
        return values.containsKey(v);
    }

    /**
     * Evaluates one node whose operands are defined.
     *
     * @param column true if the result has one element a partition
     */
    void evaluate(Node node, boolean column) {
        b.at(node.location());
        values.put(node.output(), result(node, column));
    }

    /**
     * Evaluates a recurrence on one block of its rows.
     *
     * @param before what a recurrence goes on from, if this is not its first block; afterwards what it goes on from in the next one
     * @param goesOn true if there is a next one
     */
    void recur(Node node, Map<Value, TileRef> before, boolean goesOn) {
        b.at(node.location());
        var to = fresh(node, node.type().dtype().carrier(), false);
        var first = before.containsKey(node.output()) ? before.get(node.output()) : number(node.input(2));
        b.recurrence(to, spread(tile(node.input(0), false), false), spread(tile(node.input(1), false), false), first);
        if (goesOn) {
            var last = TileRef.of(b.sbuf(DType.F32, partitions, 1));
            b.copy(last, new TileRef(to.tile(), to.startPartition(), partitions, Affine.of(to.free() - 1), ONE));
            before.put(node.output(), last);
        }
        values.put(node.output(), to);
    }

    /** Reduces an operand that is a part of a row. */
    void reduce(Node node, TileRef to) {
        b.at(node.location());
        b.reduce(to, ((Op.Reduce) node.op()).function(), spread(tile(node.input(0), false), false));
    }

    /** Reduces what has been reduced of parts of a row. */
    void combine(Node node, TileRef parts) {
        b.at(node.location());
        var to = fresh(node.type().dtype().carrier(), true);
        b.reduce(to, ((Op.Reduce) node.op()).function(), parts);
        values.put(node.output(), to);
    }

    /** A value of one element a partition in fp32, or an immediate. */
    private Operand number(Value v) {
        if (!(values.get(v) instanceof TileRef t) || t.tile().dtype() == DType.F32) {
            return values.get(v);
        }
        var wide = fresh(DType.F32, true);
        b.copy(wide, t);
        return wide;
    }

    /** The run that holds a value with an element for each place; an immediate is filled into one, a column is repeated. */
    TileRef stored(Value v, boolean column) {
        var t = tile(v, column);
        var read = spread(t, column);
        if (read.equals(t) && t.isContiguous()) {
            return t;
        }
        var to = fresh(t.tile().dtype(), column);
        b.copy(to, read);
        return to;
    }

    /** The bytes that hold a packed value. */
    TileRef bytes(Value v) {
        return (TileRef) values.get(v);
    }

    /** The tile that holds a value; an immediate is filled into one. */
    private TileRef tile(Value v, boolean column) {
        return switch (values.get(v)) {
            case TileRef t -> t;
            case Operand.Immediate(var x) -> {
                var to = fresh(v.type().dtype().carrier(), column);
                b.fill(to, x);
                yield to;
            }
        };
    }

    private Operand result(Node node, boolean column) {
        var carrier = node.type().dtype().carrier();
        return switch (node.op()) {
            case Op.Constant(var tensor) -> immediate(tensor);
            case Op.Broadcast o -> values.get(node.input(0));
            case Op.Reshape o when values.get(node.input(0)) instanceof Operand.Immediate i -> i;
            case Op.Relayout r -> values.get(node.input(0));
            case Op.Cast(var to, var saturate) -> cast(node, to, column);
            case Op.Bitcast(var type) -> bitcast(node, column);
            case Op.Unpack(var type) -> unpacked(node);
            case Op.Pack(var type) -> packed(node);
            case Op.Unary(var f) -> {
                var to = fresh(node, carrier, column);
                var x = spread(tile(node.input(0), column), column);
                if (f == UnaryOp.NOT) {
                    b.binary(to, BinaryOp.EQ, x, new Operand.Immediate(0));
                } else {
                    b.unary(to, f, x);
                }
                yield to;
            }
            case Op.Binary(var f) -> {
                var to = fresh(node, carrier, column);
                var left = values.get(node.input(0));
                var right = values.get(node.input(1));
                if (left instanceof Operand.Immediate && right instanceof Operand.Immediate) {
                    left = tile(node.input(0), column);
                }
                b.binary(to, f, spread(left, column), spread(right, column));
                yield to;
            }
            case Op.Select s -> {
                var to = fresh(node, carrier, column);
                b.select(
                        to,
                        spread(tile(node.input(0), column), column),
                        spread(values.get(node.input(1)), column),
                        spread(values.get(node.input(2)), column));
                yield to;
            }
            case Op.Reduce(var f, var axes) -> {
                var to = fresh(carrier, true);
                b.reduce(to, f, inRows(spread(tile(node.input(0), false), false)));
                yield to;
            }
            default ->
                throw new PassException(
                        "node " + node.location() + ": " + node.op().mnemonic() + " does not work on tiles");
        };
    }

    private Operand cast(Node node, DType to, boolean column) {
        var from = node.input(0).type().dtype();
        var x = values.get(node.input(0));
        if (x instanceof Operand.Immediate(var value)) {
            return new Operand.Immediate(
                    to == DType.BOOL
                            ? (value != 0 ? 1 : 0)
                            : to.isFloat()
                                    ? Elements.rounded((float) value, to.carrier())
                                    : Elements.truncate(value, to));
        }
        boolean widens = from.isFloat() && to.carrier() == DType.F32 && !column;
        if (unrounded.contains(node.input(0)) && to.carrier() == DType.F32) {
            return x;
        }
        if ((from.carrier() == to.carrier() || widens) && to != DType.BOOL) {
            return x;
        }
        var result = fresh(node, to.carrier(), column);
        if (to == DType.BOOL) {
            b.binary(result, BinaryOp.NE, spread(x, column), new Operand.Immediate(0));
        } else {
            b.copy(result, (TileRef) spread(x, column));
        }
        return result;
    }

    /**
     * Elements of less than a byte out of a tile of bytes: what stands above an element is shifted away and what stands below it
     * masked; a signed one then is a power of two too large, which a product mends.
     */
    private TileRef unpacked(Node node) {
        var bytes = (TileRef) values.get(node.input(0));
        var type = node.type().dtype();
        int per = 8 / type.bits();
        var to = fresh(node, type.carrier(), false);
        boolean whole = to.tile().dtype() == type.carrier();
        var raw = type.isSigned() || !whole ? fresh(bytes.tile().dtype(), false) : to;
        for (int i = 0; i < per; i++) {
            int below = i * type.bits();
            int above = 8 - type.bits() - below;
            var place = every(raw, per, i);
            var from = bytes;
            if (type.isSigned() && above > 0) {
                b.binary(place, BinaryOp.SHIFT_LEFT, from, new Operand.Immediate(above));
                from = place;
            } else if (!type.isSigned() && below > 0) {
                b.binary(place, BinaryOp.SHIFT_RIGHT, from, new Operand.Immediate(below));
                from = place;
            }
            if (type.isSigned() && below > 0) {
                b.binary(place, BinaryOp.BIT_AND, from, new Operand.Immediate(-1 << (8 - type.bits())));
            } else if (!type.isSigned() && above > 0) {
                b.binary(place, BinaryOp.BIT_AND, from, new Operand.Immediate((1 << type.bits()) - 1));
            }
        }
        if (type.isSigned()) {
            b.binary(to, BinaryOp.MUL, raw, new Operand.Immediate(Math.scalb(1.0, type.bits() - 8)));
        } else if (!whole) {
            b.copy(to, raw);
        }
        return to;
    }

    /** Elements of less than a byte side by side in bytes. */
    private TileRef packed(Node node) {
        var type = node.input(0).type().dtype();
        var x = stored(node.input(0), false);
        int per = 8 / type.bits();
        var carrier = node.type().stored().dtype();
        var sum = TileRef.of(b.sbuf(carrier, partitions, free() / per));
        for (int i = 0; i < per; i++) {
            var part = i == 0 ? sum : TileRef.of(b.sbuf(carrier, partitions, free() / per));
            var from = every(x, per, i);
            if (i < per - 1) {
                b.binary(part, BinaryOp.BIT_AND, from, new Operand.Immediate((1 << type.bits()) - 1));
                from = part;
            }
            if (i > 0) {
                b.binary(part, BinaryOp.SHIFT_LEFT, from, new Operand.Immediate(i * type.bits()));
                b.binary(sum, BinaryOp.BIT_OR, sum, part);
            }
        }
        return sum;
    }

    /** Every {@code step}-th element of a tile's run, from one on. */
    private static TileRef every(TileRef run, int step, int from) {
        return new TileRef(
                run.tile(),
                run.startPartition(),
                run.partitions(),
                run.offset().plus(from),
                List.of(new Dim(step, run.free() / step)));
    }

    /** Elements of a full tile in a partition. */
    private long free() {
        return free.stream().mapToLong(Dim::size).reduce(1, Math::multiplyExact);
    }

    private TileRef bitcast(Node node, boolean column) {
        var from = node.input(0).type().dtype();
        var to = node.type().dtype();
        boolean carriedAlike = from.bits() == from.carrier().bits()
                && to.bits() == to.carrier().bits();
        if (!carriedAlike && from.isFloat() != to.isFloat()) {
            throw new PassException(
                    "SYS3106 node %s: the bits of %s as %s do not exist on a machine that carries them as %s and %s"
                            .formatted(node.location(), from, to, from.carrier(), to.carrier()));
        }
        var x = carried(spread(tile(node.input(0), column), column), from, column);
        if (from.carrier() == to.carrier()) {
            return x;
        }
        var result = fresh(node, to.carrier(), column);
        b.bitcast(result, x);
        return result;
    }

    /** A tile in the type that carries its value; a cast that only widens leaves it in a narrower one. */
    private TileRef carried(TileRef x, DType type, boolean column) {
        if (x.tile().dtype() == type.carrier()) {
            return x;
        }
        var result = fresh(type.carrier(), column);
        b.copy(result, x);
        return result;
    }

    private TileRef fresh(Node node, DType carrier, boolean column) {
        if (unrounded.contains(node.output())) {
            return fresh(DType.F32, column);
        }
        var wanted = places.get(node.output());
        return wanted != null && !column ? wanted : fresh(carrier, column);
    }

    private TileRef fresh(DType carrier, boolean column) {
        return TileRef.of(b.sbuf(carrier, partitions, column ? rows : free()));
    }

    /** A column as it is read beside full tiles: repeated over the free pattern. */
    private Operand spread(Operand x, boolean column) {
        return switch (x) {
            case Operand.Immediate i -> i;
            case TileRef t -> spread(t, column);
        };
    }

    private TileRef spread(TileRef t, boolean column) {
        long size = column ? rows : free();
        if (t.free() == size) {
            return t;
        }
        return t.free() == 1
                ? t.repeated(List.of(new Dim(1, size)))
                : new TileRef(
                        t.tile(),
                        t.startPartition(),
                        t.partitions(),
                        t.offset(),
                        List.of(t.dims().getFirst(), new Dim(0, size / rows)));
    }

    /** A full tile with its rows as the first dimension. */
    private TileRef inRows(TileRef full) {
        var first = full.dims().getFirst();
        if (first.size() == rows || rows == 1) {
            return full;
        }
        long each = first.size() / rows;
        var dims = new ArrayList<>(List.of(new Dim(first.stride() * each, rows), new Dim(first.stride(), each)));
        dims.addAll(full.dims().subList(1, full.dims().size()));
        return new TileRef(full.tile(), full.startPartition(), full.partitions(), full.offset(), dims);
    }

    private static Operand immediate(Tensor tensor) {
        var dtype = tensor.type().dtype();
        return new Operand.Immediate(
                dtype.isFloat()
                        ? Elements.readFloat(tensor.bytes(), 0, dtype)
                        : Elements.readInteger(tensor.bytes(), 0, dtype));
    }

    /** The single convolution of a body, if it has one. */
    static Optional<Node> convolution(Graph body) {
        return body.nodes().stream()
                .filter(n -> n.op() instanceof Op.Convolution)
                .findFirst();
    }

    /** The single matmul of a body, if it has one. */
    static Optional<Node> product(Graph body) {
        return body.nodes().stream().filter(n -> n.op() instanceof Op.MatMul).findFirst();
    }
}
