package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OnnxValue.OfSequence;
import dev.systole.frontend.onnx.operator.OnnxValue.OfTensor;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Sequences of tensors, whose lengths are known while importing. */
final class Sequences {
    static final Map<String, OperatorRule.OfStructure> RULES = Map.ofEntries(
            Map.entry("SequenceConstruct", Sequences::construct),
            Map.entry("SequenceEmpty", Sequences::empty),
            Map.entry("SequenceAt", Sequences::at),
            Map.entry("SequenceInsert", Sequences::insert),
            Map.entry("SequenceErase", Sequences::erase),
            Map.entry("SequenceLength", Sequences::length),
            Map.entry("SequenceMap", Sequences::map),
            Map.entry("SplitToSequence", Sequences::split),
            Map.entry("ConcatFromSequence", Sequences::concat));

    private static final long MOST_PARTS = 10_000;

    private Sequences() {}

    private static OfSequence sequence(OnnxNode n, int i) {
        if (n.any(i) instanceof OfSequence sequence) {
            return sequence;
        }
        throw n.fault("takes a sequence where it is given " + n.any(i).type());
    }

    private static List<OnnxValue> sequence(DType dtype, List<Value> values) {
        return List.of(new OfSequence(dtype, values));
    }

    private static List<OnnxValue> construct(OnnxNode n) {
        return sequence(n.input(0).type().dtype(), n.all());
    }

    private static List<OnnxValue> empty(OnnxNode n) {
        long number = n.attributes().integer("dtype", 1);
        var dtype = OnnxTensors.dtype(Math.toIntExact(number))
                .orElseThrow(() -> n.fault("holds ONNX element type " + number + ", which is no number type"));
        return sequence(dtype, List.of());
    }

    /** A place in a sequence; negative ones count from the end. */
    private static int place(OnnxNode n, int input, int end) {
        long given = n.whole(input);
        long place = given < 0 ? given + end : given;
        if (place < 0 || place >= end) {
            throw n.fault("position " + given + " is outside a sequence of " + end + " places");
        }
        return (int) place;
    }

    /** A position that is computed chooses among tensors of one type. */
    private static List<OnnxValue> at(OnnxNode n) {
        var values = sequence(n, 0).values();
        if (n.known(n.input(1)).isPresent()) {
            return List.of(new OfTensor(values.get(place(n, 1, values.size()))));
        }
        boolean alike = values.stream().map(Value::type).distinct().count() == 1;
        if (!alike || n.input(1).type().shape().elements() != 1) {
            throw n.fault("takes one of " + values.size()
                    + " tensors at a position that is computed at run time; they must have one shape");
        }
        var position = n.reshape(n.input(1), Shape.SCALAR);
        return List.of(new OfTensor(
                n.add(new Op.Gather(), ControlFlow.stack(n, values, 0), Indexing.wrapped(n, position, values.size()))));
    }

    private static List<OnnxValue> insert(OnnxNode n) {
        var sequence = sequence(n, 0);
        if (n.input(1).type().dtype() != sequence.dtype()) {
            throw n.fault("inserts " + n.input(1).type() + " into a sequence of " + sequence.dtype());
        }
        var values = new ArrayList<>(sequence.values());
        values.add(n.has(2) ? insertion(n, values.size()) : values.size(), n.input(1));
        return sequence(sequence.dtype(), values);
    }

    /** Before an element, or behind all; negative positions count from the last element's end. */
    private static int insertion(OnnxNode n, int size) {
        long given = n.whole(2);
        if (given < -size || given > size) {
            throw n.fault("position " + given + " is outside a sequence of " + size + " tensors");
        }
        return (int) (given < 0 ? given + size : given);
    }

    private static List<OnnxValue> erase(OnnxNode n) {
        var sequence = sequence(n, 0);
        var values = new ArrayList<>(sequence.values());
        if (values.isEmpty()) {
            throw n.fault("takes a tensor from an empty sequence");
        }
        values.remove(n.has(1) ? place(n, 1, values.size()) : values.size() - 1);
        return sequence(sequence.dtype(), values);
    }

