package dev.systole.passes.tiling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What lies on partitions, perhaps rows of several dimensions, and what is looped over. */
record JoinedRows(Rows lanes, List<Axis> loops) {
    /** Dimensions of which some are joined. */
    private static final int MOST_JOINED = 6;

    /**
     * What is computed at a time, and how often.
     *
     * @param lanes rows of a block
     * @param count of blocks
     */
    record Blocks(long lanes, long count) {}

    /** The longest dimension on partitions. */
    static JoinedRows none(List<Axis> rows) {
        var loops = new ArrayList<>(rows);
        var longest = rows.stream().max(Comparator.comparingLong(Axis::size));
        longest.ifPresent(loops::remove);
        return new JoinedRows(new Rows(List.of(longest.orElse(new Axis(1, new long[0])))), loops);
    }

    /**
     * Two or more of the rows, the outermost in the result first, if those within that leave room for two of it; none where one dimension
     * fills more than half of the partitions.
     *
     * @param result number of the first result among the operands
     */
    static Stream<JoinedRows> of(List<Axis> rows, int result, int maxPartitions) {
        if (rows.stream().anyMatch(a -> a.size() > maxPartitions / 2)) {
            return Stream.empty();
        }
        var sorted = rows.stream()
                .sorted(Comparator.comparingLong((Axis a) -> -Math.abs(a.strides()[result])))
                .toList();
        return IntStream.range(0, 1 << Math.min(rows.size(), MOST_JOINED))
                .filter(set -> Integer.bitCount(set) > 1)
                .mapToObj(set -> {
                    var in = new ArrayList<Axis>();
                    var out = new ArrayList<Axis>();
                    for (int i = 0; i < sorted.size(); i++) {
                        ((set >> i & 1) == 1 ? in : out).add(sorted.get(i));
                    }
                    return new JoinedRows(new Rows(in), out);
                })
                .filter(j -> j.lanes.groups(maxPartitions) > 1);
    }

    Blocks blocks(int maxPartitions) {
        long others = loops.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
        long atOnce = lanes.groups(maxPartitions) * lanes.inner();
        return new Blocks(atOnce, others * Math.ceilDiv(lanes.size(), Math.max(1, atOnce)));
    }
}
