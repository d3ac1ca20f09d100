package dev.systole.cli;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime as an independent judge. */
public final class OnnxRuntimeOracle implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    /**
     * @param model a file, or a model that is in no file yet
     * @param threads that one run uses
     * @throws FrontendException if ONNX Runtime does not load the model
     */
    public OnnxRuntimeOracle(OnnxFile model, int threads) {
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Between runs its threads would keep a core busy that a comparison in turns gives to the other side.
            options.addConfigEntry("session.force_spinning_stop", "1");
            var path = model.path().toString();
            session = path.endsWith(".onnx")
                    ? environment.createSession(path, options)
                    : environment.createSession(model.serialized(), options);
        } catch (OrtException e) {
            throw new FrontendException("SYS6001", model.path() + ": ONNX Runtime does not load it: " + e.getMessage());
        }
    }

    /**
     * Runs the model.
     *
     * @return outputs by name
     * @throws FrontendException if ONNX Runtime fails, or uses types that this bridge does not have
     */
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        var given = new LinkedHashMap<String, OnnxTensor>();
        try {
            for (var e : inputs.entrySet()) {
                if (session.getInputNames().contains(e.getKey())) {
                    given.put(e.getKey(), tensor(e.getValue()));
                }
            }
            try (var result = session.run(given)) {
                var outputs = new LinkedHashMap<String, Tensor>();
                for (var e : result) {
                    outputs.put(e.getKey(), tensor((OnnxTensor) e.getValue()));
                }
                return outputs;
            }
        } catch (OrtException e) {
            throw new FrontendException("SYS6002", "ONNX Runtime: " + e.getMessage());
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor tensor(Tensor t) throws OrtException {
        var bytes =
                java.nio.ByteBuffer.allocateDirect((int) t.bytes().byteSize()).order(ByteOrder.nativeOrder());
        MemorySegment.ofBuffer(bytes).copyFrom(t.bytes());
        return OnnxTensor.createTensor(
                environment,
                bytes,
                t.type().shape().toArray(),
                javaType(t.type().dtype()));
    }

    private static OnnxJavaType javaType(DType dtype) {
        return switch (dtype) {
            case F32 -> OnnxJavaType.FLOAT;
            case F64 -> OnnxJavaType.DOUBLE;
            case F16 -> OnnxJavaType.FLOAT16;
            case BF16 -> OnnxJavaType.BFLOAT16;
            case I8 -> OnnxJavaType.INT8;
            case I16 -> OnnxJavaType.INT16;
            case I32 -> OnnxJavaType.INT32;
            case I64 -> OnnxJavaType.INT64;
            case U8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
            default ->
                throw new FrontendException("SYS6003", "the bridge to ONNX Runtime has no element type " + dtype);
        };
    }

    private static Tensor tensor(OnnxTensor t) {
        var info = t.getInfo();
        var dtype = switch (info.type) {
            case FLOAT -> DType.F32;
            case DOUBLE -> DType.F64;
            case FLOAT16 -> DType.F16;
            case BFLOAT16 -> DType.BF16;
            case INT8 -> DType.I8;
            case INT16 -> DType.I16;
            case INT32 -> DType.I32;
            case INT64 -> DType.I64;
            case UINT8 -> DType.U8;
            case BOOL -> DType.BOOL;
            default -> throw new FrontendException("SYS6003", "the bridge to ONNX Runtime has no type " + info.type);
        };
        var result = Tensor.allocate(new TensorType(dtype, Shape.of(info.getShape())));
        result.bytes().copyFrom(MemorySegment.ofBuffer(t.getByteBuffer()));
        return result;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new FrontendException("SYS6002", "ONNX Runtime: " + e.getMessage());
        }
    }
}
