package dev.systole.frontend.onnx.file;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.FunctionProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.SparseTensorProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sparse tensors of a model as dense ones: initializers, and the values of Constant nodes. No sparse one is left afterwards, but in
 * attributes that no operator of ONNX has.
 */
final class SparseTensors {
    private static final String SPARSE_VALUE = "sparse_value";
    private static final String VALUE = "value";
    private static final int TENSOR = 4;

    private final Path file;
    private final Path directory;

    private SparseTensors(Path file) {
        this.file = file;
        this.directory = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("."));
    }

    /**
     * The same model without sparse tensors.
     *
     * @param file that it is from, for messages and for external data
     * @throws FrontendException if one does not say what it holds
     */
    static ModelProto dense(Path file, ModelProto model) {
        boolean none = !anyIn(model.getGraph())
                && model.getFunctionsList().stream()
                        .noneMatch(f -> f.getNodeList().stream().anyMatch(SparseTensors::isIn));
        if (none) {
            return model;
        }
        var sparse = new SparseTensors(file);
        var dense = model.toBuilder().setGraph(sparse.dense(model.getGraph())).clearFunctions();
        model.getFunctionsList().forEach(f -> dense.addFunctions(sparse.dense(f)));
        return dense.build();
    }

    private static boolean anyIn(GraphProto graph) {
        return graph.getSparseInitializerCount() > 0
                || graph.getNodeList().stream().anyMatch(SparseTensors::isIn);
    }

    private static boolean isIn(NodeProto node) {
        return node.getAttributeList().stream().anyMatch(a -> isConstant(a) || a.hasG() && anyIn(a.getG()));
    }

    private static boolean isConstant(AttributeProto a) {
        return a.hasSparseTensor() && a.getName().equals(SPARSE_VALUE);
    }

    private FunctionProto dense(FunctionProto function) {
        return function.toBuilder()
                .clearNode()
                .addAllNode(function.getNodeList().stream().map(this::dense).toList())
                .build();
    }

    private GraphProto dense(GraphProto graph) {
        if (!anyIn(graph)) {
            return graph;
        }
        var dense = graph.toBuilder().clearSparseInitializer().clearNode();
        graph.getSparseInitializerList()
                .forEach(s -> dense.addInitializer(
                        dense(s, "sparse initializer \"" + s.getValues().getName() + "\"")));
        graph.getNodeList().forEach(n -> dense.addNode(dense(n)));
        return dense.build();
    }

    private NodeProto dense(NodeProto node) {
        if (!isIn(node)) {
            return node;
        }
        var dense = node.toBuilder().clearAttribute();
        for (var a : node.getAttributeList()) {
            if (isConstant(a)) {
                var value = dense(a.getSparseTensor(), "node \"" + node.getName() + "\"");
                dense.addAttribute(AttributeProto.newBuilder()
                        .setName(VALUE)
                        .setType(TENSOR)
                        .setT(value));
            } else {
                dense.addAttribute(
                        a.hasG() ? a.toBuilder().setG(dense(a.getG())).build() : a);
            }
        }
        return dense.build();
    }

    private TensorProto dense(SparseTensorProto sparse, String what) {
        var where = file + ": " + what;
        var values = OnnxTensors.of(sparse.getValues(), where, directory);
        var indices = OnnxTensors.of(sparse.getIndices(), where + ", indices", directory);
        var type = new TensorType(values.type().dtype(), OnnxTensors.shape(sparse.getDimsList(), where));
        OnnxTensors.requireSmall(type, where);
        var result = Tensor.allocate(type);
        var places = places(indices, values.type(), type.shape(), where);
        for (int i = 0; i < places.length; i++) {
            Elements.writeBits(
                    result.bytes(), places[i], type.dtype(), Elements.readBits(values.bytes(), i, type.dtype()));
        }
        return OnnxTensors.toProto(sparse.getValues().getName(), result);
    }

    /** Where values stand in the dense tensor, in ascending order: the indices are such places, or have a coordinate for each dimension. */
    private static long[] places(Tensor indices, TensorType values, Shape shape, String where) {
        var given = indices.type();
        long count = values.shape().elements();
        boolean linear = given.shape().rank() == 1;
        boolean fits = given.dtype() == DType.I64
                && values.shape().rank() == 1
                && (given.shape().equals(Shape.of(count)) || given.shape().equals(Shape.of(count, shape.rank())));
        if (!fits) {
            throw fault(
                    where,
                    "%s indices do not fit values of type %s; they are i64[%d] or i64[%d,%d]"
                            .formatted(given, values, count, count, shape.rank()));
        }
        var strides = shape.strides();
        var places = new long[Math.toIntExact(count)];
        for (int i = 0; i < places.length; i++) {
            if (linear) {
                places[i] = inside(Elements.readInteger(indices.bytes(), i, DType.I64), shape.elements(), where);
            } else {
                for (int d = 0; d < strides.length; d++) {
                    long at = Elements.readInteger(indices.bytes(), (long) i * strides.length + d, DType.I64);
                    places[i] += inside(at, shape.dim(d), where) * strides[d];
                }
            }
            if (i > 0 && places[i] <= places[i - 1]) {
                throw fault(where, "its indices do not ascend, at " + i);
            }
        }
        return places;
    }

    private static long inside(long index, long size, String where) {
        if (index < 0 || index >= size) {
            throw fault(where, "index " + index + " is not in 0.." + (size - 1));
        }
        return index;
    }

    private static FrontendException fault(String where, String what) {
        return new FrontendException("SYS1107", where + ": " + what);
    }
}
