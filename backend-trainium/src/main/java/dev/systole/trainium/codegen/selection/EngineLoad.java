package dev.systole.trainium.codegen.selection;

import com.google.common.collect.Iterables;
import dev.systole.ir.target.Target;
import dev.systole.trainium.codegen.OtherEngine;
import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** How long the last instructions keep VectorE and ScalarE busy, if what both can do is shared out between them. Mutable. */
final class EngineLoad {
    /** Instructions: about as many as the scheduler sees. */
    private static final int WINDOW = 256;

    /** Seconds on ScalarE of what VectorE would do in other seconds. */
    private record Shared(double onScalar, double onVector) {}

    private final Target target;
    private final Deque<Instruction> last = new ArrayDeque<>();

    EngineLoad(Target target) {
        this.target = target;
    }

    void add(Instruction instruction) {
        if (instruction.engine() == Engine.VECTOR || instruction.engine() == Engine.SCALAR) {
            last.addLast(instruction);
        }
        if (last.size() > WINDOW) {
            last.removeFirst();
        }
    }

    /** How long the busier engine would be busy with these, too. */
    double with(List<Instruction> more) {
        double vector = 0;
        double scalar = 0;
        var shared = new ArrayList<Shared>();
        for (var i : Iterables.concat(last, more)) {
            var other = OtherEngine.of(i, false);
            if (other.isPresent()) {
                shared.add(new Shared(seconds(i), seconds(other.get())));
            } else if (i.engine() == Engine.VECTOR) {
                vector += seconds(i);
            } else {
                scalar += seconds(i);
            }
        }
        shared.sort(Comparator.comparingDouble(s -> s.onVector / s.onScalar));
        double rest = shared.stream().mapToDouble(Shared::onScalar).sum();
        for (var s : shared) {
            if (vector + s.onVector > scalar + rest - s.onScalar) {
                break;
            }
            vector += s.onVector;
            rest -= s.onScalar;
        }
        return Math.max(vector, scalar + rest);
    }

    private double seconds(Instruction instruction) {
        return Cost.of(instruction, target).issueSeconds();
    }
}
