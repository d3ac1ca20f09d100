package dev.systole.trainium.isa;

import com.google.common.collect.Maps;
import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A compiled program: what lies where in HBM, and one instruction stream for each engine of each core.
 *
 * @param name of the model
 * @param target that it was compiled for
 * @param tensors the program's inputs and outputs, in the model's order
 * @param contract what else callers must know of the tensors, by their positions among the inputs or outputs
 * @param constants bytes that lie in HBM before the program starts
 * @param hbmBytes size of the HBM space that addresses lie in
 * @param cores code, one entry a core
 * @param locations model nodes that issues refer to
 */
public record Program(
        String name,
        Target target,
        List<Binding> tensors,
        Contract contract,
        List<Constant> constants,
        long hbmBytes,
        List<Core> cores,
        List<Location> locations) {

    /** Whether the host writes a tensor before the run or reads it after. */
    public enum Role {
        INPUT,
        OUTPUT
    }

    /**
     * A tensor that the host sees.
     *
     * @param type the model's type
     * @param carrier element type in HBM, see {@link DType#carrier}; the model's own, packed, if that has less than a byte
     * @param address first byte in HBM; row-major
     */
    public record Binding(Role role, String name, TensorType type, DType carrier, long address) {
        /** Bytes in HBM. */
        public long bytes() {
            return carrier.bytesFor(type.shape().elements());
        }
    }

    /** Bytes at an HBM address. */
    public record Constant(long address, MemorySegment bytes) {}

    /** The streams of one core, in the engines' order; engines without code have an empty one. */
    public record Core(Map<Engine, List<Issue>> streams) {
        public Core {
            streams = Maps.immutableEnumMap(streams);
        }

        public List<Issue> stream(Engine engine) {
            return streams.getOrDefault(engine, List.of());
        }
    }

    public Program {
        tensors = List.copyOf(tensors);
        constants = List.copyOf(constants);
        cores = List.copyOf(cores);
        locations = List.copyOf(locations);
    }

    /**
     * The same program with its locations in the order in which the streams, core by core and engine by engine, first name them,
     * behind the compiler's own: the order in which a listing shows them.
     */
    public Program withLocationsInOrder() {
        var order = new LinkedHashMap<Location, Integer>();
        order.put(Location.COMPILER, 0);
        var renumbered = new ArrayList<Core>();
        for (var core : cores) {
            var streams = new EnumMap<Engine, List<Issue>>(Engine.class);
            for (var engine : Engine.values()) {
                if (core.streams.containsKey(engine)) {
                    streams.put(
                            engine,
                            core.stream(engine).stream()
                                    .map(i -> new Issue(
                                            i.instruction(),
                                            i.waits(),
                                            i.update(),
                                            order.computeIfAbsent(locations.get(i.location()), k -> order.size())))
                                    .toList());
                }
            }
            renumbered.add(new Core(streams));
        }
        return new Program(
                name, target, tensors, contract, constants, hbmBytes, renumbered, List.copyOf(order.keySet()));
    }

    public List<Binding> inputs() {
        return tensors.stream().filter(t -> t.role() == Role.INPUT).toList();
    }

    public List<Binding> outputs() {
        return tensors.stream().filter(t -> t.role() == Role.OUTPUT).toList();
    }

    /** Instructions of all streams of all cores. */
    public long instructions() {
        return cores.stream()
                .flatMap(c -> c.streams().values().stream())
                .mapToLong(List::size)
                .sum();
    }
}
