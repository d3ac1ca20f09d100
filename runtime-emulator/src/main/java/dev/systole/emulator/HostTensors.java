package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.Program;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** What the host puts into HBM before a run and takes out after it, between the model's types and those that the machine carries. */
final class HostTensors {
    private final HbmMemory hbm;

    HostTensors(HbmMemory hbm) {
        this.hbm = hbm;
    }

    void write(Program.Binding binding, Map<String, Tensor> inputs) {
        var tensor = inputs.get(binding.name());
        if (tensor == null) {
            throw new EmulatorException(
                    "SYS5011",
                    "input \"%s\" is missing; the program takes it as %s".formatted(binding.name(), binding.type()));
        }
        if (!tensor.type().equals(binding.type())) {
            throw new EmulatorException(
                    "SYS5012",
                    "input \"%s\" is %s, the program takes %s"
                            .formatted(binding.name(), tensor.type(), binding.type()));
        }
        var to = hbm.bytes.asSlice(binding.address(), binding.bytes());
        var dtype = binding.type().dtype();
        var carrier = binding.carrier();
        if (dtype.bits() == carrier.bits()) {
            MemorySegment.copy(tensor.bytes(), 0, to, 0, to.byteSize());
            return;
        }
        for (long i = 0; i < binding.type().shape().elements(); i++) {
            if (dtype.isFloat()) {
                double value = Elements.readDouble(tensor.bytes(), i, dtype);
                if (Double.isFinite(value) && Float.isInfinite((float) value)) {
                    throw doesNotFit(binding, i, value);
                }
                Elements.writeDouble(to, i, carrier, value);
            } else {
                long value = Elements.readInteger(tensor.bytes(), i, dtype);
                if (value != Elements.saturated(value, carrier)) {
                    throw doesNotFit(binding, i, Elements.text(value, dtype));
                }
                Elements.writeInteger(to, i, carrier, value);
            }
        }
    }

    private static EmulatorException doesNotFit(Program.Binding binding, long element, Object value) {
        return new EmulatorException(
                "SYS5013",
                "input \"%s\" holds %s at element %d; the machine carries %s as %s"
                        .formatted(
                                binding.name(), value, element, binding.type().dtype(), binding.carrier()));
    }

    Tensor read(Program.Binding binding) {
        var result = Tensor.allocate(binding.type());
        var from = hbm.bytes.asSlice(binding.address(), binding.bytes());
        var dtype = binding.type().dtype();
        if (dtype.bits() == binding.carrier().bits()) {
            MemorySegment.copy(from, 0, result.bytes(), 0, from.byteSize());
            return result;
        }
        for (long i = 0; i < binding.type().shape().elements(); i++) {
            if (dtype.isFloat()) {
                Elements.writeDouble(result.bytes(), i, dtype, Elements.readFloat(from, i, binding.carrier()));
            } else {
                Elements.writeInteger(result.bytes(), i, dtype, Elements.readInteger(from, i, binding.carrier()));
            }
        }
        return result;
    }
}
