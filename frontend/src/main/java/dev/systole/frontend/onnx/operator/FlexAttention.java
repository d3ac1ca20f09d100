package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Map;

/** Attention whose scores and weights the node's own graphs change. */
final class FlexAttention {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("ai.onnx.preview.FlexAttention", FlexAttention::attention);

    private FlexAttention() {}

    private static List<Value> attention(OnnxNode n) {
        var query = n.ranked(0, 4);
        var key = n.ranked(1, 4);
        var value = n.ranked(2, 4);
        Attention.fit(n, query, key, value);
        var type = query.type().dtype();
        var precision = n.attributes().floatType("softmax_precision").orElse(type == DType.F64 ? DType.F64 : DType.F32);
        var products = Attention.products(n, query, key, Attention.scale(n, query));
        var scores = modified(n, "score_mod", n.cast(products, precision));
        var weights = modified(n, "prob_mod", Attention.softmax(n, scores, false));
        return List.of(n.cast(Attention.applied(n, weights, n.cast(value, precision)), type));
    }

    /** What the node's graph of this name makes of x, if there is one. */
    private static Value modified(OnnxNode n, String graph, Value x) {
        if (!n.attributes().has(graph)) {
            return x;
        }
        var results = n.inline(graph, List.of(new OnnxValue.OfTensor(x)));
        if (results.size() != 1) {
            throw n.fault(graph + " gives " + results.size() + " results, not one");
        }
        var y = n.tensor(results.getFirst());
        if (!y.type().equals(x.type())) {
            throw n.fault(graph + " makes " + y.type() + " of " + x.type() + "; the type stays");
        }
        return y;
    }
}
