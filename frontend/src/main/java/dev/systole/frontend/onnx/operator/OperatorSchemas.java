package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.operator.OperatorSchema.Attribute;
import dev.systole.frontend.onnx.operator.OperatorSchema.Formal;
import dev.systole.frontend.onnx.operator.OperatorSchema.Kind;
import dev.systole.frontend.onnx.operator.OperatorSchema.Occurrence;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All operators of the ONNX specification in all versions, from {@code operators.txt}. */
public final class OperatorSchemas {
    private static final String RESOURCE = "operators.txt";
    private static final String DEFAULT_DOMAIN = "ai.onnx";

    /** By name with domain, then by version. */
    private static final Map<String, NavigableMap<Integer, OperatorSchema>> ALL = read();

    /** The newest version of the default operator set. */
    public static final int NEWEST = newest("");

    private OperatorSchemas() {}

    /** The newest version of an operator set; 1 if it is not known. */
    public static int newest(String domain) {
        var prefix = name(domain, "");
        return ALL.entrySet().stream()
                .filter(e ->
                        e.getKey().substring(0, e.getKey().lastIndexOf('.') + 1).equals(prefix))
                .mapToInt(e -> e.getValue().lastKey())
                .max()
                .orElse(1);
    }

    /** The form of an operator in a version of its operator set. */
    public static Optional<OperatorSchema> find(String domain, String operator, int opset) {
        return Optional.ofNullable(ALL.get(name(domain, operator)))
                .map(versions -> versions.floorEntry(opset))
                .map(Map.Entry::getValue);
    }

    /** Versions of an operator, oldest first; none if there is no such operator. */
    public static List<Integer> versions(String domain, String operator) {
        return Optional.ofNullable(ALL.get(name(domain, operator)))
                .map(versions -> List.copyOf(versions.keySet()))
                .orElse(List.of());
    }

    /** Names of all operators, with their domains unless that is the default one. */
    public static Set<String> names() {
        return ALL.keySet();
    }

    /** The name of an operator in messages and tables: with its domain, unless that is the default one. */
    public static String name(String domain, String operator) {
        return domain.isEmpty() || domain.equals(DEFAULT_DOMAIN) ? operator : domain + "." + operator;
    }

    private static Map<String, NavigableMap<Integer, OperatorSchema>> read() {
        var all = new TreeMap<String, NavigableMap<Integer, OperatorSchema>>();
        try (InputStream in = OperatorSchemas.class.getResourceAsStream(RESOURCE)) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .map(OperatorSchemas::parse)
                    .forEach(s ->
                            all.computeIfAbsent(s.name(), k -> new TreeMap<>()).put(s.since(), s));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static OperatorSchema parse(String line) {
        var columns = line.split("\\|", -1);
        return new OperatorSchema(
                columns[0].strip(),
                Integer.parseInt(columns[1].strip()),
                formals(columns[2]),
                formals(columns[3]),
                attributes(columns[4]),
                types(columns[5]));
    }

    private static List<String> words(String column) {
        return Arrays.stream(column.strip().split(" "))
                .filter(w -> !w.isEmpty())
                .toList();
    }

    private static List<Formal> formals(String column) {
        var formals = new ArrayList<Formal>();
        for (var word : words(column)) {
            int colon = word.indexOf(':');
            var name = word.substring(0, colon);
            var occurrence = name.endsWith("**")
                    ? Occurrence.ANY
                    : name.endsWith("*") ? Occurrence.MANY : name.endsWith("?") ? Occurrence.OPTIONAL : Occurrence.ONCE;
            formals.add(new Formal(name.replaceAll("[*?]", ""), word.substring(colon + 1), occurrence));
        }
        return List.copyOf(formals);
    }

    private static Map<String, Attribute> attributes(String column) {
        var attributes = new LinkedHashMap<String, Attribute>();
        for (var word : words(column)) {
            int colon = word.indexOf(':');
            int equals = word.indexOf('=');
            var kind = word.substring(colon + 1, equals < 0 ? word.length() : equals);
            boolean required = kind.endsWith("!");
            attributes.put(
                    word.substring(0, colon),
                    new Attribute(
                            Kind.valueOf(kind.replace("!", "").toUpperCase(Locale.ROOT)),
                            required,
                            equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1))));
        }
        return attributes;
    }

    private static Map<String, Set<String>> types(String column) {
        var types = new HashMap<String, Set<String>>();
        for (var word : words(column)) {
            int colon = word.indexOf(':');
            types.put(word.substring(0, colon), list(word.substring(colon + 1)));
        }
        return types;
    }

    /** Types joined by commas, of which those in parentheses separate nothing. */
    private static Set<String> list(String text) {
        var list = new LinkedHashSet<String>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ',';
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                list.add(text.substring(start, i));
                start = i + 1;
            }
        }
        return list;
    }
}
