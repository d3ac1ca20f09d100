package dev.systole.trainium.isa;

import dev.systole.ir.number.ActivationFunction;
import java.util.List;
import java.util.Optional;

/**
 * What passes over the fields of an instruction, in the order of its record: every method takes a field as the instruction has it and
 * gives the field that the instruction shall have. {@link Instruction#through} builds an instruction from what comes back. So
 * one description serves to print and parse, encode and decode, collect the operands and replace them.
 *
 * <p>Names are those of nki.isa where it has the field. A field with a default is left out of the printed form where it has it.
 */
public interface Fields {
    /** An operand that the instruction writes. */
    Access to(String name, Access a);

    /** An operand that the instruction reads. */
    Access from(String name, Access a);

    /** An operand that the instruction reads and writes. */
    Access update(String name, Access a);

    /** An operand that the instruction may read. */
    Optional<Access> from(String name, Optional<Access> a);

    /** An operand that the instruction may write. */
    Optional<Access> to(String name, Optional<Access> a);

    /** Operands that the instruction reads, one or more. */
    List<Access> from(String name, List<Access> list);

    /** A constant, or one value a partition, which is read. */
    Scalar scalar(String name, Scalar s);

    Scalar scalar(String name, Scalar s, Scalar otherwise);

    /** One of the values of an enumeration. */
    <E extends Enum<E>> E choice(String name, List<E> values, E value);

    <E extends Enum<E>> E choice(String name, List<E> values, E value, E otherwise);

    default AluOp op(String name, AluOp op) {
        return choice(name, AluOp.ALL, op);
    }

    default AluOp op(String name, AluOp op, AluOp otherwise) {
        return choice(name, AluOp.ALL, op, otherwise);
    }

    default ActivationFunction function(String name, ActivationFunction f) {
        return choice(name, ActivationFunction.ALL, f);
    }

    default ReduceCommand command(String name, ReduceCommand c, ReduceCommand otherwise) {
        return choice(name, ReduceCommand.ALL, c, otherwise);
    }

    /** False by default. */
    boolean flag(String name, boolean b);

    long integer(String name, long n);

    long integer(String name, long n, long otherwise);

    /**
     * A whole number of 32 bits.
     *
     * @throws IllegalArgumentException if what comes back has more
     */
    default int word(String name, int n) {
        return narrow(name, integer(name, n));
    }

    default int word(String name, int n, int otherwise) {
        return narrow(name, integer(name, n, otherwise));
    }

    private static int narrow(String name, long n) {
        if (n != (int) n) {
            throw new IllegalArgumentException(name + " is " + n + ", more than 32 bits");
        }
        return (int) n;
    }

    List<Integer> integers(String name, List<Integer> list);

    float real(String name, float x);

    /** Number of a register. */
    int register(String name, int r);

    Count count(String name, Count c);

    /** Place in the stream. */
    int label(String name, int at);

    /** The engine in whose stream the instruction is. */
    Engine engine(Engine e);

    /** Every method gives what it takes. Base of those that look at some fields only. */
    abstract class Unchanged implements Fields {
        @Override
        public Access to(String name, Access a) {
            return a;
        }

        @Override
        public Access from(String name, Access a) {
            return a;
        }

        @Override
        public Access update(String name, Access a) {
            return to(name, from(name, a));
        }

        @Override
        public Optional<Access> from(String name, Optional<Access> a) {
            return a.map(x -> from(name, x));
        }

        @Override
        public Optional<Access> to(String name, Optional<Access> a) {
            return a.map(x -> to(name, x));
        }

        @Override
        public List<Access> from(String name, List<Access> list) {
            return list.stream().map(a -> from(name, a)).toList();
        }

        @Override
        public Scalar scalar(String name, Scalar s) {
            return switch (s) {
                case Scalar.Immediate i -> i;
                case Scalar.Column(var access) -> new Scalar.Column(from(name, access));
            };
        }

        @Override
        public Scalar scalar(String name, Scalar s, Scalar otherwise) {
            return scalar(name, s);
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value) {
            return value;
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value, E otherwise) {
            return value;
        }

        @Override
        public boolean flag(String name, boolean b) {
            return b;
        }

        @Override
        public long integer(String name, long n) {
            return n;
        }

        @Override
        public long integer(String name, long n, long otherwise) {
            return n;
        }

        @Override
        public List<Integer> integers(String name, List<Integer> list) {
            return list;
        }

        @Override
        public float real(String name, float x) {
            return x;
        }

        @Override
        public int register(String name, int r) {
            return r;
        }

        @Override
        public Count count(String name, Count c) {
            return c;
        }

        @Override
        public int label(String name, int at) {
            return at;
        }

        @Override
        public Engine engine(Engine e) {
            return e;
        }
    }
}
