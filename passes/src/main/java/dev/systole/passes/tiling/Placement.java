package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.passes.PassException;
import dev.systole.passes.StridedView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the values of a graph lie in HBM. An input or result has a buffer with its layout, a constant gets one when it is first read, a
 * view is another look at the buffer of its input. What is put together along the first dimension is computed where it belongs. What a
 * loop nest cannot read as it lies is copied. Mutable: it grows as the graph is walked.
 *
 * <p>Elements of less than a byte lie packed, in buffers of bytes; sources of them are views of elements.
 */
final class Placement {
    /** Elements from which on a copy that turns rows and columns costs less than to read elements one by one. */
    private static final long WORTH_TURNING = 4096;

    private final TileBuilder b;
    private final Target target;
    private final Graph graph;
    private final MoveLoops moves;
    private final Map<Value, Node> definitions;
    private final Contracted contracted;
    private final Map<Value, Integer> resultAt = new HashMap<>();
    private final Map<Value, Part> parts = new HashMap<>();
    private final Map<Value, Source> sources = new HashMap<>();
    private final Map<Value, Source> packed = new HashMap<>();
    private final Map<Copied, Source> copies = new HashMap<>();

    /** What was copied, in which order it lies, and whether only what is finite is copied. */
    private record Copied(int buffer, StridedView view, Layout order, boolean isFinite) {}

    /** Elements start..start+size-1 of another value's first dimension. */
    private record Part(Value whole, long start, long size) {}

    /** Begins with buffers for the graph's inputs. */
    Placement(TileBuilder b, Target target, Graph graph) {
        this.b = b;
        this.target = target;
        this.graph = graph;
        this.moves = new MoveLoops(b, target);
        this.definitions = graph.definitions();
        this.contracted = Contracted.in(graph);
        for (int i = 0; i < graph.outputs().size(); i++) {
            resultAt.putIfAbsent(graph.outputs().get(i).value(), i);
        }
        graph.nodes().forEach(this::findParts);
        for (int i = 0; i < graph.inputs().size(); i++) {
            var p = graph.inputs().get(i);
            var type = p.value().type();
            var buffer = buffer(p.name(), type.stored(), new Buffer.Role.Input(i, type));
            var in = isNarrow(p.value()) ? packed : sources;
            in.put(p.value(), Source.contiguous(buffer, type.shape()));
        }
    }

    private void findParts(Node node) {
        if (!(node.op() instanceof Op.Concat(var axis)) || axis != 0) {
            return;
        }
        long start = 0;
        for (var v : node.inputs()) {
            long size = v.type().shape().dim(0);
            boolean isMade =
                    definitions.containsKey(v) && !definitions.get(v).op().isView();
            boolean lies =
                    graph.layout(v).isNatural() && graph.layout(node.output()).isNatural();
            if (isMade
                    && lies
                    && !resultAt.containsKey(v)
                    && !(definitions.get(v).op() instanceof Op.Constant)) {
                parts.putIfAbsent(v, new Part(node.output(), start, size));
            }
            start += size;
        }
    }

    private static boolean isNarrow(Value v) {
        return v.type().dtype().bits() < 8;
    }

    /** Where a value lies. */
    Source source(Value v) {
        var known = sources.get(v);
        if (known != null) {
            return known;
        }
        var tensor = constant(v).orElseThrow(() -> new PassException("value " + v + " has no memory"));
        var source = hold(v, tensor);
        sources.put(v, source);
        return source;
    }

    /** A row-major source, copied if it is not one. */
    Source dense(Value v) {
        var s = source(v);
        return s.isRowMajor() ? s : copied(s);
    }

    /** A source whose rows can be read in runs: a copy of what lies the other way round. */
    Source rows(Value v) {
        var s = source(v);
        int last = s.shape().rank() - 1;
        while (last >= 0 && s.shape().dim(last) == 1) {
            last--;
        }
        boolean isScattered = last >= 0 && Math.abs(s.stride(last)) > 1;
        return isScattered
                        && s.shape().elements() >= WORTH_TURNING
                        && moves.turns(s, Source.contiguous(s.buffer(), s.shape()))
                ? copied(s)
                : s;
    }

