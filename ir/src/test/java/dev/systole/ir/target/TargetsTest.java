package dev.systole.ir.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
    @TempDir
    Path directory;

    private Target load(String json) throws IOException {
        var file = directory.resolve("chip.json");
        Files.writeString(file, json);
        return Targets.load(file.toString());
    }

    private void rejects(String json, String... parts) {
        assertThatThrownBy(() -> load(json)).isInstanceOf(TargetException.class).satisfies(e -> {
            for (var part : parts) {
                assertThat(e.getMessage()).contains(part);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"trn1", "inf2", "trn2", "trn3"})
    void builtInTargetsSayWhereEveryNumberComesFrom(String name) {
        var target = Targets.load(name);
        assertThat(target.name()).isEqualTo(name);
        assertThat(target.parameters())
                .hasSize(Schema.ENTRIES.size())
                .noneMatch(p -> p.provenance().toString().isBlank())
                .noneMatch(p -> p.provenance().toString().startsWith("set in"));
    }

    @Test
    void generationsDiffer() {
        var trn1 = Targets.load("trn1");
        var trn2 = Targets.load("trn2");
        var trn3 = Targets.load("trn3");
        assertThat(trn1.memory().sbufBytesPerPartition()).isEqualTo(192 << 10);
        assertThat(trn2.memory().sbufBytesPerPartition()).isEqualTo(224 << 10);
        assertThat(trn2.memory().hbmBytesPerCore()).isEqualTo(12L << 30);
        assertThat(trn1.tensor().nativeTranspose()).isFalse();
        assertThat(trn3.tensor().maxMovingFree()).isEqualTo(4096);
        assertThat(trn3.tensor().maxMovingFreeBf16()).hasValue(8192);
        assertThat(trn2.accessPatterns().maxSize()).isEqualTo(65535);
        assertThat(trn2.accessPatterns().minStride()).isEqualTo(-32768);
    }

    @Test
    void aFileInheritsAndWhatFollowsFollows() throws IOException {
        var t = load("""
                {"name": "half", "extends": "trn2", "values": {"sbuf_bytes_per_partition": 1.14688e5},
                 "assumption": {"sbuf_bytes_per_partition": "what if"}}""");
        assertThat(t.memory().sbufBytesPerPartition()).isEqualTo(114688);
        assertThat(t.parameters())
                .anyMatch(p ->
                        p.key().equals("sbuf_bytes_per_neuroncore") && p.value().equals("14680064"))
                .anyMatch(p -> p.key().equals("sbuf_bytes_per_partition")
                        && p.provenance().equals(new Provenance.Assumption("what if")));
    }

    @Test
    void jsonGivesTheSameTarget() {
        for (var name : Targets.builtIn()) {
            var t = Targets.load(name);
            var again = Targets.parse(Targets.json(t), "again");
            assertThat(again.memory()).isEqualTo(t.memory());
            assertThat(again.tensor()).isEqualTo(t.tensor());
            assertThat(again.dma()).isEqualTo(t.dma());
            assertThat(Targets.json(again)).isEqualTo(Targets.json(t));
        }
    }

    @Test
    void refusesWithEveryFaultAtOnce() {
        rejects(
                """
                {"name": "x", "extends": "trn2", "values": {"psum_banks": 0, "sbuf_byte_per_partition": 1}}""",
                "chip.json: 2 problems",
                "psum_banks is 0; it must be a whole number, at least 1",
                "did you mean \"sbuf_bytes_per_partition\"?");
    }

    @Test
    void refusesContradictions() {
        rejects("""
                {"name": "x", "extends": "trn2", "values": {"sbuf_bytes_per_neuroncore": 5}}""", "sbuf_bytes_per_neuroncore is 5, but partitions x sbuf_bytes_per_partition gives 29360128");
        rejects("""
                {"name": "x", "extends": "trn2", "values": {"tensor_rows": 256}}""", "tensor_rows is at most partitions");
        rejects("""
                {"name": "x", "extends": "trn2", "values": {"neuroncore_generation": 7}}""", "neuroncore_generation is 2, 3 or 4");
        rejects("""
                {"name": "x", "extends": "trn2", "values": {"dma_min_time_per_descriptor_s": -1}}""", "dma_min_time_per_descriptor_s is -1; it must be a number, at least 0");
    }

    @Test
    void refusesWhatIsNoTarget() {
        rejects("{\"name\": \"x\", \"values\": {\"partitions\": 128}}", "psum_banks is missing", "problems");
        rejects("{\"name\": \"trn2\", \"extends\": \"trn2\", \"values\": {}}", "is a built-in target");
        rejects("{\"name\": \"x\", \"extends\": \"trn9\", \"values\": {}}", "\"extends\" is \"trn9\"");
        rejects("{\"name\": \"x\", \"name\": \"y\"}", "line 1");
        rejects("[1]", "is no target");
        rejects("{", "line 1");
        rejects("", "is no target");
        rejects("{} {}", "line 1");
        rejects("[".repeat(5000), "nesting depth");
        assertThatThrownBy(() -> Targets.load("trn9"))
                .isInstanceOf(TargetException.class)
                .hasMessageContaining("trn1, inf2, trn2, trn3");
        assertThatThrownBy(() -> Targets.load("missing.json")).hasMessage("missing.json: no such file");
    }
}
