package dev.systole.emulator;

import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Issue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * One of the orders that the semaphores allow, drawn from a seed: an engine goes on when its waits hold, and a transfer takes place at
 * any time after its engine started it, behind the transfers before it in its queue. Mutable: one run.
 */
final class Interleaving {
    /** A stream goes on this many times on average before another one is drawn, so that streams run far ahead of each other, too. */
    private static final int BURST = 8;

    private final List<Sequencer> sequencers;
    private final Random random;
    private final long[] heights;
    private final List<Deque<Transfer>> queues = new ArrayList<>();

    private record Transfer(Runnable work, Optional<Issue.Update> update) {}

    Interleaving(List<Sequencer> sequencers, int semaphores, int queues, long seed) {
        this.sequencers = sequencers;
        this.random = new Random(seed);
        this.heights = new long[semaphores];
        for (int q = 0; q < queues; q++) {
            this.queues.add(new ArrayDeque<>());
        }
    }

    /**
     * Executes every stream to its end. Streams are numbered: sequencers in their order, then queues.
     *
     * @param work what the next instruction of a sequencer does to memory, by its number
     * @param memories that registers are loaded from
     */
    void run(IntFunction<Runnable> work, Memories memories) {
        int stream = -1;
        while (true) {
            if (stream < 0 || !canGoOn(stream) || random.nextInt(BURST) == 0) {
                stream = draw();
            }
            if (stream < 0) {
                return;
            }
            if (stream < sequencers.size()) {
                issue(sequencers.get(stream), work.apply(stream), memories);
            } else {
                var transfer = queues.get(stream - sequencers.size()).poll();
                transfer.work.run();
                transfer.update.ifPresent(this::raise);
            }
        }
    }

    /** One of the streams that can go on, or -1: as programs that wait for ever are refused, all is done then. */
    private int draw() {
        var choices = new ArrayList<Integer>();
        for (int i = 0; i < sequencers.size() + queues.size(); i++) {
            if (canGoOn(i)) {
                choices.add(i);
            }
        }
        return choices.isEmpty() ? -1 : choices.get(random.nextInt(choices.size()));
    }

    private boolean canGoOn(int stream) {
        if (stream >= sequencers.size()) {
            return !queues.get(stream - sequencers.size()).isEmpty();
        }
        var s = sequencers.get(stream);
        return !s.isDone() && s.next().waits().stream().allMatch(w -> heights[w.semaphore()] >= w.atLeast());
    }

    private void issue(Sequencer s, Runnable work, Memories memories) {
        var issue = s.next();
        if (issue.instruction() instanceof DmaInstruction dma) {
            queues.get(dma.queue()).add(new Transfer(work, issue.update()));
        } else {
            work.run();
            issue.update().ifPresent(this::raise);
        }
        s.advance(Optional.of(memories));
    }

    private void raise(Issue.Update update) {
        heights[update.semaphore()] += update.add();
    }
}
