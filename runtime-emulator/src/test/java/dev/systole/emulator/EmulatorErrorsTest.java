package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.Program;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, before a run or in it, and how the message reads. */
class EmulatorErrorsTest {
    private static Program program(String body) {
        return Assembler.parse("program \"p\" for \"trn2\"\nhbm 4096\n" + body, "test", Targets::load, Constants.NONE);
    }

    private static void refuses(String message, String body) {
        assertThatThrownBy(() -> new Emulator(program(body), 1))
                .isInstanceOf(EmulatorException.class)
                .hasMessage(message);
    }

    private static void stops(String message, Map<String, Tensor> inputs, String body) {
        try (var emulator = new Emulator(program(body), 1)) {
            assertThatThrownBy(() -> emulator.run(inputs))
                    .isInstanceOf(EmulatorException.class)
                    .hasMessage(message);
        }
    }

    private static Tensor floats(float... values) {
        return Tensor.ofFloats(Shape.of(values.length), values);
    }

    private static Tensor ints(int... values) {
        return Tensor.ofInts(Shape.of(values.length), values);
    }

    @Test
    void readingWhatNothingWrote() {
        refuses("""
                SYS5004 vector @1 S[3]>=0 tensor_copy sbuf[32:34, 0] f32 (1:4), sbuf[32:34, 64] f32 (1:4)
                  node /layer.0/Add (Add): sbuf[32:34, 64] f32 (1:4) reads bytes that nothing wrote, in partition 32\
                """, """
                core 0 vector {
                  memset sbuf[32:33, 64] f32 (1:3), value=0
                  // /layer.0/Add (Add)
                  S[3]>=0 tensor_copy sbuf[32:34, 0] f32 (1:4), sbuf[32:34, 64] f32 (1:4)
                }
                """);
        refuses("""
                SYS5004 vector @1 tensor_copy sbuf[0:2, 0] bf16 (), sbuf[0:2, 64] bf16 ()
                  node /a (A): sbuf[0:2, 64] bf16 () reads bytes that nothing wrote, in partition 1\
                """, """
                core 0 vector {
                  // /a (A)
                  memset sbuf[0:1, 64] u8 (1:8), value=0
                  tensor_copy sbuf[0:2, 0] bf16 (), sbuf[0:2, 64] bf16 ()
                }
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vector tensor_copy sbuf[0:1, 0] u8 (1:3), sbuf[0:1, 64] u8 (1:3)",
                "vector tensor_copy sbuf[0:1, 0] u8 (1:2), sbuf[0:1, 66] u8 (-1:2)",
                "vector tensor_copy sbuf[0:1, 0] u8 (1:4), sbuf[0:1, 65] u8 (0:4)",
                "vector tensor_copy sbuf[0:1, 0] i16 (), sbuf[0:1, 64] i16 ()",
                "vector tensor_copy sbuf[0:1, 0] u8 (1:2), psum[0:1, 0] u8 (1:2)",
                "vector tensor_tensor sbuf[0:1, 0] u8 (), sbuf[0:1, 64] u8 (), op=add, sbuf[0:1, 65] u8 ()",
                "vector tensor_scalar sbuf[0:1, 0] u8 (), sbuf[0:1, 64] u8 (), op0=add, operand0=sbuf[0:1, 68] f32 ()",
                "vector tensor_copy_predicated sbuf[0:1, 0] u8 (), sbuf[0:1, 64] u8 (), sbuf[0:1, 66] u8 ()",
                "vector register_load dst=r0, sbuf[0:1, 64] i32 ()",
                "vector register_load dst=r0, hbm[0] i32 ()",
            })
    void everyOperandThatIsReadMustBeWritten(String instruction) {
        var written = "memset sbuf[0:1, 64] u8 (2:2), value=1\n";
        assertThatThrownBy(() -> {
                    var body = "core 0 vector {\n" + written + instruction.split(" ", 2)[1] + "\n}\n";
                    try (var emulator = new Emulator(program(body), 1)) {
                        emulator.run(Map.of());
                    }
                })
                .isInstanceOf(EmulatorException.class)
                .hasMessageStartingWith("SYS5004 vector @1 ")
                .hasMessageContaining("reads bytes that nothing wrote, in partition 0");
    }

    @Test
    void whatOneByteInTwoHoldsMayBeReadAtItsStride() {
        try (var emulator = new Emulator(program("""
                core 0 vector {
                  memset sbuf[0:1, 64] u8 (2:4), value=1
                  tensor_copy sbuf[0:1, 0] u8 (1:4), sbuf[0:1, 70] u8 (-2:4)
                }
                """), 1)) {
            assertThat(emulator.run(Map.of())).isEmpty();
        }
    }

    @Test
    void aGatherMayReadEveryRow() {
        refuses("""
                SYS5004 gpsimd @1 S[0]>=1 dma_gather queue=0, sbuf[0:1, 16] f32 (), hbm[0] f32 (), \
                sbuf[0:1, 0] i32 (), bytes_per_row=4, rows=3
                  node /Gather (Gather): hbm[0] f32 (1:3) reads bytes that nothing wrote, in partition 0\
                """, """
                input "x" : f32[2] as f32 at 0
                core 0 gpsimd {
                  memset sbuf[0:1, 0] i32 (), value=0 S[0]+=1
                  // /Gather (Gather)
                  S[0]>=1 dma_gather queue=0, sbuf[0:1, 16] f32 (), hbm[0] f32 (), sbuf[0:1, 0] i32 (), \
                  bytes_per_row=4, rows=3
                }
                """);
    }

    @Test
    void aSumThatNoMatmulBegan() {
        var body = """
                core 0 vector {
                  memset sbuf[0:1, 0] f32 (), value=1 S[0]+=1
                  S[1]>=1 memset psum[0:1, 0] f32 (), value=1 S[2]+=1
                }
                core 0 tensor {
                  S[0]>=1 nc_matmul psum[0:1, %d] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 () S[1]+=1
                  // /MatMul (MatMul)
                  S[2]>=1 nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), accumulate
                }
                """;
        var message = """
                SYS5004 tensor @1 S[2]>=1 nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), \
                sbuf[0:1, 0] f32 (), accumulate
                  node /MatMul (MatMul): psum[0:1, 0] f32 () is added to, but no matmul has begun a sum there, \
                in partition 0\
                """;
        refuses(message, body.formatted(4));
        refuses(message, body.formatted(0));
    }

    @Test
    void anOutputWithBytesThatNothingWrote() {
        var body = """
                output "y" : f32[2] as f32 at 64
                core 0 vector { memset sbuf[0:1, 0] f32 (1:2), value=1 S[0]+=1 }
                core 0 sync { S[0]>=1 dma_copy queue=0, hbm[64] f32 (1:%1$d), sbuf[0:1, 0] f32 (1:%1$d) }
                """;
        refuses("SYS5004 output \"y\" has bytes that nothing wrote", body.formatted(1));
        new Emulator(program(body.formatted(2)), 1).close();
        stops("SYS5004 output \"y\" has bytes that nothing wrote", Map.of("x", ints(1)), """
                input "x" : i32[1] as i32 at 0
                output "y" : i32[2] as i32 at 64
                core 0 sync {
                  register_load dst=r0, hbm[0] i32 ()
                  register_store hbm[64 + r0*4] i32 (), src=r0
                }
                """);
    }

    @Test
    void rowsThatAScatterNamesDoNotCountAsWritten() {
        refuses("SYS5004 output \"y\" has bytes that nothing wrote", """
                input "i" : i32[2] as i32 at 0
                output "y" : i32[2] as i32 at 64
                core 0 gpsimd {
                  dma_copy queue=0, sbuf[0:2, 0] i32 (), hbm[0] i32 (1:2) S[0]+=16
                  S[0]>=16 dma_scatter queue=0, hbm[64] i32 (), sbuf[0:2, 0] i32 (), sbuf[0:2, 0] i32 (), \
                  bytes_per_row=4, rows=2
                }
                """);
    }

    @Test
    void accessesWithoutAnOrder() {
        refuses("""
                SYS5010 the program is not ordered:
                core 0: vector @0 and gpsimd @0 touch the same bytes in no order:
                  memset sbuf[0:1, 0] f32 (), value=0.0  // /a (A)
                  memset sbuf[0:1, 0] f32 (), value=1.0  // /b (B)\
                """, """
                core 0 vector {
                  // /a (A)
                  memset sbuf[0:1, 0] f32 (), value=0
                }
                core 0 gpsimd {
                  // /b (B)
                  memset sbuf[0:1, 0] f32 (), value=1
                }
                """);
    }

    private static final String DEADLOCK = """
            core 0 vector {
              event_semaphore S[2]+=1
              // /a (A)
              S[1]>=1 event_semaphore S[2]+=1
            }
            core 0 scalar { S[2]>=2 event_semaphore S[1]+=1 }
            core 0 gpsimd { S[7]>=3 event_semaphore }
            """;

    @Test
    void waitsThatNothingEnds() {
        refuses("""
                SYS5010 the program is not ordered:
                core 0 vector @1 waits for ever: S[1]>=1 event_semaphore S[2]+=1
                core 0 scalar @0 waits for ever: S[2]>=2 event_semaphore S[1]+=1
                core 0 gpsimd @0 waits for ever: S[7]>=3 event_semaphore\
                """, DEADLOCK);
        assertThatThrownBy(() -> Emulator.timeline(program(DEADLOCK)))
                .isInstanceOf(EmulatorException.class)
                .hasMessageContainingAll(
                        "SYS5003 deadlock: every engine that has work waits for a semaphore that nobody will raise",
                        """
                        vector @1 S[1]>=1 event_semaphore S[2]+=1
                          node /a (A)
                            S[1] is at most 0, awaited is 1; scalar @0 would raise it
                        """,
                        "S[2] is at most 1, awaited is 2; vector @1 would raise it",
                        "S[7] is at most 0, awaited is 3; no instruction that is left raises it");
    }

    @Test
    void aSemaphoreThatOverflows() {
        var body = """
                core 0 vector {
                  event_semaphore S[9]+=2147483647
                  // /a (A)
                  event_semaphore S[9]+=1
                }
                """;
        refuses("""
                SYS5010 the program is not ordered:
                core 0: semaphore 9 rises to 2147483648; it holds at most 2147483647\
                """, body);
        assertThatThrownBy(() -> Emulator.timeline(program(body))).hasMessage("""
                        SYS5008 vector @1 event_semaphore S[9]+=1
                          node /a (A): semaphore 9 rises above 2147483647\
                        """);
    }

    @Test
    void whatTheMachineCannotDo() {
        refuses("SYS5001 vector @0 (node /a (A)): 2 partitions start at a multiple of 32 [A1], not 16", """
                core 0 vector {
                  // /a (A)
                  memset sbuf[16:18, 0] f32 (), value=0
                }
                """);
    }

    @Test
    void aProgramForSeveralCores() {
        refuses("SYS5009 the program is for 2 cores; the emulator runs one", """
                core 0 vector { event_semaphore }
                core 1 vector { event_semaphore }
                """);
        refuses("SYS5009 the program is for 0 cores; the emulator runs one", "");
    }

    @Test
    void inputsThatAreMissingOrOfAnotherType() {
        var body = "input \"x\" : f32[2,3] as f32 at 0\ncore 0 vector { event_semaphore }\n";
        stops(
                "SYS5011 input \"x\" is missing; the program takes it as f32[2,3]",
                Map.of("y", floats(1, 2, 3, 4, 5, 6)),
                body);
        stops("SYS5012 input \"x\" is f32[6], the program takes f32[2,3]", Map.of("x", floats(1, 2, 3, 4, 5, 6)), body);
        stops(
                "SYS5012 input \"x\" is i32[2,3], the program takes f32[2,3]",
                Map.of("x", Tensor.ofInts(Shape.of(2, 3), 1, 2, 3, 4, 5, 6)),
                body);
    }

    @Test
    void integersThatDoNotFitTheirCarrier() {
        var signed = "input \"ids\" : i64[2] as i32 at 0\ncore 0 vector { event_semaphore }\n";
        var unsigned = "input \"ids\" : u64[2] as u32 at 0\ncore 0 vector { event_semaphore }\n";
        stops(
                "SYS5013 input \"ids\" holds 2147483648 at element 1; the machine carries i64 as i32",
                Map.of("ids", Tensor.ofLongs(Shape.of(2), 2147483647L, 2147483648L)),
                signed);
        stops(
                "SYS5013 input \"ids\" holds -2147483649 at element 0; the machine carries i64 as i32",
                Map.of("ids", Tensor.ofLongs(Shape.of(2), -2147483649L, 0)),
                signed);
        stops(
                "SYS5013 input \"ids\" holds 4294967296 at element 1; the machine carries u64 as u32",
                Map.of(
                        "ids",
                        new Tensor(
                                TensorType.of(DType.U64, 2),
                                Tensor.ofLongs(Shape.of(2), 4294967295L, 4294967296L)
                                        .bytes())),
                unsigned);
        stops(
                "SYS5013 input \"ids\" holds 18446744073709551615 at element 0; the machine carries u64 as u32",
                Map.of(
                        "ids",
                        new Tensor(
                                TensorType.of(DType.U64, 2),
                                Tensor.ofLongs(Shape.of(2), -1L, 0).bytes())),
                unsigned);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void rowNumbersOutsideTheirTable(int row) {
        var body = """
                input "i" : i32[2] as i32 at 0
                input "t" : f32[4] as f32 at 64
                core 0 gpsimd {
                  dma_copy queue=0, sbuf[0:2, 0] i32 (), hbm[0] i32 (1:2) S[0]+=16
                  dma_copy queue=0, sbuf[0:2, 16] f32 (1:2), hbm[64] f32 (1:4) S[1]+=16
                  // /Gather (Gather)
                  S[0]>=16 S[1]>=16 INSTRUCTION
                }
                """;
        for (var instruction : new String[] {
            "dma_gather queue=0, sbuf[0:2, 64] f32 (1:2), hbm[64] f32 (1:2), sbuf[0:2, 0] i32 (), bytes_per_row=8, rows=2",
            "dma_scatter queue=0, hbm[64] f32 (1:2), sbuf[0:2, 16] f32 (1:2), sbuf[0:2, 0] i32 (), bytes_per_row=8, rows=2"
        }) {
            stops(
                    """
                    SYS5005 gpsimd @2 S[0]>=16 S[1]>=16 %s
                      node /Gather (Gather): row number %d of partition 1 is outside 0..1\
                    """.formatted(instruction, row),
                    Map.of("i", ints(0, row), "t", floats(1, 2, 3, 4)),
                    body.replace("INSTRUCTION", instruction));
        }
    }

    @Test
    void aRegisterThatMovesAnAccessOutOfItsPartition() {
        stops("""
                SYS5001 vector @2 tensor_copy sbuf[0:1, 0 + r0*4] f32 (), sbuf[0:1, 0] f32 ()
                  node /a (A): a partition of sbuf has 229376 bytes [A1], not 229376..229380\
                """, Map.of("x", ints(57344)), """
                input "x" : i32[1] as i32 at 0
                core 0 vector {
                  // /a (A)
                  memset sbuf[0:1, 0] f32 (), value=1
                  register_load dst=r0, hbm[0] i32 ()
                  tensor_copy sbuf[0:1, 0 + r0*4] f32 (), sbuf[0:1, 0] f32 ()
                }
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nc_n_gather sbuf[0:16, 64] f32 (), sbuf[0:16, 0] f32 (1:3), sbuf[0:16, 32] u32 ()",
                "local_gather sbuf[0:16, 64] f32 (1:16), sbuf[0:16, 0] f32 (1:3), sbuf[0:16, 32] u16 ()"
            })
    void indicesOutsideTheirRow(String gather) {
        var body = """
                core 0 gpsimd {
                  memset sbuf[0:16, 0] f32 (1:4), value=1
                  memset sbuf[0:16, 32] u32 (), value=INDEX
                  // /Gather (Gather)
                  GATHER
                }
                """.replace("GATHER", gather);
        try (var emulator = new Emulator(program(body.replace("INDEX", "2")), 1)) {
            assertThat(emulator.run(Map.of())).isEmpty();
        }
        stops(
                "SYS5005 gpsimd @2 %s\n  node /Gather (Gather): index 3 is outside a row of 3 elements"
                        .formatted(gather),
                Map.of(),
                body.replace("INDEX", "3"));
    }
}
