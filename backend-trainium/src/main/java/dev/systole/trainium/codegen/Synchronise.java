package dev.systole.trainium.codegen;

import dev.systole.ir.graph.Location;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.isa.ControlInstruction;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.Program;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Afterwards the code is one stream an engine, and every dependence between streams is ordered by a semaphore.
 *
 * <p>Each engine and each DMA queue has one semaphore that counts its completions that somebody waits for; a stream completes
 * in order, so "at least n" means that the nth of them and all before it are done. A wait is left out where an earlier one
 * of the same engine implies it, directly or through what the awaited stream itself had waited for.
 */
public record Synchronise(Target target) {
    public String name() {
        return "synchronise";
    }

    /** The streams of the program, as counted by the semaphores: engines first, then DMA queues. */
    private static int stream(Instruction instruction) {
        return instruction instanceof DmaInstruction dma
                ? Engine.values().length + dma.queue()
                : instruction.engine().ordinal();
    }

    public Program run(Allocate.Allocation allocation) {
        var steps = allocation.code().steps();
        var waits = waits(steps);
        var awaited = new boolean[steps.size()];
        waits.forEach(map -> map.values().forEach(i -> awaited[i] = true));
        var count = new int[Engine.values().length + target.dma().queuesPerEngine()];
        var value = new int[steps.size()];
        var streams = new EnumMap<Engine, List<Issue>>(Engine.class);
        var locations = new LinkedHashMap<Location, Integer>();
        locations.put(Location.COMPILER, 0);
        for (int i = 0; i < steps.size(); i++) {
            var instruction = steps.get(i).instruction();
            int from = stream(instruction);
            int add = instruction instanceof DmaInstruction ? target.dma().completionSemaphoreIncrement() : 1;
            Optional<Issue.Update> update = Optional.empty();
            if (awaited[i]) {
                count[from] += add;
                value[i] = count[from];
                update = Optional.of(new Issue.Update(from, add));
            }
            var list = new ArrayList<Issue.Wait>();
            waits.get(i).forEach((s, step) -> list.add(new Issue.Wait(s, value[step])));
            int location = locations.computeIfAbsent(steps.get(i).location(), k -> locations.size());
            var stream = streams.computeIfAbsent(instruction.engine(), k -> new ArrayList<>());
            while (list.size() > Issue.MAX_WAITS) {
                var some = list.subList(0, Issue.MAX_WAITS);
                stream.add(new Issue(
                        new ControlInstruction.EventSemaphore(instruction.engine()),
                        List.copyOf(some),
                        Optional.empty(),
                        location));
                some.clear();
            }
            stream.add(new Issue(instruction, list, update, location));
        }
        return new Program(
                        allocation.code().name(),
                        target,
                        bindings(allocation),
                        allocation.code().contract(),
                        constants(allocation),
                        allocation.hbmBytes(),
                        List.of(new Program.Core(streams)),
                        List.copyOf(locations.keySet()))
                .withLocationsInOrder();
    }

    /** For each step, the step that it must await in each other stream, as far as nothing implies it already. */
    private List<Map<Integer, Integer>> waits(List<VirtualCode.Step> steps) {
        int streams = Engine.values().length + target.dma().queuesPerEngine();
        var dependences = Dependences.of(steps);
        // known[i][s]: the latest step of stream s that is certainly complete when step i completes.
        var known = new int[steps.size()][];
        // What an engine knows when it issues: all that its earlier waits told it.
        var issued = new HashMap<Engine, int[]>();
        var last = new int[streams];
        java.util.Arrays.fill(last, -1);
        var result = new ArrayList<Map<Integer, Integer>>(steps.size());
        for (int i = 0; i < steps.size(); i++) {
            var instruction = steps.get(i).instruction();
            int own = stream(instruction);
            boolean transfer = instruction instanceof DmaInstruction;
            var knows = issued.computeIfAbsent(instruction.engine(), e -> {
                var none = new int[streams];
                java.util.Arrays.fill(none, -1);
                return none;
            });
            var needed = new TreeMap<Integer, Integer>();
            for (int d : dependences.get(i)) {
                int s = stream(steps.get(d).instruction());
                // An engine completes in order and stalls on its own results. A queue keeps order only within each of
                // the DMA
                // engines that share a transfer, so transfers wait for one another's completion.
                if (s != own || transfer) {
                    needed.merge(s, d, Math::max);
                }
            }
            var waits = new TreeMap<Integer, Integer>();
            // The latest steps first: what they imply needs no wait of its own.
            needed.entrySet().stream()
                    .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
                    .forEach(e -> {
                        if (knows[e.getKey()] < e.getValue()) {
                            waits.put(e.getKey(), e.getValue());
                            merge(knows, known[e.getValue()]);
                            knows[e.getKey()] = Math.max(knows[e.getKey()], e.getValue());
                        }
                    });
            var after = knows.clone();
            if (transfer && last[own] >= 0) {
                merge(after, known[last[own]]);
            }
            // A transfer completes after the issue's waits, but not after the engine's earlier instructions.
            if (!transfer && last[own] >= 0) {
                merge(after, known[last[own]]);
            }
            after[own] = i;
            known[i] = after;
            last[own] = i;
            result.add(waits);
        }
        return result;
    }

    private static void merge(int[] into, int[] from) {
        for (int s = 0; s < into.length; s++) {
            into[s] = Math.max(into[s], from[s]);
        }
    }

    /** Inputs by their position in the model, then outputs. */
    private static List<Program.Binding> bindings(Allocate.Allocation allocation) {
        var inputs = new TreeMap<Integer, Program.Binding>();
        var outputs = new TreeMap<Integer, Program.Binding>();
        for (var b : allocation.code().buffers()) {
            long address = allocation.bufferAddress().get(b.id());
            switch (b.role()) {
                case Buffer.Role.Input(var at, var type) ->
                    inputs.put(at, new Program.Binding(Program.Role.INPUT, b.name(), type, inHbm(b, type), address));
                case Buffer.Role.Output(var at, var type) ->
                    outputs.put(at, new Program.Binding(Program.Role.OUTPUT, b.name(), type, inHbm(b, type), address));
                case Buffer.Role.Constant c -> {}
                case Buffer.Role.Scratch s -> {}
            }
        }
        var bindings = new ArrayList<>(inputs.values());
        bindings.addAll(outputs.values());
        return bindings;
    }

    /** Elements of less than a byte lie packed. */
    private static DType inHbm(Buffer b, TensorType type) {
        return type.dtype().bits() < 8 ? type.dtype() : b.dtype();
    }

    private static List<Program.Constant> constants(Allocate.Allocation allocation) {
        var list = new ArrayList<Program.Constant>();
        for (var b : allocation.code().buffers()) {
            if (b.role() instanceof Buffer.Role.Constant(var value)) {
                list.add(new Program.Constant(allocation.bufferAddress().get(b.id()), value.bytes()));
            }
        }
        return list;
    }
}
