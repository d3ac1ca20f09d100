package dev.systole.frontend.onnx.operator;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.Optional;

/** The operators that can be imported. */
public final class Operators {
    private static final ImmutableSortedMap<String, OperatorRule> RULES =
            ImmutableSortedMap.<String, OperatorRule>naturalOrder()
                    .putAll(Elementwise.RULES)
                    .putAll(Shapes.RULES)
                    .putAll(Reductions.RULES)
                    .putAll(Products.RULES)
                    .putAll(Quantisation.RULES)
                    .build();

    private Operators() {}

    /** The rule of an operator of the default domain. */
    public static Optional<OperatorRule> find(String domain, String operator) {
        return domain.isEmpty() || domain.equals("ai.onnx")
                ? Optional.ofNullable(RULES.get(operator))
                : Optional.empty();
    }

    /** All rules by operator. */
    public static Map<String, OperatorRule> all() {
        return RULES;
    }
}
