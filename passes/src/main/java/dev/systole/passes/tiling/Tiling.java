package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.passes.PassException;
import dev.systole.passes.StridedView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Afterwards the graph is loops over tiles: every value that is not a view has a buffer, every region a loop nest. */
public record Tiling(Target target) {
    /** Elements from which on a copy that turns rows and columns costs less than to read elements one by one. */
    private static final long WORTH_TURNING = 4096;

    public String name() {
        return "tile";
    }

    /**
     * @throws PassException that lists every operation that has no loop nest
     */
    public TileProgram run(Graph graph) {
        var unsupported = graph.nodes().stream()
                .filter(n -> !isSupported(n.op()))
                .map(n -> n.op().mnemonic() + " at node " + n.location())
                .collect(Collectors.joining("\n  "));
        if (!unsupported.isEmpty()) {
            throw new PassException("SYS3101 no loop nest for these operations:\n  " + unsupported);
        }
        return new Emission(graph).emit();
    }

    private static boolean isSupported(Op op) {
        return op.isView()
                || op instanceof Op.Constant
                || op instanceof Op.Fused
                || op instanceof Op.Relayout
                || op instanceof Op.Unpack
                || op instanceof Op.Pack
                || op instanceof Op.Gather
                || op instanceof Op.GatherElements
                || op instanceof Op.Scatter
                || op instanceof Op.Scan
                || op instanceof Op.TopK
                || op instanceof Op.WindowReduce
                || op instanceof Op.Concat
                || op instanceof Op.Pad;
    }

    private final class Emission {
        private final Graph graph;
        private final TileBuilder b;
        private final MoveLoops moves;
        private final Map<Value, Source> sources = new HashMap<>();
        private final Map<Value, Source> packed = new HashMap<>();
        private final Map<Value, Node> definitions;
        private final Map<Value, Integer> resultAt = new HashMap<>();
        private final Map<Value, Part> parts = new HashMap<>();
        private final Map<Value, Source> turned = new HashMap<>();
        private final Map<List<Object>, StationaryWeights> arrangements = new HashMap<>();
        private final Set<Value> notOnlyContracted;

        Emission(Graph graph) {
            this.graph = graph;
            this.b = new TileBuilder(graph.name(), graph.contract());
            this.moves = new MoveLoops(b, target);
            this.definitions = graph.definitions();
            this.notOnlyContracted = notOnlyContracted(graph);
            for (int i = 0; i < graph.outputs().size(); i++) {
                resultAt.putIfAbsent(graph.outputs().get(i).value(), i);
            }
            graph.nodes().forEach(this::place);
        }

        /** Elements start..start+size-1 of another value's first dimension. */
        private record Part(Value whole, long start, long size) {}

        /** What is put together along the first dimension is computed where it belongs. */
        private void place(Node node) {
            if (!(node.op() instanceof Op.Concat(var axis)) || axis != 0) {
                return;
            }
            long start = 0;
            for (var v : node.inputs()) {
                long size = v.type().shape().dim(0);
                boolean isMade =
                        definitions.containsKey(v) && !definitions.get(v).op().isView();
                boolean lies = graph.layout(v).isNatural()
                        && graph.layout(node.output()).isNatural();
                if (isMade
                        && lies
                        && !resultAt.containsKey(v)
                        && !(definitions.get(v).op() instanceof Op.Constant)) {
                    parts.putIfAbsent(v, new Part(node.output(), start, size));
                }
                start += size;
            }
        }

