package dev.systole.ir.graph;

import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;

/** The result types of every operator, and the rules for its operands. */
public final class TypeInference {
    private TypeInference() {}

    /**
     * Result types of an operator.
     *
     * @throws GraphException with the rule that the operands break
     */
    public static List<TensorType> infer(Op op, List<TensorType> in) {
        return switch (op) {
            case Op.Constant(var tensor) -> results(op, in, 0, tensor.type());
            case Op.Iota(var type, var axis) -> {
                axis(op, type.shape(), axis);
                yield results(op, in, 0, type);
            }
            case Op.Random(var type, var seed) -> results(op, in, 0, type);
            case Op.Unary(var f) -> {
                count(op, in, 1);
                var t = in.getFirst().dtype();
                require(op, f != UnaryOp.NOT || t == DType.BOOL, "takes booleans, not " + t);
                require(op, f != UnaryOp.BIT_NOT || t.isInteger(), "takes integers, not " + t);
                require(op, t != DType.BOOL || f == UnaryOp.NOT, "does not take booleans");
                yield in;
            }
            case Op.Binary(var f) -> List.of(binary(op, f, in));
            case Op.Select() -> {
                count(op, in, 3);
                require(
                        op,
                        in.get(0).dtype() == DType.BOOL,
                        "the condition is " + in.get(0).dtype() + ", not bool");
                require(op, in.get(1).equals(in.get(2)), "takes equal types, not " + in.get(1) + " and " + in.get(2));
                require(
                        op,
                        in.get(0).shape().equals(in.get(1).shape()),
                        "condition " + in.get(0) + " and operands " + in.get(1) + " differ in shape");
                yield List.of(in.get(1));
            }
            case Op.Cast(var to, var saturate) ->
                results(op, in, 1, first(op, in).with(to));
            case Op.Bitcast(var to) -> {
                var from = first(op, in).dtype();
                require(
                        op,
                        from.bits() == to.bits() && from != DType.BOOL && to != DType.BOOL,
                        "is between types of one width, not from " + from + " to " + to);
                yield results(op, in, 1, in.getFirst().with(to));
            }
            case Op.Unpack(var to) -> {
                narrow(op, first(op, in).dtype(), to);
                require(op, to.isInteger(), "gives integers, not " + to);
                yield results(op, in, 1, in.getFirst().with(to));
            }
            case Op.Pack(var to) -> {
                var from = first(op, in).dtype();
                narrow(op, from, to);
                require(op, from.isInteger(), "takes integers, not " + from);
                yield results(op, in, 1, in.getFirst().with(to));
            }
            case Op.Broadcast(var shape) -> {
                var x = first(op, in).shape();
                require(op, x.rank() == shape.rank(), "keeps the rank: [" + x + "] to [" + shape + "]");
                for (int i = 0; i < x.rank(); i++) {
                    require(
                            op,
                            x.dim(i) == shape.dim(i) || x.dim(i) == 1,
                            "cannot stretch [" + x + "] to [" + shape + "]");
                }
                yield results(op, in, 1, in.getFirst().with(shape));
            }
            case Op.Reshape(var shape) -> {
                var x = first(op, in).shape();
                require(
                        op,
                        x.elements() == shape.elements(),
                        "[" + x + "] has " + x.elements() + " elements, [" + shape + "] has " + shape.elements());
                yield results(op, in, 1, in.getFirst().with(shape));
            }
            case Op.Transpose(var permutation) -> {
                var x = first(op, in).shape();
                require(
                        op,
                        permutation.size() == x.rank()
                                && permutation.stream().allMatch(p -> p >= 0 && p < x.rank())
                                && new HashSet<>(permutation).size() == x.rank(),
                        permutation + " is no permutation of the dimensions of [" + x + "]");
                yield results(
                        op,
                        in,
                        1,
                        in.getFirst()
                                .with(Shape.of(permutation.stream().map(x::dim).toList())));
            }
            case Op.Slice(var starts, var sizes, var steps) -> {
                var x = first(op, in).shape();
                require(
                        op,
                        starts.size() == x.rank() && sizes.size() == x.rank() && steps.size() == x.rank(),
                        "needs a start, size and step for each dimension of [" + x + "]");
                for (int i = 0; i < x.rank(); i++) {
                    long last = starts.get(i) + (sizes.get(i) - 1) * steps.get(i);
                    require(
                            op,
                            sizes.get(i) == 0
                                    || (sizes.get(i) > 0
                                            && starts.get(i) >= 0
                                            && starts.get(i) < x.dim(i)
                                            && last >= 0
                                            && last < x.dim(i)),
                            "dimension " + i + " of [" + x + "] has no elements " + starts.get(i) + ".." + last);
                }
                yield results(op, in, 1, in.getFirst().with(Shape.of(sizes)));
            }
            case Op.Pad(var low, var high) -> {
                count(op, in, 2);
                var x = in.getFirst().shape();
                require(op, in.get(1).equals(in.getFirst().with(Shape.SCALAR)), "fills with a scalar of the same type");
                require(op, low.size() == x.rank() && high.size() == x.rank(), "needs a pair for each dimension");
                var dims = x.toArray();
                for (int i = 0; i < dims.length; i++) {
                    require(op, low.get(i) >= 0 && high.get(i) >= 0, "does not take negative counts");
                    dims[i] += low.get(i) + high.get(i);
                }
                yield List.of(in.getFirst().with(Shape.of(dims)));
            }
            case Op.Concat(var axis) -> {
                require(op, !in.isEmpty(), "needs an input");
                var x = in.getFirst();
                axis(op, x.shape(), axis);
                long total = 0;
                for (var t : in) {
                    require(
                            op,
                            t.dtype() == x.dtype()
                                    && t.shape().rank() == x.shape().rank()
                                    && t.shape().with(axis, 0).equals(x.shape().with(axis, 0)),
                            "inputs " + x + " and " + t + " differ beside dimension " + axis);
                    total += t.shape().dim(axis);
                }
                yield List.of(x.with(x.shape().with(axis, total)));
            }
            case Op.Gather() -> {
                count(op, in, 2);
                var x = in.getFirst().shape();
                require(op, x.rank() > 0, "needs data of rank 1 or more");
                index(op, in.get(1));
                var dims = new ArrayList<Long>();
                in.get(1).shape().dims().forEach(dims::add);
                x.dims().subArray(1, x.rank()).forEach(dims::add);
                yield List.of(in.getFirst().with(Shape.of(dims)));
            }
            case Op.GatherElements(var axis) -> {
                count(op, in, 2);
                axis(op, in.getFirst().shape(), axis);
                index(op, in.get(1));
                require(
                        op,
                        in.get(0).shape().rank() == in.get(1).shape().rank(),
                        "data " + in.get(0) + " and indices " + in.get(1) + " differ in rank");
                yield List.of(in.getFirst().with(in.get(1).shape()));
            }
            case Op.Scatter(var mode) -> {
                count(op, in, 3);
                var x = in.getFirst().shape();
                index(op, in.get(1));
                require(
                        op,
                        x.rank() > 0 && in.get(1).shape().rank() == 1,
                        "needs data of rank 1 or more, indices of 1");
                require(
                        op,
                        in.get(2)
                                .equals(in.getFirst()
                                        .with(x.with(0, in.get(1).shape().dim(0)))),
                        "updates are " + in.get(2) + ", not one row of " + in.getFirst() + " for each index");
                yield List.of(in.getFirst());
            }
            case Op.Reduce(var f, var axes) -> {
                var dims = first(op, in).shape().toArray();
                require(op, in.getFirst().dtype() != DType.BOOL, "does not take booleans");
                for (int a : axes) {
                    axis(op, in.getFirst().shape(), a);
                    dims[a] = 1;
                }
                yield results(op, in, 1, in.getFirst().with(Shape.of(dims)));
            }
            case Op.ArgReduce(var largest, var axis, var last) -> {
                var x = first(op, in).shape();
                axis(op, x, axis);
                require(op, x.dim(axis) > 0, "needs at least one element along dimension " + axis);
                yield results(op, in, 1, new TensorType(DType.I64, x.with(axis, 1)));
            }
            case Op.Scan(var f, var axis, var exclusive, var reverse) -> {
                axis(op, first(op, in).shape(), axis);
                yield results(op, in, 1, in.getFirst());
            }
            case Op.Recurrence(var axis) -> {
                var type = first(op, in);
                axis(op, type.shape(), axis);
                require(op, type.dtype().isFloat(), "takes floats, not " + type);
                require(
                        op,
                        in.size() == 3
                                && in.get(1).equals(type)
                                && in.get(2).equals(type.with(type.shape().with(axis, 1))),
                        "takes factors and summands of one type, and what stands before them along dimension " + axis
                                + ", not " + in);
                yield List.of(type);
            }
            case Op.Sort(var axis, var descending) -> {
                axis(op, first(op, in).shape(), axis);
                yield results(op, in, 1, in.getFirst(), in.getFirst().with(DType.I64));
            }
            case Op.TopK(var axis, var k, var largest) -> {
                var x = first(op, in).shape();
                axis(op, x, axis);
                require(op, k >= 0 && k <= x.dim(axis), "takes " + k + " of " + x.dim(axis) + " elements");
                var shape = x.with(axis, k);
                yield results(
                        op, in, 1, new TensorType(in.getFirst().dtype(), shape), new TensorType(DType.I64, shape));
            }
            case Op.MatMul(var result) -> List.of(matMul(op, result, in));
            case Op.Convolution c -> List.of(convolution(c, in));
            case Op.WindowReduce(var f, var window, var strides, var low, var high, var dilations) -> {
                var x = first(op, in).shape();
                int spatial = window.size();
                require(
                        op,
                        List.of(strides.size(), low.size(), high.size(), dilations.size())
                                .equals(Collections.nCopies(4, spatial)),
                        "has " + spatial + " extents and another number of strides, paddings or dilations");
                require(
                        op,
                        x.rank() == spatial + 2,
                        "needs [N, C, " + spatial + " spatial dimensions], not " + in.getFirst());
                var dims = x.toArray();
                for (int i = 0; i < spatial; i++) {
                    dims[i + 2] = windows(
                            op, x.dim(i + 2), window.get(i), strides.get(i), low.get(i), high.get(i), dilations.get(i));
                }
                yield results(op, in, 1, in.getFirst().with(Shape.of(dims)));
            }
            case Op.If(var then, var otherwise) -> {
                require(
                        op,
                        !in.isEmpty() && in.getFirst().equals(TensorType.of(DType.BOOL)),
                        "needs a bool scalar first");
                region(op, then, in.subList(1, in.size()));
                region(op, otherwise, in.subList(1, in.size()));
                require(
                        op,
                        types(then).equals(types(otherwise)),
                        "regions give " + types(then) + " and " + types(otherwise));
                yield types(then);
            }
            case Op.Loop(var count, var body) -> {
                require(op, count >= 0, "runs a negative number of times");
                var args = new ArrayList<TensorType>();
                args.add(TensorType.of(DType.I64));
                args.addAll(in);
                region(op, body, args);
                require(op, types(body).equals(in), "body gives " + types(body) + ", carries " + in);
                yield in;
            }
            case Op.Relayout() -> results(op, in, 1, first(op, in));
            case Op.Fused(var kind, var body) -> {
                region(op, body, in);
                yield types(body);
            }
        };
    }

