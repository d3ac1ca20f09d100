package dev.systole.testdata;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Railroad diagrams of the rules of an ANTLR grammar, as far as our grammar uses the notation. Mutable: one rule at a time. */
final class GrammarDiagrams {
    private static final Pattern RULE = Pattern.compile("(?ms)^([A-Za-z]+)\\s*:(.*?)^?\\s*;\\s*$");
    private static final Pattern WORD = Pattern.compile("'[^']*'|[A-Za-z_]+|[()|*+?]");
    private static final Pattern LITERAL = Pattern.compile("(?m)^([A-Z_]+): '([^']+)';$");

    private final Map<String, String> literals;
    private List<String> words = List.of();
    private int next;

    private GrammarDiagrams(Map<String, String> literals) {
        this.literals = literals;
    }

    /** What may stand at a place, before it is drawn: a loop with separators is told from the part before it. */
    private sealed interface Part {
        record Word(String text) implements Part {}

        record Sequence(List<Part> parts) implements Part {}

        record Choice(List<Part> branches) implements Part {}

        record Repeated(Part part, String sign) implements Part {}
    }

    /** A diagram for each rule of the grammar, under the rule's name. */
    static String of(String grammar) {
        var text = grammar.replaceAll("(?s)/\\*.*?\\*/", "")
                .replaceAll("<assoc = right>", "")
                .replaceAll("(?m)#\\s*\\w+\\s*$", "");
        var literals = new LinkedHashMap<String, String>();
        var found = LITERAL.matcher(text);
        while (found.find()) {
            literals.put(found.group(1), '"' + found.group(2) + '"');
        }
        literals.put("NAMES", "\"(\"");
        literals.put("EOF", "end");
        var diagrams = new StringBuilder();
        var rules = RULE.matcher(text);
        while (rules.find()) {
            if (Character.isLowerCase(rules.group(1).charAt(0))
                    && !rules.group(1).equals("grammar")) {
                var body = rules.group(2).replaceAll("\\b\\w+ = ", "");
                diagrams.append(rules.group(1)).append('\n');
                diagrams.append(new GrammarDiagrams(literals).draw(body)).append('\n');
            }
        }
        return diagrams.toString();
    }

    private Railroad draw(String body) {
        var list = new ArrayList<String>();
        var matcher = WORD.matcher(body);
        while (matcher.find()) {
            list.add(matcher.group());
        }
        words = list;
        return railroad(choice());
    }

    private boolean at(String word) {
        return next < words.size() && words.get(next).equals(word);
    }

    private Part choice() {
        var branches = new ArrayList<Part>();
        branches.add(sequence());
        while (at("|")) {
            next++;
            branches.add(sequence());
        }
        return branches.size() == 1 ? branches.getFirst() : new Part.Choice(branches);
    }

    private Part sequence() {
        var parts = new ArrayList<Part>();
        while (next < words.size() && !at("|") && !at(")")) {
            parts.add(repeated());
        }
        return new Part.Sequence(parts);
    }

    private Part repeated() {
        var word = words.get(next++);
        Part part = new Part.Word(word);
        if (word.equals("(")) {
            part = choice();
            next++;
        }
        while (at("*") || at("+") || at("?")) {
            part = new Part.Repeated(part, words.get(next++));
        }
        return part;
    }

    private Railroad railroad(Part part) {
        return switch (part) {
            case Part.Word(var text) -> Railroad.of(literals.getOrDefault(text, text.replace("'", "\"")));
            case Part.Sequence(var parts) -> sequence(parts);
            case Part.Choice(var branches) ->
                Railroad.choice(branches.stream().map(this::railroad).toList());
            case Part.Repeated(var inner, var sign) ->
                switch (sign) {
                    case "?" -> Railroad.choice(List.of(railroad(inner), Railroad.of("")));
                    case "+" -> Railroad.loop(railroad(inner), Railroad.of(""));
                    default -> Railroad.loop(Railroad.of(""), railroad(inner));
                };
        };
    }

    /** {@code x (COMMA x)*} is a loop with a comma on the way back. */
    private Railroad sequence(List<Part> parts) {
        var drawn = new ArrayList<Railroad>();
        for (int i = 0; i < parts.size(); i++) {
            boolean list = i + 1 < parts.size()
                    && parts.get(i + 1) instanceof Part.Repeated(Part.Sequence(var inside), var sign)
                    && sign.equals("*")
                    && inside.size() == 2
                    && inside.getFirst().equals(new Part.Word("COMMA"))
                    && inside.getLast().equals(parts.get(i));
            drawn.add(list ? Railroad.loop(railroad(parts.get(i)), Railroad.of("\",\"")) : railroad(parts.get(i)));
            i += list ? 1 : 0;
        }
        return drawn.isEmpty() ? Railroad.of("") : Railroad.sequence(drawn);
    }
}
