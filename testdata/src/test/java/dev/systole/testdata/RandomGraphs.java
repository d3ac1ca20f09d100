package dev.systole.testdata;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Graphs of random operations on small f32 tensors of awkward shapes, the same for the same seed. Mutable: one graph. */
final class RandomGraphs {
    private static final List<UnaryOp> UNARY = List.of(
            UnaryOp.NEG,
            UnaryOp.ABS,
            UnaryOp.TANH,
            UnaryOp.SIGMOID,
            UnaryOp.ERF,
            UnaryOp.RELU,
            UnaryOp.GELU,
            UnaryOp.SILU,
            UnaryOp.SQUARE);
    private static final List<BinaryOp> BINARY =
            List.of(BinaryOp.ADD, BinaryOp.SUB, BinaryOp.MUL, BinaryOp.MAX, BinaryOp.MIN);
    private static final long[] EXTENTS = {1, 2, 3, 5, 7, 8, 16, 33, 130};
    /** More than four blocks of partitions, more than a bank of PSUM. */
    private static final long[] LONG_EXTENTS = {1, 2, 5, 12, 33, 64, 130, 257, 520};

    private static final long MOST_SCORES = 70_000;

    private final Random random;
    private final long[] extents;
    private final long mostElements;
    private final GraphBuilder b;
    private final List<Value> values = new ArrayList<>();

    private RandomGraphs(long seed) {
        this.random = new Random(seed);
        boolean isLong = seed % 5 == 4;
        this.extents = isLong ? LONG_EXTENTS : EXTENTS;
        this.mostElements = isLong ? 20_000 : 6000;
        this.b = new GraphBuilder("random " + seed);
    }

    static Graph of(long seed) {
        return new RandomGraphs(seed).build();
    }

    private Graph build() {
        int inputs = 1 + random.nextInt(3);
        for (int i = 0; i < inputs; i++) {
            values.add(b.input("x" + i, new TensorType(DType.F32, shape(1 + random.nextInt(3)))));
        }
        int operations = 3 + random.nextInt(10);
        for (int i = 0; i < operations; i++) {
            b.at(new Location("/node" + i, "Random"));
            step();
        }
        b.output("y", values.getLast());
        if (random.nextBoolean()) {
            b.output("z", any());
        }
        return b.build();
    }

    private Shape shape(int rank) {
        var dims = new long[rank];
        long elements = 1;
        for (int i = 0; i < rank; i++) {
            dims[i] = extents[random.nextInt(extents.length)];
            if (elements * dims[i] > mostElements) {
                dims[i] = 1;
            }
            elements *= dims[i];
        }
        return Shape.of(dims);
    }

    private Value any() {
        return values.get(random.nextInt(values.size()));
    }

    private Value recent() {
        return random.nextInt(3) > 0 ? values.getLast() : any();
    }

    private <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void step() {
        var x = recent();
        int rank = x.type().shape().rank();
        switch (random.nextInt(20)) {
            case 0, 1 -> values.add(b.unary(one(UNARY), x));
            case 2, 3 -> values.add(b.binary(one(BINARY), x, partner(x)));
            case 4 -> values.add(b.add(new Op.Select(), b.binary(BinaryOp.LT, x, partner(x)), x, partner(x)));
            case 5 -> values.add(b.transpose(x, permutation(rank)));
            case 6 -> values.add(b.reshape(x, regrouped(x.type().shape())));
            case 12 -> values.add(b.reshape(x, regrouped(x.type().shape())));
            case 13 -> spread(x);
            case 14 -> productOfValues(x);
            case 15, 16 -> attention(x);
            case 17, 18 -> convolution(x);
            case 19 -> {
                if (rank > 0) {
                    values.add(b.add(new Op.Concat(rank - 1), x, b.unary(one(UNARY), partner(x))));
                }
            }
            case 7 -> {
                if (rank > 0) {
                    var axes = List.of(random.nextInt(rank));
                    var reduced = b.reduce(random.nextBoolean() ? ReduceOp.SUM : ReduceOp.MAX, x, axes);
                    values.add(
                            random.nextBoolean()
                                    ? reduced
                                    : b.broadcast(reduced, x.type().shape()));
                }
            }
            case 8 -> {
                if (rank > 0) {
                    values.add(slice(x));
                }
            }
            case 9 -> {
                if (rank > 0) {
                    values.add(b.add(new Op.Concat(random.nextInt(rank)), x, x));
                }
            }
            case 10 -> softmax(x);
            default -> product(x);
        }
    }

    /** A value of the same type: one that is there, or a broadcast constant. */
    private Value partner(Value x) {
        var same = values.stream().filter(v -> v.type().equals(x.type())).toList();
        if (!same.isEmpty() && random.nextBoolean()) {
            return one(same);
        }
        return b.broadcast(
                b.constant(Tensor.ofFloats(Shape.SCALAR, random.nextFloat() * 2 - 1)),
                x.type().shape());
    }

