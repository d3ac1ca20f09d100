package dev.systole.passes;

import com.google.common.collect.Range;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/** Regions of a straight-line program, and what its statements load from buffers and store to them. */
final class Regions {
    private Regions() {}

    /** Elements of a buffer, and perhaps some between them. */
    record Part(Buffer buffer, Range<Long> elements) {
        private static Part of(BufferRef r) {
            long low = r.offset().constant();
            long high = low;
            for (Dim d : r.dims()) {
                long last = d.stride() * (d.size() - 1);
                low += Math.min(0, last);
                high += Math.max(0, last);
            }
            return new Part(r.buffer(), Range.closed(low, high));
        }
    }

    static List<Part> loads(Statement s) {
        return switch (s) {
            case Statement.Load l -> List.of(Part.of(l.from()));
            case Statement.GatherRows g -> List.of(new Part(g.from().buffer(), Range.all()));
            default -> List.of();
        };
    }

    static List<Part> stores(Statement s) {
        return switch (s) {
            case Statement.Store t -> List.of(Part.of(t.to()));
            case Statement.ScatterRows t -> List.of(new Part(t.to().buffer(), Range.all()));
            default -> List.of();
        };
    }

    /** A region ends where a buffer is written for the last time. */
    static List<List<Statement>> of(List<Statement> body) {
        var lastWrite = new HashMap<Buffer, Integer>();
        for (int i = 0; i < body.size(); i++) {
            int at = i;
            stores(body.get(i)).forEach(s -> lastWrite.put(s.buffer, at));
        }
        var ends = new HashSet<>(lastWrite.values());
        var regions = new ArrayList<List<Statement>>();
        int first = 0;
        for (int i = 0; i < body.size(); i++) {
            if (ends.contains(i) || i == body.size() - 1) {
                regions.add(body.subList(first, i + 1));
                first = i + 1;
            }
        }
        return regions;
    }
}
