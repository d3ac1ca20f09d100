package dev.systole.cli.bench;

import dev.systole.emulator.TimelineListener;
import dev.systole.ir.tile.Tile;
import dev.systole.trainium.codegen.LiveRanges;
import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.ControlInstruction;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much of SBUF lives at once while a program runs: a tile from when the first instruction that touches it begins until the last one is done. A
 * transfer begins when it is triggered, as its bytes may move from then on, and is done when they have moved. Mutable: one run.
 */
final class LiveTiles implements TimelineListener {
    private final Map<Integer, Tile> tiles = new HashMap<>();
    private final Map<Engine, List<int[]>> touched = new EnumMap<>(Engine.class);
    private final Map<Engine, Map<Integer, int[]>> transfers = new EnumMap<>(Engine.class);
    private final Map<Engine, Integer> issued = new EnumMap<>(Engine.class);
    private final Map<Integer, Span> lives = new HashMap<>();

    /** @param code that became the program, step by step */
    LiveTiles(VirtualCode code) {
        code.tiles().stream().filter(t -> !t.psum()).forEach(t -> tiles.put(t.id(), t));
        code.steps()
                .forEach(s -> touched.computeIfAbsent(s.instruction().engine(), e -> new ArrayList<>())
                        .add(s.tiles()));
    }

    @Override
    public void issued(Event event) {
        // Semaphores that an instruction has no room for come before it.
        if (event.instruction() instanceof ControlInstruction.EventSemaphore) {
            return;
        }
        int step = issued.merge(event.engine(), 1, Integer::sum) - 1;
        var touches = touched.get(event.engine()).get(step);
        if (event.instruction() instanceof DmaInstruction) {
            transfers.computeIfAbsent(event.engine(), e -> new HashMap<>()).put(event.at(), touches);
        } else {
            live(touches, event.busy());
        }
    }

    @Override
    public void moved(Event transfer, Span moving) {
        live(
                transfers.get(transfer.engine()).remove(transfer.at()),
                new Span(transfer.busy().begin(), moving.end()));
    }

    private void live(int[] touches, Span span) {
        for (int t : touches) {
            if (tiles.containsKey(t)) {
                lives.merge(t, span, (a, b) -> new Span(Math.min(a.begin(), b.begin()), Math.max(a.end(), b.end())));
            }
        }
    }

    /** Bytes a partition, at most. */
    long most() {
        var changes = new TreeMap<Double, Long>();
        lives.forEach((t, life) -> {
            long bytes = tiles.get(t).bytesPerPartition();
            changes.merge(life.begin(), bytes, Long::sum);
            changes.merge(life.end(), -bytes, Long::sum);
        });
        return LiveRanges.most(changes.values());
    }
}
