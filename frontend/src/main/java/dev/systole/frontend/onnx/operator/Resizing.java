package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Tensors of another size, resampled along one axis after the other. */
final class Resizing {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("Resize", Resizing::resize, "Upsample", Resizing::upsample);

    private Resizing() {}

    private static List<Value> upsample(OnnxNode n) {
        int rank = n.input(0).type().shape().rank();
        if (n.since() < 7 && rank != 4) {
            throw n.fault("takes [N, C, height, width], not " + n.input(0).type());
        }
        List<Float> scales = n.since() < 7
                ? List.of(
                        1f,
                        1f,
                        n.attributes().real("height_scale"),
                        n.attributes().real("width_scale"))
                : n.since() < 9 ? n.attributes().reals("scales").orElseThrow() : reals(n, 1);
        if (scales.stream().anyMatch(s -> !(s >= 1))) {
            throw n.fault("has scales " + scales + "; they are 1 or more");
        }
        var mode = n.attributes().text("mode");
        return List.of(resize(
                n,
                ResizeMethod.old(mode.equals("bilinear") ? "linear" : mode),
                scaled(n, all(rank), scales, List.of())));
    }

    private static List<Value> resize(OnnxNode n) {
        int rank = n.input(0).type().shape().rank();
        if (n.since() < 11) {
            return List.of(resize(
                    n, ResizeMethod.old(n.attributes().text("mode")), scaled(n, all(rank), reals(n, 1), List.of())));
        }
        var coordinates = n.attributes().text("coordinate_transformation_mode");
        if (!transformations(n.since()).contains(coordinates)) {
            throw n.fault("has coordinate_transformation_mode \"" + coordinates + "\"; there are "
                    + String.join(", ", transformations(n.since())));
        }
        var method = new ResizeMethod(
                n.attributes().text("mode"),
                coordinates,
                n.attributes().text("nearest_mode"),
                n.attributes().integer("antialias", 0) != 0,
                n.attributes().flag("exclude_outside"),
                n.attributes().real("cubic_coeff_a"),
                n.attributes().real("extrapolation_value"));
        var axes = n.attributes()
                .integers("axes")
                .map(given -> given.stream().map(a -> n.axis(a, rank)).toList())
                .orElse(all(rank));
        if (new HashSet<>(axes).size() != axes.size()) {
            throw n.fault("resizes an axis twice: " + axes);
        }
        var region = method.crops() ? reals(n, 1) : List.<Float>of();
        if (method.crops() && region.size() != 2 * axes.size()) {
            throw n.fault("has a roi of " + region.size() + " numbers for " + axes.size() + " axes");
        }
        var scales = n.has(2) ? reals(n, 2) : List.<Float>of();
        var sizes = n.has(3) ? n.longs(3) : List.<Long>of();
        if (scales.isEmpty() == sizes.isEmpty() && !axes.isEmpty()) {
            throw n.fault("needs either scales or sizes");
        }
        return List.of(
                resize(n, method, sizes.isEmpty() ? scaled(n, axes, scales, region) : sized(n, axes, sizes, region)));
    }