    /** Neighbours merged, a dimension split in two, one of 1 added, or all in a line. */
    private Shape regrouped(Shape shape) {
        var dims = new ArrayList<>(shape.dims().asList());
        int at = dims.isEmpty() ? 0 : random.nextInt(dims.size());
        switch (random.nextInt(4)) {
            case 0 -> dims.add(at, 1L);
            case 1 -> {
                if (dims.size() > 1) {
                    int first = Math.min(at, dims.size() - 2);
                    dims.set(first, dims.get(first) * dims.remove(first + 1));
                }
            }
            case 2 -> {
                for (long factor = 2; !dims.isEmpty() && factor < dims.get(at); factor++) {
                    if (dims.get(at) % factor == 0) {
                        dims.set(at, dims.get(at) / factor);
                        dims.add(at + random.nextInt(2), factor);
                        break;
                    }
                }
            }
            default -> {
                return Shape.of(shape.elements());
            }
        }
        return dims.size() > 5 ? Shape.of(shape.elements()) : Shape.of(dims);
    }

    /** One row, column or matrix in place of all, or more of what there is one of. */
    private void spread(Value x) {
        var dims = x.type().shape().toArray();
        if (dims.length == 0) {
            return;
        }
        int axis = random.nextInt(dims.length);
        var one = x;
        if (dims[axis] > 1) {
            one = slice(x, axis);
        } else if (x.type().shape().elements() < 3000) {
            dims[axis] = extents[random.nextInt(4)];
        }
        values.add(b.broadcast(one, Shape.of(dims)));
    }

    private Value slice(Value x, int axis) {
        var shape = x.type().shape();
        var starts = new ArrayList<>(java.util.Collections.nCopies(shape.rank(), 0L));
        starts.set(axis, (long) random.nextInt((int) shape.dim(axis)));
        var sizes = new ArrayList<>(shape.dims().asList());
        sizes.set(axis, 1L);
        return b.add(new Op.Slice(starts, sizes, java.util.Collections.nCopies(shape.rank(), 1L)), x);
    }

    /** x times itself turned, or a spread row or matrix of it. */
    private void productOfValues(Value x) {
        int rank = x.type().shape().rank();
        if (rank < 2 || x.type().shape().elements() == 0 || x.type().shape().dim(rank - 2) > 300) {
            return;
        }
        var other = x;
        if (random.nextInt(3) == 0) {
            other = b.broadcast(slice(x, random.nextInt(rank)), x.type().shape());
        }
        values.add(b.add(new Op.MatMul(DType.F32), x, turned(other)));
    }

    private Value turned(Value x) {
        int rank = x.type().shape().rank();
        var order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        java.util.Collections.swap(order, rank - 2, rank - 1);
        return b.transpose(x, order);
    }

    /** Heads of a text, each with its scores, their softmax and its values, merged again. */
    private void attention(Value x) {
        var shape = x.type().shape();
        if (shape.rank() < 2 || shape.elements() == 0) {
            return;
        }
        long width = shape.dim(shape.rank() - 1);
        long tokens = shape.dim(shape.rank() - 2);
        long texts = shape.elements() / width / tokens;
        if (texts * tokens * tokens > MOST_SCORES) {
            return;
        }
        long heads = width % 4 == 0 ? 4 : width % 3 == 0 ? 3 : width % 5 == 0 ? 5 : 1;
        var operands = random.nextBoolean() ? layer(x, texts * tokens, width) : List.of(x, x, x);
        var split = operands.stream()
                .map(o -> b.reshape(o, Shape.of(texts, tokens, heads, width / heads)))
                .toList();
        long group = heads == 4 && random.nextBoolean() ? 2 : 1;
        var q = b.transpose(b.unary(one(UNARY), split.get(0)), List.of(0, 2, 1, 3));
        var k = b.transpose(repeated(split.get(1), group), List.of(0, 2, 3, 1));
        var v = b.transpose(repeated(b.unary(UnaryOp.TANH, split.get(2)), group), List.of(0, 2, 1, 3));
        boolean isMerged = random.nextBoolean();
        if (isMerged) {
            q = b.reshape(q, Shape.of(texts * heads, tokens, width / heads));
            k = b.reshape(k, Shape.of(texts * heads, width / heads, tokens));
            v = b.reshape(v, Shape.of(texts * heads, tokens, width / heads));
        }
        // A softmax of large scores is more sensitive than rounding allows.
        var product = b.add(new Op.MatMul(DType.F32), q, k);
        var scale = b.constant(Tensor.ofFloats(Shape.SCALAR, (float) heads / width));
        var scores = b.binary(
                BinaryOp.MUL, product, b.broadcast(scale, product.type().shape()));
        if (random.nextBoolean()) {
            scores = b.binary(BinaryOp.MUL, scores, partner(scores));
        }
        softmax(scores);
        var context = b.add(new Op.MatMul(DType.F32), values.getLast(), v);
        var apart = isMerged ? b.reshape(context, Shape.of(texts, heads, tokens, width / heads)) : context;
        values.add(b.reshape(b.transpose(apart, List.of(0, 2, 1, 3)), shape));
    }

