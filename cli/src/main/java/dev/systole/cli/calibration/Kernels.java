package dev.systole.cli.calibration;

import static dev.systole.cli.calibration.KernelWriter.of;
import static dev.systole.cli.calibration.KernelWriter.rows;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.Optional;

/**
 * Baselines of NKIBench (AccelOpt, arXiv 2511.15915) as their authors' kernels are built. A tile that a loop loads or computes exists
 * twice where two fit, so that the next iteration's load runs beside this one's work; Sync starts it before this one's store.
 */
public final class Kernels {
    private static final int P = 128;

    /** Columns of a PSUM bank, and of a moving operand. */
    private static final int BANK = 512;

    private Kernels() {}

    /** {@code x / (1 + exp(-x))}, x as [128, rows, columns], in blocks of 1024 and halves of 512. */
    public static Program silu(Target target, int rows, int columns) {
        int block = 1024;
        var w = new KernelWriter("silu", target);
        var x = w.input("x", (long) P * rows, columns);
        var y = w.output("y", (long) P * rows, columns);
        long stride = (long) rows * columns;
        var one = w.sbuf(1);
        w.emit(new VectorInstruction.Memset(Engine.GPSIMD, of(one, 0, 1), 1));
        var in = w.sbuf(2, block);
        var out = w.sbuf(2, block);
        var exp = w.sbuf(2, BANK);
        var sum = w.sbuf(2, BANK);
        var inverse = w.sbuf(2, BANK);
        int blocks = (int) (stride / block);
        for (int i = 0; i <= blocks; i++) {
            if (i < blocks) {
                w.load(of(in.get(i % 2), 0, block), rows(x, (long) i * block, stride, P, block));
            }
            if (i == 0) {
                continue;
            }
            var from = in.get((i - 1) % 2);
            var to = out.get((i - 1) % 2);
            for (int h = 0; h < 2; h++) {
                var e = of(exp.get(h), 0, BANK);
                var s = of(sum.get(h), 0, BANK);
                var r = of(inverse.get(h), 0, BANK);
                w.activation(e, ActivationFunction.EXP, of(from, h * BANK, BANK), -1, Optional.empty());
                w.activation(s, ActivationFunction.COPY, e, 1, Optional.of(of(one, 0, 1)));
                w.emit(new VectorInstruction.Reciprocal(r, s));
                w.tensorTensor(of(to, h * BANK, BANK), of(from, h * BANK, BANK), AluOp.MULTIPLY, r);
            }
            w.store(rows(y, (long) (i - 1) * block, stride, P, block), of(to, 0, block));
        }
        return w.finish();
    }

    /**
     * The halves a, b of x [128, columns] become {@code a cos - b sin} and {@code a sin + b cos}, 512 columns at a time on 64
     * partitions. VectorE reads its two inputs from the same partitions, so b is copied to those of a, where cos and sin lie.
     */
    public static Program rope(Target target, int columns) {
        int half = P / 2;
        var w = new KernelWriter("rope_single_freq_apply", target);
        var x = w.input("x", P, columns);
        var cosines = w.input("cos", half, columns);
        var sines = w.input("sin", half, columns);
        var y = w.output("y", P, columns);
        var in = w.sbuf(2, BANK);
        var cos = w.sbuf(2, BANK);
        var sin = w.sbuf(2, BANK);
        var moved = w.sbuf(2, BANK);
        var products = w.sbuf(8, BANK);
        var out = w.sbuf(2, BANK);
        int steps = columns / BANK;
        for (int i = 0; i <= steps; i++) {
            if (i < steps) {
                long at = (long) i * BANK;
                w.load(of(in.get(i % 2), 0, BANK), rows(x, at, columns, P, BANK));
                w.load(low(cos.get(i % 2)), rows(cosines, at, columns, half, BANK));
                w.load(low(sin.get(i % 2)), rows(sines, at, columns, half, BANK));
            }
            if (i == 0) {
                continue;
            }
            int turn = (i - 1) % 2;
            var a = low(in.get(turn));
            var b = low(moved.get(turn));
            var c = low(cos.get(turn));
            var s = low(sin.get(turn));
            var p = products.subList(4 * turn, 4 * turn + 4);
            w.copyOnScalar(b, high(in.get(turn)));
            w.tensorTensor(low(p.get(0)), a, AluOp.MULTIPLY, c);
            w.tensorTensor(low(p.get(1)), b, AluOp.MULTIPLY, c);
            w.tensorTensor(low(p.get(2)), a, AluOp.MULTIPLY, s);
            w.tensorTensor(low(p.get(3)), b, AluOp.MULTIPLY, s);
            w.tensorTensor(low(out.get(turn)), low(p.get(0)), AluOp.SUBTRACT, low(p.get(3)));
            w.tensorTensor(high(out.get(turn)), low(p.get(1)), AluOp.ADD, low(p.get(2)));
            w.store(rows(y, (long) (i - 1) * BANK, columns, P, BANK), of(out.get(turn), 0, BANK));
        }
        return w.finish();
    }

    /** The lower half of a tile's partitions, a bank's columns of them. */
    private static Access low(Tile t) {
        return of(t, 0, P / 2, 0, BANK);
    }

    private static Access high(Tile t) {
        return of(t, P / 2, P / 2, 0, BANK);
    }
}
