package dev.systole.emulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.trainium.isa.AluOp;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The kernels give the bits of their formulas, element by element, and write nothing else. */
class ElementKernelTest {
    private static final int ROUNDS = 6_000;
    private static final int ROOM = 3 * AwkwardFloats.LONGEST;
    private static final String BITS = "BITWISE_.*|.*_SHIFT";

    private final MemorySegment actual = AwkwardFloats.ones(ROOM);
    private final MemorySegment expected = AwkwardFloats.ones(ROOM);

    /** One use of a kernel: rows of {@code n} elements at {@code a} and {@code b} of the values, to {@code d}. */
    @FunctionalInterface
    private interface Use {
        void run(AwkwardFloats values, long a, long b, long d, int n);
    }

    private void check(Use use) {
        var values = new AwkwardFloats(7);
        for (int round = 0; round < ROUNDS; round++) {
            int n = 1 + round % AwkwardFloats.LONGEST;
            use.run(values, values.row(n), values.row(n), 4L * (1 + values.random.nextInt(AwkwardFloats.LONGEST)), n);
            if (actual.mismatch(expected) >= 0) {
                assertThat(AwkwardFloats.bits(actual, 0, ROOM))
                        .as("%d elements", n)
                        .isEqualTo(AwkwardFloats.bits(expected, 0, ROOM));
                MemorySegment.copy(actual, 0, expected, 0, actual.byteSize());
            }
        }
    }

    private void expect(long d, int i, float value) {
        Floats.set(expected, d + 4L * i, value);
    }

    private static float get(AwkwardFloats values, long at, int i) {
        return Floats.get(values.memory, at + 4L * i);
    }

    @ParameterizedTest
    @EnumSource(value = AluOp.class, mode = Mode.MATCH_NONE, names = BITS)
    void operatorsOfRows(AluOp op) {
        check((values, a, b, d, n) -> {
            ElementKernel.binary(op, values.memory, a, values.memory, b, actual, d, n);
            for (int i = 0; i < n; i++) {
                expect(d, i, ElementKernel.apply(op, get(values, a, i), get(values, b, i)));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(value = AluOp.class, mode = Mode.MATCH_NONE, names = BITS)
    void operatorsOfARowAndAScalar(AluOp op) {
        check((values, a, b, d, n) -> {
            float s = values.next();
            ElementKernel.scalar(op, values.memory, a, s, false, actual, d, n);
            for (int i = 0; i < n; i++) {
                expect(d, i, ElementKernel.apply(op, get(values, a, i), s));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(value = AluOp.class, mode = Mode.MATCH_NONE, names = BITS + "|BYPASS")
    void operatorsOfAScalarAndARow(AluOp op) {
        check((values, a, b, d, n) -> {
            float s = values.next();
            ElementKernel.scalar(op, values.memory, a, s, true, actual, d, n);
            for (int i = 0; i < n; i++) {
                expect(d, i, ElementKernel.apply(op, s, get(values, a, i)));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(value = AluOp.class, mode = Mode.MATCH_NONE, names = BITS)
    void operatorsInPlace(AluOp op) {
        check((values, a, b, d, n) -> {
            MemorySegment.copy(values.memory, a, actual, d, 4L * n);
            ElementKernel.binary(op, actual, d, actual, d, actual, d, n);
            ElementKernel.scalar(op, actual, d, 3, false, actual, d, n);
            for (int i = 0; i < n; i++) {
                float x = get(values, a, i);
                expect(d, i, ElementKernel.apply(op, ElementKernel.apply(op, x, x), 3));
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void activations(ActivationFunction f) {
        check((values, a, b, d, n) -> {
            float scale = values.random.nextBoolean() ? values.next() : 1;
            float bias = values.random.nextBoolean() ? values.next() : 0.5f;
            bias = bias == 0 ? -0f : bias;
            ElementKernel.activation(f, values.memory, a, scale, bias, actual, d, n);
            for (int i = 0; i < n; i++) {
                expect(d, i, f.apply(Math.fma(get(values, a, i), scale, bias)));
            }
        });
        check((values, a, b, d, n) -> {
            ElementKernel.activation(f, values.memory, a, 1, -0f, actual, d, n);
            for (int i = 0; i < n; i++) {
                expect(d, i, f.apply(Math.fma(get(values, a, i), 1, -0f)));
            }
        });
    }

    @Test
    void reciprocals() {
        check((values, a, b, d, n) -> {
            ElementKernel.reciprocal(values.memory, a, actual, d, n);
            for (int i = 0; i < n; i++) {
                expect(d, i, 1 / get(values, a, i));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(value = AluOp.class, mode = Mode.MATCH_ANY, names = BITS)
    void operatorsOfBitsTakeNoFloats(AluOp op) {
        assertThatThrownBy(() -> ElementKernel.binary(op, actual, 0, actual, 0, actual, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(op + " takes integers");
    }
}