    private static List<OnnxValue> length(OnnxNode n) {
        var length = Tensor.ofLongs(Shape.SCALAR, sequence(n, 0).values().size());
        return List.of(new OfTensor(n.constant(length)));
    }

    /** The body runs for each element; further sequences are taken element by element, tensors as they are. */
    private static List<OnnxValue> map(OnnxNode n) {
        int length = sequence(n, 0).values().size();
        for (int i = 1; i < n.inputs(); i++) {
            if (n.any(i) instanceof OfSequence(var dtype, var values) && values.size() != length) {
                throw n.fault("maps sequences of " + length + " and " + values.size() + " tensors");
            }
        }
        int count = n.bodyOutputs("body");
        var results =
                IntStream.range(0, count).mapToObj(k -> new ArrayList<Value>()).toList();
        for (int at = 0; at < length; at++) {
            int element = at;
            var given = IntStream.range(0, n.inputs())
                    .<OnnxValue>mapToObj(i -> n.any(i) instanceof OfSequence(var dtype, var values)
                            ? new OfTensor(values.get(element))
                            : n.any(i))
                    .toList();
            var outputs = n.inline("body", given);
            for (int k = 0; k < count; k++) {
                results.get(k).add(ControlFlow.whole(n, n.tensor(outputs.get(k))));
            }
        }
        return IntStream.range(0, count)
                .<OnnxValue>mapToObj(k -> new OfSequence(mappedType(n, results.get(k), k), results.get(k)))
                .toList();
    }

    private static DType mappedType(OnnxNode n, List<Value> values, int output) {
        return values.stream()
                .findFirst()
                .map(v -> v.type().dtype())
                .or(() -> n.declaredType("body", output))
                .orElseThrow(
                        () -> n.fault("maps an empty sequence by a body that declares no type for output " + output));
    }

    /** Parts of one size with a shorter last one, or of given sizes; single elements lose their dimension if so wanted. */
    private static List<OnnxValue> split(OnnxNode n) {
        var x = n.input(0);
        int axis = n.axis(n.attributes().integer("axis"), x.type().shape().rank());
        long extent = x.type().shape().dim(axis);
        boolean even = !n.has(1) || n.input(1).type().shape().rank() == 0;
        long each = n.has(1) && even ? n.whole(1) : 1;
        if (even && (each <= 0 || Math.ceilDiv(extent, each) > MOST_PARTS)) {
            throw n.fault("splits %d elements into parts of %d; parts are not empty, and at most %d"
                    .formatted(extent, each, MOST_PARTS));
        }
        var sizes = even
                ? IntStream.range(0, (int) Math.ceilDiv(extent, each))
                        .mapToObj(i -> Math.min(each, extent - i * each))
                        .toList()
                : n.longs(1);
        if (sizes.size() > MOST_PARTS
                || sizes.stream().anyMatch(s -> s < 0)
                || sizes.stream().reduce(0L, Math::addExact) != extent) {
            throw n.fault("splits " + extent + " elements into " + sizes.size() + " parts of other sizes altogether");
        }
        boolean keep = n.has(1) || n.attributes().flag("keepdims");
        var dims = new ArrayList<>(x.type().shape().dims().asList());
        dims.remove(axis);
        var parts = new ArrayList<Value>();
        long start = 0;
        for (long size : sizes) {
            var part = n.slice(x, axis, size == 0 ? 0 : start, size);
            parts.add(keep ? part : n.reshape(part, Shape.of(dims)));
            start += size;
        }
        return sequence(x.type().dtype(), parts);
    }

    private static List<OnnxValue> concat(OnnxNode n) {
        var values = sequence(n, 0).values();
        if (values.isEmpty()) {
            throw n.fault("concatenates an empty sequence, which has no shape");
        }
        values.forEach(v -> ControlFlow.whole(n, v));
        int rank = values.getFirst().type().shape().rank();
        return List.of(new OfTensor(
                n.attributes().flag("new_axis")
                        ? ControlFlow.stack(n, values, n.axis(n.attributes().integer("axis"), rank + 1))
                        : n.concat(n.axis(n.attributes().integer("axis"), rank), values)));
    }
}