        TileProgram emit() {
            for (int i = 0; i < graph.inputs().size(); i++) {
                var p = graph.inputs().get(i);
                var buffer = buffer(
                        p.name(),
                        p.value().type().stored(),
                        new Buffer.Role.Input(i, p.value().type()));
                var in = isNarrow(p.value()) ? packed : sources;
                in.put(p.value(), MoveLoops.contiguous(buffer, p.value().type().shape()));
            }
            var nodes = graph.nodes();
            for (int i = 0; i < nodes.size(); ) {
                int end = ImageRun.end(target, graph, i);
                if (end > i) {
                    images(ImageRun.of(target, graph, i, end));
                    i = end;
                } else {
                    b.at(nodes.get(i).location());
                    emit(nodes.get(i++));
                }
            }
            var written = new HashSet<Integer>();
            Stream.concat(sources.values().stream(), packed.values().stream()).forEach(s -> {
                if (s.buffer().role() instanceof Buffer.Role.Output(var at, var type)) {
                    written.add(at);
                }
            });
            for (int i = 0; i < graph.outputs().size(); i++) {
                if (!written.contains(i)) {
                    var o = graph.outputs().get(i);
                    var to = buffer(
                            o.name(),
                            o.value().type().stored(),
                            new Buffer.Role.Output(i, o.value().type()));
                    if (definitions.containsKey(o.value())) {
                        b.at(definitions.get(o.value()).location());
                    }
                    if (isNarrow(o.value())) {
                        copy(
                                bytes(packed(o.value())),
                                bytes(MoveLoops.contiguous(to, o.value().type().shape())));
                    } else {
                        copy(
                                source(o.value()),
                                MoveLoops.contiguous(to, o.value().type().shape()));
                    }
                }
            }
            return b.build();
        }

        private void copy(Source from, Source to) {
            if (from.view().shape().elements() > 0) {
                moves.copy(from, to);
            }
        }

        /** Copies what is known as a value, and is taken to be finite if nothing but products contracts it. */
        private void copy(Value v, Source from, Source to) {
            if (from.view().shape().elements() > 0) {
                moves.copy(from, to, !notOnlyContracted.contains(v) && Transposition.isFinite(from));
            }
        }

        /** What is read, through views, by anything else than products that contract it. */
        private static Set<Value> notOnlyContracted(Graph graph) {
            var found = new HashSet<>(graph.outputValues());
            for (var node : graph.nodes().reversed()) {
                for (int i = 0; i < node.inputs().size(); i++) {
                    boolean passes = node.op().isView() || node.op() instanceof Op.Relayout;
                    if (passes ? found.contains(node.output()) : !contracts(node.op(), i)) {
                        found.add(node.input(i));
                    }
                }
            }
            return found;
        }

        private static boolean contracts(Op op, int operand) {
            if (!(op instanceof Op.Fused(var kind, var body))
                    || kind != Op.FusionKind.MATMUL && kind != Op.FusionKind.ATTENTION) {
                return false;
            }
            var parameter = body.inputs().get(operand).value();
            return !body.outputValues().contains(parameter)
                    && body.nodes().stream()
                            .filter(n -> n.inputs().contains(parameter))
                            .allMatch(n -> n.op() instanceof Op.MatMul);
        }

        /** A few images at a time pass through all nodes of a run; what no other node reads lies in buffers of its own. */
        private void images(ImageRun run) {
            run.nodes().stream().filter(n -> !ImageRun.slides(n.op())).forEach(this::emit);
            run.shared().forEach(this::result);
            for (long first = 0; first < run.images(); first += run.step()) {
                long count = Math.min(run.step(), run.images() - first);
                var own = new HashMap<Value, Source>();
                for (var node : run.nodes()) {
                    if (!ImageRun.slides(node.op())) {
                        continue;
                    }
                    b.at(node.location());
                    var in = new ArrayList<Source>();
                    for (int i = 0; i < node.inputs().size(); i++) {
                        var v = node.input(i);
                        in.add(
                                own.containsKey(v)
                                        ? own.get(v)
                                        : ImageRun.isOfImages(node, i)
                                                ? MoveLoops.part(source(v), 0, first, count)
                                                : source(v));
                    }
                    for (var v : node.outputs()) {
                        own.put(
                                v,
                                run.shared().contains(v)
                                        ? MoveLoops.part(sources.get(v), 0, first, count)
                                        : scratch(v, count));
                    }
                    slide(node, in, node.outputs().stream().map(own::get).toList());
                }
            }
        }

        private Source scratch(Value v, long images) {
            var shape = v.type().shape().with(0, images);
            return new Source(
                    b.buffer(v.toString(), v.type().dtype().carrier(), shape.elements(), new Buffer.Role.Scratch()),
                    StridedView.of(shape, graph.layout(v)));
        }

