package dev.systole.trainium.isa;

import java.util.ArrayList;
import java.util.List;

/**
 * What DMA engines do. The instruction starts a transfer and its engine goes on; the transfer runs in its queue, behind the earlier
 * transfers of that queue.
 */
public sealed interface DmaInstruction extends Instruction {
    /** DMA queue, the same one on each DMA engine of the core. */
    int queue();

    Access to();

    Access from();

    /** The side of the transfer that lies on chip; the destination if both do, or none does. */
    default Access chip() {
        return to().memory() == Memory.HBM && from().memory() != Memory.HBM ? from() : to();
    }

    /** Bytes that the transfer takes out of HBM, indices of rows aside. */
    default long hbmBytesRead() {
        return from().memory() == Memory.HBM
                ? chip().elements() * from().dtype().bytes()
                : 0;
    }

    /** Bytes that the transfer puts into HBM. */
    default long hbmBytesWritten() {
        return to().memory() == Memory.HBM ? chip().elements() * to().dtype().bytes() : 0;
    }

    /** {@code d = s}, element by element in access order: raw bytes if the types are equal, else through fp32. */
    record DmaCopy(Engine engine, int queue, Access to, Access from) implements DmaInstruction {
        @Override
        public DmaCopy through(Fields f) {
            return new DmaCopy(f.engine(engine), f.word("queue", queue), f.to("dst", to), f.from("src", from));
        }
    }

    /**
     * A copy (nki.isa.dma_copy with a vector_offset) of one row of HBM to each partition: {@code d[p] = s moved by index[p] *
     * bytesPerRow}.
     *
     * @param from row 0
     * @param index [P, 1], int32 or uint32, in SBUF
     * @param rows row numbers lie in 0..rows-1; another one stops the program
     */
    record DmaGather(Engine engine, int queue, Access to, Access from, Access index, long bytesPerRow, long rows)
            implements DmaInstruction {
        @Override
        public DmaGather through(Fields f) {
            return new DmaGather(
                    f.engine(engine),
                    f.word("queue", queue),
                    f.to("dst", to),
                    f.from("src", from),
                    f.from("vector_offset", index),
                    f.integer("bytes_per_row", bytesPerRow),
                    f.integer("rows", rows));
        }

        /** Every row can be read. */
        @Override
        public List<Access> reads() {
            return List.of(allRows(from, bytesPerRow, rows), index);
        }
    }

    /**
     * A copy of each partition to one row of HBM: {@code d moved by index[p] * bytesPerRow = s[p]}, partition by partition.
     *
     * @param to row 0
     * @param index [P, 1], int32 or uint32, in SBUF
     * @param rows row numbers lie in 0..rows-1; another one stops the program
     */
    record DmaScatter(Engine engine, int queue, Access to, Access from, Access index, long bytesPerRow, long rows)
            implements DmaInstruction {
        @Override
        public DmaScatter through(Fields f) {
            return new DmaScatter(
                    f.engine(engine),
                    f.word("queue", queue),
                    f.to("dst", to),
                    f.from("src", from),
                    f.from("vector_offset", index),
                    f.integer("bytes_per_row", bytesPerRow),
                    f.integer("rows", rows));
        }

        /** Every row can be written. */
        @Override
        public List<Access> writes() {
            return List.of(allRows(to, bytesPerRow, rows));
        }
    }

    /**
     * A transposed copy into SBUF (v3 on), raw bits of a 2-byte type: {@code [a, b]} becomes {@code [b, a]}, {@code [a, b, c]} {@code [c, b, a]},
     * {@code [a, b, c, d]} {@code [d, b, c, a]}.
     *
     * @param to the result's first dimension on partitions
     * @param from all dimensions as free ones in HBM; in SBUF the first one on partitions
     */
    record DmaTranspose(Engine engine, int queue, Access to, Access from) implements DmaInstruction {
        @Override
        public DmaTranspose through(Fields f) {
            return new DmaTranspose(f.engine(engine), f.word("queue", queue), f.to("dst", to), f.from("src", from));
        }
    }

    /** {@code d = s0 + s1 + ...}, element by element, in fp32 and in the order of the sources. */
    record DmaCompute(Engine engine, int queue, Access to, List<Access> sources) implements DmaInstruction {
        public DmaCompute {
            sources = List.copyOf(sources);
            if (sources.isEmpty()) {
                throw new LimitException("dma_compute has no sources");
            }
        }

        @Override
        public Access from() {
            return sources.getFirst();
        }

        @Override
        public long hbmBytesRead() {
            return sources.stream()
                    .filter(s -> s.memory() == Memory.HBM)
                    .mapToLong(Access::bytes)
                    .sum();
        }

        @Override
        public DmaCompute through(Fields f) {
            return new DmaCompute(f.engine(engine), f.word("queue", queue), f.to("dst", to), f.from("srcs", sources));
        }
    }

    private static Access allRows(Access row, long bytesPerRow, long rows) {
        if (row.memory() != Memory.HBM) {
            return row;
        }
        var dims = new ArrayList<Access.Dim>();
        dims.add(new Access.Dim(bytesPerRow / row.dtype().bytes(), rows));
        dims.addAll(row.dims());
        return new Access(row.memory(), row.object(), row.dtype(), 0, 1, row.offset(), dims, row.index());
    }
}
