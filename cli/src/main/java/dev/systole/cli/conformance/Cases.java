package dev.systole.cli.conformance;

import dev.systole.frontend.FrontendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the directory layout of the ONNX project's test cases. */
final class Cases {
    private static final String MANIFEST = "MANIFEST.csv";

    private Cases() {}

    /** A line of the manifest. */
    private record Entry(String tier, List<String> operators) {}

    /** All cases under a directory, by group and name. */
    static List<Case> under(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new FrontendException("SYS6301", directory + ": no such directory");
        }
        var manifest = manifest(directory);
        var cases = new ArrayList<Case>();
        for (var group : sorted(directory)) {
            if (Files.isDirectory(group)) {
                for (var entry : sorted(group)) {
                    add(cases, manifest, group, entry);
                }
            }
        }
        if (cases.isEmpty()) {
            throw new FrontendException(
                    "SYS6301", directory + ": holds no cases; they lie in GROUP/CASE/model.onnx or GROUP/NAME.onnx");
        }
        return cases;
    }

    private static void add(List<Case> cases, Map<String, Entry> manifest, Path group, Path entry) throws IOException {
        var groupName = group.getFileName().toString();
        var name = entry.getFileName().toString();
        if (Files.isRegularFile(entry.resolve("model.onnx"))) {
            var sets = sorted(entry).stream()
                    .filter(d -> d.getFileName().toString().startsWith("test_data_set_"))
                    .toList();
            var known = manifest.getOrDefault(groupName + "/" + name, new Entry("-", List.of()));
            cases.add(new Case(groupName, name, known.tier(), known.operators(), entry.resolve("model.onnx"), sets));
        } else if (name.endsWith(".onnx")) {
            cases.add(new Case(groupName, name.replace(".onnx", ""), "-", List.of(), entry, List.of()));
        }
    }

    private static List<Path> sorted(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static Map<String, Entry> manifest(Path directory) throws IOException {
        var file = directory.resolve(MANIFEST);
        var entries = new HashMap<String, Entry>();
        if (Files.isRegularFile(file)) {
            for (var line : Files.readAllLines(file)) {
                var columns = line.split(",", -1);
                if (columns.length > 3) {
                    entries.put(
                            columns[0] + "/" + columns[1], new Entry(columns[2], List.of(columns[3].split("[; ]"))));
                }
            }
        }
        return entries;
    }
}
