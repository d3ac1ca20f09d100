package dev.systole.frontend.array;

import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.lang.foreign.ValueLayout;

/** Booleans of files, where any byte but 0 is true. */
public final class Booleans {
    private Booleans() {}

    /** The tensor with 1 for every true; itself if it has no others or is of another type. */
    public static Tensor normalised(Tensor tensor) {
        if (tensor.type().dtype() != DType.BOOL || isNormalised(tensor)) {
            return tensor;
        }
        var result = Tensor.allocate(tensor.type());
        for (long i = 0; i < tensor.bytes().byteSize(); i++) {
            byte given = tensor.bytes().get(ValueLayout.JAVA_BYTE, i);
            result.bytes().set(ValueLayout.JAVA_BYTE, i, (byte) (given == 0 ? 0 : 1));
        }
        return result;
    }

    private static boolean isNormalised(Tensor tensor) {
        for (long i = 0; i < tensor.bytes().byteSize(); i++) {
            if ((tensor.bytes().get(ValueLayout.JAVA_BYTE, i) & ~1) != 0) {
                return false;
            }
        }
        return true;
    }
}