    /** Queries, keys and values that one product makes of rows. */
    private List<Value> layer(Value x, long rows, long width) {
        var weights = new float[(int) (3 * width * width)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (random.nextFloat() * 2 - 1) / (float) Math.sqrt(width);
        }
        var w = b.constant(Tensor.ofFloats(Shape.of(width, 3 * width), weights));
        var all = b.add(new Op.MatMul(DType.F32), b.reshape(x, Shape.of(rows, width)), w);
        var apart = b.transpose(b.reshape(all, Shape.of(rows, 3, width)), List.of(1, 0, 2));
        return IntStream.range(0, 3)
                .mapToObj(i -> b.add(Op.Slice.along(apart.type().shape(), 0, i, 1, 1), apart))
                .toList();
    }

    /** The first heads [texts, tokens, heads, elements], each as often as a group of queries reads it. */
    private Value repeated(Value heads, long group) {
        var shape = heads.type().shape();
        long count = shape.dim(2) / group;
        var first = b.add(Op.Slice.along(shape, 2, 0, count, 1), heads);
        var one = b.reshape(first, Shape.of(shape.dim(0), shape.dim(1), count, 1, shape.dim(3)));
        var all = b.broadcast(one, Shape.of(shape.dim(0), shape.dim(1), count, group, shape.dim(3)));
        return b.reshape(all, shape);
    }

    /** x as images, under a kernel, a depthwise one or a window. */
    private void convolution(Value x) {
        var shape = x.type().shape();
        if (shape.rank() < 3 || shape.elements() == 0) {
            return;
        }
        int rank = shape.rank();
        long rows = shape.dim(rank - 2);
        long columns = shape.dim(rank - 1);
        long channels = shape.dim(rank - 3);
        var images = b.reshape(x, Shape.of(shape.elements() / rows / columns / channels, channels, rows, columns));
        long size = Math.min(3, Math.min(rows, columns));
        long step = 1 + random.nextInt(2);
        long edge = random.nextInt((int) size);
        var kernel = List.of(size, size);
        var steps = List.of(step, step);
        var edges = List.of(edge, edge);
        var ones = List.of(1L, 1L);
        if (random.nextInt(4) == 0) {
            values.add(b.add(new Op.WindowReduce(ReduceOp.MAX, kernel, steps, edges, edges, ones), images));
            return;
        }
        boolean isDepthwise = random.nextInt(3) == 0;
        long filters = isDepthwise ? channels : extents[random.nextInt(extents.length - 1)];
        var weights = new float[(int) (filters * (isDepthwise ? 1 : channels) * size * size)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (random.nextFloat() * 2 - 1) / (float) Math.sqrt(weights.length / filters);
        }
        var w = b.constant(Tensor.ofFloats(Shape.of(filters, isDepthwise ? 1 : channels, size, size), weights));
        values.add(
                b.add(new Op.Convolution(DType.F32, steps, edges, edges, ones, isDepthwise ? channels : 1), images, w));
    }

    private List<Integer> permutation(int rank) {
        var order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        java.util.Collections.shuffle(order, random);
        return order;
    }

    private Value slice(Value x) {
        var starts = new ArrayList<Long>();
        var sizes = new ArrayList<Long>();
        var steps = new ArrayList<Long>();
        for (int i = 0; i < x.type().shape().rank(); i++) {
            long extent = x.type().shape().dim(i);
            long step = extent > 2 && random.nextInt(3) == 0 ? 2 : 1;
            long start = extent > 1 ? random.nextInt((int) extent / 2) : 0;
            starts.add(start);
            steps.add(step);
            sizes.add(Math.ceilDiv(extent - start, step));
        }
        return b.add(new Op.Slice(starts, sizes, steps), x);
    }

    private void softmax(Value x) {
        int rank = x.type().shape().rank();
        if (rank == 0) {
            return;
        }
        var axes = List.of(rank - 1);
        var shape = x.type().shape();
        var shifted = b.binary(BinaryOp.SUB, x, b.broadcast(b.reduce(ReduceOp.MAX, x, axes), shape));
        var e = b.unary(UnaryOp.EXP, shifted);
        values.add(b.binary(BinaryOp.DIV, e, b.broadcast(b.reduce(ReduceOp.SUM, e, axes), shape)));
    }

    /** x times weights, with a bias and a function more often than not. */
    private void product(Value x) {
        int rank = x.type().shape().rank();
        if (rank < 2) {
            return;
        }
        long depth = x.type().shape().dim(rank - 1);
        long columns = extents[random.nextInt(extents.length)];
        var dims = x.type().shape().toArray();
        dims[rank - 2] = depth;
        dims[rank - 1] = columns;
        var weights = new float[(int) (depth * columns)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (random.nextFloat() * 2 - 1) / (float) Math.sqrt(depth);
        }
        var w = b.constant(Tensor.ofFloats(Shape.of(depth, columns), weights));
        var y = b.add(new Op.MatMul(DType.F32), x, b.broadcast(w, Shape.of(dims)));
        if (random.nextInt(3) > 0) {
            y = b.binary(BinaryOp.ADD, y, partner(y));
        }
        values.add(random.nextBoolean() ? b.unary(one(UNARY), y) : y);
    }
}
