package dev.systole.emulator.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Little-endian fp32 values in native memory, one at a time or a vector. Addresses count bytes. */
final class Floats {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Floats() {}

    static float get(MemorySegment m, long at) {
        return m.get(F32, at);
    }

    static void set(MemorySegment m, long at, float value) {
        m.set(F32, at, canonical(value));
    }

    /** The value; the one quiet NaN for every NaN, so that no bits depend on the host. */
    static float canonical(float value) {
        return value == value ? value : Float.NaN;
    }

    /** As {@link #canonical(float)}, lane by lane. */
    static FloatVector canonical(FloatVector v) {
        return v.blend(Float.NaN, v.compare(VectorOperators.NE, v));
    }

    static FloatVector load(MemorySegment m, long at) {
        return FloatVector.fromMemorySegment(SPECIES, m, at, ByteOrder.LITTLE_ENDIAN);
    }

    static void store(FloatVector v, MemorySegment m, long at) {
        canonical(v).intoMemorySegment(m, at, ByteOrder.LITTLE_ENDIAN);
    }
}
