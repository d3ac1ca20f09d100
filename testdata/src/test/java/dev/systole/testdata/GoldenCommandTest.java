package dev.systole.testdata;

import static dev.systole.testdata.CommandRun.systole;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;

/** {@code systole golden} as users have it: what it says of models that change, fail, or were never recorded. */
class GoldenCommandTest {
    private static final String FIRST = """
            model first(x: f32[batch, 64]) -> (y: f32[batch, 32]) {
              param w: f32[64, 32] = normal(0.05)
              y = Relu(x @ w)
            }
            """;
    private static final String SECOND = """
            model second(x: f32[batch, 16]) -> (y: f32[batch, 16]) {
              y = Exp(x)
            }
            """;

    @TempDir
    private Path directory;

    private Path first;
    private Path second;

    @BeforeEach
    void record() throws IOException {
        first = Files.writeString(directory.resolve("first.sy"), FIRST);
        second = Files.writeString(directory.resolve("second.sy"), SECOND);
        assertThat(systole("golden", "record", directory, "--dim", "batch=4").err())
                .isEmpty();
    }

    /** The texts of failures in a JUnit report by the name of the model's file, empty where it passed. */
    private static Map<String, String> failures(Path report) throws Exception {
        var cases = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getElementsByTagName("testcase");
        var failures = new TreeMap<String, String>();
        for (int i = 0; i < cases.getLength(); i++) {
            var one = (Element) cases.item(i);
            var failure = one.getElementsByTagName("failure");
            failures.put(
                    Path.of(one.getAttribute("name")).getFileName().toString(),
                    failure.getLength() == 0 ? "" : failure.item(0).getTextContent());
        }
        return failures;
    }

    @Test
    void aModelThatFailsStopsNoOther() throws Exception {
        Files.writeString(first, FIRST.replace("x @ w", "x @ v"));
        var added = Files.writeString(directory.resolve("added.sy"), SECOND.replace("second", "added"));
        var report = directory.resolve("report.xml");
        assertThat(systole("golden", "check", directory, "--junit", report)).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.out())
                    .containsPattern("added.sy +failed\n")
                    .containsPattern("first.sy +failed\n")
                    .containsPattern("second.sy +ok\n")
                    .contains("2 of 3 failed");
            assertThat(r.err())
                    .contains("first.sy:3:16: error SYS1503: there is no variable \"v\"")
                    .contains("error SYS6201 " + directory.resolve("added.golden/golden.json")
                            + ": no such file; record it: systole golden record " + added);
        });
        assertThat(failures(report)).satisfies(f -> {
            assertThat(f.get("added.sy")).contains("SYS6201");
            assertThat(f.get("first.sy")).contains("there is no variable \"v\"");
            assertThat(f.get("second.sy")).isEmpty();
        });
        assertThat(systole("golden", "record", directory, "--dim", "batch=4")).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.out()).containsPattern("first.sy +failed\n").containsPattern("second.sy +recorded\n");
        });
        assertThat(systole("golden", "update", directory)).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.out()).containsPattern("first.sy +failed\n").containsPattern("second.sy +ok\n");
        });
    }

    @Test
    void aChangeIsShownByNodePassAndLine() throws Exception {
        Files.writeString(first, FIRST.replace("Relu", "Tanh"));
        Files.writeString(second, SECOND.replace("Exp(x)", "Exp(x) + 1"));
        var report = directory.resolve("report.xml");
        assertThat(systole("golden", "check", directory, "--junit", report)).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.out())
                    .containsPattern("first.sy +changed .*first differing pass: import\n")
                    .containsPattern("Relu \\(Relu\\) +instructions +2 → +0")
                    .containsPattern("Tanh \\(Tanh\\) +instructions +0 → +2 .*scalar activation \\+1")
                    .contains("output y : f32[4,32] has other values")
                    .containsPattern("import.graph:5\n.*was .*= relu .*\n.*is .*= tanh ")
                    .containsPattern("second.sy +changed +\\+1 instructions .*first differing pass: import\n")
                    .contains("2 of 2 changed. Accept: systole golden update " + directory);
        });
        assertThat(failures(report).get("first.sy")).contains("Tanh (Tanh)");
        Files.writeString(first, FIRST.replace("32]", "16]"));
        assertThat(systole("golden", "check", first).out()).contains("output y : f32[4,32] → f32[4,16]");
        Files.writeString(first, FIRST.replace("y", "z"));
        assertThat(systole("golden", "check", first).out())
                .contains("output z : f32[4,32] is new", "output y : f32[4,32] is gone");
    }

    @Test
    void updateWritesOnlyWhatChanged() throws IOException {
        var past = FileTime.fromMillis(0);
        try (var files = Files.walk(directory)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, past);
            }
        }
        Files.writeString(second, SECOND.replace("Exp", "Sin"));
        assertThat(systole("golden", "update", directory).code()).isZero();
        assertThat(systole("golden", "check", directory).code()).isZero();
        assertThat(Files.getLastModifiedTime(directory.resolve("first.golden/golden.json")))
                .isEqualTo(past);
        assertThat(Files.getLastModifiedTime(directory.resolve("second.golden/golden.json")))
                .isGreaterThan(past);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|golden.json:1:0: has not what this version records",
                "null|golden.json: has not what this version records",
                "{}|golden.json:1:2: has not what this version records: see options",
                "{\"options\" : [null]}|golden.json:1:15: has not what this version records: see options[0]",
                "{\"passes\" : [{\"name\" : \"x\"}]}|has not what this version records: see passes[0].hash",
                "{\"options\" : [}|golden.json:1:15: is no JSON: Unexpected close marker '}': expected ']';",
                "{\"options\" : [|golden.json:1:15: is no JSON: Unexpected end-of-input: expected close marker for Array;",
            })
    void aBrokenGoldenIsRefused(String text, String error) throws IOException {
        Files.writeString(directory.resolve("first.golden/golden.json"), text);
        assertThat(systole("golden", "check", first)).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.err())
                    .startsWith("error SYS6202 ")
                    .contains(error)
                    .endsWith("; record it again: systole golden record " + first + "\n");
        });
    }

    @Test
    void aGoldenThatNestsDeepOrIsLargeIsRefused() throws IOException {
        var golden = directory.resolve("first.golden/golden.json");
        Files.writeString(golden, "{\"a\":".repeat(10_000));
        assertThat(systole("golden", "check", first).err())
                .contains(
                        "is no JSON: Document nesting depth (1001) exceeds the maximum allowed (1000); record it again");
        Files.writeString(golden, " ".repeat((64 << 20) + 1));
        assertThat(systole("golden", "check", first).err()).contains("is larger than 64 MiB, more than any golden");
    }

    @Test
    void modelsThatShareAGoldenAreRefused() throws IOException {
        Files.copy(first, directory.resolve("first.onnx"));
        assertThat(systole("golden", "check", directory)).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.err()).contains("SYS6203", "first.onnx and ", "would both be kept in");
        });
    }
}
