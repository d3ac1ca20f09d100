package dev.systole.ir.tile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An integer that depends on loop variables: {@code constant + sum of coefficient * variable}. */
public record Affine(long constant, List<Term> terms) {
    /** A loop variable times a factor. */
    public record Term(int variable, long coefficient) {}

    public static final Affine ZERO = of(0);

    public Affine {
        terms = List.copyOf(terms);
    }

    public static Affine of(long constant) {
        return new Affine(constant, List.of());
    }

    public static Affine variable(int variable) {
        return new Affine(0, List.of(new Term(variable, 1)));
    }

    public Affine plus(long c) {
        return c == 0 ? this : new Affine(constant + c, terms);
    }

    public Affine plus(Affine other) {
        var sum = new ArrayList<>(terms);
        for (var t : other.terms) {
            int at = -1;
            for (int i = 0; i < sum.size(); i++) {
                if (sum.get(i).variable == t.variable) {
                    at = i;
                }
            }
            if (at < 0) {
                sum.add(t);
            } else {
                sum.set(at, new Term(t.variable, sum.get(at).coefficient + t.coefficient));
            }
        }
        sum.removeIf(t -> t.coefficient == 0);
        return new Affine(constant + other.constant, sum);
    }

    public Affine times(long factor) {
        return factor == 0
                ? ZERO
                : new Affine(
                        constant * factor,
                        terms.stream()
                                .map(t -> new Term(t.variable, t.coefficient * factor))
                                .toList());
    }

    /** @throws IllegalArgumentException if it is no multiple of the divisor for all values of its variables */
    public Affine dividedBy(long divisor) {
        if (constant % divisor != 0 || terms.stream().anyMatch(t -> t.coefficient % divisor != 0)) {
            throw new IllegalArgumentException(this + " is no multiple of " + divisor);
        }
        return new Affine(
                constant / divisor,
                terms.stream()
                        .map(t -> new Term(t.variable, t.coefficient / divisor))
                        .toList());
    }

    public boolean isConstant() {
        return terms.isEmpty();
    }

    /** The value for these values of the loop variables. */
    public long at(Map<Integer, Long> variables) {
        long value = constant;
        for (var t : terms) {
            value += t.coefficient * variables.get(t.variable);
        }
        return value;
    }

    /** As in {@code 128*i0 + 4}. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (var t : terms) {
            text.append(text.isEmpty() ? "" : " + ");
            if (t.coefficient != 1) {
                text.append(t.coefficient).append('*');
            }
            text.append('i').append(t.variable);
        }
        if (constant != 0 || text.isEmpty()) {
            text.append(text.isEmpty() ? "" : " + ").append(constant);
        }
        return text.toString();
    }
}
