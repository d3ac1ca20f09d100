package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Tile;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.LimitException;
import dev.systole.trainium.isa.Limits;
import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.Memory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rules that code before it is split into streams keeps: what instructions touch is declared, and they stay inside it. Mutable: one verification. */
public final class CodeVerifier {
    private static final int MOST_FAULTS = 20;

    private final Map<Integer, Buffer> buffers = new HashMap<>();
    private final Map<Integer, Tile> tiles = new HashMap<>();
    private final boolean allocated;
    private final List<String> faults = new ArrayList<>();

    private CodeVerifier(boolean allocated) {
        this.allocated = allocated;
    }

    /**
     * What is wrong with code over virtual tiles; empty if nothing is.
     *
     * @param partitions that a tile may have
     */
    public static List<String> verify(VirtualCode code, int partitions) {
        var v = new CodeVerifier(false);
        for (var t : code.tiles()) {
            v.require(
                    t.partitions() >= 1 && t.partitions() <= partitions && t.free() >= 1,
                    t + " has 1 to " + partitions + " partitions and an element");
            v.require(v.tiles.putIfAbsent(t.id(), t) == null, t + " is declared once");
        }
        v.code(code);
        return v.faults;
    }

    /** What is wrong with code over addresses, the limits of the target included; empty if nothing is. */
    public static List<String> verify(Allocate.Allocation allocation, Target target) {
        var v = new CodeVerifier(true);
        v.require(
                allocation.hbmBytes() >= 0
                        && allocation.hbmBytes() <= target.memory().hbmBytesPerCore(),
                "a core has " + target.memory().hbmBytesPerCore() + " bytes of HBM, not " + allocation.hbmBytes());
        v.code(allocation.code());
        v.queues(allocation.code());
        for (var step : allocation.code().steps()) {
            try {
                Limits.check(step.instruction(), target);
            } catch (LimitException e) {
                v.require(false, e.getMessage() + ": " + Listing.text(step.instruction()));
            }
            step.instruction().reads().forEach(a -> v.inHbm(a, allocation.hbmBytes()));
            step.instruction().writes().forEach(a -> v.inHbm(a, allocation.hbmBytes()));
        }
        return v.faults;
    }

    private void inHbm(Access a, long bytes) {
        if (a.memory() == Memory.HBM && !a.isVirtual()) {
            inside(a, bytes, "HBM").ifPresent(f -> require(false, f + ": " + a));
        }
    }

    private void require(boolean holds, String rule) {
        if (!holds && faults.size() < MOST_FAULTS) {
            faults.add(rule);
        }
    }

    private void code(VirtualCode code) {
        for (var b : code.buffers()) {
            require(buffers.putIfAbsent(b.id(), b) == null, b + " is declared once");
        }
        for (var step : code.steps()) {
            var accesses = new ArrayList<>(step.instruction().reads());
            accesses.addAll(step.instruction().writes());
            for (var a : accesses) {
                fault(a).ifPresent(f -> require(false, f + ": " + Listing.text(step.instruction())));
            }
        }
    }

    /** Transfers of a queue have an order only if one engine starts them all. */
    private void queues(VirtualCode code) {
        var owners = new HashMap<Integer, Engine>();
        for (var step : code.steps()) {
            if (step.instruction() instanceof DmaInstruction transfer) {
                var owner = owners.computeIfAbsent(transfer.queue(), q -> transfer.engine());
                require(
                        owner == transfer.engine(),
                        "queue %d is fed by one engine, not by %s and %s"
                                .formatted(transfer.queue(), owner, transfer.engine()));
            }
        }
    }

    private Optional<String> fault(Access a) {
        if (a.memory() != Memory.HBM) {
            return allocated ? addressed(a) : inTile(a);
        }
        if (!a.isVirtual()) {
            return allocated ? Optional.empty() : Optional.of("HBM is named by its buffers");
        }
        var buffer = buffers.get(a.object().getAsInt());
        return buffer == null
                ? Optional.of("buffer b" + a.object().getAsInt() + " is not declared")
                : inside(a, buffer.bytes(), "buffer b" + buffer.id());
    }

    private static Optional<String> addressed(Access a) {
        return a.isVirtual() ? Optional.of("tiles have addresses") : Optional.empty();
    }

    private Optional<String> inTile(Access a) {
        if (!a.isVirtual()) {
            return Optional.of("on-chip memory is named by its tiles");
        }
        var tile = tiles.get(a.object().getAsInt());
        if (tile == null) {
            return Optional.of("tile t" + a.object().getAsInt() + " is not declared");
        }
        if (tile.psum() != (a.memory() == Memory.PSUM) || a.startPartition() + a.partitions() > tile.partitions()) {
            return Optional.of(tile + " has no such memory or partitions");
        }
        return inside(a, tile.bytesPerPartition(), tile.toString());
    }

    private static Optional<String> inside(Access a, long bytes, String what) {
        boolean inside =
                a.index().isPresent() || a.offset() + a.lowestByte() >= 0 && a.offset() + a.highestByte() <= bytes;
        return inside ? Optional.empty() : Optional.of("an access leaves the " + bytes + " bytes of " + what);
    }
}
