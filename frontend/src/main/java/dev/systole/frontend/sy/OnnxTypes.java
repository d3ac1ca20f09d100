package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import java.util.Set;

/** Types as ONNX writes them. */
final class OnnxTypes {
    private OnnxTypes() {}

    static TypeProto of(TensorType type) {
        return of(type, Set.of());
    }

    /** @param open axes whose extents are not said */
    static TypeProto of(TensorType type, Set<Integer> open) {
        var tensor = tensor(type.dtype());
        tensor.getShapeBuilder();
        for (int i = 0; i < type.shape().rank(); i++) {
            var dim = tensor.getShapeBuilder().addDimBuilder();
            if (!open.contains(i)) {
                dim.setDimValue(type.shape().dim(i));
            }
        }
        return TypeProto.newBuilder().setTensorType(tensor).build();
    }

    /** A tensor of any shape. */
    static TypeProto of(DType dtype) {
        return TypeProto.newBuilder().setTensorType(tensor(dtype)).build();
    }

    private static TypeProto.Tensor.Builder tensor(DType dtype) {
        return TypeProto.Tensor.newBuilder()
                .setElemType(OnnxTensors.number(dtype).orElseThrow());
    }

    static TypeProto sequence(TypeProto element) {
        return TypeProto.newBuilder()
                .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(element))
                .build();
    }

    static TypeProto optional(TypeProto content) {
        return TypeProto.newBuilder()
                .setOptionalType(TypeProto.Optional.newBuilder().setElemType(content))
                .build();
    }

    /** The type of a value; not set for an optional that holds nothing, of which it is not known. */
    static TypeProto of(OnnxValue value) {
        return switch (value) {
            case OnnxValue.OfTensor(var tensor) -> of(tensor.type());
            case OnnxValue.OfSequence(var dtype, var tensors) -> sequence(of(dtype));
            case OnnxValue.OfOptional(var content) ->
                content.map(c -> optional(of(c))).orElse(TypeProto.getDefaultInstance());
        };
    }
}
