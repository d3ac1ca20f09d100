package dev.systole.frontend.sy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Names of the language for the names of an ONNX model, in which any character may stand. Mutable. */
final class Identifiers {
    private static final Set<String> WORDS = Set.copyOf(List.of(
            ("model fn let param state weights opset for in if else return not and xor or _ " + Types.INT).split(" ")));
    private static final String SUFFIX = "_output_0";

    private final Optional<Identifiers> around;
    private final FreeNames taken;
    private final Map<String, String> names = new HashMap<>();

    private Identifiers(Optional<Identifiers> around, FreeNames taken) {
        this.around = around;
        this.taken = taken;
    }

    Identifiers() {
        this(
                Optional.empty(),
                new FreeNames(
                        Stream.concat(WORDS.stream(), Types.elements().stream()).toList()));
    }

    /** Those of a graph inside: names of its own, and no two of both are the same. */
    Identifiers inside() {
        return new Identifiers(Optional.of(this), taken);
    }

    /** True if the name belongs to this graph, not to one around it. */
    boolean declares(String name) {
        return names.containsKey(name);
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(names.get(name)).or(() -> around.flatMap(a -> a.find(name)));
    }

    /** A new identifier, which resembles the name. */
    String declare(String name) {
        var identifier = fresh(name);
        names.put(name, identifier);
        return identifier;
    }

    private String fresh(String name) {
        var words = name.replaceAll("[^A-Za-z0-9_]+", "_").replaceAll("^_+|_+$", "");
        var stem = words.endsWith(SUFFIX) ? words.substring(0, words.length() - SUFFIX.length()) : words;
        var base = stem.isEmpty() || Character.isDigit(stem.charAt(0)) ? "v" + stem : stem;
        return taken.take(base);
    }

    /** True if a word may stand for a name. */
    static boolean isName(String word) {
        return word.matches("[A-Za-z_][A-Za-z0-9_]*") && !WORDS.contains(word);
    }
}
