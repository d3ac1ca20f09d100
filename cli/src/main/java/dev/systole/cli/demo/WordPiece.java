package dev.systole.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.systole.frontend.FrontendException;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tokenizer of BERT models: words in lower case without accents, split into the longest pieces that the vocabulary has. */
final class WordPiece {
    private static final int LONGEST_WORD = 100;

    private final Map<String, Long> vocabulary;

    private WordPiece(Map<String, Long> vocabulary) {
        this.vocabulary = Map.copyOf(vocabulary);
    }

    /**
     * Reads the vocabulary of a tokenizer file ({@code model.vocab} in its JSON).
     *
     * @throws FrontendException if the file holds none
     */
    static WordPiece read(Path json) throws IOException {
        var vocabulary = new HashMap<String, Long>();
        new ObjectMapper()
                .readTree(json.toFile())
                .path("model")
                .path("vocab")
                .properties()
                .forEach(e -> vocabulary.put(e.getKey(), e.getValue().asLong()));
        for (var token : List.of("[CLS]", "[SEP]", "[UNK]")) {
            if (!vocabulary.containsKey(token)) {
                throw new FrontendException("SYS6101", json + ": is no tokenizer, its vocabulary lacks " + token);
            }
        }
        return new WordPiece(vocabulary);
    }

    /** Token numbers of a text between [CLS] and [SEP], cut to a length. */
    long[] encode(String text, int length) {
        var ids = new ArrayList<Long>();
        ids.add(vocabulary.get("[CLS]"));
        for (var word : words(text)) {
            pieces(word, ids);
        }
        while (ids.size() > length - 1) {
            ids.removeLast();
        }
        ids.add(vocabulary.get("[SEP]"));
        return ids.stream().mapToLong(Long::longValue).toArray();
    }

    private static List<String> words(String text) {
        var plain = Normalizer.normalize(text, Normalizer.Form.NFD)
                .replaceAll("\\p{Mn}", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("([\\p{Punct}\\p{P}\\p{IsHan}])", " $1 ")
                .strip();
        return plain.isEmpty() ? List.of() : List.of(plain.split("\\s+"));
    }

    private void pieces(String word, List<Long> ids) {
        var found = new ArrayList<Long>();
        int start = 0;
        while (start < word.length() && word.length() <= LONGEST_WORD) {
            int end = word.length();
            while (end > start && !vocabulary.containsKey(piece(word, start, end))) {
                end--;
            }
            if (end == start) {
                break;
            }
            found.add(vocabulary.get(piece(word, start, end)));
            start = end;
        }
        if (start < word.length()) {
            ids.add(vocabulary.get("[UNK]"));
        } else {
            ids.addAll(found);
        }
    }

    private static String piece(String word, int start, int end) {
        return (start > 0 ? "##" : "") + word.substring(start, end);
    }
}
