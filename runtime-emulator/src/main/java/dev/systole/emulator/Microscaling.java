package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Scales;
import dev.systole.trainium.isa.TensorInstruction;
import dev.systole.trainium.isa.VectorInstruction;

/** What instructions with packed elements and scales do to memory. */
final class Microscaling {
    /** Numbers in a packed element. */
    private static final int PACK = 4;

    private static final int BIAS = 127;

    private final Rows r;

    Microscaling(Rows r) {
        this.r = r;
    }

    /** Row of the scales, counted from the first one, that holds the scale of a partition of the data. */
    private static int row(int partition) {
        int quadrant = Scales.BLOCK * Scales.ROWS;
        return partition / quadrant * quadrant + partition % quadrant / Scales.BLOCK;
    }

    Runnable quantize(VectorInstruction.QuantizeMx i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var scale = r.operand(i.scale());
        var type = to.dtype.unpacked();
        int emax = type == DType.F8E5M2 ? 15 : 8;
        return () -> {
            var block = new float[Scales.BLOCK][data.free];
            for (int first = 0; first < data.partitions; first += Scales.BLOCK) {
                for (int p = 0; p < Scales.BLOCK; p++) {
                    data.readFloats(first + p, block[p], 0);
                }
                var exponents = new long[to.free];
                var packed = new long[Scales.BLOCK][to.free];
                for (int k = 0; k < to.free; k++) {
                    float largest = 0;
                    for (var values : block) {
                        for (int j = 0; j < PACK; j++) {
                            largest = Math.max(largest, Math.abs(values[k * PACK + j]));
                        }
                    }
                    int exponent = Math.max(-BIAS, Math.getExponent(largest) - (emax - 1));
                    exponents[k] = exponent + BIAS;
                    for (int p = 0; p < Scales.BLOCK; p++) {
                        for (int j = 0; j < PACK; j++) {
                            float value = (float) Math.scalb((double) block[p][k * PACK + j], -exponent);
                            packed[p][k] |= (long) Elements.encode(value, type) << j * type.bits();
                        }
                    }
                }
                for (int p = 0; p < Scales.BLOCK; p++) {
                    to.writeIntegers(first + p, packed[p]);
                }
                scale.writeIntegers(row(first), exponents);
            }
        };
    }

    Runnable product(TensorInstruction.NcMatmulMx i) {
        var to = r.operand(i.to());
        var stationary = r.operand(i.stationary());
        var moving = r.operand(i.moving());
        var stationaryScale = r.operand(i.stationaryScale());
        var movingScale = r.operand(i.movingScale());
        int m = stationary.free;
        int n = moving.free;
        return () -> {
            var sums = new float[m * n];
            for (int k = 0; k < moving.partitions; k++) {
                var left = numbers(stationary, k);
                var right = numbers(moving, k);
                var leftScale = scales(stationaryScale, k);
                var rightScale = scales(movingScale, k);
                for (int a = 0; a < m; a++) {
                    for (int b = 0; b < n; b++) {
                        double scale = leftScale[a] * rightScale[b];
                        for (int j = 0; j < PACK; j++) {
                            float product = (float) ((double) left[a * PACK + j] * right[b * PACK + j] * scale);
                            sums[a * n + b] += product;
                        }
                    }
                }
            }
            var row = new float[n];
            for (int a = 0; a < m; a++) {
                if (i.accumulate()) {
                    to.readFloats(a, row, 0);
                    for (int b = 0; b < n; b++) {
                        sums[a * n + b] = row[b] + sums[a * n + b];
                    }
                }
                to.writeFloats(a, sums, a * n);
            }
        };
    }

    private static float[] numbers(Operand o, int p) {
        var packed = new long[o.free];
        o.readIntegers(p, packed);
        var type = o.dtype.unpacked();
        var numbers = new float[o.free * PACK];
        for (int k = 0; k < numbers.length; k++) {
            int bits = (int) (packed[k / PACK] >>> k % PACK * type.bits()) & (1 << type.bits()) - 1;
            numbers[k] = Elements.decode(bits, type);
        }
        return numbers;
    }

    private static double[] scales(Operand scales, int p) {
        var bytes = new long[scales.free];
        scales.readIntegers(row(p), bytes);
        var values = new double[bytes.length];
        for (int k = 0; k < bytes.length; k++) {
            values[k] = Elements.decode((int) (bytes[k] & 0xFF), DType.F8E8M0);
        }
        return values;
    }
}
