package dev.systole.frontend.onnx;

import dev.systole.frontend.onnx.proto.OperatorSetIdProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The versions of the operator sets that a model or a function imports: the newest one where it imports several.
 *
 * @param versions by domain; the default one is ""
 */
record OperatorSets(Map<String, Integer> versions) {
    /** Stands for a version that is not imported: no operator is as old. */
    static final int NONE = 0;

    private static final String DEFAULT_DOMAIN = "ai.onnx";

    static OperatorSets of(List<OperatorSetIdProto> imports) {
        var versions = new HashMap<String, Integer>();
        imports.forEach(o -> versions.merge(
                key(o.getDomain()), Math.clamp(o.getVersion(), Integer.MIN_VALUE, Integer.MAX_VALUE), Math::max));
        return new OperatorSets(Map.copyOf(versions));
    }

    private static String key(String domain) {
        return domain.equals(DEFAULT_DOMAIN) ? "" : domain;
    }

    OptionalInt version(String domain) {
        var version = versions.get(key(domain));
        return version == null ? OptionalInt.empty() : OptionalInt.of(version);
    }
}
