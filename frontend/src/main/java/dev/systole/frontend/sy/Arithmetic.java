package dev.systole.frontend.sy;

import com.google.common.math.LongMath;
import dev.systole.frontend.sy.Term.Real;
import dev.systole.frontend.sy.Term.Truth;
import dev.systole.frontend.sy.Term.Whole;

/** What is computed while compiling: numbers of no type yet. Whole numbers stay whole or it is an error. */
final class Arithmetic {
    private Arithmetic() {}

    /** True if an operator on these is computed while compiling. */
    static boolean isKnown(Term term) {
        return term instanceof Whole || term instanceof Real || term instanceof Truth;
    }

    /** @throws ArithmeticException that says why there is no result */
    static Term apply(BinaryOperator operator, Term left, Term right) {
        return switch (left) {
            case Whole(var a) when right instanceof Whole(var b) -> whole(operator, a, b);
            case Truth(var a) when right instanceof Truth(var b) -> truth(operator, a, b);
            case Truth t -> throw mixed(operator, left, right);
            default -> {
                if (right instanceof Truth) {
                    throw mixed(operator, left, right);
                }
                yield real(operator, number(left), number(right));
            }
        };
    }

    private static double number(Term term) {
        return term instanceof Whole(var value) ? value : ((Real) term).value();
    }

    private static ArithmeticException mixed(BinaryOperator operator, Term left, Term right) {
        return new ArithmeticException(
                "\"%s\" does not take %s and %s".formatted(operator, left.describe(), right.describe()));
    }

    private static Term whole(BinaryOperator operator, long a, long b) {
        return switch (operator) {
            case PLUS, MINUS, TIMES, POWER -> exact(operator, a, b);
            case OVER -> new Whole(quotient(a, b));
            case MODULO -> new Whole(Math.floorMod(a, nonzero(b)));
            case EQUAL -> new Truth(a == b);
            case UNEQUAL -> new Truth(a != b);
            case LESS -> new Truth(a < b);
            case AT_MOST -> new Truth(a <= b);
            case GREATER -> new Truth(a > b);
            case AT_LEAST -> new Truth(a >= b);
            case MATMUL, AND, XOR, OR -> throw mixed(operator, new Whole(a), new Whole(b));
        };
    }

    private static Term exact(BinaryOperator operator, long a, long b) {
        if (operator == BinaryOperator.POWER && b < 0) {
            return new Real(StrictMath.pow(a, b));
        }
        try {
            return new Whole(
                    switch (operator) {
                        case PLUS -> Math.addExact(a, b);
                        case MINUS -> Math.subtractExact(a, b);
                        case TIMES -> Math.multiplyExact(a, b);
                        default -> LongMath.checkedPow(a, (int) Math.min(b, Integer.MAX_VALUE));
                    });
        } catch (ArithmeticException e) {
            throw new ArithmeticException("%d %s %d has more than 64 bits".formatted(a, operator, b));
        }
    }

    private static long nonzero(long divisor) {
        if (divisor == 0) {
            throw new ArithmeticException("a whole number is divided by 0");
        }
        return divisor;
    }

    private static long quotient(long a, long b) {
        if (a % nonzero(b) != 0) {
            throw new ArithmeticException(
                    "%d / %d is not whole; write %d.0 / %d if it is to be a fraction".formatted(a, b, a, b));
        }
        return a / b;
    }

    private static Term real(BinaryOperator operator, double a, double b) {
        return switch (operator) {
            case PLUS -> new Real(a + b);
            case MINUS -> new Real(a - b);
            case TIMES -> new Real(a * b);
            case OVER -> new Real(a / b);
            case MODULO -> throw new ArithmeticException("\"%\" takes whole numbers");
            case POWER -> new Real(StrictMath.pow(a, b));
            case EQUAL -> new Truth(a == b);
            case UNEQUAL -> new Truth(a != b);
            case LESS -> new Truth(a < b);
            case AT_MOST -> new Truth(a <= b);
            case GREATER -> new Truth(a > b);
            case AT_LEAST -> new Truth(a >= b);
            case MATMUL, AND, XOR, OR -> throw mixed(operator, new Real(a), new Real(b));
        };
    }

    private static Term truth(BinaryOperator operator, boolean a, boolean b) {
        return switch (operator) {
            case AND -> new Truth(a & b);
            case XOR, UNEQUAL -> new Truth(a ^ b);
            case OR -> new Truth(a | b);
            case EQUAL -> new Truth(a == b);
            default -> throw mixed(operator, new Truth(a), new Truth(b));
        };
    }

    /** The negative of a number. */
    static Term negative(Term number) {
        return number instanceof Whole(var value)
                ? whole(BinaryOperator.MINUS, 0, value)
                : new Real(-((Real) number).value());
    }
}
