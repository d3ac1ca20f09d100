package dev.systole.frontend.onnx.file;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.OptionalProto;
import dev.systole.frontend.onnx.proto.SequenceProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A parsed model file. Weights alias the mapped file; sparse ones are dense.
 *
 * @param path that it was read from; external data lies beside it
 */
public record OnnxFile(Path path, ModelProto model) {
    private static final int DEEPEST_NESTING = 64;

    /** What is left of 2 GiB is for the nodes. */
    private static final long MOST_WEIGHT_BYTES = 1_900_000_000;

    /**
     * Maps and parses a model.
     *
     * @throws FrontendException if there is no such file, it cannot be read, or it is no complete ONNX model
     */
    public static OnnxFile read(Path path) {
        try {
            return parse(path, map(path));
        } catch (IOException e) {
            throw new FrontendException("SYS1101", path + ": cannot be read: " + e.getMessage());
        }
    }

    /**
     * A model from the bytes of its file.
     *
     * @param path of the file, for messages and for external data
     * @throws FrontendException if they are no complete ONNX model
     */
    public static OnnxFile parse(Path path, ByteBuffer bytes) {
        try {
            var model = ModelProto.parser().parseFrom(input(bytes));
            if (!model.hasGraph() || !model.hasIrVersion()) {
                throw notOnnx(path, "it has no graph");
            }
            return new OnnxFile(path, NodeOrder.sorted(SparseTensors.dense(path, model)));
        } catch (InvalidProtocolBufferException e) {
            throw notOnnx(path, reason(e));
        }
    }

    /**
     * Maps and parses one serialized tensor, as the ONNX test cases hold them.
     *
     * @throws FrontendException if there is no such file, it cannot be read, or it is no complete tensor
     */
    public static TensorProto readTensor(Path path) {
        return readValue(path, TensorProto.parser(), "TensorProto");
    }

    /** As {@link #readTensor}, a sequence. */
    public static SequenceProto readSequence(Path path) {
        return readValue(path, SequenceProto.parser(), "SequenceProto");
    }

    /** As {@link #readTensor}, an optional. */
    public static OptionalProto readOptional(Path path) {
        return readValue(path, OptionalProto.parser(), "OptionalProto");
    }

    private static <T> T readValue(Path path, Parser<T> parser, String kind) {
        try {
            return parser.parseFrom(input(map(path)));
        } catch (InvalidProtocolBufferException e) {
            throw new FrontendException("SYS1105", path + ": is not a serialized " + kind + ": " + reason(e));
        } catch (IOException e) {
            throw new FrontendException("SYS1101", path + ": cannot be read: " + e.getMessage());
        }
    }

    /**
     * The bytes of a model file.
     *
     * @throws FrontendException if there would be 2 GiB or more
     */
    public byte[] serialized() {
        long weights = model.getGraph().getInitializerList().stream()
                .mapToLong(t -> t.getRawData().size())
                .sum();
        if (weights > MOST_WEIGHT_BYTES) {
            throw new FrontendException(
                    "SYS1103",
                    path + ": has " + weights + " bytes of weights; a protocol buffer holds less than 2 GiB");
        }
        return model.toByteArray();
    }

    private static String reason(InvalidProtocolBufferException e) {
        if (e.getMessage().contains("nesting")) {
            return "its graphs, types or messages are nested too deep; a protocol buffer holds 100 levels";
        }
        return e.getMessage().contains("truncated") || e.getMessage().contains("ended unexpectedly")
                ? "it ends in the middle of a field; the file is truncated, fetch it again"
                : "its bytes are not a protocol buffer of that kind";
    }

    private static FrontendException notOnnx(Path path, String why) {
        return new FrontendException("SYS1102", path + ": is not a complete ONNX model: " + why);
    }

    private static CodedInputStream input(ByteBuffer bytes) {
        var in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
        in.enableAliasing(true);
        in.setSizeLimit(Integer.MAX_VALUE);
        in.setRecursionLimit(DEEPEST_NESTING);
        return in;
    }

    private static ByteBuffer map(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new FrontendException("SYS1101", path + ": no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new FrontendException("SYS1101", path + ": is not a file");
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size == 0) {
                throw new FrontendException("SYS1102", path + ": is empty");
            }
            if (size > Integer.MAX_VALUE) {
                throw new FrontendException(
                        "SYS1103",
                        path + ": has " + size + " bytes; a protocol buffer holds less than 2 GiB, "
                                + "save the model with its weights as external data");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, size).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
