package dev.systole.trainium.isa;

import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What the limits of several instructions have in common: where operands lie, how many elements they have, what they hold. */
final class Checks {
    final Target target;

    Checks(Target target) {
        this.target = target;
    }

    static void require(boolean holds, String limit, Object value) {
        if (!holds) {
            throw new LimitException(limit + ", not " + value);
        }
    }

    /** The limit is put into words only where it is broken: most of what has numbers in it holds for every operand. */
    static void require(boolean holds, Supplier<String> limit, Object value) {
        if (!holds) {
            throw new LimitException(limit.get() + ", not " + value);
        }
    }

    static boolean isData(Engine e) {
        return e == Engine.VECTOR || e == Engine.SCALAR || e == Engine.GPSIMD;
    }

    static boolean isWord(Access a) {
        return a.dtype() == DType.I32 || a.dtype() == DType.U32;
    }

    void register(int r) {
        int count = target.control().registersPerSequencer();
        require(r >= 0 && r < count, "a sequencer has registers 0 to " + (count - 1) + " [ISA]", r);
    }

    void word(Access a) {
        require(a.memory() != Memory.PSUM, "registers load from and store to hbm or sbuf [ISA]", a.memory());
        require(a.elements() == 1 && isWord(a), "a register holds one 32-bit word [ISA]", a);
        pattern(a);
    }

    void steps(List<Integer> steps, Access pattern) {
        require(
                steps.size() == pattern.dims().size(),
                "there is a step for each of " + pattern.dims().size() + " dimensions [ISA]",
                steps.size());
    }

    static void notBothInPsum(Access a, Access b) {
        require(a.memory() != Memory.PSUM || b.memory() != Memory.PSUM, "at most one input lies in PSUM [ISA]", "both");
    }

    void arithmetic(String instruction, AluOp op) {
        require(!op.isBitwise(), instruction + " is arithmetic only [ISA]", op);
        require(op != AluOp.RSQRT, "rsqrt is the first operator of tensor_scalar only [ISA]", "here");
        operator(op, false, List.of());
    }

    void operator(AluOp op, boolean power, List<Access> operands) {
        require(power || op != AluOp.POWER, "power runs on gpsimd only, in tensor_tensor [SH]", "here");
        require(
                target.generation() >= 4 || op != AluOp.ABS_MAX && op != AluOp.ABS_MIN,
                "abs_max and abs_min exist from v4 on [SH]",
                op + " on v" + target.generation());
        if (op.isBitwise()) {
            for (var a : operands) {
                require(a.dtype().isInteger(), op + " takes integers [SH]", a.dtype());
            }
        }
    }

    void scalar(Scalar s, Access data, Engine engine) {
        if (s instanceof Scalar.Column(var column)) {
            read(column, engine);
            samePartitions(column, data);
        }
    }

    static void samePartitions(Access a, Access b) {
        require(
                a.partitions() == b.partitions(),
                "operands have as many partitions [A1]",
                a.partitions() + " and " + b.partitions());
    }

    static void elementwise(Access to, Access from) {
        samePartitions(to, from);
        require(
                to.free() == from.free(),
                "operands have as many elements a partition [ISA]",
                to.free() + " and " + from.free());
    }

    void read(Access a, Engine engine) {
        requireNumbers(a);
        readPacked(a, engine);
    }

    /** Numbers, four in an element if they are packed. */
    void readPacked(Access a, Engine engine) {
        boolean reaches = switch (a.memory()) {
            case HBM -> false;
            case SBUF -> engine != Engine.SYNC;
            case PSUM -> engine == Engine.VECTOR || engine == Engine.SCALAR;
        };
        if (!reaches) {
            throw new LimitException(engine + " does not read " + a.memory() + " [A1]");
        }
        pattern(a);
    }

    void write(Access a, Engine engine) {
        requireNumbers(a);
        writePacked(a, engine);
    }

    private static void requireNumbers(Access a) {
        require(!a.dtype().isPacked(), "packed types are for copies, quantize_mx and nc_matmul_mx [ISA]", a.dtype());
    }

    /** Numbers, four in an element if they are packed. */
    void writePacked(Access a, Engine engine) {
        boolean reaches = switch (a.memory()) {
            case HBM -> false;
            case SBUF -> engine != Engine.SYNC && engine != Engine.TENSOR;
            case PSUM -> engine == Engine.TENSOR || engine == Engine.VECTOR || engine == Engine.SCALAR;
        };
        if (!reaches) {
            throw new LimitException(engine + " does not write " + a.memory() + " [A1]");
        }
        pattern(a);
        requireDistinct(a);
    }

    static void requireDistinct(Access a) {
        for (var d : a.dims()) {
            if (d.stride() == 0 && d.size() > 1) {
                throw new LimitException("a write touches an element once, but has stride 0: " + a);
            }
        }
    }

