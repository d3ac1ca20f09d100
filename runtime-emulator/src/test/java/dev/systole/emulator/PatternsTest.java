package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Memory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instructions with random patterns and types, against a walk from element to element. */
class PatternsTest {
    private static final int PARTITIONS = 5;
    private static final int REGION_BYTES = 512;
    private static final int REGIONS = 40;
    private static final int BYTES = REGIONS * REGION_BYTES;
    private static final DType[] TYPES = {
        DType.F32,
        DType.F32,
        DType.TF32,
        DType.BF16,
        DType.F16,
        DType.F8E4M3,
        DType.F8E5M2,
        DType.I32,
        DType.U32,
        DType.I16,
        DType.U16,
        DType.I8,
        DType.U8
    };

    /** The bytes of each partition: a region that is read, then one for the results of each instruction. */
    private final byte[][] memory = new byte[PARTITIONS][BYTES];

    private Random random = new Random();

    @ParameterizedTest
    @ValueSource(strings = {"copy", "transfer", "add", "scale", "reduce"})
    void patternsAreWalkedSlowestDimensionFirst(String kind) {
        for (int seed = 0; seed < 3; seed++) {
            random = new Random(seed);
            for (var partition : memory) {
                for (int i = 0; i < BYTES; i++) {
                    // Such bytes make no NaN and no infinity in any type.
                    partition[i] = (byte) (random.nextInt(0x40) | random.nextInt(2) << 7);
                }
            }
            var script = new StringBuilder("sbuf[0:5, 0] u8 (1:%d) = %s\n".formatted(BYTES, bytes()));
            for (int region = 1; region < REGIONS; region++) {
                script.append(execute(kind, region)).append('\n');
            }
            Script.check(script + "sbuf[0:5, 0] u8 (1:%d) : %s\n".formatted(BYTES, bytes()));
        }
    }

    private String bytes() {
        return IntStream.range(0, PARTITIONS * BYTES)
                .mapToObj(i -> "0x%02x".formatted(memory[i / BYTES][i % BYTES]))
                .collect(Collectors.joining(" "));
    }

    /** Does what a random instruction has to do in a region, and gives its text. */
    private String execute(String kind, int region) {
        var sizes =
                random.ints(1 + random.nextInt(4), 1, 5).mapToObj(i -> (long) i).toList();
        var a = access(0, sizes, false);
        var b = access(0, shuffled(sizes), false);
        var to = access(region, shuffled(sizes), true);
        int axes = 1 + random.nextInt(sizes.size());
        var sum = access(region, shuffled(sizes.subList(0, sizes.size() - axes)), true);
        return switch (kind) {
            case "copy" -> {
                copy(to, a);
                yield "vector tensor_copy %s, %s".formatted(to, a);
            }
            case "transfer" -> {
                copy(to, a);
                yield "sync dma_copy queue=0, %s, %s".formatted(to, a);
            }
            case "add" -> {
                compute(to, p -> {
                    var left = floats(p, a);
                    var right = floats(p, b);
                    return floats(left.length, i -> left[i] + right[i]);
                });
                yield "vector tensor_tensor %s, %s, op=add, %s".formatted(to, a, b);
            }
            case "scale" -> {
                compute(to, p -> {
                    var data = floats(p, a);
                    return floats(data.length, i -> data[i] * 0.75f - 3);
                });
                yield "scalar tensor_scalar %s, %s, op0=multiply, operand0=0.75, op1=add, operand1=-3".formatted(to, a);
            }
            default -> {
                compute(sum, p -> {
                    var data = floats(p, a);
                    int length = (int) (a.free() / sum.free());
                    return floats(
                            (int) sum.free(),
                            i -> IntStream.range(1, length)
                                    .mapToObj(j -> data[i * length + j])
                                    .reduce(data[i * length], Float::sum));
                });
                yield "vector tensor_reduce %s, op=add, %s, axes=%d".formatted(sum, a, axes);
            }
        };
    }

    /** The same sizes in another order, or as one. */
    private List<Long> shuffled(List<Long> sizes) {
        if (random.nextInt(4) == 0) {
            return List.of(sizes.stream().reduce(1L, (a, b) -> a * b));
        }
        var result = new ArrayList<>(sizes);
        Collections.shuffle(result, random);
        return result;
    }

    /** Steps may be negative and may meet elements again; those of reads may be 0. */
    private Access access(int region, List<Long> sizes, boolean write) {
        var dtype = TYPES[random.nextInt(TYPES.length)];
        boolean dense = random.nextInt(3) == 0;
        while (true) {
            var dims = new ArrayList<Access.Dim>();
            long inner = 1;
            for (int i = sizes.size() - 1; i >= 0; i--) {
                long stride = dense ? inner : random.nextInt(-12, 13);
                dims.addFirst(new Access.Dim(write && stride == 0 ? 5 : stride, sizes.get(i)));
                inner *= sizes.get(i);
            }
            var a = Access.physical(Memory.SBUF, dtype, 0, PARTITIONS, 0, dims);
            long room = (REGION_BYTES + a.lowestByte() - a.highestByte()) / dtype.bytes();
            if (room >= 0) {
                long first = -a.lowestByte() + random.nextLong(room + 1) * dtype.bytes();
                return a.at(0, (long) region * REGION_BYTES + first);
            }
        }
    }

    private static long[] offsets(Access a) {
        return IntStream.range(0, (int) a.free())
                .mapToLong(i -> {
                    long at = a.offset();
                    long rest = i;
                    for (var d : a.dims().reversed()) {
                        at += rest % d.size() * d.stride() * a.dtype().bytes();
                        rest /= d.size();
                    }
                    return at;
                })
                .toArray();
    }

    private MemorySegment element(int p, long at, DType dtype) {
        return MemorySegment.ofArray(memory[p]).asSlice(at, dtype.bytes());
    }

    private static float[] floats(int n, Function<Integer, Float> f) {
        var result = new float[n];
        for (int i = 0; i < n; i++) {
            result[i] = f.apply(i);
        }
        return result;
    }

    private float[] floats(int p, Access a) {
        var at = offsets(a);
        return floats(at.length, i -> Elements.readFloat(element(p, at[i], a.dtype()), 0, a.dtype()));
    }

    private void compute(Access to, Function<Integer, float[]> values) {
        var at = offsets(to);
        for (int p = 0; p < PARTITIONS; p++) {
            var results = values.apply(p);
            for (int i = 0; i < at.length; i++) {
                Elements.writeFloat(element(p, at[i], to.dtype()), 0, to.dtype(), results[i]);
            }
        }
    }

    private void copy(Access to, Access from) {
        if (to.dtype() != from.dtype()) {
            compute(to, p -> floats(p, from));
            return;
        }
        var source = offsets(from);
        var target = offsets(to);
        for (int p = 0; p < PARTITIONS; p++) {
            for (int i = 0; i < source.length; i++) {
                element(p, target[i], to.dtype()).copyFrom(element(p, source[i], to.dtype()));
            }
        }
    }
}