        private void slide(Node node, List<Source> in, List<Source> out) {
            switch (node.op()) {
                case Op.Fused(var kind, var body) -> convolution(node, body, in, out);
                case Op.WindowReduce w -> WindowLoops.emit(b, target, w, in.getFirst(), out.getFirst());
                default -> throw new IllegalArgumentException(node.op().mnemonic() + " slides over no planes");
            }
        }

        private void emit(Node node) {
            switch (node.op()) {
                case Op.Constant c -> {}
                case Op.Fused(var kind, var body) -> {
                    var in = new ArrayList<Source>();
                    for (int i = 0; i < node.inputs().size(); i++) {
                        var v = node.input(i);
                        var inside = body.inputs().get(i).value();
                        in.add(
                                body.nodes().stream().anyMatch(n -> unpacks(n, inside))
                                        ? packed(v)
                                        : kind == Op.FusionKind.ROWS ? rows(v) : source(v));
                    }
                    var out = new ArrayList<Source>();
                    for (int i = 0; i < node.outputs().size(); i++) {
                        var v = node.outputs().get(i);
                        var inside = body.outputs().get(i).value();
                        boolean packs = body.nodes().stream()
                                .anyMatch(n ->
                                        n.op() instanceof Op.Pack && n.output().equals(inside));
                        out.add(packs ? packedResult(v) : result(v));
                    }
                    switch (kind) {
                        case MATMUL -> ProductLoops.emit(b, target, body, in, out);
                        case ATTENTION -> {
                            var operands =
                                    AttentionOperands.of(b, target, body, in, matrices(node, body), out.getFirst());
                            if (TransposedAttention.applies(operands)) {
                                TransposedAttention.emit(operands);
                            } else {
                                AttentionLoops.emit(operands);
                            }
                        }
                        case CONVOLUTION -> convolution(node, body, in, out);
                        case ROWS -> RowLoops.emit(b, target, body, in, out);
                    }
                }
                case Op.Relayout r -> copy(node.output(), source(node.input(0)), result(node.output()));
                case Op.Unpack u ->
                    PackedLoops.emit(
                            b, target, u, node.input(0).type().dtype(), packed(node.input(0)), result(node.output()));
                case Op.Pack p ->
                    PackedLoops.emit(
                            b,
                            target,
                            p,
                            node.input(0).type().dtype(),
                            dense(node.input(0)),
                            packedResult(node.output()));
                case Op.Reshape r
                when packed.containsKey(node.input(0)) ->
                    packed.put(
                            node.output(),
                            MoveLoops.contiguous(packed.get(node.input(0)).buffer(), r.shape()));
                case Op.Gather g -> moves.gather(dense(node.input(0)), dense(node.input(1)), result(node.output()));
                case Op.Concat(var axis)
                when node.inputs().stream().noneMatch(parts::containsKey) ->
                    moves.concat(node.inputs().stream().map(this::source).toList(), result(node.output()), axis);
                case Op.Concat c -> concat(node);
                case Op.Pad(var low, var high) -> pad(node, low);
                case Op.GatherElements g ->
                    moves.gatherElements(dense(node.input(0)), dense(node.input(1)), result(node.output()));
                case Op.Scatter s ->
                    moves.scatter(
                            source(node.input(0)), dense(node.input(1)), dense(node.input(2)), result(node.output()));
                case Op.Scan(var f, var axis, var exclusive, var reverse) ->
                    moves.scan(f, dense(node.input(0)), result(node.output()));
                case Op.TopK t ->
                    TopLoops.emit(
                            b,
                            target,
                            dense(node.input(0)),
                            result(node.outputs().get(0)),
                            result(node.outputs().get(1)));
                case Op.WindowReduce w -> {
                    if (node.type().shape().elements() > 0) {
                        WindowLoops.emit(b, target, w, source(node.input(0)), result(node.output()));
                    } else {
                        result(node.output());
                    }
                }
                default -> view(node);
            }
        }

