package dev.systole.emulator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Host threads that share the work of one instruction. During a run they spin for the next one, because an instruction takes
 * microseconds; between runs they sleep. Mutable; one owner.
 */
final class Workers implements AutoCloseable {
    private static final int SPINS = 100_000;
    private static final long SLEEP_NANOS = 100_000_000;

    /** Work on partitions {@code from} up to, not including, {@code to}. */
    @FunctionalInterface
    interface Part {
        void run(int worker, int from, int to);
    }

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger generation = new AtomicInteger();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicInteger sleeping = new AtomicInteger();
    /** What stopped each worker in the last task. */
    private final AtomicReferenceArray<Throwable> failures;

    private volatile IntConsumer task = worker -> {};
    private volatile boolean resting = true;
    private volatile boolean closed;

    Workers(int count) {
        failures = new AtomicReferenceArray<>(Math.max(1, count));
        for (int i = 1; i < count; i++) {
            int worker = i;
            threads.add(Thread.ofPlatform().daemon().name("emulator-" + i).start(() -> work(worker)));
        }
    }

    /** Threads that take part, the caller's included. */
    int count() {
        return threads.size() + 1;
    }

    /** Makes the threads sleep until there is work again. */
    void rest() {
        resting = true;
    }

    /** Splits {@code 0..count} over all threads in pieces of a multiple of {@code grain} and returns when all is done. */
    void split(int count, int grain, Part part) {
        if (threads.isEmpty() || count <= grain) {
            part.run(0, 0, count);
            return;
        }
        int piece = Math.ceilDiv(Math.ceilDiv(count, count()), grain) * grain;
        task = worker -> {
            int from = worker * piece;
            if (from < count) {
                part.run(worker, from, Math.min(count, from + piece));
            }
        };
        pending.set(threads.size());
        resting = false;
        generation.incrementAndGet();
        if (sleeping.get() > 0) {
            threads.forEach(LockSupport::unpark);
        }
        attempt(0);
        while (pending.get() > 0) {
            Thread.onSpinWait();
        }
        rethrow();
    }

    private void attempt(int worker) {
        try {
            task.accept(worker);
        } catch (RuntimeException | Error e) {
            failures.set(worker, e);
        }
    }

    /** What failed first in the order of the partitions, as if one thread had done it all. */
    private void rethrow() {
        Throwable first = null;
        for (int i = failures.length() - 1; i >= 0; i--) {
            var failure = failures.getAndSet(i, null);
            first = failure == null ? first : failure;
        }
        switch (first) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void work(int worker) {
        int seen = 0;
        while (await(seen)) {
            seen++;
            attempt(worker);
            pending.decrementAndGet();
        }
    }

    /** Waits for the task after the {@code seen}th; false when there will be none. */
    private boolean await(int seen) {
        for (int spins = 0; generation.get() == seen; spins++) {
            if (closed) {
                return false;
            }
            if (spins < SPINS && !resting) {
                Thread.onSpinWait();
            } else {
                sleeping.incrementAndGet();
                if (generation.get() == seen) {
                    LockSupport.parkNanos(SLEEP_NANOS);
                }
                sleeping.decrementAndGet();
            }
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
    }
}