    private static void narrow(Op op, DType from, DType to) {
        require(
                op,
                from.bits() < 8 && from.bits() == to.bits(),
                "is between types of one width below a byte, not from " + from + " to " + to);
    }

    /**
     * The shape to which NumPy broadcasts two shapes.
     *
     * @throws GraphException if there is none
     */
    public static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        var dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            int ia = i - (rank - a.rank());
            int ib = i - (rank - b.rank());
            long da = ia < 0 ? 1 : a.dim(ia);
            long db = ib < 0 ? 1 : b.dim(ib);
            if (da != db && da != 1 && db != 1) {
                throw new GraphException(
                        "shapes [" + a + "] and [" + b + "] do not broadcast: " + da + " against " + db);
            }
            dims[i] = da == 1 ? db : da;
        }
        return Shape.of(dims);
    }

    private static TensorType binary(Op op, BinaryOp f, List<TensorType> in) {
        count(op, in, 2);
        var a = in.get(0);
        require(op, a.equals(in.get(1)), "takes equal types, not " + a + " and " + in.get(1));
        require(op, !f.isLogical() || a.dtype() == DType.BOOL, "takes booleans, not " + a.dtype());
        require(op, !f.isBitwise() || a.dtype().isInteger(), "takes integers, not " + a.dtype());
        require(
                op,
                a.dtype() != DType.BOOL || f.isLogical() || f == BinaryOp.EQ || f == BinaryOp.NE,
                "does not take booleans");
        return f.isComparison() ? a.with(DType.BOOL) : a;
    }

    private static TensorType matMul(Op op, DType result, List<TensorType> in) {
        count(op, in, 2);
        var a = in.get(0);
        var b = in.get(1);
        int rank = a.shape().rank();
        require(
                op,
                a.dtype() == b.dtype() && a.dtype().isFloat(),
                "takes two of one float type, not " + a + " and " + b);
        require(op, rank >= 2 && rank == b.shape().rank(), "needs equal ranks of 2 or more, not " + a + " and " + b);
        var dims = a.shape().toArray();
        for (int i = 0; i < rank - 2; i++) {
            require(op, dims[i] == b.shape().dim(i), "batch dimensions of " + a + " and " + b + " differ");
        }
        require(
                op,
                dims[rank - 1] == b.shape().dim(rank - 2),
                "contracts " + a + " with " + b + ": " + dims[rank - 1] + " against "
                        + b.shape().dim(rank - 2));
        dims[rank - 1] = b.shape().dim(rank - 1);
        return new TensorType(result, Shape.of(dims));
    }

    private static TensorType convolution(Op.Convolution c, List<TensorType> in) {
        count(c, in, 2);
        var x = in.get(0).shape();
        var w = in.get(1).shape();
        int spatial = c.strides().size();
        require(
                c,
                c.low().size() == spatial
                        && c.high().size() == spatial
                        && c.dilations().size() == spatial,
                "has " + spatial + " strides and another number of paddings or dilations");
        require(c, in.get(0).dtype() == in.get(1).dtype(), "takes one element type, not " + in);
        require(c, x.rank() == spatial + 2 && w.rank() == spatial + 2, "ranks of " + in + " do not fit");
        require(
                c,
                c.groups() > 0 && x.dim(1) == w.dim(1) * c.groups() && w.dim(0) % c.groups() == 0,
                x.dim(1) + " channels in " + c.groups() + " groups against weights [" + w + "]");
        var dims = x.toArray();
        dims[1] = w.dim(0);
        for (int i = 0; i < spatial; i++) {
            dims[i + 2] = windows(
                    c,
                    x.dim(i + 2),
                    w.dim(i + 2),
                    c.strides().get(i),
                    c.low().get(i),
                    c.high().get(i),
                    c.dilations().get(i));
        }
        return new TensorType(c.result(), Shape.of(dims));
    }

    private static long windows(Op op, long extent, long window, long stride, long low, long high, long dilation) {
        require(op, window > 0 && stride > 0 && dilation > 0, "window, stride and dilation are positive");
        long span = (window - 1) * dilation + 1;
        long padded = extent + low + high;
        require(op, padded >= span, "a window of " + span + " does not fit " + padded + " elements");
        return (padded - span) / stride + 1;
    }

    private static void region(Op op, Graph body, List<TensorType> args) {
        var expected = body.inputs().stream().map(p -> p.value().type()).toList();
        require(op, expected.equals(args), "region takes " + expected + ", not " + args);
    }

    private static List<TensorType> types(Graph g) {
        return g.outputs().stream().map(r -> r.value().type()).toList();
    }

    private static List<TensorType> results(Op op, List<TensorType> in, int operands, TensorType... types) {
        count(op, in, operands);
        return List.of(types);
    }

    private static TensorType first(Op op, List<TensorType> in) {
        require(op, !in.isEmpty(), "needs an operand");
        return in.getFirst();
    }

    private static void count(Op op, List<TensorType> in, int n) {
        require(op, in.size() == n, "takes " + n + " operands, not " + in.size());
    }

    private static void axis(Op op, Shape shape, int axis) {
        require(op, axis >= 0 && axis < shape.rank(), "[" + shape + "] has no dimension " + axis);
    }

    private static void index(Op op, TensorType type) {
        require(
                op,
                type.dtype() == DType.I32 || type.dtype() == DType.I64,
                "indices are i32 or i64, not " + type.dtype());
    }

    private static void require(Op op, boolean holds, String rule) {
        if (!holds) {
            throw new GraphException(op.mnemonic() + " " + rule);
        }
    }
}
