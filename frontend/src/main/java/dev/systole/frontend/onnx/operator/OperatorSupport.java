package dev.systole.frontend.onnx.operator;

import dev.systole.ir.type.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is supported of an operator, from {@code support.txt}.
 *
 * @param name with its domain, unless that is the default one
 * @param how it is computed; empty if it is refused
 * @param limits of that, empty if there are none but the specification's
 * @param refusal why it is refused
 */
public record OperatorSupport(String name, String how, String limits, Optional<String> refusal) {
    private static final String RESOURCE = "support.txt";
    private static final String REFUSED = "refused: ";
    private static final Pattern WRAPPED = Pattern.compile("(?:seq|optional)\\((.*)\\)");

    /** Groups of element types that tables give one name, in order. */
    private static final Map<String, Set<DType>> GROUPS = groups();

    private static final Map<String, OperatorSupport> ALL = read();

    private static Map<String, Set<DType>> groups() {
        var groups = new LinkedHashMap<String, Set<DType>>();
        groups.put("floats", EnumSet.of(DType.BF16, DType.F16, DType.F32, DType.F64));
        groups.put(
                "integers",
                EnumSet.of(DType.I8, DType.I16, DType.I32, DType.I64, DType.U8, DType.U16, DType.U32, DType.U64));
        groups.put("f8", EnumSet.of(DType.F8E4M3FN, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ));
        return groups;
    }

    private static Map<String, OperatorSupport> read() {
        try (var in = OperatorSupport.class.getResourceAsStream(RESOURCE)) {
            var all = new TreeMap<String, OperatorSupport>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .map(OperatorSupport::parse)
                    .forEach(s -> all.put(s.name(), s));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OperatorSupport parse(String line) {
        var columns = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
        var how = columns.get(1);
        return how.startsWith(REFUSED)
                ? new OperatorSupport(columns.get(0), "", "", Optional.of(how.substring(REFUSED.length())))
                : new OperatorSupport(columns.get(0), how, columns.get(2), Optional.empty());
    }

    /** All operators of the specification, by name. */
    public static List<OperatorSupport> all() {
        return List.copyOf(ALL.values());
    }

    /** Nothing for an operator that the specification does not have. */
    public static Optional<OperatorSupport> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    /** Why an operator is refused that has no rule. */
    public static String refusal(String name) {
        return find(name)
                .flatMap(OperatorSupport::refusal)
                .orElse("ONNX has no operator of this name, and the model defines no function of it");
    }

    /** Versions of the operator set in which the operator's form changed, oldest first. */
    public List<Integer> versions() {
        return OperatorSchemas.versions(domain(), operator());
    }

    private String domain() {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    private String operator() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The element types of the newest version by type variable, as {@code T: floats, i64}, without those that are no numbers. */
    public String types() {
        var schema =
                OperatorSchemas.find(domain(), operator(), versions().getLast()).orElseThrow();
        var parts = new ArrayList<String>();
        schema.types().entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e -> {
            var numbers = numbers(e.getValue());
            if (!numbers.isEmpty()) {
                parts.add(e.getKey() + ": " + described(numbers));
            }
        });
        return String.join("; ", parts);
    }

    private static Set<DType> numbers(Set<String> types) {
        return types.stream()
                .map(OperatorSupport::element)
                .flatMap(t -> DType.parse(t).stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(DType.class)));
    }

    private static String element(String type) {
        var m = WRAPPED.matcher(type);
        return m.matches() ? element(m.group(1)) : type;
    }

    private static String described(Set<DType> types) {
        var rest = EnumSet.copyOf(types);
        var parts = new ArrayList<String>();
        GROUPS.forEach((group, members) -> {
            if (rest.containsAll(members)) {
                rest.removeAll(members);
                parts.add(group);
            }
        });
        rest.forEach(t -> parts.add(t.toString()));
        return String.join(", ", parts);
    }
}
