package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.LimitException;
import dev.systole.trainium.isa.Limits;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.RaceProof;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A program on an emulated core: loaded once, with its constants in HBM, and run as often as wanted. Not for several threads.
 */
public final class Emulator implements AutoCloseable {
    private final Program program;
    private final Arena arena = Arena.ofShared();
    private final Memories memories;
    private final Workers workers;
    private final Execution execution;
    private final List<Sequencer> sequencers = new ArrayList<>();
    private final boolean overwritesConstants;

    /**
     * Checks a program and loads it.
     *
     * @param threads host threads that work on single instructions; results do not depend on it
     * @throws EmulatorException if an instruction breaks a limit, if accesses race, or if there are several cores
     */
    public Emulator(Program program, int threads) {
        this.program = program;
        if (program.cores().size() != 1) {
            throw new EmulatorException(
                    "SYS5009",
                    "the program is for %d cores; the emulator runs one"
                            .formatted(program.cores().size()));
        }
        try {
            Limits.check(program);
        } catch (LimitException e) {
            throw new EmulatorException("SYS5001", e.getMessage());
        }
        var races = RaceProof.check(program);
        if (!races.isEmpty()) {
            throw new EmulatorException("SYS5010", "the program is not ordered:\n" + String.join("\n", races));
        }
        program.cores().getFirst().streams().keySet().stream()
                .sorted()
                .forEach(e -> sequencers.add(new Sequencer(e, program.cores().getFirst().stream(e), program.target())));
        memories = new Memories(arena, program.target(), program.hbmBytes());
        workers = new Workers(threads);
        execution = new Execution(memories, workers);
        overwritesConstants = overwritesConstants(program);
        program.constants().forEach(this::load);
    }

    private void load(Program.Constant c) {
        MemorySegment.copy(
                c.bytes(), 0, memories.hbm.bytes, c.address(), c.bytes().byteSize());
    }

    private static boolean overwritesConstants(Program program) {
        var constants = new TreeMap<Long, Long>();
        program.constants()
                .forEach(c -> constants.put(c.address(), c.address() + c.bytes().byteSize()));
        return program.cores().getFirst().streams().values().stream()
                .flatMap(List::stream)
                .flatMap(i -> i.instruction().writes().stream())
                .filter(a -> a.memory() == Memory.HBM)
                .anyMatch(a -> {
                    var below = constants.lowerEntry(a.offset() + a.highestByte());
                    return a.index().isPresent() || below != null && below.getValue() > a.offset() + a.lowestByte();
                });
    }

    /**
     * Runs the program once; what earlier runs left in memory counts as never written.
     *
     * @param inputs by name, in the model's types
     * @throws EmulatorException if an input is missing or does not fit, or if the program fails
     */
    public RunResult run(Map<String, Tensor> inputs) {
        memories.forget();
        for (var c : program.constants()) {
            if (overwritesConstants) {
                load(c);
            }
            memories.hbm.markWritten(c.address(), c.address() + c.bytes().byteSize());
        }
        for (var binding : program.inputs()) {
            write(memories, binding, inputs);
        }
        var timeline = new Simulation(program, sequencers, memories, execution).run();
        var outputs = new LinkedHashMap<String, Tensor>();
        program.outputs().forEach(b -> outputs.put(b.name(), read(memories, b)));
        return new RunResult(outputs, timeline);
    }

    private static void write(Memories memories, Program.Binding binding, Map<String, Tensor> inputs) {
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
        var to = memories.hbm.bytes.asSlice(binding.address(), binding.bytes());
        var dtype = binding.type().dtype();
        var carrier = binding.carrier();
        if (dtype.bits() == carrier.bits()) {
            MemorySegment.copy(tensor.bytes(), 0, to, 0, to.byteSize());
        } else {
            for (long i = 0; i < binding.type().shape().elements(); i++) {
                if (dtype.isFloat()) {
                    Elements.writeFloat(to, i, carrier, Elements.readFloat(tensor.bytes(), i, dtype));
                } else {
                    long value = Elements.readInteger(tensor.bytes(), i, dtype);
                    boolean fits = carrier == DType.I32 ? value == (int) value : value == (value & 0xFFFFFFFFL);
                    if (!fits) {
                        throw new EmulatorException(
                                "SYS5013",
                                "input \"%s\" holds %d at element %d; the machine carries %s as %s"
                                        .formatted(binding.name(), value, i, dtype, carrier));
                    }
                    Elements.writeInteger(to, i, carrier, value);
                }
            }
        }
        memories.hbm.markWritten(binding.address(), binding.address() + binding.bytes());
    }

    private static Tensor read(Memories memories, Program.Binding binding) {
        var result = Tensor.allocate(binding.type());
        var from = memories.hbm.bytes.asSlice(binding.address(), binding.bytes());
        var dtype = binding.type().dtype();
        if (!memories.hbm.isWritten(binding.address(), binding.address() + binding.bytes())) {
            throw new EmulatorException(
                    "SYS5004", "output \"%s\" has bytes that nothing wrote".formatted(binding.name()));
        }
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

    @Override
    public void close() {
        workers.close();
        arena.close();
    }
}
