package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/**
 * Afterwards the steps are in the order in which a list scheduler, reading the cost model, would start them on the engines
 * and DMA queues: whichever step can start first goes first, the oldest among equals. What both ScalarE and VectorE can do goes to the one
 * that would be done with it first, unless that is VectorE and has more to do within the window already; mean and variance of rows, two passes of
 * ScalarE and one of VectorE, go to the one that could begin first. An engine waits for an older step
 * that is about to be ready if that keeps a busier engine from waiting longer. Of transfers, one whose data nobody could use yet when it is
 * done lets others go first; a short program in which VectorE has taken over mean and variance is scheduled a second time with what is known
 * then of when its data is used, and the order that ends sooner stays.
 *
 * <p>Only steps within a window of the oldest unscheduled one take part. A step that brings a new tile to life before its turn leaves
 * the room that the original order needs from the oldest step to the end of the window, so that the oldest can always go on; of the rest,
 * transfers from HBM take at most half, so that what works on them finds room, too. Room is free again when the last reader of a tile
 * is done, not when it is issued.
 */
public record Schedule(Target target) {
    /** How many steps are worth a second schedule: it saves at the start of a program. */
    private static final int FEW_STEPS = 4 * ListScheduler.WINDOW;

    public String name() {
        return "schedule";
    }

    public VirtualCode run(VirtualCode code) {
        var first = new ListScheduler(target, code);
        var steps = first.schedule();
        var tiles = first.tiles();
        if (first.takesOnePass() && steps.size() <= FEW_STEPS) {
            var second = new ListScheduler(target, code);
            second.needAs(first);
            var again = second.schedule();
            if (second.end() < first.end()) {
                steps = again;
                tiles = second.tiles();
            }
        }
        return new VirtualCode(code.name(), code.contract(), code.buffers(), touched(tiles, steps), steps);
    }

    /** The tiles without those of results that the way taken does not have. */
    private static List<Tile> touched(List<Tile> tiles, List<VirtualCode.Step> steps) {
        var touched = new HashSet<Integer>();
        steps.forEach(s -> Arrays.stream(s.tiles()).forEach(touched::add));
        return tiles.stream().filter(t -> touched.contains(t.id())).toList();
    }
}
