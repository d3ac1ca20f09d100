package dev.systole.ir.target;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** The values of a target by key, each of the kind that the schema asks for. */
record Values(ObjectNode json) {
    double number(String key) {
        return json.get(key).doubleValue();
    }

    int count(String key) {
        return (int) number(key);
    }

    Optional<Double> optional(String key) {
        return json.get(key).isNull() ? Optional.empty() : Optional.of(number(key));
    }

    boolean flag(String key) {
        return json.get(key).booleanValue();
    }

    List<Integer> counts(String key) {
        return json.get(key).valueStream().map(JsonNode::intValue).toList();
    }

    /** As JSON. */
    String text(String key) {
        return json.get(key).toString();
    }
}
