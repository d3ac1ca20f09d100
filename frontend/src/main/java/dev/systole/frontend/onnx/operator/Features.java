package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Features of classical models: chosen, scaled, replaced, encoded. Their tables are attributes, so they are constants here. */
final class Features {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "ai.onnx.ml.ArrayFeatureExtractor",
            Features::extract,
            "ai.onnx.ml.Binarizer",
            Features::binarize,
            "ai.onnx.ml.FeatureVectorizer",
            Features::vectorize,
            "ai.onnx.ml.Imputer",
            Features::impute,
            "ai.onnx.ml.LabelEncoder",
            Features::encode,
            "ai.onnx.ml.Normalizer",
            Features::normalize,
            "ai.onnx.ml.OneHotEncoder",
            Features::oneHot,
            "ai.onnx.ml.Scaler",
            Features::scale);

    private Features() {}

    /** Numbers of an attribute as fp32. */
    static Value floats(OnnxNode n, Shape shape, List<Float> numbers) {
        var values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers.get(i);
        }
        return n.constant(Tensor.ofFloats(shape, values));
    }

    /** An input as rows [N, features]: one row if it is a list, else what follows the first dimension is one. */
    static Value rows(OnnxNode n, Value x) {
        var shape = x.type().shape();
        if (shape.rank() == 0) {
            throw n.fault("takes rows of features, not one number");
        }
        long count = shape.rank() == 1 ? 1 : shape.dim(0);
        long features = 1;
        for (int d = shape.rank() == 1 ? 0 : 1; d < shape.rank(); d++) {
            features = Math.multiplyExact(features, shape.dim(d));
        }
        return n.reshape(x, Shape.of(count, features));
    }

    /** Elements along the last axis; a list gives one row. */
    private static List<Value> extract(OnnxNode n) {
        var x = n.input(0);
        int last = x.type().shape().rank() - 1;
        if (last < 0) {
            throw n.fault("takes rows of features, not one number");
        }
        var indices = n.input(1);
        var flat = n.reshape(indices, Shape.of(indices.type().shape().elements()));
        var chosen = n.add(
                new Op.Gather(),
                Ordering.front(n, x, last),
                Indexing.wrapped(n, flat, x.type().shape().dim(last)));
        var rows = Ordering.back(n, chosen, last);
        return List.of(
                last > 0
                        ? rows
                        : n.reshape(rows, Shape.of(1, rows.type().shape().dim(0))));
    }

    private static List<Value> binarize(OnnxNode n) {
        var x = n.input(0);
        var wide = x.type().dtype().isFloat() ? x : n.cast(x, DType.F64);
        return List.of(n.cast(
                n.binary(BinaryOp.GT, wide, n.attributes().real("threshold")),
                x.type().dtype()));
    }

    /** Inputs beside each other; where their widths are given, each is cut or filled with zeros to its own. */
    private static List<Value> vectorize(OnnxNode n) {
        var widths = n.attributes().integers("inputdimensions").orElse(List.of());
        var parts = new ArrayList<Value>();
        for (int i = 0; i < n.inputs(); i++) {
            var rows = n.cast(rows(n, n.input(i)), DType.F32);
            parts.add(i < widths.size() ? fitted(n, rows, widths.get(i)) : rows);
        }
        return List.of(n.concat(1, parts));
    }

    private static Value fitted(OnnxNode n, Value rows, long width) {
        long own = rows.type().shape().dim(1);
        if (width < 0) {
            throw n.fault("attribute \"inputdimensions\" holds " + width);
        }
        if (width <= own) {
            return n.slice(rows, 1, 0, width);
        }
        return n.add(new Op.Pad(List.of(0L, 0L), List.of(0L, width - own)), rows, n.scalar(DType.F32, 0));
    }

    /** Replaces one number by others, by feature if there are as many as features. */
    private static List<Value> impute(OnnxNode n) {
        var x = n.input(0);
        var dtype = x.type().dtype();
        boolean real = dtype.isFloat();
        double replaced = real
                ? n.attributes().real("replaced_value_float")
                : n.attributes().integer("replaced_value_int64");
        var imputed = real
                ? n.attributes().reals("imputed_value_floats").map(f -> floats(n, Shape.of(f.size()), f))
                : n.attributes().integers("imputed_value_int64s").map(n::longs);
        if (imputed.isEmpty()) {
            throw n.fault("has no values to put in place of " + replaced);
        }
        var isReplaced = Double.isNaN(replaced) ? n.binary(BinaryOp.NE, x, x) : n.binary(BinaryOp.EQ, x, replaced);
        return List.of(n.select(isReplaced, n.cast(perFeature(n, x, imputed.get()), dtype), x));
    }

    /** One number for all features, or one for each, along the last dimension. */
    private static Value perFeature(OnnxNode n, Value x, Value numbers) {
        var shape = x.type().shape();
        long count = numbers.type().shape().dim(0);
        if (count != 1 && (shape.rank() == 0 || count != shape.dim(shape.rank() - 1))) {
            throw n.fault("has " + count + " numbers for the features of " + x.type());
        }
        return count == 1 ? n.reshape(numbers, Shape.SCALAR) : numbers;
    }

    private static List<Value> scale(OnnxNode n) {
        var x = n.cast(n.input(0), DType.F32);
        var offset = n.attributes().reals("offset").filter(f -> !f.isEmpty());
        if (offset.isPresent()) {
            var numbers = floats(n, Shape.of(offset.get().size()), offset.get());
            x = n.binary(BinaryOp.SUB, x, perFeature(n, x, numbers));
        }
        var scale = n.attributes().reals("scale").filter(f -> !f.isEmpty());
        if (scale.isPresent()) {
            var numbers = floats(n, Shape.of(scale.get().size()), scale.get());
            x = n.binary(BinaryOp.MUL, x, perFeature(n, x, numbers));
        }
        return List.of(x);
    }

    /** A row by its largest number, the sum of magnitudes, or its length; by 1 where that is 0. */
    private static List<Value> normalize(OnnxNode n) {
        var x = n.cast(n.input(0), DType.F32);
        var shape = x.type().shape();
        int axis = shape.rank() - 1;
        if (axis < 0 || shape.dim(axis) == 0) {
            throw n.fault("takes rows of features, not " + n.input(0).type());
        }
        var norm = n.attributes().text("norm");
        var divisor = switch (norm) {
            case "MAX" -> reduced(n, ReduceOp.MAX, x, axis);
            case "L1" -> reduced(n, ReduceOp.SUM, n.unary(UnaryOp.ABS, x), axis);
            case "L2" -> n.unary(UnaryOp.SQRT, reduced(n, ReduceOp.SUM, n.unary(UnaryOp.SQUARE, x), axis));
            default -> throw n.fault("attribute \"norm\" is \"" + norm + "\"; there are MAX, L1 and L2");
        };
        var one = n.scalar(DType.F32, 1);
        return List.of(n.binary(BinaryOp.DIV, x, n.select(n.binary(BinaryOp.EQ, divisor, 0), one, divisor)));
    }

    private static Value reduced(OnnxNode n, ReduceOp f, Value x, int axis) {
        return n.add(new Op.Reduce(f, List.of(axis)), x);
    }

    /** 1 at the place of the category; a number that is none gives zeros. */
    private static List<Value> oneHot(OnnxNode n) {
        var categories = n.attributes().integers("cats_int64s").filter(c -> !c.isEmpty());
        if (categories.isEmpty()) {
            throw n.fault("has no \"cats_int64s\"; categories of text are not supported");
        }
        var x = n.cast(n.input(0), DType.I64);
        var dims = new ArrayList<>(x.type().shape().dims().asList());
        dims.add(1L);
        var hit = n.binary(BinaryOp.EQ, n.reshape(x, Shape.of(dims)), n.longs(categories.get()));
        return List.of(n.cast(hit, DType.F32));
    }

    /** A key's value: the first key that is equal tells, and behind them all stands one that always is. Since opset 4 NaN is a key. */
    private static List<Value> encode(OnnxNode n) {
        var x = n.input(0);
        var keys = n.cast(table(n, "keys"), x.type().dtype());
        var values = table(n, "values");
        long count = keys.type().shape().dim(0);
        if (count != values.type().shape().dim(0)) {
            throw n.fault("has " + count + " keys and " + values.type().shape().dim(0) + " values");
        }
        var flat = n.reshape(x, Shape.of(x.type().shape().elements(), 1));
        var hit = n.binary(BinaryOp.EQ, flat, keys);
        if (n.since() >= 4 && x.type().dtype().isFloat()) {
            var both = n.binary(BinaryOp.AND, n.binary(BinaryOp.NE, flat, flat), n.binary(BinaryOp.NE, keys, keys));
            hit = n.binary(BinaryOp.OR, hit, both);
        }
        long rows = flat.type().shape().dim(0);
        var hits = n.concat(1, List.of(n.cast(hit, DType.F32), n.splat(DType.F32, Shape.of(rows, 1), 1)));
        var first = n.reshape(n.add(new Op.ArgReduce(true, 1, false), hits), Shape.of(rows));
        var results = n.concat(0, List.of(values, fallback(n, values.type().dtype())));
        return List.of(
                n.reshape(n.add(new Op.Gather(), results, first), x.type().shape()));
    }

    private static Value table(OnnxNode n, String name) {
        var tensor = n.attributes().has(name + "_tensor")
                ? n.attributes().tensor(name + "_tensor")
                : Optional.<Tensor>empty();
        if (tensor.isPresent()) {
            return n.reshape(
                    n.constant(tensor.get()),
                    Shape.of(tensor.get().type().shape().elements()));
        }
        return n.attributes()
                .reals(name + "_floats")
                .map(f -> floats(n, Shape.of(f.size()), f))
                .or(() -> n.attributes().integers(name + "_int64s").map(n::longs))
                .orElseThrow(
                        () -> n.fault("has no " + name + " of numbers; keys and values of text are not supported"));
    }

    private static Value fallback(OnnxNode n, DType dtype) {
        var tensor = n.attributes().has("default_tensor")
                ? n.attributes().tensor("default_tensor")
                : Optional.<Tensor>empty();
        if (tensor.isPresent()) {
            return n.cast(n.reshape(n.constant(tensor.get()), Shape.of(1)), dtype);
        }
        var result = Tensor.allocate(TensorType.of(dtype, 1));
        if (dtype.isFloat()) {
            Elements.writeDouble(result.bytes(), 0, dtype, n.attributes().real("default_float"));
        } else {
            Elements.writeInteger(result.bytes(), 0, dtype, n.attributes().integer("default_int64"));
        }
        return n.constant(result);
    }
}
