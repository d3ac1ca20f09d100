package dev.systole.frontend.sy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.ArrayFileException;
import dev.systole.frontend.array.Npy;
import dev.systole.frontend.array.Npz;
import dev.systole.frontend.array.SafeTensors;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tensors by name in a file of any kind that holds some. */
final class TensorFile {
    private TensorFile() {}

    /** True if a file holds one tensor, which has no name. */
    static boolean isSingle(Path path) {
        return path.toString().endsWith(".npy");
    }

    /**
     * Reads all tensors; that of an .npy file is called "".
     *
     * @throws ArrayFileException if it is no file of tensors
     * @throws FrontendException if it is no ONNX model
     */
    static Map<String, Tensor> read(Path path) {
        var name = path.toString();
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "npy" -> Map.of("", Npy.read(path));
            case "npz" -> Npz.read(path);
            case "safetensors" -> SafeTensors.read(path);
            case "onnx" -> initializers(path);
            default ->
                throw new ArrayFileException(path + ": parameters are read from .safetensors, .npz, .npy and .onnx");
        };
    }

    private static Map<String, Tensor> initializers(Path path) {
        var directory = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var proto : OnnxFile.read(path).model().getGraph().getInitializerList()) {
            if (OnnxTensors.dtype(proto.getDataType()).isPresent()) {
                tensors.put(proto.getName(), OnnxTensors.of(proto, path + ": \"" + proto.getName() + "\"", directory));
            }
        }
        return tensors;
    }
}
