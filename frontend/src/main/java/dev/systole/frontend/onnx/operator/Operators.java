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
                    .putAll(QuantisedProducts.RULES)
                    .putAll(Trigonometry.RULES)
                    .putAll(Activations.RULES)
                    .putAll(Arithmetic.RULES)
                    .putAll(Diagonals.RULES)
                    .putAll(Casts.RULES)
                    .putAll(RandomNumbers.RULES)
                    .putAll(Padding.RULES)
                    .putAll(Rearranging.RULES)
                    .putAll(Indexing.RULES)
                    .putAll(Scattering.RULES)
                    .putAll(RunningSums.RULES)
                    .putAll(Ordering.RULES)
                    .putAll(Selection.RULES)
                    .putAll(Suppression.RULES)
                    .putAll(ControlFlow.RULES)
                    .putAll(Scanning.RULES)
                    .putAll(Sequences.RULES)
                    .putAll(Optionals.RULES)
                    .putAll(Recurrent.RULES)
                    .putAll(Attention.RULES)
                    .putAll(FlexAttention.RULES)
                    .putAll(Rotary.RULES)
                    .putAll(LinearAttention.RULES)
                    .putAll(Losses.RULES)
                    .putAll(SignalWindows.RULES)
                    .putAll(Signals.RULES)
                    .putAll(Determinant.RULES)
                    .putAll(Training.RULES)
                    .putAll(Einsum.RULES)
                    .putAll(Gradient.RULES)
                    .putAll(Convolutions.RULES)
                    .putAll(TransposedConvolution.RULES)
                    .putAll(IntegerConvolutions.RULES)
                    .putAll(Pooling.RULES)
                    .putAll(Normalisations.RULES)
                    .putAll(Resizing.RULES)
                    .putAll(Sampling.RULES)
                    .putAll(DeformableConvolution.RULES)
                    .putAll(AlignedRegions.RULES)
                    .putAll(RegionMaxima.RULES)
                    .putAll(NGrams.RULES)
                    .putAll(Features.RULES)
                    .putAll(LinearModels.RULES)
                    .putAll(Trees.RULES)
                    .build();

    private Operators() {}

    /** The rule of an operator, by its name with its domain, unless that is the default one. */
    public static Optional<OperatorRule> find(String name) {
        return Optional.ofNullable(RULES.get(name));
    }

    /** All rules by operator. */
    public static Map<String, OperatorRule> all() {
        return RULES;
    }
}
