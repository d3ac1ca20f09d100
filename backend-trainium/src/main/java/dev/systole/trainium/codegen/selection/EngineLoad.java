package dev.systole.trainium.codegen.selection;

import dev.systole.ir.target.Target;
import dev.systole.trainium.codegen.OtherEngine;
import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** How long the last instructions keep VectorE and ScalarE busy, if what both can do goes to the one that is done with it first. Mutable. */
final class EngineLoad {
    /** Instructions: about as many as the scheduler sees. */
    private static final int WINDOW = 256;

    private record Seconds(double ofVector, double ofScalar) {
        static final Seconds NONE = new Seconds(0, 0);

        Seconds plus(Seconds more) {
            return new Seconds(ofVector + more.ofVector, ofScalar + more.ofScalar);
        }

        Seconds minus(Seconds less) {
            return new Seconds(ofVector - less.ofVector, ofScalar - less.ofScalar);
        }

        double longer() {
            return Math.max(ofVector, ofScalar);
        }
    }

    private final Target target;
    private final Deque<Seconds> last = new ArrayDeque<>();
    private Seconds sum = Seconds.NONE;

    EngineLoad(Target target) {
        this.target = target;
    }

    void add(Instruction instruction) {
        if (instruction.engine() != Engine.VECTOR && instruction.engine() != Engine.SCALAR) {
            return;
        }
        last.addLast(more(sum, instruction));
        sum = sum.plus(last.getLast());
        if (last.size() > WINDOW) {
            sum = sum.minus(last.removeFirst());
        }
    }

    /** How long the busier engine would be busy with these, too. */
    double with(List<Instruction> more) {
        var busy = sum;
        for (var instruction : more) {
            busy = busy.plus(more(busy, instruction));
        }
        return busy.longer();
    }

    /** What an instruction adds. */
    private Seconds more(Seconds busy, Instruction instruction) {
        var here = seconds(instruction);
        return OtherEngine.of(instruction, false)
                .map(this::seconds)
                .filter(there -> busy.plus(there).longer() < busy.plus(here).longer())
                .orElse(here);
    }

    private Seconds seconds(Instruction instruction) {
        double issue = Cost.of(instruction, target).issueSeconds();
        return switch (instruction.engine()) {
            case VECTOR -> new Seconds(issue, 0);
            case SCALAR -> new Seconds(0, issue);
            case TENSOR, GPSIMD, SYNC -> Seconds.NONE;
        };
    }
}