        private static boolean unpacks(Node node, Value v) {
            return node.op() instanceof Op.Unpack && node.input(0).equals(v);
        }

        private static boolean isNarrow(Value v) {
            return v.type().dtype().bits() < 8;
        }

        /** Where a value lies packed: its buffer is of bytes, its view of elements. Constants get their buffer when they are first read. */
        private Source packed(Value v) {
            return packed.computeIfAbsent(v, x -> {
                var tensor = constant(v).orElseThrow(() -> new PassException("value " + v + " does not lie packed"));
                var stored = v.type().stored();
                return MoveLoops.contiguous(
                        b.buffer(
                                v.toString(),
                                stored.dtype(),
                                stored.shape().elements(),
                                new Buffer.Role.Constant(new Tensor(stored, tensor.bytes()))),
                        v.type().shape());
            });
        }

        /** The buffer of a result that lies packed, which is an output of the model. */
        private Source packedResult(Value v) {
            var at = resultAt.get(v);
            var role = at != null ? new Buffer.Role.Output(at, v.type()) : new Buffer.Role.Scratch();
            var name = at != null ? graph.outputs().get(at).name() : v.toString();
            packed.put(
                    v,
                    MoveLoops.contiguous(
                            buffer(name, v.type().stored(), role), v.type().shape()));
            return packed.get(v);
        }

        private static Source bytes(Source packed) {
            return MoveLoops.contiguous(
                    packed.buffer(), Shape.of(packed.buffer().elements()));
        }

        /** A view operator adds nothing but a view, unless its elements do not lie evenly: then they are copied. */
        private void view(Node node) {
            var from = source(node.input(0));
            var view = from.view().through(node.op());
            if (view.isPresent()) {
                sources.put(node.output(), new Source(from.buffer(), view.get()));
                return;
            }
            var dense = scratch(from.view().shape(), from.buffer().dtype());
            copy(node.output(), from, dense);
            sources.put(
                    node.output(),
                    new Source(dense.buffer(), dense.view().through(node.op()).orElseThrow()));
        }

        /** Where a value lies; constants get their buffer when they are first read. */
        private Source source(Value v) {
            var known = sources.get(v);
            if (known != null) {
                return known;
            }
            var tensor = constant(v).orElseThrow(() -> new PassException("value " + v + " has no memory"));
            var source = MoveLoops.contiguous(
                    b.buffer(
                            v.toString(),
                            v.type().dtype().carrier(),
                            v.type().shape().elements(),
                            new Buffer.Role.Constant(carried(tensor))),
                    v.type().shape());
            sources.put(v, source);
            return source;
        }

        private Optional<Tensor> constant(Value v) {
            return Optional.ofNullable(definitions.get(v))
                    .map(Node::op)
                    .filter(Op.Constant.class::isInstance)
                    .map(op -> ((Op.Constant) op).value());
        }

        private void convolution(Node node, Graph body, List<Source> in, List<Source> out) {
            var inside = Expression.convolution(body).orElseThrow();
            var parameters = body.inputs().stream().map(Graph.Parameter::value).toList();
            var op = (Op.Convolution) inside.op();
            var window = inside.input(1).type().shape();
            var x = in.get(parameters.indexOf(inside.input(0)));
            var operands = new BandLoops.Operands(
                    x.buffer().dtype(),
                    x.view().shape(),
                    window,
                    out.getFirst().view().shape());
            var w = node.input(parameters.indexOf(inside.input(1)));
            var phases = constant(w).flatMap(t -> Phases.of(target, op, operands));
            if (phases.isPresent()) {
                var p = phases.get();
                var planes = scratch(Shape.of(p.elements()), x.buffer().dtype());
                p.rearrange(b, target, x, planes);
                var weights = arranged(w, () -> p.inOrder(constant(w).orElseThrow()), 1, p.rows());
                BandLoops.emit(b, target, body, in, planes, phases, weights, out);
                return;
            }
            if (BandLoops.supports(target, op, operands)) {
                BandLoops.emit(b, target, body, in, x, phases, stationary(w, op.groups()), out);
                return;
            }
            var weights = weights(w, op.groups());
            if (ConvolutionLoops.needsPadding(op, window)) {
                var shape = x.view().shape();
                var padded = scratch(
                        Shape.of(
                                shape.dim(0),
                                shape.dim(1),
                                op.low().get(0) + shape.dim(2) + op.high().get(0),
                                op.low().get(1) + shape.dim(3) + op.high().get(1)),
                        x.buffer().dtype());
                moves.fill(padded, 0);
                moves.place(x, padded, List.of(0L, 0L, op.low().get(0), op.low().get(1)));
                ConvolutionLoops.emit(b, target, body, in, padded, List.of(0L, 0L), weights, out);
            } else {
                ConvolutionLoops.emit(b, target, body, in, x, op.low(), weights, out);
            }
        }

