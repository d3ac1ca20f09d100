package dev.systole.ir.graph;

/**
 * Where an operation comes from: the model's own node.
 *
 * @param node name of the node in the model, or what stands for it when the model has none
 * @param operator the model's operator, such as {@code Softmax}
 */
public record Location(String node, String operator) {
    /** For what the compiler adds by itself and no node of the model asked for. */
    public static final Location COMPILER = new Location("", "");

    /** As in {@code /layer.0/MatMul (MatMul)}. */
    @Override
    public String toString() {
        return operator.isEmpty() && !node.endsWith(")") ? node : node + " (" + operator + ")";
    }

    /** The location that prints like this. */
    public static Location parse(String text) {
        int at = text.endsWith(")") ? text.lastIndexOf(" (") : -1;
        return at < 0
                ? new Location(text, "")
                : new Location(text.substring(0, at), text.substring(at + 2, text.length() - 1));
    }
}
