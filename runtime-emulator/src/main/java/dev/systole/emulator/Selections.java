package dev.systole.emulator;

import dev.systole.emulator.kernel.ElementKernel;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.ReduceCommand;
import dev.systole.trainium.isa.SelectionInstruction;
import java.util.Arrays;
import java.util.Optional;

/** What instructions that find, keep and replace elements do to memory. */
final class Selections {
    private static final int EIGHT = 8;

    /** All bits set, as the place of an element that is not there. */
    private static final long NOWHERE = -1;

    private final Rows r;
    private final Accumulators maxima;

    Selections(Rows r, Accumulators maxima) {
        this.r = r;
        this.maxima = maxima;
    }

    Runnable decode(SelectionInstruction instruction) {
        return switch (instruction) {
            case SelectionInstruction.Max8 i -> max8(i);
            case SelectionInstruction.NcFindIndex8 i -> find(i);
            case SelectionInstruction.NcMatchReplace8 i -> replace(i);
            case SelectionInstruction.SelectReduce i -> select(i);
            case SelectionInstruction.RangeSelect i -> range(i);
        };
    }

    private Runnable max8(SelectionInstruction.Max8 i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        return r.rows(data, (s, p) -> {
            data.readFloats(p, s.row, 0);
            var largest = new float[EIGHT];
            Arrays.fill(largest, Float.NEGATIVE_INFINITY);
            for (int k = 0; k < data.free; k++) {
                // Float.compare puts NaN above every number.
                float x = s.row[k];
                int at = k < EIGHT ? k : EIGHT;
                while (at > 0 && Float.compare(x, largest[at - 1]) > 0) {
                    if (at < EIGHT) {
                        largest[at] = largest[at - 1];
                    }
                    at--;
                }
                if (at < EIGHT) {
                    largest[at] = x;
                }
            }
            to.writeFloats(p, largest, 0);
        });
    }

    private Runnable find(SelectionInstruction.NcFindIndex8 i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var values = r.operand(i.values());
        return r.rows(data, (s, p) -> {
            data.readFloats(p, s.row, 0);
            var wanted = new float[EIGHT];
            values.readFloats(p, wanted, 0);
            var places = new long[EIGHT];
            var taken = new boolean[data.free];
            for (int v = 0; v < EIGHT; v++) {
                places[v] = take(s.row, taken, wanted[v]);
            }
            to.writeIntegers(p, places);
        });
    }

    /** The first element that equals a value and was not taken, which it then is. */
    private static long take(float[] row, boolean[] taken, float value) {
        for (int k = 0; k < taken.length; k++) {
            if (row[k] == value && !taken[k]) {
                taken[k] = true;
                return k;
            }
        }
        return NOWHERE;
    }

    private Runnable replace(SelectionInstruction.NcMatchReplace8 i) {
        var to = r.operand(i.to());
        var data = r.operand(i.data());
        var values = r.operand(i.values());
        var index = i.index().map(r::operand);
        return r.rows(data, (s, p) -> {
            data.readFloats(p, s.row, 0);
            var wanted = new float[EIGHT];
            values.readFloats(p, wanted, 0);
            var places = new long[EIGHT];
            var taken = new boolean[data.free];
            for (int v = EIGHT - 1; v >= 0; v--) {
                places[v] = take(s.row, taken, wanted[v]);
            }
            for (long place : places) {
                if (place != NOWHERE) {
                    s.row[(int) place] = i.replacement();
                }
            }
            to.writeFloats(p, s.row, 0);
            index.ifPresent(o -> o.writeIntegers(p, places));
        });
    }

    private Runnable select(SelectionInstruction.SelectReduce i) {
        var to = r.operand(i.to());
        var predicate = r.operand(i.predicate());
        var onTrue = r.operand(i.onTrue());
        var onFalse = r.scalar(i.onFalse());
        var reduceTo = i.reduceTo().map(r::operand);
        return r.rows(onTrue, (s, p) -> {
            var where = new long[predicate.free];
            predicate.readIntegers(p, where);
            onTrue.readFloats(p, s.row, 0);
            for (int k = 0; k < where.length; k++) {
                s.row[k] = where[k] != 0 ? s.row[k] : onFalse.at(p);
            }
            finish(s, p, to, onTrue, i.command(), reduceTo);
        });
    }

    private Runnable range(SelectionInstruction.RangeSelect i) {
        var to = r.operand(i.to());
        var onTrue = r.operand(i.onTrue());
        var bound0 = r.operand(i.bound0());
        var bound1 = r.operand(i.bound1());
        var reduceTo = i.reduceTo().map(r::operand);
        return r.rows(onTrue, (s, p) -> {
            onTrue.readFloats(p, s.row, 0);
            float low = bound0.readFloat(p);
            float high = bound1.readFloat(p);
            for (int k = 0; k < onTrue.free; k++) {
                float place = i.start() + k;
                boolean inside = ElementKernel.apply(i.compare0(), place, low) != 0
                        && ElementKernel.apply(i.compare1(), place, high) != 0;
                s.row[k] = inside ? s.row[k] : SelectionInstruction.RangeSelect.ON_FALSE;
            }
            finish(s, p, to, onTrue, i.command(), reduceTo);
        });
    }

    private void finish(
            Rows.Scratch s, int p, Operand to, Operand data, ReduceCommand command, Optional<Operand> reduceTo) {
        maxima.reduce(data.partition(p), AluOp.MAXIMUM, command, s.row, data.free);
        to.writeFloats(p, s.row, 0);
        reduceTo.ifPresent(o -> o.writeFloat(p, maxima.get(data.partition(p))));
    }
}