    /** Where a value lies packed. */
    Source packed(Value v) {
        return packed.computeIfAbsent(v, x -> {
            var tensor = constant(v).orElseThrow(() -> new PassException("value " + v + " does not lie packed"));
            var stored = v.type().stored();
            var role = new Buffer.Role.Constant(new Tensor(stored, tensor.bytes()));
            return Source.contiguous(
                    b.buffer(v.toString(), stored.dtype(), stored.shape().elements(), role),
                    v.type().shape());
        });
    }

    /** A value that is known when the model is compiled. */
    Optional<Tensor> constant(Value v) {
        return Optional.ofNullable(definitions.get(v))
                .map(Node::op)
                .filter(Op.Constant.class::isInstance)
                .map(op -> ((Op.Constant) op).value());
    }

    /** The constant behind broadcasts over leading dimensions and reshapes. */
    Optional<Tensor> constantBehindViews(Value v) {
        var n = definitions.get(v);
        while (n != null && (n.op() instanceof Op.Broadcast || n.op() instanceof Op.Reshape)) {
            n = definitions.get(n.input(0));
        }
        return n != null && n.op() instanceof Op.Constant(var tensor) ? Optional.of(tensor) : Optional.empty();
    }

    /** A buffer that holds a constant in the type that carries it, named as a value. */
    Source hold(Value name, Tensor tensor) {
        var carried = carried(tensor);
        return Source.contiguous(
                b.buffer(
                        name.toString(),
                        carried.type().dtype(),
                        carried.type().shape().elements(),
                        new Buffer.Role.Constant(carried)),
                carried.type().shape());
    }

    /** Where a result goes: into the model's output, if the value is one and has the natural layout, or into what it is a part of. */
    Source result(Value v) {
        var part = parts.get(v);
        var source = part == null ? wholeResult(v) : made(part.whole).part(0, part.start, part.size);
        sources.put(v, source);
        return source;
    }

    private Source wholeResult(Value v) {
        var layout = graph.layout(v);
        var view = StridedView.of(v.type().shape(), layout);
        return new Source(layout.isNatural() ? resultBuffer(v, v.type()) : scratch(v, v.type()), view);
    }

    /** A result of which there may be parts already. */
    private Source made(Value v) {
        return sources.containsKey(v) ? sources.get(v) : result(v);
    }

    /** Where a result goes that lies packed. */
    Source packedResult(Value v) {
        var source =
                Source.contiguous(resultBuffer(v, v.type().stored()), v.type().shape());
        packed.put(v, source);
        return source;
    }

    private Buffer resultBuffer(Value v, TensorType type) {
        var at = resultAt.get(v);
        return at == null
                ? scratch(v, type)
                : buffer(graph.outputs().get(at).name(), type, new Buffer.Role.Output(at, v.type()));
    }

    private Buffer scratch(Value v, TensorType type) {
        return buffer(v.toString(), type, new Buffer.Role.Scratch());
    }

    /** A buffer of its own for so many images of a value, with the value's layout. */
    Source scratch(Value v, long images) {
        var shape = v.type().shape().with(0, images);
        return new Source(
                b.buffer(v.toString(), v.type().dtype().carrier(), shape.elements(), new Buffer.Role.Scratch()),
                StridedView.of(shape, graph.layout(v)));
    }

    /** A row-major buffer of no value's own. */
    Source scratch(Shape shape, DType dtype) {
        return Source.contiguous(b.buffer("copy", dtype, shape.elements(), new Buffer.Role.Scratch()), shape);
    }

    /** A view operator adds nothing but a view, unless its elements do not lie evenly: then they are copied. */
    void view(Node node) {
        var in = node.input(0);
        if (node.op() instanceof Op.Reshape(var shape) && packed.containsKey(in)) {
            packed.put(node.output(), Source.contiguous(packed.get(in).buffer(), shape));
            return;
        }
        var from = source(in);
        var view = from.through(node.op());
        if (view.isPresent()) {
            sources.put(node.output(), view.get());
            return;
        }
        var dense = copied(from, order(from, node.op()), isFinite(node.output(), from));
        sources.put(node.output(), dense.through(node.op()).orElseThrow());
    }

    /** The order of a copy that a view operator is to look through: channels before images, if the source has them so. */
    private static Layout order(Source s, Op op) {
        var natural = Layout.natural(s.shape().rank());
        return s.hasChannelsFirst()
                        && StridedView.of(s.shape(), natural.outermost(1))
                                .through(op)
                                .isPresent()
                ? natural.outermost(1)
                : natural;
    }

