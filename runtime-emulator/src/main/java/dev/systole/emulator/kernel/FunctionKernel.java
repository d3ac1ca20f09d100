package dev.systole.emulator.kernel;

import dev.systole.ir.number.ActivationFunction;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activation functions of rows, several elements at once: the sequences of operations of {@link
 * dev.systole.ir.number.Functions}, lane by lane, so that every bit is the same. The functions that models spend their time in are
 * here; the others, and what is left of a row, go through {@link ActivationFunction#apply}.
 */
public final class FunctionKernel {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
    private static final int LANES = DOUBLES.length();

    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN2_HIGH = 0x1.62e42fee00000p-1;
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;
    private static final double SQRT_HALF = 0.7071067811865476;
    private static final double ROUNDER = 0x1.8p52;

    private FunctionKernel() {}

    /** {@code d[i] = f(a[i])}. */
    public static void apply(ActivationFunction f, MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        // A loop of its own for each function, so that each is compiled for itself alone.
        int done = switch (f) {
            case COPY -> {
                MemorySegment.copy(a, aAt, d, dAt, 4L * n);
                yield n;
            }
            case EXP -> exponentials(a, aAt, d, dAt, n);
            case SIGMOID -> sigmoids(a, aAt, d, dAt, n);
            case SILU -> silus(a, aAt, d, dAt, n);
            case GELU -> gelus(a, aAt, d, dAt, n);
            case GELU_APPRX_TANH -> tanhGelus(a, aAt, d, dAt, n);
            case TANH -> tanhs(a, aAt, d, dAt, n);
            case ERF -> erfs(a, aAt, d, dAt, n);
            default -> 0;
        };
        plain(f, a, aAt, d, dAt, done, n);
    }

    private static int exponentials(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            store(exp(load(a, aAt + 4L * i)), d, dAt + 4L * i);
        }
        return i;
    }

    private static int sigmoids(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            store(sigmoid(load(a, aAt + 4L * i)), d, dAt + 4L * i);
        }
        return i;
    }

    private static int silus(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            var x = load(a, aAt + 4L * i);
            store(product(x, sigmoid(x)), d, dAt + 4L * i);
        }
        return i;
    }

    private static int gelus(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            store(gelu(load(a, aAt + 4L * i)), d, dAt + 4L * i);
        }
        return i;
    }

    private static int tanhGelus(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            var x = load(a, aAt + 4L * i);
            var cubed = x.mul(0.044715).mul(x).mul(x);
            store(product(x, sigmoid(x.add(cubed).mul(2 * 0.7978845608028654))), d, dAt + 4L * i);
        }
        return i;
    }

    private static int tanhs(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            store(tanh(load(a, aAt + 4L * i)), d, dAt + 4L * i);
        }
        return i;
    }

    private static int erfs(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            store(erf(load(a, aAt + 4L * i)), d, dAt + 4L * i);
        }
        return i;
    }

    /** The plain twin of {@link #apply} for elements {@code from} up to, not including, {@code n}. */
    public static void plain(
            ActivationFunction f, MemorySegment a, long aAt, MemorySegment d, long dAt, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(d, dAt + 4L * i, f.apply(Floats.get(a, aAt + 4L * i)));
        }
    }

    private static DoubleVector load(MemorySegment a, long at) {
        return (DoubleVector) FloatVector.fromMemorySegment(FLOATS, a, at, ByteOrder.LITTLE_ENDIAN)
                .convertShape(VectorOperators.F2D, DOUBLES, 0);
    }

    private static void store(DoubleVector x, MemorySegment d, long at) {
        Floats.canonical((FloatVector) x.convertShape(VectorOperators.D2F, FLOATS, 0))
                .intoMemorySegment(d, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static DoubleVector exp(DoubleVector x) {
        var t = x.fma(broadcast(LOG2_E), broadcast(ROUNDER));
        var k = t.sub(ROUNDER);
        var minusK = k.neg();
        var r = minusK.fma(broadcast(LN2_LOW), minusK.fma(broadcast(LN2_HIGH), x));
        var p = broadcast(1.0 / 6227020800.0);
        p = p.fma(r, broadcast(1.0 / 479001600.0));
        p = p.fma(r, broadcast(1.0 / 39916800.0));
        p = p.fma(r, broadcast(1.0 / 3628800.0));
        p = p.fma(r, broadcast(1.0 / 362880.0));
        p = p.fma(r, broadcast(1.0 / 40320.0));
        p = p.fma(r, broadcast(1.0 / 5040.0));
        p = p.fma(r, broadcast(1.0 / 720.0));
        p = p.fma(r, broadcast(1.0 / 120.0));
        p = p.fma(r, broadcast(1.0 / 24.0));
        p = p.fma(r, broadcast(1.0 / 6.0));
        p = p.fma(r, broadcast(0.5));
        p = p.fma(r, broadcast(1.0));
        p = p.fma(r, broadcast(1.0));
        // The integer k stands in the lowest bits of t, whatever ROUNDER's own bits above are.
        var power = t.reinterpretAsLongs()
                .lanewise(VectorOperators.LSHL, 52)
                .add(LongVector.broadcast(LONGS, 1023L << 52))
                .reinterpretAsDoubles();
        var result = p.mul(power);
        result = result.blend(Double.POSITIVE_INFINITY, x.compare(VectorOperators.GT, 709));
        result = result.blend(0, x.compare(VectorOperators.LE, -708));
        return result.blend(x, x.compare(VectorOperators.NE, x));
    }

    private static DoubleVector sigmoid(DoubleVector x) {
        return broadcast(1).div(exp(x.neg()).add(1));
    }

    /** 0 with the sign of x where the factor is 0, as the limit is. */
    private static DoubleVector product(DoubleVector x, DoubleVector factor) {
        var signed = x.reinterpretAsLongs().and(Long.MIN_VALUE).reinterpretAsDoubles();
        return x.mul(factor).blend(signed, factor.compare(VectorOperators.EQ, 0));
    }

    private static DoubleVector tanh(DoubleVector x) {
        var a = x.abs();
        var e = exp(a.mul(2));
        var result = e.sub(1).div(e.add(1)).blend(1, a.compare(VectorOperators.GT, 20));
        result = withSignOf(x, result);
        var small = x.sub(x.mul(x).mul(x).mul(1.0 / 3));
        return result.blend(withSignOf(x, small), a.compare(VectorOperators.LT, 0x1p-12))
                .blend(x, x.compare(VectorOperators.NE, x));
    }

    private static DoubleVector withSignOf(DoubleVector x, DoubleVector magnitude) {
        var sign = x.reinterpretAsLongs().and(Long.MIN_VALUE);
        return magnitude.reinterpretAsLongs().and(Long.MAX_VALUE).or(sign).reinterpretAsDoubles();
    }

    private static DoubleVector erf(DoubleVector x) {
        var a = x.abs();
        var q = x.mul(x);
        var p = broadcast(1.0557150067260073e-06);
        p = p.fma(q, broadcast(-1.3896348537524253e-05));
        p = p.fma(q, broadcast(0.00011954432595104599));
        p = p.fma(q, broadcast(-0.0008542455878156456));
        p = p.fma(q, broadcast(0.005223774833696473));
        p = p.fma(q, broadcast(-0.026866131001612947));
        p = p.fma(q, broadcast(0.11283791280162536));
        p = p.fma(q, broadcast(-0.3761263888824878));
        p = p.fma(q, broadcast(1.1283791670945658));
        var tail = withSignOf(x, broadcast(1).sub(erfcPositive(a)));
        return tail.blend(x.mul(p), a.compare(VectorOperators.LE, 1)).blend(x, x.compare(VectorOperators.NE, x));
    }

    private static DoubleVector erfcPositive(DoubleVector z) {
        var t = broadcast(1).div(z.mul(0.5).add(1));
        var p = broadcast(-0.008421257594971523);
        p = p.fma(t, broadcast(0.09803865818334236));
        p = p.fma(t, broadcast(-0.4826580020594523));
        p = p.fma(t, broadcast(1.3373684787846067));
        p = p.fma(t, broadcast(-2.297710667000298));
        p = p.fma(t, broadcast(2.5093162991934714));
        p = p.fma(t, broadcast(-1.72617007795994));
        p = p.fma(t, broadcast(0.7997985366902157));
        p = p.fma(t, broadcast(-0.3630140933867141));
        p = p.fma(t, broadcast(0.07560062075364993));
        p = p.fma(t, broadcast(0.06870607432807077));
        p = p.fma(t, broadcast(0.1782861019590945));
        p = p.fma(t, broadcast(0.24666110349789444));
        p = p.fma(t, broadcast(0.2821036362283328));
        p = p.fma(t, broadcast(0.28209458839043067));
        return t.mul(p).mul(exp(z.neg().mul(z))).blend(0, z.compare(VectorOperators.GT, 14));
    }

    private static DoubleVector gelu(DoubleVector x) {
        var z = x.abs().mul(SQRT_HALF);
        var tail = erfcPositive(z).mul(0.5);
        var cdf = broadcast(1).sub(tail).blend(tail, x.compare(VectorOperators.LT, 0));
        return x.mul(cdf).blend(-0.0, x.compare(VectorOperators.EQ, Double.NEGATIVE_INFINITY));
    }

    private static DoubleVector broadcast(double value) {
        return DoubleVector.broadcast(DOUBLES, value);
    }
}
