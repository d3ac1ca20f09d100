package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Memory;

/** When the DMA engines of a core are free: eight partitions share one, and each serves transfers in the order they start. Mutable. */
final class DmaEngines {
    private final Target target;
    private final double[] free;
    private final double[] queueFree;
    private double busy;
    private long bytes;
    private long transfers;

    DmaEngines(Target target) {
        this.target = target;
        this.free = new double[target.dma().enginesPerCore()];
        this.queueFree = new double[target.dma().queuesPerEngine()];
    }

    /** Takes up a transfer that is triggered at a time; returns when its first byte moves, and when its last one has moved. */
    TimelineListener.Span transfer(DmaInstruction dma, Cost cost, double triggered) {
        var chip = dma.to().memory() == Memory.HBM ? dma.from() : dma.to();
        int perEngine = target.dma().partitionsPerEngine();
        int first = Math.min(free.length - 1, chip.startPartition() / perEngine);
        int last = Math.min(free.length - 1, (chip.startPartition() + chip.partitions() - 1) / perEngine);
        double ready = triggered + target.dma().triggerLatencySeconds();
        double begin = Double.POSITIVE_INFINITY;
        double end = 0;
        for (int e = first; e <= last; e++) {
            double start = Math.max(ready, free[e]);
            begin = Math.min(begin, start);
            free[e] = start + cost.transferSeconds();
            end = Math.max(end, free[e]);
        }
        // A queue completes in order.
        end = Math.max(end, queueFree[dma.queue()]);
        queueFree[dma.queue()] = end;
        busy += cost.transferSeconds() * (last - first + 1) / free.length;
        bytes += dma.to().elements() * dma.to().dtype().bytes();
        transfers++;
        return new TimelineListener.Span(begin, end);
    }

    double busySeconds() {
        return busy;
    }

    long bytes() {
        return bytes;
    }

    long transfers() {
        return transfers;
    }
}
