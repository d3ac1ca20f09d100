package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.text.TextException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The limits in {@code limits/WHAT.txt}: each as its message states it, then what breaks it (-) and what only just keeps it (+): a
 * target, and an engine with its instruction or a program.
 */
class LimitsTest {
    private static Stream<Arguments> limits(String... files) {
        return Stream.of(files)
                .flatMap(f -> Arrays.stream(text(f).strip().split("\n\n")))
                .map(block -> Arguments.of((Object[]) block.split("\n", 2)));
    }

    private static String text(String file) {
        try (var in = LimitsTest.class.getResourceAsStream("/limits/" + file + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Arguments> instructionLimits() {
        return limits(
                "memories",
                "patterns",
                "operators",
                "operands",
                "tensor",
                "vector-and-scalar",
                "gpsimd-and-dma",
                "registers");
    }

    static Stream<Arguments> programLimits() {
        return limits("programs");
    }

    private static void check(String limit, String cases, Consumer<String> check) {
        assertThat(cases).contains("- ", "+ ");
        for (var line : cases.split("\n")) {
            var checked = assertThatCode(() -> check.accept(line.substring(2))).as(line);
            if (line.startsWith("+")) {
                checked.doesNotThrowAnyException();
            } else {
                checked.isInstanceOfAny(LimitException.class, TextException.class)
                        .hasMessageContaining(limit);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("instructionLimits")
    void instructionsKeep(String limit, String cases) {
        check(limit, cases, line -> {
            var words = line.split(" ", 3);
            var text = new Scanner(words[2], "test");
            var instruction = Assembler.instruction(text, Assembler.engine(new Scanner(words[1], "test")));
            assertThat(text.isAtEnd()).isTrue();
            Limits.check(instruction, Targets.load(words[0]));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programLimits")
    void programsKeep(String limit, String cases) {
        check(limit, cases, line -> {
            var words = line.split(" ", 2);
            var text = "program \"p\" for \"" + words[0] + "\"\n" + words[1];
            Limits.check(Assembler.parse(text, "test", Targets::load, Constants.NONE));
        });
    }

    private static Instruction with(Instruction instruction, int operand, UnaryOperator<Access> f) {
        var n = new AtomicInteger();
        return instruction.map(a -> n.getAndIncrement() == operand ? f.apply(a) : a);
    }

    static Stream<Arguments> operandsOnChip() {
        return SampleProgram.instructions().stream().flatMap(i -> {
            var n = new AtomicInteger();
            var onChip = IntStream.builder();
            i.map(a -> {
                if (a.memory() != Memory.HBM) {
                    onChip.add(n.get());
                }
                n.incrementAndGet();
                return a;
            });
            return onChip.build().mapToObj(operand -> Arguments.of(i, operand, n.get()));
        });
    }

    @ParameterizedTest
    @MethodSource("operandsOnChip")
    void everyOperandIsChecked(Instruction instruction, int operand, int operands) {
        var target = Targets.load("trn2");
        Limits.check(instruction, target);
        var outside = with(instruction, operand, a -> a.at(0, 1 << 20));
        assertThatThrownBy(() -> Limits.check(outside, target))
                .isInstanceOf(LimitException.class)
                .hasMessageMatching("a partition of (sbuf|psum) has \\d+ bytes .*");
        if (operands > 1) {
            var halved = with(
                    instruction,
                    operand,
                    a -> Access.physical(
                            a.memory(), a.dtype(), a.startPartition(), a.partitions() / 2, a.offset(), a.dims()));
            assertThatThrownBy(() -> Limits.check(halved, target)).isInstanceOf(LimitException.class);
        }
    }

    @Test
    void theSampleKeepsTheLimitsOfItsTarget() {
        Limits.check(SampleProgram.program());
    }

    @Test
    void theTargetSaysHowManyRowsAMatmulContracts() {
        var json = Targets.json(Targets.load("trn2"));
        var target = Targets.parse(
                json.replace("\"matmul_max_contraction_rows\": 128", "\"matmul_max_contraction_rows\": 64"), "test");
        var text = "nc_matmul psum[0:1, 0] f32 (), sbuf[0:%1$d, 0] f32 (), sbuf[0:%1$d, 0] f32 ()";
        Limits.check(Assembler.instruction(new Scanner(text.formatted(64), "test"), Engine.TENSOR), target);
        assertThatThrownBy(() -> Limits.check(
                        Assembler.instruction(new Scanner(text.formatted(65), "test"), Engine.TENSOR), target))
                .isInstanceOf(LimitException.class)
                .hasMessage("a matmul contracts at most 64 rows [A1], not 65");
    }

    static Stream<Arguments> issuesThatNoTextSays() {
        var nothing = new ControlInstruction.EventSemaphore(Engine.VECTOR);
        var copy = new ControlInstruction.RegisterMove(Engine.SYNC, 0, 0);
        return Stream.of(
                Arguments.of(
                        "semaphores rise; an update adds 0",
                        new Issue(nothing, List.of(), Optional.of(new Issue.Update(1, 0)), 0)),
                Arguments.of(
                        "a semaphore holds 0 to 2147483647, not -1",
                        new Issue(nothing, List.of(new Issue.Wait(1, -1)), Optional.empty(), 0)),
                Arguments.of(
                        "a core has semaphores 0 to 255 [DRV], not -1",
                        new Issue(nothing, List.of(new Issue.Wait(-1, 1)), Optional.empty(), 0)),
                Arguments.of("vector @0: location 9 of 2", new Issue(nothing, List.of(), Optional.empty(), 9)),
                Arguments.of("an instruction of sync in the stream of vector", SampleProgram.issue(copy)),
                Arguments.of("a branch to 2 in a stream of 1", SampleProgram.issue(branch(2))),
                Arguments.of("a branch to -1 in a stream of 1", SampleProgram.issue(branch(-1))));
    }

    private static Instruction branch(int target) {
        return new ControlInstruction.Branch(Engine.VECTOR, 0, AluOp.EQUAL, 0, target);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("issuesThatNoTextSays")
    void issuesKeep(String limit, Issue issue) {
        Limits.check(SampleProgram.with(Map.of(Engine.VECTOR, List.of(SampleProgram.issue(branch(1))))));
        var program = SampleProgram.with(Map.of(Engine.VECTOR, List.of(issue)));
        assertThatThrownBy(() -> Limits.check(program))
                .isInstanceOf(LimitException.class)
                .hasMessageEndingWith(limit);
    }

    @Test
    void theMessageSaysWhere() {
        var text = """
                program "p" for "trn1"
                hbm 0
                core 0 scalar {
                  activation psum[0:1, 0] f32 (), op=exp, sbuf[0:1, 0] f32 ()
                  // /layer.0/Cast (Cast)
                  tensor_copy sbuf[0:1, 0] f32 (), sbuf[0:1, 4] f32 ()
                }
                """;
        assertThatThrownBy(() -> Limits.check(Assembler.parse(text, "test", Targets::load, Constants.NONE)))
                .isInstanceOf(LimitException.class)
                .hasMessage("scalar @1 (node /layer.0/Cast (Cast)):"
                        + " tensor_copy runs on scalar from v3 on [ISA], not v2");
    }

    @Test
    void enginesAreCheckedInTheirOrder() {
        var wrong = SampleProgram.issue(branch(2));
        var streams = Map.of(Engine.SYNC, List.of(wrong), Engine.VECTOR, List.of(wrong), Engine.TENSOR, List.of(wrong));
        assertThat(SampleProgram.with(streams).cores().getFirst().streams().keySet())
                .containsExactly(Engine.TENSOR, Engine.VECTOR, Engine.SYNC);
    }
}
