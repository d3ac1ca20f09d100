package dev.systole.emulator;

import dev.systole.ir.graph.GraphException;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.ControlInstruction;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.LimitException;
import dev.systole.trainium.isa.Limits;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.RaceProof;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A program on an emulated core: checked and loaded once, with its constants in HBM, and run as often as wanted. Not for several
 * threads.
 */
public final class Emulator implements AutoCloseable {
    private static final TimelineListener UNHEARD = new TimelineListener() {};

    private final Program program;
    private final Arena arena = Arena.ofShared();
    private final Memories memories;
    private final Workers workers;
    private final HostTensors host;
    private final Execution execution;
    private final List<Sequencer> sequencers;
    private final List<Runnable[]> decoded = new ArrayList<>();
    private final Simulation.Result simulation;
    private final boolean addressesDependOnData;
    private final boolean overwritesConstants;

    /**
     * Checks a program and loads it: limits, races, deadlocks, and reads of bytes that nothing wrote. No value decides when an
     * instruction issues or what it accesses (but for rows that are named by an index), so all of this holds for every run.
     *
     * @param threads host threads that work on single instructions; results do not depend on it
     * @throws EmulatorException if a check fails, or if the program is for several cores
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
        sequencers = sequencers(program);
        sequencers.forEach(s -> decoded.add(new Runnable[s.stream.size()]));
        addressesDependOnData =
                instructions(program).stream().anyMatch(i -> i instanceof ControlInstruction.RegisterLoad);
        var check = newCheck();
        simulation = new Simulation(
                        program, sequencers, addressesDependOnData ? Optional.empty() : Optional.of(check), UNHEARD)
                .run();
        if (!addressesDependOnData) {
            requireOutputs(check);
        }
        memories = new Memories(arena, program.target(), program.hbmBytes());
        host = new HostTensors(memories.hbm);
        workers = new Workers(threads);
        execution = new Execution(arena, memories, workers, program.target());
        overwritesConstants = overwritesConstants(program);
        program.constants().forEach(this::load);
    }

    private static List<Sequencer> sequencers(Program program) {
        var core = program.cores().getFirst();
        int registers = program.target().control().registersPerSequencer();
        return core.streams().keySet().stream()
                .sorted()
                .map(engine -> new Sequencer(engine, core.stream(engine), registers))
                .toList();
    }

    /**
     * When a program of one core would run on the machine, without loading it.
     *
     * @throws EmulatorException if it waits for ever
     */
    public static Timeline timeline(Program program) {
        return timeline(program, UNHEARD);
    }

    /**
     * The same, told instruction by instruction.
     *
     * @throws EmulatorException if it waits for ever
     */
    public static Timeline timeline(Program program, TimelineListener listener) {
        return new Simulation(program, sequencers(program), Optional.empty(), listener)
                .run()
                .timeline();
    }

    private static List<Instruction> instructions(Program program) {
        return program.cores().getFirst().streams().values().stream()
                .flatMap(List::stream)
                .map(Issue::instruction)
                .toList();
    }

    private WrittenCheck newCheck() {
        var check = new WrittenCheck(program.target(), program.hbmBytes());
        program.constants()
                .forEach(c ->
                        check.hostWrites(c.address(), c.address() + c.bytes().byteSize()));
        program.inputs().forEach(b -> check.hostWrites(b.address(), b.address() + b.bytes()));
        return check;
    }

    private void requireOutputs(WrittenCheck check) {
        for (var b : program.outputs()) {
            if (!check.isWritten(b.address(), b.address() + b.bytes())) {
                throw new EmulatorException("SYS5004", "output \"" + b.name() + "\" has bytes that nothing wrote");
            }
        }
    }

    private void load(Program.Constant c) {
        MemorySegment.copy(
                c.bytes(), 0, memories.hbm.bytes, c.address(), c.bytes().byteSize());
    }

    private static boolean overwritesConstants(Program program) {
        var constants = new TreeMap<Long, Long>();
        program.constants()
                .forEach(c -> constants.put(c.address(), c.address() + c.bytes().byteSize()));
        return instructions(program).stream()
                .flatMap(i -> i.writes().stream())
                .filter(a -> a.memory() == Memory.HBM)
                .anyMatch(a -> {
                    var below = constants.lowerEntry(a.offset() + a.highestByte());
                    return a.index().isPresent() || below != null && below.getValue() > a.offset() + a.lowestByte();
                });
    }

