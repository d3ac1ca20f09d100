package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.text.Scanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/instruction-set.md lists every instruction with its number and fields. */
class OpcodeTest {
    private static final Path DOCS = Path.of("../docs/instruction-set.md");

    @ParameterizedTest
    @EnumSource
    void comesBackFromBytesAndText(Opcode opcode) {
        var issue = new Issue(opcode.example(), List.of(new Issue.Wait(3, 4)), Optional.of(new Issue.Update(5, 6)), 7);
        var w = new CodeWriter();
        InstructionCode.write(w, issue);
        var r = new CodeReader(w.finished());
        assertThat(InstructionCode.read(r)).isEqualTo(issue);
        assertThat(r.isAtEnd()).isTrue();

        if (opcode != Opcode.BRANCH) {
            var s = new Scanner(Listing.text(opcode.example()), "test");
            assertThat(Assembler.instruction(s, opcode.example().engine())).isEqualTo(opcode.example());
            assertThat(s.isAtEnd()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isDocumented(Opcode opcode) throws IOException {
        var row = Pattern.compile(
                        "(?m)^\\| %d \\| %s \\| ([^|]+) \\|([^|]*)\\|".formatted(opcode.number(), opcode.mnemonic()))
                .matcher(Files.readString(DOCS));
        assertThat(row.find()).isTrue();
        var names = new Names();
        opcode.example().through(names);
        assertThat(row.group(2).strip()).isEqualTo(String.join(", ", names.seen));
        assertThat(row.group(1)).containsAnyOf("any", opcode.example().engine().toString());
    }

    /** The names of the fields, in order. */
    private static final class Names extends Fields.Unchanged {
        private final List<String> seen = new ArrayList<>();

        private <T> T seen(String name, T field) {
            seen.add(name);
            return field;
        }

        @Override
        public Access to(String name, Access a) {
            return seen(name, a);
        }

        @Override
        public Access from(String name, Access a) {
            return seen(name, a);
        }

        @Override
        public Access update(String name, Access a) {
            return seen(name, a);
        }

        @Override
        public Optional<Access> from(String name, Optional<Access> a) {
            return seen(name, a);
        }

        @Override
        public Optional<Access> to(String name, Optional<Access> a) {
            return seen(name, a);
        }

        @Override
        public Scalar scalar(String name, Scalar s) {
            return seen(name, s);
        }

        @Override
        public Scalar scalar(String name, Scalar s, Scalar otherwise) {
            return seen(name, s);
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value) {
            return seen(name, value);
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value, E otherwise) {
            return seen(name, value);
        }

        @Override
        public List<Access> from(String name, List<Access> list) {
            return seen(name, list);
        }

        @Override
        public Count count(String name, Count c) {
            return seen(name, c);
        }

        @Override
        public boolean flag(String name, boolean b) {
            return seen(name, b);
        }

        @Override
        public long integer(String name, long n) {
            return seen(name, n);
        }

        @Override
        public long integer(String name, long n, long otherwise) {
            return seen(name, n);
        }

        @Override
        public List<Integer> integers(String name, List<Integer> list) {
            return seen(name, list);
        }

        @Override
        public float real(String name, float x) {
            return seen(name, x);
        }

        @Override
        public int register(String name, int r) {
            return seen(name, r);
        }

        @Override
        public int label(String name, int at) {
            return seen(name, at);
        }
    }
}