    private static List<String> transformations(int since) {
        var known = new ArrayList<>(
                List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"));
        if (since == 11) {
            known.add("tf_half_pixel_for_nn");
        }
        if (since >= 19) {
            known.add("half_pixel_symmetric");
        }
        return known;
    }

    private static List<Integer> all(int rank) {
        return IntStream.range(0, rank).boxed().toList();
    }

    private static List<Float> reals(OnnxNode n, int i) {
        var tensor = n.known(i);
        var list = new ArrayList<Float>();
        for (long k = 0; k < tensor.type().shape().elements(); k++) {
            list.add(Elements.readFloat(tensor.bytes(), k, tensor.type().dtype()));
        }
        return list;
    }

    private static List<ResizeMethod.Axis> scaled(
            OnnxNode n, List<Integer> axes, List<Float> scales, List<Float> region) {
        requireCount(n, "scales", scales, axes);
        if (scales.stream().anyMatch(s -> !(s > 0 && s < Float.POSITIVE_INFINITY))) {
            throw n.fault("has scales " + scales + "; they are positive");
        }
        var result = new ArrayList<ResizeMethod.Axis>();
        for (int i = 0; i < axes.size(); i++) {
            long in = n.input(0).type().shape().dim(axes.get(i));
            double start = region.isEmpty() ? 0 : region.get(i);
            double end = region.isEmpty() ? 1 : region.get(axes.size() + i);
            float scale = scales.get(i);
            long out = (long) Math.floor((float) (in * (end - start)) * scale);
            result.add(new ResizeMethod.Axis(axes.get(i), in, out, scale, start, end));
        }
        return result;
    }

    /** Sizes may stand for the largest, or smallest, scale that is then taken for all axes. */
    private static List<ResizeMethod.Axis> sized(OnnxNode n, List<Integer> axes, List<Long> sizes, List<Float> region) {
        requireCount(n, "sizes", sizes, axes);
        var shape = n.input(0).type().shape();
        var ratios = IntStream.range(0, axes.size()).mapToDouble(i -> (double) sizes.get(i) / shape.dim(axes.get(i)));
        var common = switch (n.attributes().text("keep_aspect_ratio_policy", "stretch")) {
            case "stretch" -> Optional.<Double>empty();
            case "not_larger" -> ratios.boxed().min(Double::compare);
            case "not_smaller" -> ratios.boxed().max(Double::compare);
            default ->
                throw n.fault("has keep_aspect_ratio_policy \"" + n.attributes().text("keep_aspect_ratio_policy")
                        + "\"; there are stretch, not_larger and not_smaller");
        };
        var result = new ArrayList<ResizeMethod.Axis>();
        for (int i = 0; i < axes.size(); i++) {
            long in = shape.dim(axes.get(i));
            long out = common.isPresent() ? (long) Math.floor(common.get() * in + 0.5) : sizes.get(i);
            double start = region.isEmpty() ? 0 : region.get(i);
            double end = region.isEmpty() ? 1 : region.get(axes.size() + i);
            result.add(new ResizeMethod.Axis(axes.get(i), in, out, common.orElse((double) out / in), start, end));
        }
        return result;
    }

    private static void requireCount(OnnxNode n, String name, List<?> given, List<Integer> axes) {
        if (given.size() != axes.size()) {
            throw n.fault("has " + given.size() + " " + name + " for " + axes.size() + " axes");
        }
    }

    private static Value resize(OnnxNode n, ResizeMethod method, List<ResizeMethod.Axis> axes) {
        var x = n.input(0);
        var type = x.type().dtype();
        var result = x.type().shape();
        for (var a : axes) {
            if (a.out() < 0 || a.in() == 0 && a.out() > 0) {
                throw n.fault("resizes dimension " + a.axis() + " of " + x.type() + " to " + a.out() + " elements");
            }
            result = result.with(a.axis(), a.out());
        }
        if (result.elements() == 0) {
            return n.splat(type, result, 0);
        }
        if (method.mode().equals("nearest")) {
            for (var a : axes) {
                x = along(n, x, method, a);
            }
            return x;
        }
        x = n.cast(x, interpolated(type));
        for (var a : axes) {
            x = along(n, x, method, a);
        }
        return type.isFloat() ? n.cast(x, type) : rounded(n, x, type);
    }

    /** The float type in which elements of a type are interpolated. */
    static DType interpolated(DType type) {
        return type == DType.F64 || type.isInteger() && type.bits() >= 32 ? DType.F64 : DType.F32;
    }

    private static Value rounded(OnnxNode n, Value x, DType type) {
        var whole = n.unary(UnaryOp.ROUND, x);
        if (type.isInteger() && type.bits() < 32) {
            double lowest = type.isSigned() ? -Math.scalb(1.0, type.bits() - 1) : 0;
            double highest = lowest + Math.scalb(1.0, type.bits()) - 1;
            whole = n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, whole, lowest), highest);
        }
        return n.cast(whole, type);
    }

    private static Value along(OnnxNode n, Value x, ResizeMethod method, ResizeMethod.Axis a) {
        boolean whole = !method.crops() || a.start() == 0 && a.end() == 1;
        if (a.in() == a.out() && a.scale() == 1 && whole) {
            return x;
        }
        if (Math.max(a.in(), a.out()) > Resampling.MOST_ELEMENTS) {
            throw n.fault("resizes " + a.in() + " to " + a.out() + " elements; up to " + Resampling.MOST_ELEMENTS
                    + " along an axis are supported");
        }
        var places = LongStream.range(0, a.out())
                .mapToDouble(o -> method.place(a, o))
                .toArray();
        if (!method.crops()) {
            return at(n, x, method, a, places);
        }
        int first = 0;
        while (first < places.length && !inside(a, places[first])) {
            first++;
        }
        int last = first;
        while (last < places.length && inside(a, places[last])) {
            last++;
        }
        return extrapolated(n, x, method, a, places, first, last);
    }

    private static boolean inside(ResizeMethod.Axis a, double place) {
        return place >= 0 && place <= a.in() - 1;
    }

    /** The elements whose places {@code first..last-1} are inside, and the extrapolation value for those around them. */
    private static Value extrapolated(
            OnnxNode n, Value x, ResizeMethod method, ResizeMethod.Axis a, double[] places, int first, int last) {
        var type = x.type().dtype();
        var value = type.isFloat()
                ? n.scalar(type, method.extrapolation())
                : rounded(n, n.scalar(DType.F64, method.extrapolation()), type);
        if (first == last) {
            return n.broadcast(value, x.type().shape().with(a.axis(), a.out()));
        }
        var inner = at(n, x, method, a, Arrays.copyOfRange(places, first, last));
        if (first == 0 && last == places.length) {
            return inner;
        }
        var low = new ArrayList<>(Collections.nCopies(x.type().shape().rank(), 0L));
        var high = new ArrayList<>(low);
        low.set(a.axis(), (long) first);
        high.set(a.axis(), (long) places.length - last);
        return n.add(new Op.Pad(low, high), inner, value);
    }

    private static Value at(OnnxNode n, Value x, ResizeMethod method, ResizeMethod.Axis a, double[] places) {
        if (method.mode().equals("nearest")) {
            if (method.antialias()) {
                throw n.fault("has antialias for mode \"nearest\"; it is for linear and cubic");
            }
            var indices = new int[places.length];
            for (int o = 0; o < indices.length; o++) {
                indices[o] = (int) Math.clamp((long) method.nearest(n, a, places[o]), 0, a.in() - 1);
            }
            return Resampling.pick(n, x, a.axis(), indices);
        }
        return Resampling.interpolate(n, x, a.axis(), method.weights(n, a, places));
    }
}
