package dev.systole.trainium.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The instructions, grouped by what executes them. Each record gives its operands, destination first as in nki.isa; what it computes
 * stands in its comment, its limits in {@link Limits}, its cost in {@link Cost}. {@code d} is the destination, {@code p} a
 * partition, {@code i} an element of the free dimensions in access order. Values are converted to fp32, computed in fp32 and
 * rounded to the destination's type, unless said otherwise.
 */
public sealed interface Instruction
        permits TensorInstruction,
                VectorInstruction,
                SelectionInstruction,
                RandomInstruction,
                ScalarInstruction,
                GpSimdInstruction,
                DmaInstruction,
                ControlInstruction {

    /** The engine whose stream holds the instruction. */
    Engine engine();

    /** The instruction with every field passed through {@code f}, in the order of the record. */
    Instruction through(Fields f);

    /** The nki.isa name. */
    default String mnemonic() {
        return Opcode.of(this).mnemonic();
    }

    /** What the instruction reads from memory; an access that accumulates or is kept in part is read and written. */
    default List<Access> reads() {
        var list = new ArrayList<Access>(3);
        through(new Fields.Unchanged() {
            @Override
            public Access from(String name, Access a) {
                list.add(a);
                return a;
            }
        });
        return list;
    }

    /** What the instruction writes to memory. */
    default List<Access> writes() {
        var list = new ArrayList<Access>(2);
        through(new Fields.Unchanged() {
            @Override
            public Access to(String name, Access a) {
                list.add(a);
                return a;
            }
        });
        return list;
    }

    /** This instruction with every access replaced. */
    default Instruction map(UnaryOperator<Access> f) {
        return through(new Fields.Unchanged() {
            @Override
            public Access from(String name, Access a) {
                return f.apply(a);
            }

            @Override
            public Access to(String name, Access a) {
                return f.apply(a);
            }

            @Override
            public Access update(String name, Access a) {
                return f.apply(a);
            }
        });
    }
}
