package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.ArrayFileException;
import dev.systole.frontend.array.Npy;
import dev.systole.frontend.array.Npz;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.graph.GraphVerifier;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files with bytes flipped, cut off, added and moved: they are read, or refused by the one exception that says so, never anything
 * else. A failure names the bytes, which make a test of their own.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuzzTest {
    private static final long SEED = 1;
    private static final int MUTANTS_OF_A_MODEL = 60;
    private static final int MUTANTS_OF_A_FILE = 500;
    private static final int MUTANTS_IN_MEMORY = 20_000;

    @TempDir
    private Path directory;

    /** The operators whose cases are the models that are damaged. */
    private enum Family {
        ELEMENTWISE(ElementwiseOperatorsTest.CASES),
        SHAPES(ShapeOperatorsTest.CASES),
        REDUCTIONS(ReductionOperatorsTest.CASES),
        PRODUCTS(ProductOperatorsTest.CASES),
        QUANTISATION(QuantisationOperatorsTest.CASES),
        TRIGONOMETRY(TrigonometryOperatorsTest.CASES),
        ACTIVATIONS(ActivationOperatorsTest.CASES),
        ARITHMETIC(ArithmeticOperatorsTest.CASES),
        CASTS(CastOperatorsTest.CASES),
        RANDOM_NUMBERS(RandomOperatorsTest.CASES),
        PADDING(PaddingOperatorsTest.CASES),
        REARRANGING(RearrangingOperatorsTest.CASES),
        INDEXING(IndexingOperatorsTest.CASES),
        SCATTERING(ScatteringOperatorsTest.CASES),
        ORDERING(OrderingOperatorsTest.CASES),
        SELECTION(SelectionOperatorsTest.CASES),
        RECURRENT(RecurrentOperatorsTest.CASES),
        ATTENTION(AttentionOperatorsTest.CASES),
        SIGNALS(SignalOperatorsTest.CASES),
        LOSSES(LossOperatorsTest.CASES),
        EINSUM(EinsumOperatorTest.CASES),
        DETERMINANT(DeterminantOperatorTest.CASES),
        TRAINING(TrainingOperatorsTest.CASES),
        CONVOLUTIONS(ConvolutionOperatorsTest.CASES),
        POOLING(PoolingOperatorsTest.CASES),
        NORMALISATIONS(NormalisationOperatorsTest.CASES),
        RESIZING(ResizingOperatorsTest.CASES),
        SAMPLING(SamplingOperatorsTest.CASES),
        REGIONS(RegionOperatorsTest.CASES);

        private final List<String> cases;

        Family(List<String> cases) {
            this.cases = cases;
        }
    }

    /** Reads bytes, and what they hold. */
    private interface Reading {
        void read(byte[] bytes) throws IOException;
    }

    private static void damage(byte[] good, int mutants, Random random, Reading reading) {
        for (int i = 0; i < mutants; i++) {
            var bytes = good;
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                bytes = mutant(bytes, random);
            }
            try {
                reading.read(bytes);
            } catch (FrontendException e) {
                assertThat(e)
                        .message()
                        .matches("(?s)SYS1\\d{3} .*")
                        .doesNotContain("Exception")
                        .doesNotMatch("(?s).*: null");
            } catch (ArrayFileException e) {
                assertThat(e).message().contains("a.np").doesNotContain("Exception", "null");
            } catch (Throwable e) {
                throw new AssertionError(HexFormat.of().formatHex(bytes), e);
            }
        }
    }

    private static byte[] mutant(byte[] from, Random random) {
        int at = random.nextInt(from.length + 1);
        int length = Math.min(1 << random.nextInt(5), from.length - at);
        return switch (random.nextInt(7)) {
            case 0 -> splice(from, at, from.length - at, new byte[0]);
            case 1 -> splice(from, at, length, new byte[0]);
            case 2 -> splice(from, at, 0, random(1 + random.nextInt(8), random));
            case 3 -> splice(from, at, length, random(length, random));
            case 4 -> splice(from, at, 0, Arrays.copyOfRange(from, at, at + length));
            default -> {
                var flipped = from.clone();
                if (at < flipped.length) {
                    flipped[at] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
        };
    }

    /** Random bytes, many of them at the ends of their range. */
    private static byte[] random(int length, Random random) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        for (int i = 0; i < length; i++) {
            bytes[i] = random.nextInt(3) == 0 ? (byte) (random.nextBoolean() ? 0xff : 0) : bytes[i];
        }
        return bytes;
    }

    private static byte[] splice(byte[] from, int at, int removed, byte[] added) {
        var to = new byte[from.length - removed + added.length];
        System.arraycopy(from, 0, to, 0, at);
        System.arraycopy(added, 0, to, at, added.length);
        System.arraycopy(from, at + removed, to, at + added.length, from.length - at - removed);
        return to;
    }

    @ParameterizedTest
    @EnumSource
    void models(Family family) {
        var file = directory.resolve("m.onnx");
        for (var line : family.cases) {
            damage(
                    NodeCase.parse(line).model().toByteArray(),
                    MUTANTS_OF_A_MODEL,
                    new Random(SEED + line.hashCode()),
                    bytes -> {
                        var graph = OnnxImporter.read(OnnxFile.parse(file, ByteBuffer.wrap(bytes)), Bindings.NONE);
                        assertThat(GraphVerifier.verify(graph)).isEmpty();
                    });
        }
    }

    /** A function, shape arithmetic, weights of each kind and a bound dimension. */
    @Test
    void modelsOfSeveralNodes() throws IOException {
        var text = """
                ir_version: 8
                opset_import { version: 17 }
                opset_import { domain: 'd' version: 1 }
                functions {
                  domain: 'd' name: 'F' input: ['a', 'b'] output: 'c' attribute: 'axis'
                  node { op_type: 'Concat' input: ['a', 'b'] output: 't' attribute { name: 'axis' ref_attr_name: 'axis' type: 2 } }
                  node { op_type: 'Relu' input: 't' output: 'c' }
                }
                graph {
                  name: 'g'
                  input { name: 'x' type { tensor_type { elem_type: 1 shape { dim { dim_param: 'n' } dim { dim_value: 3 } } } } }
                  initializer { name: 'w' data_type: 1 dims: [1, 3] float_data: [1, 2, 3] }
                  initializer { name: 'zero' data_type: 7 int64_data: 0 }
                  initializer { name: 'rest' data_type: 7 dims: 1 raw_data: '\\377\\377\\377\\377\\377\\377\\377\\377' }
                  initializer {
                    name: 'far' data_type: 1 dims: [2, 3] data_location: 1
                    external_data { key: 'location' value: 'weights.bin' }
                    external_data { key: 'offset' value: '4' }
                  }
                  node { op_type: 'F' domain: 'd' input: ['x', 'w'] output: 'f' attribute { name: 'axis' i: 0 type: 2 } }
                  node { op_type: 'Add' input: ['f', 'far'] output: 'sum' }
                  node { op_type: 'Shape' input: 'sum' output: 'dims' }
                  node { op_type: 'Gather' input: ['dims', 'zero'] output: 'first' }
                  node { op_type: 'Unsqueeze' input: ['first', 'zero'] output: 'row' }
                  node { op_type: 'Concat' input: ['row', 'rest'] output: 'shape' attribute { name: 'axis' i: 0 type: 2 } }
                  node { op_type: 'Reshape' input: ['sum', 'shape'] output: 'y' }
                  output { name: 'y' }
                }
                """;
        Files.write(directory.resolve("weights.bin"), new byte[64]);
        var file = directory.resolve("m.onnx");
        var bindings = new Bindings(Map.of("n", 1L), Map.of(), Map.of());
        var good = ModelText.model(text).model();
        OnnxImporter.read(new OnnxFile(file, good), bindings);
        damage(good.toByteArray(), MUTANTS_IN_MEMORY / 4, new Random(SEED), bytes -> {
            var graph = OnnxImporter.read(OnnxFile.parse(file, ByteBuffer.wrap(bytes)), bindings);
            assertThat(GraphVerifier.verify(graph)).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "I64", "BOOL", "I4"})
    void tensors(DType dtype) {
        var good = OnnxTensors.toProto("t", Tensor.allocate(TensorType.of(dtype, 3, 5)));
        var file = directory.resolve("t.pb");
        damage(good.toByteArray(), MUTANTS_OF_A_FILE, new Random(dtype.ordinal()), bytes -> {
            Files.write(file, bytes);
            OnnxTensors.of(OnnxFile.readTensor(file), "t", directory);
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "I64", "BOOL"})
    void npyFiles(DType dtype) throws IOException {
        var file = directory.resolve("good.npy");
        Npy.write(file, Tensor.allocate(TensorType.of(dtype, 3, 5)));
        damage(Files.readAllBytes(file), MUTANTS_IN_MEMORY, new Random(dtype.ordinal()), bytes -> {
            Npy.parse(MemorySegment.ofArray(bytes), "a.npy");
        });
    }

    @Test
    void npzFiles() throws IOException {
        var file = directory.resolve("a.npz");
        var good = directory.resolve("good.npz");
        Npz.write(good, Map.of("x", Tensor.ofFloats(Shape.of(3), 1, 2, 3)));
        damage(Files.readAllBytes(good), MUTANTS_OF_A_FILE, new Random(1), bytes -> {
            Files.write(file, bytes);
            Npz.read(file);
        });
    }
}
