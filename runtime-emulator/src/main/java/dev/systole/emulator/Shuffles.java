package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.Arrays;
import java.util.List;

/** What instructions that move elements between places and partitions, or make numbers of places, do to memory. */
final class Shuffles {
    private static final int PROCESSOR = GpSimdInstruction.NonzeroWithCount.PROCESSOR;
    private static final int KEEP = 255;

    private final Rows r;

    Shuffles(Rows r) {
        this.r = r;
    }

    Runnable transpose(VectorInstruction.NcTranspose i) {
        var to = r.operand(i.to());
        var from = r.operand(i.from());
        return () -> {
            var block = new long[from.partitions][from.free];
            for (int p = 0; p < from.partitions; p++) {
                from.readIntegers(p, block[p]);
            }
            var column = new long[from.partitions];
            for (int k = 0; k < from.free; k++) {
                for (int p = 0; p < from.partitions; p++) {
                    column[p] = block[p][k];
                }
                to.writeIntegers(k, column);
            }
        };
    }

    Runnable shuffle(VectorInstruction.NcStreamShuffle i) {
        var to = r.operand(i.to());
        var from = r.operand(i.from());
        int quadrant = i.mask().size();
        return () -> {
            var rows = new long[from.partitions][from.free];
            for (int p = 0; p < from.partitions; p++) {
                from.readIntegers(p, rows[p]);
            }
            for (int p = 0; p < to.partitions; p++) {
                int source = i.mask().get(p % quadrant);
                if (source != KEEP) {
                    to.writeIntegers(p, rows[p - p % quadrant + source]);
                }
            }
        };
    }

    Runnable localGather(GpSimdInstruction.LocalGather i) {
        var to = r.operand(i.to());
        var from = r.operand(i.from());
        var index = r.operand(i.index());
        return () -> {
            var indices = new long[PROCESSOR][index.free];
            var row = new long[from.free];
            var gathered = new long[to.free];
            for (int first = 0; first < from.partitions; first += PROCESSOR) {
                for (int p = 0; p < PROCESSOR; p++) {
                    index.readIntegers(first + p, indices[p]);
                }
                for (int p = first; p < first + PROCESSOR; p++) {
                    from.readIntegers(p, row);
                    for (int k = 0; k < PROCESSOR * index.free; k++) {
                        int at = place(indices[k % PROCESSOR][k / PROCESSOR], i.run(), from.free);
                        System.arraycopy(row, at, gathered, k * i.run(), i.run());
                    }
                    to.writeIntegers(p, gathered);
                }
            }
        };
    }

    private static int place(long index, int run, int length) {
        if (index + run > length) {
            throw new EmulatorException(
                    "SYS5005", "index %d is outside a row of %d elements".formatted(index + run - 1, length));
        }
        return (int) index;
    }

    Runnable gather(GpSimdInstruction.NcNGather i) {
        var to = r.operand(i.to());
        var from = r.operand(i.from());
        var index = r.operand(i.index());
        return r.rows(from, (s, p) -> {
            var row = new long[from.free];
            var indices = new long[index.free];
            from.readIntegers(p, row);
            index.readIntegers(p, indices);
            for (int k = 0; k < indices.length; k++) {
                indices[k] = row[place(indices[k], 1, from.free)];
            }
            to.writeIntegers(p, indices);
        });
    }

    Runnable bounds(GpSimdInstruction.SequenceBounds i) {
        var to = r.operand(i.to());
        var segments = r.operand(i.segments());
        int n = segments.free;
        return () -> {
            var numbers = new float[n];
            segments.readFloats(0, numbers, 0);
            var bounds = new long[2 * n];
            for (int first = 0; first < n; ) {
                int end = first;
                while (end < n && numbers[end] == numbers[first]) {
                    end++;
                }
                Arrays.fill(bounds, first, Math.max(end, first + 1), numbers[first] == 0 ? n : first);
                Arrays.fill(bounds, n + first, n + Math.max(end, first + 1), numbers[first] == 0 ? -1 : end);
                first = Math.max(end, first + 1);
            }
            to.writeNumbers(0, bounds, new float[2 * n]);
        };
    }

    Runnable nonzero(GpSimdInstruction.NonzeroWithCount i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        return () -> {
            var row = new float[data.free];
            for (int p = 0; p < data.partitions; p += PROCESSOR) {
                data.readFloats(p, row, 0);
                var places = new long[to.free];
                Arrays.fill(places, i.padding());
                int count = 0;
                for (int k = 0; k < row.length; k++) {
                    if (row[k] != 0) {
                        places[count++] = i.offset() + k;
                    }
                }
                places[row.length] = count;
                to.writeIntegers(p, places);
            }
        };
    }

    Runnable iota(GpSimdInstruction.Iota i) {
        var to = r.operand(i.to());
        return r.rows(to, (s, p) -> {
            var values = affine(i.to(), i.base() + p * i.channelMultiplier(), i.steps());
            to.writeNumbers(p, values, s.row);
        });
    }

    Runnable affineSelect(GpSimdInstruction.AffineSelect i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        long otherwise = to.dtype.isFloat()
                ? Elements.encode(i.otherwise(), to.dtype)
                : Elements.toInteger(i.otherwise(), to.dtype);
        return r.rows(data, (s, p) -> {
            var values = affine(i.data(), i.base() + p * i.channelMultiplier(), i.steps());
            if (data.dtype == to.dtype) {
                var bits = new long[data.free];
                data.readIntegers(p, bits);
                for (int k = 0; k < values.length; k++) {
                    bits[k] = i.compare().holds((int) values[k], 0) ? bits[k] : otherwise;
                }
                to.writeIntegers(p, bits);
                return;
            }
            data.readFloats(p, s.row, 0);
            for (int k = 0; k < values.length; k++) {
                s.row[k] = i.compare().holds((int) values[k], 0) ? s.row[k] : i.otherwise();
            }
            to.writeFloats(p, s.row, 0);
        });
    }

    private static long[] affine(Access pattern, int base, List<Integer> steps) {
        var values = new long[(int) pattern.free()];
        for (int k = 0; k < values.length; k++) {
            int value = base;
            long rest = k;
            for (int d = pattern.dims().size() - 1; d >= 0; d--) {
                long size = pattern.dims().get(d).size();
                value += (int) (rest % size) * steps.get(d);
                rest /= size;
            }
            values[k] = value;
        }
        return values;
    }
}
