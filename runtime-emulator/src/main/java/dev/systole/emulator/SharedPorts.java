package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import java.util.stream.Stream;

/**
 * What VectorE shares with its neighbours. On v2 it takes turns with GpSimd in SBUF and with ScalarE in PSUM; later it runs beside
 * them, and only those that meet in a bank of PSUM share the bank's cycles. Mutable.
 */
final class SharedPorts {
    private final Target target;
    private final Use vectorInSbuf = new Use();
    private final Use gpSimdInSbuf = new Use();
    private final Use vectorInPsum = new Use();
    private final Use scalarInPsum = new Use();

    /** The last instruction of an engine in a memory: until when it runs, and in PSUM in which banks, a bit each. */
    private static final class Use {
        double until;
        long banks;
    }

    SharedPorts(Target target) {
        this.target = target;
    }

    /** When an instruction that is ready at a time gets the ports that it takes turns for. */
    double free(Instruction instruction, double ready) {
        double free = ready;
        if (target.memory().vectorGpSimdShareSbuf() && touches(instruction, Memory.SBUF)) {
            free = Math.max(free, other(instruction.engine(), Memory.SBUF).until);
        }
        if (target.memory().vectorScalarSharePsum() && touches(instruction, Memory.PSUM)) {
            free = Math.max(free, other(instruction.engine(), Memory.PSUM).until);
        }
        return free;
    }

    /** Takes the ports from a time on; returns by how much longer the instruction lasts because it meets another one in a bank. */
    double take(Instruction instruction, double from, double seconds) {
        double shared = 0;
        if (touches(instruction, Memory.PSUM)) {
            long banks = banks(instruction);
            var other = other(instruction.engine(), Memory.PSUM);
            if ((banks & other.banks) != 0) {
                shared = Math.clamp(other.until - from, 0, seconds);
            }
            var own = own(instruction.engine(), Memory.PSUM);
            own.until = from + seconds + shared;
            own.banks = banks;
        }
        if (touches(instruction, Memory.SBUF)) {
            own(instruction.engine(), Memory.SBUF).until = from + seconds + shared;
        }
        return shared;
    }

    private Use own(Engine engine, Memory memory) {
        return switch (engine) {
            case VECTOR -> memory == Memory.SBUF ? vectorInSbuf : vectorInPsum;
            case GPSIMD -> gpSimdInSbuf;
            default -> scalarInPsum;
        };
    }

    private Use other(Engine engine, Memory memory) {
        return switch (engine) {
            case VECTOR -> memory == Memory.SBUF ? gpSimdInSbuf : scalarInPsum;
            case GPSIMD -> vectorInSbuf;
            default -> vectorInPsum;
        };
    }

    /** True if the instruction works in the memory on one of the engines that share it. */
    private static boolean touches(Instruction instruction, Memory memory) {
        boolean shares = switch (instruction.engine()) {
            case VECTOR -> true;
            case GPSIMD -> memory == Memory.SBUF;
            case SCALAR -> memory == Memory.PSUM;
            case TENSOR, SYNC -> false;
        };
        return shares
                && !(instruction instanceof DmaInstruction)
                && operands(instruction).anyMatch(a -> a.memory() == memory);
    }

    private long banks(Instruction instruction) {
        int bank = target.memory().psumBankBytesPerPartition();
        return operands(instruction)
                .filter(a -> a.memory() == Memory.PSUM)
                .mapToLong(a -> {
                    long first = (a.offset() + a.lowestByte()) / bank;
                    long last = (a.offset() + a.highestByte() - 1) / bank;
                    return (2L << last) - (1L << first);
                })
                .reduce(0, (a, b) -> a | b);
    }

    private static Stream<Access> operands(Instruction instruction) {
        return Stream.concat(instruction.reads().stream(), instruction.writes().stream());
    }
}
