package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.operator.OnnxValue.OfOptional;
import dev.systole.frontend.onnx.operator.OnnxValue.OfTensor;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Optionals, of which it is known while importing whether they hold something; and what passes a value of any kind on. */
final class Optionals {
    static final Map<String, OperatorRule.OfStructure> RULES = Map.of(
            "Optional", Optionals::optional,
            "OptionalGetElement", Optionals::element,
            "OptionalHasElement", Optionals::hasElement,
            "Identity", n -> List.of(n.any(0)));

    private Optionals() {}

    private static List<OnnxValue> optional(OnnxNode n) {
        if (!n.has(0) && !n.attributes().has("type")) {
            throw n.fault("has neither a value nor attribute \"type\"");
        }
        return List.of(new OfOptional(n.has(0) ? Optional.of(n.any(0)) : Optional.empty()));
    }

    /** Since opset 18 a value that is not optional is its own content. */
    private static List<OnnxValue> element(OnnxNode n) {
        return List.of(
                switch (n.any(0)) {
                    case OfOptional(var content) ->
                        content.orElseThrow(() -> n.fault("takes the content of an empty optional"));
                    case OnnxValue value -> value;
                });
    }

    private static List<OnnxValue> hasElement(OnnxNode n) {
        boolean holds = n.has(0) && !(n.any(0) instanceof OfOptional(var content) && content.isEmpty());
        return List.of(new OfTensor(n.scalar(DType.BOOL, holds ? 1 : 0)));
    }
}