        /** The operands of a region that repeat one constant matrix over their leading dimensions. */
        private Map<Value, Tensor> matrices(Node node, Graph body) {
            var matrices = new HashMap<Value, Tensor>();
            for (int i = 0; i < node.inputs().size(); i++) {
                var v = node.input(i);
                var shape = v.type().shape();
                if (shape.rank() < 2) {
                    continue;
                }
                long matrix = shape.dim(shape.rank() - 2) * shape.dim(shape.rank() - 1);
                var parameter = body.inputs().get(i).value();
                behindViews(v)
                        .filter(t -> t.type().shape().elements() == matrix)
                        .ifPresent(t -> matrices.put(parameter, t));
            }
            return matrices;
        }

        /** The constant behind broadcasts over leading dimensions and reshapes. */
        private Optional<Tensor> behindViews(Value v) {
            var n = definitions.get(v);
            while (n != null && (n.op() instanceof Op.Broadcast || n.op() instanceof Op.Reshape)) {
                n = definitions.get(n.input(0));
            }
            return n != null && n.op() instanceof Op.Constant(var tensor) ? Optional.of(tensor) : Optional.empty();
        }

        private void pad(Node node, List<Long> low) {
            var to = result(node.output());
            var value = node.input(1);
            constant(value)
                    .ifPresentOrElse(t -> moves.fill(to, number(carried(t))), () -> moves.repeat(source(value), to));
            moves.place(source(node.input(0)), to, low);
        }

        private static double number(Tensor tensor) {
            var dtype = tensor.type().dtype();
            return dtype.isFloat()
                    ? Elements.readFloat(tensor.bytes(), 0, dtype)
                    : Elements.readInteger(tensor.bytes(), 0, dtype);
        }

        private StationaryWeights stationary(Value v, long groups) {
            return constant(v)
                    .map(t -> arranged(
                            v,
                            () -> t,
                            groups,
                            StationaryWeights.rows(target, t.type().shape().dim(1))))
                    .orElseGet(() -> StationaryWeights.of(target, weights(v, groups)));
        }

        /** Constant weights, arranged once for all chunks of images. */
        private StationaryWeights arranged(Value v, Supplier<Tensor> tensor, long groups, long rows) {
            return arrangements.computeIfAbsent(List.of(v, groups, rows), k -> {
                var dtype = v.type().dtype().carrier();
                return StationaryWeights.arranged(
                        target,
                        tensor.get(),
                        groups,
                        rows,
                        dtype.bytes(),
                        t -> MoveLoops.contiguous(
                                b.buffer(
                                        v.toString(),
                                        dtype,
                                        t.type().shape().elements(),
                                        new Buffer.Role.Constant(carried(t))),
                                t.type().shape()));
            });
        }

