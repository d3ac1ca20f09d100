package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.TextException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AssemblerTest {
    private static Program assemble(String text) {
        return Assembler.parse(text, "a.asm", Targets::load, Constants.NONE);
    }

    private static void rejects(String body, int line, int column, String message) {
        var text = "program \"p\" for \"trn2\"\nhbm 4096\ncore 0 vector {\n" + body + "\n}\n";
        assertThatThrownBy(() -> assemble(text))
                .isInstanceOf(TextException.class)
                .hasMessageStartingWith("a.asm:" + line + ":" + column + ": " + message);
    }

    @Test
    void readsWhatAListingPrints() {
        var program = SampleProgram.program().withLocationsInOrder();
        var text = Listing.text(program);
        var constants = program.constants();
        Constants known = (type, hash) -> constants.stream()
                .map(Program.Constant::bytes)
                .filter(b -> b.byteSize() == type.bytes())
                .map(b -> new dev.systole.ir.type.Tensor(type, b))
                .findFirst();
        var read = Assembler.parse(text, "a.asm", Targets::load, known);
        assertThat(read.cores().getFirst()).isEqualTo(program.cores().getFirst());
        assertThat(read.locations()).isEqualTo(program.locations());
        assertThat(read.tensors()).isEqualTo(program.tensors());
        assertThat(Listing.text(read)).isEqualTo(text);
    }

    @Test
    void readsWhatPeopleWrite() {
        var program = assemble("""
                program "count" for "trn2"
                hbm 4096
                constant : u8[4] at 0 {value: [1, 2, 3, 4]}
                core 0 gpsimd {
                  register_move dst=r1, value=0
                again:
                  // /loop (Loop)
                  S[3]>=1 S[4]>=2 register_alu dst=r1, a=r1, op=add, b=r2 S[5]+=1
                  branch register=r1, cmp_op=less, value=4, target=again
                }
                """);
        var stream = program.cores().getFirst().stream(Engine.GPSIMD);
        assertThat(stream).hasSize(3);
        assertThat(stream.get(1).waits()).containsExactly(new Issue.Wait(3, 1), new Issue.Wait(4, 2));
        assertThat(stream.get(1).update()).isEqualTo(Optional.of(new Issue.Update(5, 1)));
        assertThat(program.locations().get(stream.get(2).location()).operator()).isEqualTo("Loop");
        assertThat(stream.get(2).instruction())
                .isEqualTo(new ControlInstruction.Branch(Engine.GPSIMD, 1, AluOp.LESS, 4, 1));
    }

    @Test
    void fieldsWithDefaultsMayBeLeftOut() {
        var stream = assemble("""
                program "p" for "trn2"
                hbm 4096
                core 0 scalar {
                  activation sbuf[0:128, 0] f32 (1:4), op=exp, sbuf[0:128, 64] f32 (1:4)
                  activation sbuf[0:128, 0] f32 (1:4), op=exp, sbuf[0:128, 64] f32 (1:4), scale=0.5, bias=sbuf[0:128, 128] f32 ()
                }
                """).cores().getFirst().stream(Engine.SCALAR);
        assertThat(((ScalarInstruction.Activation) stream.get(0).instruction()).scale())
                .isEqualTo(Scalar.ONE);
        assertThat(((ScalarInstruction.Activation) stream.get(1).instruction()).bias())
                .isPresent();
    }

    @Test
    void saysWhereATextIsWrong() {
        rejects("  tensor_copi sbuf", 4, 3, "there is no instruction \"tensor_copi\"");
        rejects("  tensor_copy dbuf[0:1, 0] f32 ()", 4, 15, "an operand lies in hbm, sbuf or psum");
        rejects("  tensor_copy sbuf[0:1, 0] f31 ()", 4, 28, "there is no element type like this");
        rejects(
                "  tensor_copy sbuf[0:1, 0] f32 (1:0), sbuf[0:1, 0] f32 (1:2)",
                4,
                15,
                "access with a dimension of size 0");
        rejects(
                "  nc_matmul sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 ()",
                4,
                3,
                "nc_matmul does not run on vector");
        rejects("  memset sbuf[0:1, 0] f32 (), value=x", 4, 37, "expected a number");
        rejects("  S[1]>=1 S[1]>=1 S[1]>=1 event_semaphore", 4, 27, "3 waits on one instruction");
        rejects("  branch register=r0, cmp_op=less, value=1, target=gone", 4, 52, "there is no label \"gone\"");
        rejects("a:\na:\n", 5, 1, "the label is there twice");
        rejects(
                "  memset sbuf[0:1, 99999999999999999999] f32 (), value=0",
                4,
                20,
                "expected an offset, a whole number");
        rejects(
                "  register_move dst=r1, value=4294967296",
                4,
                31,
                "value is 4294967296; it lies in -2147483648..2147483647");
        rejects("\u0000", 4, 1, "expected an instruction");
    }

    @Test
    void aTextThatEndsAnywhereIsRefusedOrAProgram() {
        var text = Listing.text(SampleProgram.program());
        for (int end = 0; end < text.length(); end += 7) {
            var part = text.substring(0, end);
            var thrown = catchThrowable(() -> assemble(part));
            assertThat(thrown == null || thrown instanceof TextException)
                    .as("%s", thrown)
                    .isTrue();
        }
    }

    @Test
    void aCommentBehindAnInstructionWithoutOperandsIsTheNextOnesLocation() {
        var text = """
                program "p" for "trn2"
                hbm 0
                core 0 vector {
                  event_semaphore
                  // /a (A)
                  event_semaphore
                }
                """;
        assertThat(Listing.text(assemble(text))).contains("// /a (A)");
    }
}
