package dev.systole.trainium.isa;

import static dev.systole.trainium.isa.Checks.require;

/** The limits of sequencers. */
final class ControlLimits {
    private final Checks c;

    ControlLimits(Checks c) {
        this.c = c;
    }

    void check(ControlInstruction instruction) {
        switch (instruction) {
            case ControlInstruction.RegisterMove i -> c.register(i.register());

            case ControlInstruction.RegisterAlu i -> {
                c.register(i.register());
                c.register(i.a());
                c.register(i.b());
                require(
                        i.op() == AluOp.ADD || i.op() == AluOp.SUBTRACT || i.op() == AluOp.MULTIPLY,
                        "registers have add, subtract and multiply [ISA]",
                        i.op());
            }

            case ControlInstruction.RegisterLoad i -> {
                c.register(i.register());
                c.word(i.from());
            }

            case ControlInstruction.RegisterStore i -> {
                c.register(i.register());
                c.word(i.to());
            }

            case ControlInstruction.Branch i -> {
                c.register(i.register());
                require(i.compare().isComparison(), "a branch compares [A1]", i.compare());
            }

            case ControlInstruction.LoopBegin i -> {
                c.register(i.register());
                bound(i.start());
                bound(i.stop());
                require(i.step() > 0, "a loop counts up [LOOP]", i.step());
            }
            case ControlInstruction.LoopEnd i -> {}
            case ControlInstruction.EventSemaphore i -> {}
        }
    }

    private void bound(Count count) {
        if (count instanceof Count.Register(var number)) {
            c.register(number);
        }
    }
}
