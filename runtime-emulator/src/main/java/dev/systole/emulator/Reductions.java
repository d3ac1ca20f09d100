package dev.systole.emulator;

import dev.systole.emulator.kernel.ElementKernel;
import dev.systole.emulator.kernel.ReduceKernel;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.VectorInstruction;

/** What reductions, scans and statistics do to memory. */
final class Reductions {
    /** Partitions that a reduction works on at once, so that their sums do not wait for each other. */
    private static final int INTERLEAVED = ReduceKernel.ROWS;

    private final Rows r;

    Reductions(Rows r) {
        this.r = r;
    }

    Runnable reduce(VectorInstruction.TensorReduce i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var dims = i.data().dims();
        long run = 1;
        for (var d : dims.subList(Math.max(0, dims.size() - i.axes()), dims.size())) {
            run *= d.size();
        }
        int length = (int) run;
        if (i.op().isBitwise()) {
            return r.rows(data, (s, p) -> reduceBits(i, data, to, length, p));
        }
        if (length == data.free && data.isDirect()) {
            return r.blocks(Rows.CHEAP_SPLIT, INTERLEAVED, data, (s, from, until) -> {
                int p = from;
                for (; p + INTERLEAVED <= until; p += INTERLEAVED) {
                    ReduceKernel.fourRows(i.op(), data.memory.bytes, data.row(p), data.rowStride(), length, s.row);
                    for (int r = 0; r < INTERLEAVED; r++) {
                        s.row[r] = i.negate() ? -s.row[r] : s.row[r];
                        to.writeFloats(p + r, s.row, r);
                    }
                }
                for (; p < until; p++) {
                    reduce(s, i, data, to, length, p);
                }
            });
        }
        return r.rows(data, (s, p) -> reduce(s, i, data, to, length, p));
    }

    private static void reduce(
            Rows.Scratch s, VectorInstruction.TensorReduce i, Operand data, Operand to, int length, int p) {
        long at = data.load(p, s.a, s.row);
        for (int k = 0; k < to.free; k++) {
            float result = ReduceKernel.plain(i.op(), data.floats(s.a), at + 4L * k * length, length);
            s.row[k] = i.negate() ? -result : result;
        }
        to.writeFloats(p, s.row, 0);
    }

    private static void reduceBits(VectorInstruction.TensorReduce i, Operand data, Operand to, int length, int p) {
        var row = new long[data.free];
        data.readIntegers(p, row);
        var results = new long[to.free];
        for (int k = 0; k < to.free; k++) {
            results[k] = row[k * length];
            for (int j = 1; j < length; j++) {
                results[k] = ElementKernel.apply(i.op(), results[k], row[k * length + j]);
            }
        }
        to.writeIntegers(p, results);
    }

    Runnable scan(VectorInstruction.TensorTensorScan i) {
        var to = r.operand(i.to());
        var a = r.operand(i.a());
        var b = r.operand(i.b());
        var initial = r.scalar(i.initial());
        return r.rows(a, (s, p) -> {
            var second = new float[b.free];
            b.readFloats(p, second, 0);
            a.readFloats(p, s.row, 0);
            float running = initial.at(p);
            for (int k = 0; k < a.free; k++) {
                running = ElementKernel.apply(i.op1(), ElementKernel.apply(i.op0(), s.row[k], running), second[k]);
                s.row[k] = running;
            }
            to.writeFloats(p, s.row, 0);
        });
    }

    Runnable overPartitions(GpSimdInstruction.TensorPartitionReduce i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        int n = data.free;
        if (i.op().isBitwise()) {
            return () -> {
                var running = new long[n];
                var row = new long[n];
                data.readIntegers(0, running);
                for (int p = 1; p < data.partitions; p++) {
                    data.readIntegers(p, row);
                    for (int k = 0; k < n; k++) {
                        running[k] = ElementKernel.apply(i.op(), running[k], row[k]);
                    }
                }
                to.writeIntegers(0, running);
            };
        }
        return () -> {
            var running = new float[n];
            var row = new float[n];
            data.readFloats(0, running, 0);
            for (int p = 1; p < data.partitions; p++) {
                data.readFloats(p, row, 0);
                for (int k = 0; k < n; k++) {
                    running[k] = ElementKernel.apply(i.op(), running[k], row[k]);
                }
            }
            to.writeFloats(0, running, 0);
        };
    }

    Runnable statistics(VectorInstruction.BnStats i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        return r.rows(data, (s, p) -> {
            data.readFloats(p, s.row, 0);
            var six = new float[6];
            for (int half = 0; half < 2; half++) {
                float count = 0;
                float sum = 0;
                for (int k = half; k < data.free; k += 2) {
                    count++;
                    sum += s.row[k];
                }
                float mean = count == 0 ? 0 : sum / count;
                float squares = 0;
                for (int k = half; k < data.free; k += 2) {
                    float distance = s.row[k] - mean;
                    squares += distance * distance;
                }
                six[3 * half] = count;
                six[3 * half + 1] = mean;
                six[3 * half + 2] = squares;
            }
            to.writeFloats(p, six, 0);
        });
    }

    Runnable aggregate(VectorInstruction.BnAggr i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        return r.rows(data, (s, p) -> {
            data.readFloats(p, s.row, 0);
            float count = 0;
            float sum = 0;
            for (int k = 0; k < data.free; k += 3) {
                count += s.row[k];
                sum += s.row[k] * s.row[k + 1];
            }
            float mean = sum / count;
            float within = 0;
            float between = 0;
            for (int k = 0; k < data.free; k += 3) {
                float distance = s.row[k + 1] - mean;
                within += s.row[k + 2];
                between += s.row[k] * (distance * distance);
            }
            to.writeFloats(p, new float[] {mean, (within + between) / count}, 0);
        });
    }
}
