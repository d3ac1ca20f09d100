package dev.systole.frontend.sy;

import dev.systole.frontend.sy.Syntax.Expression;
import dev.systole.frontend.sy.Syntax.Index;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Slices as one Slice and one Squeeze, as far as they are needed. */
final class Slices {
    private static final int VERSION = 13;

    private final Emission emission;
    private final Expressions expressions;
    private final List<Long> starts = new ArrayList<>();
    private final List<Long> ends = new ArrayList<>();
    private final List<Long> axes = new ArrayList<>();
    private final List<Long> steps = new ArrayList<>();
    private final List<Long> squeezed = new ArrayList<>();

    Slices(Emission emission, Expressions expressions) {
        this.emission = emission;
        this.expressions = expressions;
    }

    /** @throws SyError if there are more indices than dimensions, or one does not fit its dimension */
    Term slice(Term.Flow operand, Syntax.Slice slice, Site site, Wanted wanted) {
        if (emission.opset("") < VERSION) {
            throw new SyError("SYS1509", site, "slices need version " + VERSION + " of the operators");
        }
        var shape = operand.type().shape();
        boolean known = true;
        int axis = 0;
        for (var index : aligned(slice.indices(), shape, site)) {
            known &= add(index, axis, shape.dim(axis));
            axis++;
        }
        return known ? emit(operand, site, wanted) : new Term.Unknown();
    }

    /** An index for each dimension. */
    private static List<Index> aligned(List<Index> indices, Shape shape, Site site) {
        var all = new Index.Range(Optional.empty(), Optional.empty(), Optional.empty());
        var aligned = new ArrayList<Index>(indices);
        int rest = indices.indexOf(new Index.Rest());
        int missing = shape.rank() - indices.size() + (rest < 0 ? 0 : 1);
        if (missing < 0) {
            throw new SyError(
                    "SYS1509",
                    site,
                    "[%s] has %d dimensions, fewer than there are indices".formatted(shape, shape.rank()));
        }
        if (rest >= 0) {
            aligned.remove(rest);
        }
        for (int i = 0; i < missing; i++) {
            aligned.add(rest < 0 ? aligned.size() : rest, all);
        }
        if (aligned.stream().anyMatch(Index.Rest.class::isInstance)) {
            throw new SyError("SYS1509", site, "a slice has one \"...\" at most");
        }
        return aligned;
    }

    /** False if an error left the index unknown. */
    private boolean add(Index index, int axis, long extent) {
        return switch (index) {
            case Index.Rest() -> true;
            case Index.At(var position) -> at(position, axis, extent);
            case Index.Range(var start, var end, var step) -> {
                if (start.isEmpty() && end.isEmpty() && step.isEmpty()) {
                    yield true;
                }
                var by = bound(step, 1);
                var from = bound(start, by.orElse(1L) < 0 ? Long.MAX_VALUE : 0);
                var to = bound(end, by.orElse(1L) < 0 ? Long.MIN_VALUE : Long.MAX_VALUE);
                if (by.isEmpty() || from.isEmpty() || to.isEmpty()) {
                    yield false;
                }
                if (by.get() == 0) {
                    throw new SyError(
                            "SYS1509", expressions.site(step.orElseThrow().span()), "a slice goes in steps of 0");
                }
                add(axis, from.get(), to.get(), by.get());
                yield true;
            }
        };
    }

    private boolean at(Expression position, int axis, long extent) {
        if (!(expressions.evaluate(position) instanceof Term term && !(term instanceof Term.Unknown))) {
            return false;
        }
        if (!(term instanceof Term.Whole(var given))) {
            throw new SyError(
                    "SYS1509",
                    expressions.site(position.span()),
                    "an index is a whole number that is known when compiling, not " + term.describe(),
                    List.of("at an index that is computed: Gather(x, i, axis=" + axis + ")"));
        }
        long from = given < 0 ? given + extent : given;
        if (from < 0 || from >= extent) {
            throw new SyError(
                    "SYS1509",
                    expressions.site(position.span()),
                    "index %d is outside dimension %d, which has %d elements".formatted(given, axis, extent));
        }
        add(axis, from, from + 1, 1);
        squeezed.add((long) axis);
        return true;
    }

    /** Empty if an error left it unknown. */
    private Optional<Long> bound(Optional<Expression> given, long otherwise) {
        return given.isPresent() ? expressions.whole(given.get()) : Optional.of(otherwise);
    }

    private void add(int axis, long start, long end, long step) {
        axes.add((long) axis);
        starts.add(start);
        ends.add(end);
        steps.add(step);
    }

    private Term emit(Term.Flow operand, Site site, Wanted wanted) {
        if (axes.isEmpty()) {
            return operand;
        }
        var inputs = new ArrayList<>(List.of(operand, longs(site, starts), longs(site, ends), longs(site, axes)));
        if (steps.stream().anyMatch(s -> s != 1)) {
            inputs.add(longs(site, steps));
        }
        if (squeezed.isEmpty()) {
            return emission.apply(site, "Slice", inputs, wanted);
        }
        return emission.apply(
                site, "Squeeze", List.of(emission.apply(site, "Slice", inputs), longs(site, squeezed)), wanted);
    }

    private Term.Flow longs(Site site, List<Long> values) {
        return emission.literal(
                site,
                Tensor.ofLongs(
                        Shape.of(values.size()),
                        values.stream().mapToLong(Long::longValue).toArray()));
    }
}