    void pattern(Access a) {
        var memory = target.memory();
        a.index().ifPresent(i -> register(i.register()));
        if (a.memory() == Memory.HBM) {
            // One dimension more than a descriptor's: the one that runs over partitions.
            int most = target.dma().maxAccessPatternDims() + 1;
            require(
                    a.dims().size() <= most,
                    "an hbm access has at most " + most + " dimensions [NEFF]",
                    a.dims().size());
            return;
        }
        var limits = target.accessPatterns();
        int most = memory.partitions();
        int end = a.startPartition() + a.partitions();
        require(end <= most, () -> "there are " + most + " partitions [A1]", end);
        int aligned = a.partitions() > most / 2
                ? most
                : a.partitions() > memory.quadrantPartitions() ? most / 2 : memory.quadrantPartitions();
        require(
                a.startPartition() % aligned == 0,
                () -> (a.partitions() == 1 ? "1 partition starts" : a.partitions() + " partitions start")
                        + " at a multiple of " + aligned + " [A1]",
                a.startPartition());
        require(
                a.dims().size() <= limits.maxFreeDims(),
                () -> "an access has at most " + limits.maxFreeDims() + " free dimensions [A1]",
                a.dims().size());
        for (var d : a.dims()) {
            require(
                    d.size() <= limits.maxSize(),
                    () -> "a dimension has at most " + limits.maxSize() + " elements [A1]",
                    d.size());
            require(
                    d.stride() >= limits.minStride() && d.stride() <= limits.maxStride(),
                    () -> "a stride lies in " + limits.minStride() + ".." + limits.maxStride() + " [A1]",
                    d.stride());
        }
        boolean psum = a.memory() == Memory.PSUM;
        // A bank's worth of 16-bit elements is twice as many, as matmuls of v4 write them.
        int halves =
                a.dtype().bits() == 16 ? target.tensor().maxMovingFreeBf16().orElse(0) : 0;
        int elements = psum ? Math.max(halves, limits.maxFreeElementsPsum()) : limits.maxFreeElementsSbuf();
        require(
                a.free() <= elements,
                () -> "an access has at most " + elements + " elements a partition [A1]",
                a.free());
        if (a.isVirtual()) {
            return;
        }
        int alignment =
                Math.max(psum ? memory.psumAlignmentBytes() : 1, a.dtype().bytes());
        require(
                a.offset() % alignment == 0,
                () -> "offsets are multiples of " + alignment + " bytes (assumed)",
                a.offset());
        long bytes = psum ? memory.psumBytesPerPartition() : memory.sbufBytesPerPartition();
        long low = a.offset() + a.lowestByte();
        long high = a.offset() + a.highestByte();
        if (low < 0 || high > bytes) {
            throw new LimitException(
                    "a partition of %s has %d bytes [A1], not %d..%d".formatted(a.memory(), bytes, low, high));
        }
    }

    /** From a generation on. */
    void since(int generation, String what) {
        require(
                target.generation() >= generation,
                what + " exists from v" + generation + " on [ISA]",
                "v" + target.generation());
    }

    /** One element a partition for as many partitions as the data has. */
    void column(Access a, Access data, String what) {
        samePartitions(a, data);
        require(a.free() == 1, what + " is one element a partition [ISA]", a);
    }

    /** An accumulator's command with what it may store. */
    void reduction(ReduceCommand command, Optional<Access> to, Access data, Engine engine) {
        require(command != ReduceCommand.LOAD_REDUCE, "load_reduce is tensor_scalar_cumulative's [ISA]", "here");
        to.ifPresent(a -> {
            write(a, engine);
            column(a, data, "reduce_res");
            require(command != ReduceCommand.IDLE, "reduce_res stores an accumulator that is in use [ISA]", "idle");
        });
    }

    static boolean isIndex(Access a) {
        return a.dtype() == DType.U16 || a.dtype() == DType.U32;
    }

    /** Scales of packed data: for each element, and on four partitions of each quadrant. */
    void scales(Access a, Access data) {
        var first = a.startPartition() - data.startPartition();
        require(
                a.memory() == Memory.SBUF && (a.dtype() == DType.U8 || a.dtype() == DType.F8E8M0),
                "scales are u8 or f8e8m0 in sbuf [ISA]",
                a.dtype() + " in " + a.memory());
        require(
                first % Scales.ROWS == 0 && first >= 0 && first <= 12,
                "scales start 0, 4, 8 or 12 partitions behind their data [MX]",
                first);
        require(
                a.partitions() == Scales.span(data.partitions()) && a.free() == data.free(),
                "scales span " + Scales.span(data.partitions()) + " partitions of " + data.free() + " elements [MX]",
                a);
        pattern(a.at(-a.startPartition(), 0));
    }
}
