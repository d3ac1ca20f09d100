package dev.systole.frontend.sy;

import dev.systole.ir.type.DType;
import java.util.Optional;

/** Makes tensors of the model of what expressions stand for. */
final class Operands {
    private final Emission emission;

    Operands(Emission emission) {
        this.emission = emission;
    }

    /**
     * A tensor. A number takes the type beside it, else that which is natural to it.
     *
     * @throws SyError if it is no tensor and no number, or a number that the type does not hold
     */
    Term.Flow flow(Term term, Optional<DType> beside, Site site) {
        try {
            return switch (term) {
                case Term.Flow flow -> flow;
                case Term.Constant(var tensor) -> emission.literal(site, tensor);
                case Term.Whole n -> emission.literal(site, Literals.scalar(beside.orElse(natural(n)), n));
                case Term.Real n -> emission.literal(site, Literals.scalar(beside.orElse(natural(n)), n));
                case Term.Truth n -> emission.literal(site, Literals.scalar(beside.orElse(natural(n)), n));
                case Term.Items list
                when list.isNumbers() ->
                    emission.literal(site, Literals.vector(list.dtype().orElseThrow(), list.items()));
                case Term.Items list -> throw none(term, site);
                case Term.Structure structure -> throw none(term, site);
                case Term.Text text -> throw none(term, site);
                case Term.Several several -> throw none(term, site);
                case Term.Unknown unknown -> throw new IllegalStateException("an unknown operand");
            };
        } catch (IllegalArgumentException e) {
            throw new SyError("SYS1508", site, e.getMessage());
        }
    }

    /** A tensor, a sequence or an optional. */
    Term.Named named(Term term, Optional<DType> beside, Site site) {
        return term instanceof Term.Structure structure ? structure : flow(term, beside, site);
    }

    /** The type of a number where nothing says otherwise. */
    static DType natural(Term number) {
        return switch (number) {
            case Term.Truth t -> DType.BOOL;
            case Term.Real r -> DType.F32;
            default -> DType.I64;
        };
    }

    private static SyError none(Term term, Site site) {
        return new SyError("SYS1505", site, "a tensor is wanted here, not " + term.describe());
    }
}
