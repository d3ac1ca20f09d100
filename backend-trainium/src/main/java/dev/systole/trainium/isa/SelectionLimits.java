package dev.systole.trainium.isa;

import static dev.systole.trainium.isa.Checks.require;

import dev.systole.ir.type.DType;

/** The limits of what finds, keeps and replaces elements. */
final class SelectionLimits {
    private final Checks c;

    SelectionLimits(Checks c) {
        this.c = c;
    }

    void check(SelectionInstruction instruction) {
        switch (instruction) {
            case SelectionInstruction.Max8 i -> {
                searched(i.data());
                c.write(i.to(), Engine.VECTOR);
                eight(i.to(), i.data());
            }
            case SelectionInstruction.NcFindIndex8 i -> {
                searched(i.data());
                c.read(i.values(), Engine.VECTOR);
                eight(i.values(), i.data());
                index(i.to(), i.data());
            }
            case SelectionInstruction.NcMatchReplace8 i -> {
                searched(i.data());
                c.read(i.values(), Engine.VECTOR);
                eight(i.values(), i.data());
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.data());
                i.index().ifPresent(to -> index(to, i.data()));
            }
            case SelectionInstruction.SelectReduce i -> {
                c.read(i.predicate(), Engine.VECTOR);
                c.read(i.onTrue(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.predicate());
                Checks.elementwise(i.to(), i.onTrue());
                Checks.notBothInPsum(i.predicate(), i.onTrue());
                c.scalar(i.onFalse(), i.onTrue(), Engine.VECTOR);
                require(
                        i.predicate().dtype().isInteger()
                                && i.predicate().dtype().bits() <= 16,
                        "the predicate of select_reduce is an 8- or 16-bit integer [ISA]",
                        i.predicate().dtype());
                require(
                        !Checks.isWord(i.onTrue()) && i.onTrue().dtype() != DType.TF32,
                        "select_reduce takes no tf32 and no 32-bit integers [ISA]",
                        i.onTrue().dtype());
                c.reduction(i.command(), i.reduceTo(), i.onTrue(), Engine.VECTOR);
            }
            case SelectionInstruction.RangeSelect i -> {
                c.since(3, "range_select");
                c.read(i.onTrue(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.onTrue());
                require(
                        i.onTrue().dtype().isFloat() && i.to().dtype().isFloat(),
                        "range_select takes floats [ISA]",
                        i.onTrue().dtype() + " to " + i.to().dtype());
                bound(i.bound0(), i.onTrue());
                bound(i.bound1(), i.onTrue());
                require(
                        i.compare0().isComparison() && i.compare1().isComparison(),
                        "range_select compares [ISA]",
                        i.compare0() + ", " + i.compare1());
                require(
                        i.start() >= 0 && i.start() + i.onTrue().free() <= 1 << 24,
                        "the range of range_select lies below 2^24 [ISA]",
                        i.start());
                c.reduction(i.command(), i.reduceTo(), i.onTrue(), Engine.VECTOR);
            }
        }
    }

    private void searched(Access data) {
        c.read(data, Engine.VECTOR);
        require(
                data.free() >= 8 && data.free() <= 16384,
                "a search takes 8 to 16384 elements a partition [ISA]",
                data.free());
        require(
                data.dims().size() <= 3,
                "a search takes at most 3 free dimensions [ISA]",
                data.dims().size());
    }

    private void eight(Access a, Access data) {
        Checks.samePartitions(a, data);
        require(a.free() == 8, "a search has 8 values a partition [ISA]", a.free());
    }

    private void index(Access to, Access data) {
        c.write(to, Engine.VECTOR);
        eight(to, data);
        require(Checks.isIndex(to), "places are u16 or u32 [ISA]", to.dtype());
    }

    private void bound(Access a, Access data) {
        c.read(a, Engine.VECTOR);
        c.column(a, data, "a bound");
        require(a.dtype() == DType.F32, "a bound is f32 [ISA]", a.dtype());
    }
}
