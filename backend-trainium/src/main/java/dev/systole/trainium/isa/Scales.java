package dev.systole.trainium.isa;

import java.util.ArrayList;
import java.util.List;

/** Where the scales of microscaled blocks lie: four rows in each quadrant of 32 partitions, one a block of 8 partitions. */
public final class Scales {
    /** Rows of scales in a quadrant. */
    public static final int ROWS = 4;

    private static final int QUADRANT = 32;

    /** Partitions that share a row of scales. */
    public static final int BLOCK = QUADRANT / ROWS;

    private Scales() {}

    /** Partitions from the first row of scales to the last one, for data of this many partitions. */
    public static int span(int partitions) {
        return partitions - QUADRANT + ROWS;
    }

    /** The rows of an access that spans scales, quadrant by quadrant. */
    public static List<Access> rows(Access span) {
        return every(span, QUADRANT, ROWS);
    }

    /** Runs of {@code count} partitions of an access, {@code step} apart; the last may be cut short by the access's end. */
    static List<Access> every(Access span, int step, int count) {
        var rows = new ArrayList<Access>();
        for (int p = 0; p < span.partitions(); p += step) {
            rows.add(new Access(
                    span.memory(),
                    span.object(),
                    span.dtype(),
                    span.startPartition() + p,
                    Math.min(count, span.partitions() - p),
                    span.offset(),
                    span.dims(),
                    span.index()));
        }
        return rows;
    }
}