        /** Weights [O, C / groups, window...] as [group, channel, place in the window, output channel of the group]. */
        private Source weights(Value v, long groups) {
            var shape = v.type().shape();
            long places = shape.elements() / Math.max(1, shape.dim(0) * shape.dim(1));
            var split = new Op.Reshape(Shape.of(groups, shape.dim(0) / groups, shape.dim(1), places));
            var turned = new Op.Transpose(List.of(0, 2, 3, 1));
            var known = constant(v);
            if (known.isPresent()) {
                var rows = known.get().reshape(split.shape());
                var type = rows.type().with(turned(split.shape()));
                var tensor = GraphInterpreter.evaluate(turned, List.of(rows), List.of(type))
                        .getFirst();
                return MoveLoops.contiguous(
                        b.buffer(
                                v.toString(),
                                v.type().dtype().carrier(),
                                shape.elements(),
                                new Buffer.Role.Constant(carried(tensor))),
                        type.shape());
            }
            var from = source(v);
            var direct = from.view().through(split).flatMap(x -> x.through(turned));
            if (direct.isPresent() && new Source(from.buffer(), direct.get()).stride(3) <= 1) {
                return new Source(from.buffer(), direct.get());
            }
            from = dense(v);
            var view =
                    from.view().through(split).flatMap(x -> x.through(turned)).orElseThrow();
            var copy = scratch(view.shape(), from.buffer().dtype());
            copy(new Source(from.buffer(), view), copy);
            return copy;
        }

        private static Shape turned(Shape s) {
            return Shape.of(s.dim(0), s.dim(2), s.dim(3), s.dim(1));
        }

        /** A source whose rows can be read in runs: a copy of what lies the other way round. */
        private Source rows(Value v) {
            var s = source(v);
            int last = v.type().shape().rank() - 1;
            while (last >= 0 && v.type().shape().dim(last) == 1) {
                last--;
            }
            boolean scattered = last >= 0 && Math.abs(s.stride(last)) > 1;
            return scattered && v.type().shape().elements() >= WORTH_TURNING && moves.turns(s, natural(s))
                    ? turned.computeIfAbsent(v, x -> {
                        var copy = scratch(s.view().shape(), s.buffer().dtype());
                        copy(s, copy);
                        return copy;
                    })
                    : s;
        }

        private static Source natural(Source s) {
            return MoveLoops.contiguous(s.buffer(), s.view().shape());
        }

        /** A row-major source, copied if it is not one. */
        private Source dense(Value v) {
            var s = source(v);
            var shape = s.view().shape();
            var natural = StridedView.of(shape, Layout.natural(shape.rank()));
            boolean same = true;
            for (int i = 0; i < shape.rank(); i++) {
                same &= shape.dim(i) == 1 || s.view().stride(i) == natural.stride(i);
            }
            if (same) {
                return s;
            }
            var copy = scratch(shape, s.buffer().dtype());
            copy(s, copy);
            return copy;
        }

        private Source scratch(Shape shape, DType dtype) {
            var buffer = b.buffer("copy", dtype, shape.elements(), new Buffer.Role.Scratch());
            return MoveLoops.contiguous(buffer, shape);
        }

        /** The buffer of a result: the model's output if the value is one and has the natural layout. */
        /** Copies what is not in its place yet. */
        private void concat(Node node) {
            var whole = sources.containsKey(node.output()) ? sources.get(node.output()) : result(node.output());
            long start = 0;
            for (var v : node.inputs()) {
                long size = v.type().shape().dim(0);
                if (!new Part(node.output(), start, size).equals(parts.get(v))) {
                    copy(source(v), MoveLoops.part(whole, 0, start, size));
                }
                start += size;
            }
        }

        private Source result(Value v) {
            var part = parts.get(v);
            if (part != null) {
                var whole = sources.containsKey(part.whole) ? sources.get(part.whole) : result(part.whole);
                sources.put(v, MoveLoops.part(whole, 0, part.start, part.size));
                return sources.get(v);
            }
            var layout = graph.layout(v);
            var at = resultAt.get(v);
            var role =
                    at != null && layout.isNatural() ? new Buffer.Role.Output(at, v.type()) : new Buffer.Role.Scratch();
            var name =
                    at != null && layout.isNatural() ? graph.outputs().get(at).name() : v.toString();
            var source = new Source(
                    buffer(name, v.type(), role), StridedView.of(v.type().shape(), layout));
            sources.put(v, source);
            return source;
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
    }

    /** A constant in the type that carries it on the machine. */
    private static Tensor carried(Tensor tensor) {
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