    /** Copies a value into another layout. */
    void relayout(Node node) {
        var from = source(node.input(0));
        var to = result(node.output());
        if (!from.isEmpty()) {
            moves.copy(from, to, isFinite(node.output(), from));
        }
    }

    /** Puts values together along a dimension, copying what is not in its place yet. */
    void concat(Node node, int axis) {
        if (axis != 0 || node.inputs().stream().noneMatch(parts::containsKey)) {
            moves.concat(node.inputs().stream().map(this::source).toList(), result(node.output()), axis);
            return;
        }
        var whole = made(node.output());
        long start = 0;
        for (var v : node.inputs()) {
            long size = v.type().shape().dim(0);
            if (!new Part(node.output(), start, size).equals(parts.get(v))) {
                copy(source(v), whole.part(0, start, size));
            }
            start += size;
        }
    }

    /** Copies to the model's outputs what was not computed there. */
    void copyOutputs() {
        var written = new HashSet<Integer>();
        Stream.concat(sources.values().stream(), packed.values().stream()).forEach(s -> {
            if (s.buffer().role() instanceof Buffer.Role.Output(var at, var type)) {
                written.add(at);
            }
        });
        for (int i = 0; i < graph.outputs().size(); i++) {
            if (!written.contains(i)) {
                var o = graph.outputs().get(i);
                var type = o.value().type();
                var to = Source.contiguous(
                        buffer(o.name(), type.stored(), new Buffer.Role.Output(i, type)), type.shape());
                if (definitions.containsKey(o.value())) {
                    b.at(definitions.get(o.value()).location());
                }
                if (isNarrow(o.value())) {
                    copy(bytes(packed(o.value())), bytes(to));
                } else {
                    copy(source(o.value()), to);
                }
            }
        }
    }

    private static Source bytes(Source packed) {
        return Source.contiguous(packed.buffer(), Shape.of(packed.buffer().elements()));
    }

    /** A row-major copy. */
    Source copied(Source s) {
        return copied(s, Layout.natural(s.shape().rank()), false);
    }

    /** A copy in an order, made once. */
    private Source copied(Source s, Layout order, boolean isFinite) {
        return copies.computeIfAbsent(new Copied(s.buffer().id(), s.view(), order, isFinite), x -> {
            var buffer = scratch(s.shape(), s.buffer().dtype()).buffer();
            var copy = new Source(buffer, StridedView.of(s.shape(), order));
            if (!s.isEmpty()) {
                moves.copy(s, copy, isFinite);
            }
            return copy;
        });
    }

    private void copy(Source from, Source to) {
        if (!from.isEmpty()) {
            moves.copy(from, to);
        }
    }

    /** What is known as a value is taken to be finite if nothing but products contracts it. */
    private boolean isFinite(Value v, Source from) {
        return contracted.contains(v) && Transposition.isFinite(from);
    }

    private Buffer buffer(String name, TensorType type, Buffer.Role role) {
        var carrier = type.dtype().carrier();
        long hbm = target.memory().hbmBytesPerCore();
        if (type.shape().elements() > hbm / carrier.bytes()) {
            throw new PassException(String.format(
                    Locale.ROOT,
                    "SYS3201 node %s: \"%s\" of type %s has %,d bytes; a core of %s has %,d bytes of HBM",
                    b.location(),
                    name,
                    type,
                    type.shape().elements() * carrier.bytes(),
                    target.name(),
                    hbm));
        }
        return b.buffer(name, carrier, type.shape().elements(), role);
    }

    /** A constant in the type that carries it on the machine. */
    static Tensor carried(Tensor tensor) {
        var from = tensor.type().dtype();
        var to = from.carrier();
        if (from == to || from == DType.BOOL) {
            return new Tensor(tensor.type().with(to), tensor.bytes());
        }
        var result = Tensor.allocate(tensor.type().with(to));
        for (long i = 0; i < tensor.type().shape().elements(); i++) {
            if (from.isFloat()) {
                Elements.writeFloat(result.bytes(), i, to, Elements.readFloat(tensor.bytes(), i, from));
            } else {
                long value = Elements.readInteger(tensor.bytes(), i, from);
                if (to == DType.I32 ? value != (int) value : value != (value & 0xFFFFFFFFL)) {
                    throw new PassException("SYS3103 a constant holds %s, which does not fit the machine's %s"
                            .formatted(Elements.text(value, from), to));
                }
                Elements.writeInteger(result.bytes(), i, to, value);
            }
        }
        return result;
    }
}
