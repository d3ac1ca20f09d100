package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.DmaInstruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The DMA engines of a core in time. Eight partitions share an engine; an engine serves each of its queues in order and the queues
 * in turn, packet by packet, so that those with work have equal shares of it; all of them share the rate of the HBM stack. Mutable.
 */
final class DmaEngines {
    /** Seconds of service that are none: what rounding leaves. */
    private static final double NOTHING = 1e-14;

    private final Target target;
    private final List<List<Deque<Part>>> engines = new ArrayList<>();
    private final List<Deque<Transfer>> queues = new ArrayList<>();
    private final PriorityQueue<Transfer> triggered = new PriorityQueue<>(Comparator.comparingDouble(t -> t.ready));
    private double now;

    /** What {@link #next} gives; not a number while it is not known. */
    private double next = Double.POSITIVE_INFINITY;

    private double busy;
    private long bytes;
    private long hbmBytesRead;
    private long hbmBytesWritten;
    private long transfers;

    /** A transfer under way. */
    private static final class Transfer {
        final DmaInstruction dma;
        final Cost cost;
        final TimelineListener.Event event;
        final double ready;
        final double hbmBytesPerSecond;
        int parts;
        double begin = Double.POSITIVE_INFINITY;

        Transfer(DmaInstruction dma, Cost cost, TimelineListener.Event event, double ready, int parts) {
            this.dma = dma;
            this.cost = cost;
            this.event = event;
            this.ready = ready;
            this.parts = parts;
            this.hbmBytesPerSecond = (dma.hbmBytesRead() + dma.hbmBytesWritten()) / (cost.transferSeconds() * parts);
        }
    }

    /** What one engine has to do of a transfer. */
    private static final class Part {
        final Transfer transfer;
        double seconds;

        Part(Transfer transfer) {
            this.transfer = transfer;
            this.seconds = transfer.cost.transferSeconds();
        }
    }

    /**
     * A transfer that has moved its last byte.
     *
     * @param event its issue
     * @param moving from the first byte to the last one, and those of the transfers before it in its queue
     * @param time when its completion is seen
     */
    record Completion(TimelineListener.Event event, TimelineListener.Span moving, double time) {}

    DmaEngines(Target target) {
        this.target = target;
        for (int e = 0; e < target.dma().enginesPerCore(); e++) {
            var list = new ArrayList<Deque<Part>>();
            for (int q = 0; q < target.dma().queuesPerEngine(); q++) {
                list.add(new ArrayDeque<>());
            }
            engines.add(list);
        }
        for (int q = 0; q < target.dma().queuesPerEngine(); q++) {
            queues.add(new ArrayDeque<>());
        }
    }

    /** Takes up a transfer that is triggered at a time, which is not before what {@link #advance} reached. */
    void trigger(DmaInstruction dma, Cost cost, TimelineListener.Event event, double time) {
        int parts = last(dma) - first(dma) + 1;
        triggered.add(new Transfer(dma, cost, event, time + target.dma().triggerLatencySeconds(), parts));
        next = Double.NaN;
        busy += cost.transferSeconds() * parts / engines.size();
        bytes += dma.to().elements() * dma.to().dtype().bytes();
        hbmBytesRead += dma.hbmBytesRead();
        hbmBytesWritten += dma.hbmBytesWritten();
        transfers++;
    }

    private int first(DmaInstruction dma) {
        return engine(dma.chip().startPartition());
    }

    private int last(DmaInstruction dma) {
        return engine(dma.chip().startPartition() + dma.chip().partitions() - 1);
    }

    private int engine(int partition) {
        return Math.min(engines.size() - 1, partition / target.dma().partitionsPerEngine());
    }

    /** When something happens next: a transfer starts, or an engine is done with its part of one; infinite if nothing is under way. */
    double next() {
        if (Double.isNaN(next)) {
            next = nextEvent();
        }
        return next;
    }

    private double nextEvent() {
        double event = triggered.isEmpty() ? Double.POSITIVE_INFINITY : triggered.peek().ready;
        double share = hbmShare();
        for (var engine : engines) {
            int active = active(engine);
            for (var queue : engine) {
                if (!queue.isEmpty()) {
                    event = Math.min(event, now + queue.peek().seconds * active / share);
                }
            }
        }
        return event;
    }

    private static int active(List<Deque<Part>> engine) {
        int active = 0;
        for (var queue : engine) {
            active += queue.isEmpty() ? 0 : 1;
        }
        return active;
    }

    /** How much of their own rate HBM lets the engines have. */
    private double hbmShare() {
        double wanted = 0;
        for (var engine : engines) {
            int active = active(engine);
            for (var queue : engine) {
                if (!queue.isEmpty()) {
                    wanted += queue.peek().transfer.hbmBytesPerSecond / active;
                }
            }
        }
        return Math.min(1, target.memory().hbmBytesPerSecondPerStack() / wanted);
    }

    /** Goes on to a time that is not after {@link #next}; returns what has completed, in order. */
    List<Completion> advance(double time) {
        double share = hbmShare();
        for (var engine : engines) {
            int active = active(engine);
            for (var queue : engine) {
                if (!queue.isEmpty()) {
                    serve(queue, now, (time - now) * share / active);
                }
            }
        }
        now = time;
        next = Double.NaN;
        while (!triggered.isEmpty() && triggered.peek().ready <= now) {
            start(triggered.poll());
        }
        var completed = new ArrayList<Completion>();
        for (var queue : queues) {
            while (!queue.isEmpty() && queue.peek().parts == 0) {
                var t = queue.poll();
                completed.add(
                        new Completion(t.event, new TimelineListener.Span(t.begin, now), now + t.cost.resultSeconds()));
            }
        }
        return completed;
    }

    private static void serve(Deque<Part> queue, double from, double seconds) {
        var part = queue.peek();
        part.transfer.begin = Math.min(part.transfer.begin, from);
        part.seconds -= seconds;
        if (part.seconds <= NOTHING) {
            queue.poll();
            part.transfer.parts--;
        }
    }

    private void start(Transfer transfer) {
        queues.get(transfer.dma.queue()).add(transfer);
        for (int e = first(transfer.dma); e <= last(transfer.dma); e++) {
            engines.get(e).get(transfer.dma.queue()).add(new Part(transfer));
        }
    }

    /** Time in which the engines moved data, averaged over them. */
    double busySeconds() {
        return busy;
    }

    long bytes() {
        return bytes;
    }

    long hbmBytesRead() {
        return hbmBytesRead;
    }

    long hbmBytesWritten() {
        return hbmBytesWritten;
    }

    long transfers() {
        return transfers;
    }
}