    /** When the program would run on the machine; the same for every run. */
    public Timeline timeline() {
        return simulation.timeline();
    }

    /**
     * Runs the program once.
     *
     * @param inputs by name, in the model's types
     * @return outputs by name, in the program's order and in the model's types
     * @throws EmulatorException if an input is missing or does not fit, or if an index is outside its rows
     */
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        return run(inputs, OptionalLong.empty());
    }

    /**
     * Runs the program once, its streams in another order than the timeline's: one that the semaphores allow. Results are the same.
     *
     * @param seed that the order is drawn from
     */
    public Map<String, Tensor> runInterleaved(Map<String, Tensor> inputs, long seed) {
        return run(inputs, OptionalLong.of(seed));
    }

    private Map<String, Tensor> run(Map<String, Tensor> inputs, OptionalLong seed) {
        if (overwritesConstants) {
            program.constants().forEach(this::load);
        }
        program.inputs().forEach(b -> host.write(b, inputs));
        sequencers.forEach(Sequencer::reset);
        execution.reset();
        var check = addressesDependOnData ? Optional.of(newCheck()) : Optional.<WrittenCheck>empty();
        try {
            if (seed.isPresent()) {
                var control = program.target().control();
                new Interleaving(
                                sequencers,
                                control.semaphores(),
                                program.target().dma().queuesPerEngine(),
                                seed.getAsLong())
                        .run(position -> step(position, check), memories);
            } else {
                simulation.order().forEach(position -> {
                    step(position, check).run();
                    sequencers.get(position).advance(Optional.of(memories));
                });
            }
        } finally {
            workers.rest();
        }
        check.ifPresent(this::requireOutputs);
        var names = program.outputs().stream().map(Program.Binding::name).toList();
        var outputs = program.outputs().stream().map(host::read).toList();
        try {
            return program.contract().visible(names, outputs);
        } catch (GraphException e) {
            throw new EmulatorException("SYS5016", e.getMessage());
        }
    }

    /** What the next instruction of a sequencer does, checked as it is done. */
    private Runnable step(int position, Optional<WrittenCheck> check) {
        var sequencer = sequencers.get(position);
        int at = sequencer.at();
        try {
            var instruction = instruction(sequencer);
            var work = work(position, sequencer, instruction);
            return () -> {
                try {
                    check.ifPresent(c -> c.step(instruction));
                    work.run();
                } catch (UnwrittenException e) {
                    throw new EmulatorException("SYS5004", place(sequencer, at) + ": " + e.getMessage());
                } catch (EmulatorException e) {
                    throw placed(e, sequencer, at);
                }
            };
        } catch (EmulatorException e) {
            throw placed(e, sequencer, at);
        }
    }

    private EmulatorException placed(EmulatorException e, Sequencer sequencer, int at) {
        var parts = e.getMessage().split(" ", 2);
        return new EmulatorException(parts[0], place(sequencer, at) + ": " + parts[1]);
    }

    private String place(Sequencer sequencer, int at) {
        return Simulation.place(program, sequencer, at);
    }

    private Instruction instruction(Sequencer sequencer) {
        try {
            var instruction = sequencer.instruction();
            if (sequencer.isDynamic()) {
                Limits.checkMoved(program, instruction);
            }
            return instruction;
        } catch (LimitException e) {
            throw new EmulatorException("SYS5001", e.getMessage());
        }
    }

    /** What the next instruction does to memory; decoded once unless registers move its accesses. */
    private Runnable work(int position, Sequencer sequencer, Instruction instruction) {
        if (sequencer.isDynamic()) {
            return execution.decode(instruction);
        }
        var all = decoded.get(position);
        if (all[sequencer.at()] == null) {
            all[sequencer.at()] = execution.decode(instruction);
        }
        return all[sequencer.at()];
    }

    @Override
    public void close() {
        workers.close();
        arena.close();
    }
}
