package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import java.util.List;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;

class RaceProofTest {
    private static final String NO_ORDER = "touch the same bytes in no order";

    private static ListAssert<String> faults(String streams) {
        return assertThat(faultsOf(streams));
    }

    private static List<String> faultsOf(String streams) {
        var program = Assembler.parse(
                "program \"p\" for \"trn2\"\nhbm 65536\n" + streams, "test", Targets::load, Constants.NONE);
        Limits.check(program);
        return RaceProof.check(program);
    }

    private static void assertRace(String first, String second, String streams) {
        faults(streams)
                .singleElement()
                .asString()
                .startsWith("core 0: %s and %s %s:".formatted(first, second, NO_ORDER));
    }

    @Test
    void anEngineIsOrderedByItsStream() {
        faults("""
                core 0 vector {
                  memset sbuf[0:128, 0] f32 (1:4), value=1
                  tensor_copy sbuf[0:128, 16] f32 (1:4), sbuf[0:128, 0] f32 (1:4)
                  memset sbuf[0:128, 0] f32 (1:4), value=2
                }
                """).isEmpty();
    }

    @Test
    void aSemaphoreOrdersTwoEngines() {
        faults("""
                core 0 vector {
                  memset sbuf[0:128, 0] f32 (1:4), value=1 S[1]+=1
                }
                core 0 scalar {
                  S[1]>=1 activation sbuf[0:128, 16] f32 (1:4), op=exp, sbuf[0:128, 0] f32 (1:4)
                }
                """).isEmpty();
    }

    @Test
    void aMissingWaitIsReportedWithBothInstructions() {
        faults("""
                core 0 vector {
                  // /fill (ConstantOfShape)
                  memset sbuf[0:128, 0] f32 (1:4), value=1.0 S[1]+=1
                }
                core 0 scalar {
                  S[1]>=1 event_semaphore
                }
                core 0 gpsimd {
                  // /copy (Identity)
                  tensor_copy sbuf[0:128, 16] f32 (1:4), sbuf[0:128, 0] f32 (1:4)
                }
                """).containsExactly("""
                core 0: vector @0 and gpsimd @0 touch the same bytes in no order:
                  memset sbuf[0:128, 0] f32 (1:4), value=1.0 S[1]+=1  // /fill (ConstantOfShape)
                  tensor_copy sbuf[0:128, 16] f32 (1:4), sbuf[0:128, 0] f32 (1:4)  // /copy (Identity)""");
    }

    @Test
    void aWriteWaitsForReadersAndWriters() {
        assertRace("vector @0", "gpsimd @0", """
                core 0 vector { tensor_copy sbuf[0:128, 16] f32 (1:4), sbuf[0:128, 0] f32 (1:4) }
                core 0 gpsimd { memset sbuf[0:128, 0] f32 (1:4), value=0 }
                """);
        assertRace("vector @0", "gpsimd @0", """
                core 0 vector { memset sbuf[0:128, 0] f32 (1:4), value=1 }
                core 0 gpsimd { memset sbuf[0:128, 12] f32 (1:4), value=0 }
                """);
    }

    @Test
    void aWaitCoversOnlyWhatCameBeforeTheIncrement() {
        assertRace("vector @1", "gpsimd @0", """
                core 0 vector {
                  memset sbuf[0:128, 0] f32 (1:4), value=1 S[1]+=1
                  memset sbuf[0:128, 16] f32 (1:4), value=1 S[1]+=1
                }
                core 0 gpsimd { S[1]>=1 tensor_copy sbuf[0:128, 32] f32 (1:8), sbuf[0:128, 0] f32 (1:8) }
                """);
    }

    @Test
    void ofASemaphoreThatTwoStreamsRaiseOnlyWhatIsCertainCounts() {
        var streams = """
                core 0 vector { memset sbuf[0:128, 0] f32 (1:4), value=1 S[1]+=%d }
                core 0 scalar { tensor_copy sbuf[0:128, 16] f32 (1:4), psum[0:128, 0] f32 (1:4) S[1]+=1 }
                core 0 gpsimd { S[1]>=%d tensor_copy sbuf[0:128, 32] f32 (1:8), sbuf[0:128, 0] f32 (1:8) }
                """;
        assertThat(faultsOf(streams.formatted(1, 1)))
                .hasSize(2)
                .anyMatch(f -> f.startsWith("core 0: vector @0 and gpsimd @0 " + NO_ORDER))
                .anyMatch(f -> f.startsWith("core 0: scalar @0 and gpsimd @0 " + NO_ORDER));
        assertRace("scalar @0", "gpsimd @0", streams.formatted(2, 2));
        faults(streams.formatted(1, 2)).isEmpty();
        faults(streams.formatted(2, 3)).isEmpty();
    }

    @Test
    void orderIsTransitive() {
        var streams = """
                core 0 vector { memset sbuf[0:128, 0] f32 (1:4), value=1 S[1]+=1 }
                core 0 scalar {
                  %s
                }
                core 0 gpsimd { S[2]>=1 tensor_copy sbuf[0:128, 16] f32 (1:4), sbuf[0:128, 0] f32 (1:4) }
                """;
        faults(streams.formatted("S[1]>=1 event_semaphore S[2]+=1")).isEmpty();
        faults(streams.formatted("S[1]>=1 event_semaphore\nevent_semaphore S[2]+=1"))
                .isEmpty();
        assertRace("vector @0", "gpsimd @0", streams.formatted("event_semaphore S[2]+=1\nS[1]>=1 event_semaphore"));
    }

    @Test
    void transfersOfAQueueOverlapButCompleteInOrder() {
        assertRace("sync @0", "sync @1", """
                core 0 sync {
                  dma_copy queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4) S[1]+=16
                  dma_copy queue=0, hbm[64] f32 (1:4), sbuf[0:1, 0] f32 (1:4)
                }
                """);
        faults("""
                core 0 sync {
                  dma_copy queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4) S[1]+=16
                  S[1]>=16 dma_copy queue=0, hbm[64] f32 (1:4), sbuf[0:1, 0] f32 (1:4)
                }
                """).isEmpty();
        var streams = """
                core 0 sync {
                  dma_copy queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4)
                  dma_copy queue=%d, sbuf[0:1, 16] f32 (1:4), hbm[16] f32 (1:4) S[1]+=16
                }
                core 0 vector { S[1]>=16 memset sbuf[0:1, 0] f32 (1:4), value=0 }
                """;
        faults(streams.formatted(0)).isEmpty();
        assertRace("sync @0", "vector @0", streams.formatted(1));
    }

    @Test
    void startingATransferIsNotCompletingIt() {
        assertRace("sync @0", "vector @0", """
                core 0 sync {
                  dma_copy queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4)
                  event_semaphore S[1]+=1
                }
                core 0 vector { S[1]>=1 memset sbuf[0:1, 0] f32 (1:4), value=0 }
                """);
    }

    @Test
    void aGatherReadsEveryRow() {
        var streams = """
                core 0 gpsimd {
                  dma_gather queue=0, sbuf[0:2, 0] f32 (1:4), hbm[0] f32 (1:4), sbuf[0:2, 64] i32 (), bytes_per_row=16, rows=8
                }
                core 0 sync { dma_copy queue=1, hbm[%d] f32 (1:4), sbuf[0:1, 128] f32 (1:4) }
                """;
        assertRace("gpsimd @0", "sync @0", streams.formatted(112));
        faults(streams.formatted(128)).isEmpty();
    }

    @Test
    void aQueueBelongsToOneEngine() {
        faults("""
                core 0 sync { dma_copy queue=3, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4) }
                core 0 scalar { dma_copy queue=3, sbuf[0:1, 16] f32 (1:4), hbm[16] f32 (1:4) }
                """).containsExactly("core 0: queue 3 is fed by both scalar and sync, so its transfers have no order");
        faults("""
                core 0 sync { dma_copy queue=3, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4) }
                core 0 scalar { dma_copy queue=4, sbuf[0:1, 16] f32 (1:4), hbm[16] f32 (1:4) }
                """).isEmpty();
    }

    @Test
    void aWaitThatNothingSatisfiesIsReported() {
        faults("""
                core 0 vector { event_semaphore S[1]+=1 }
                core 0 scalar { S[1]>=2 event_semaphore }
                """).containsExactly("core 0 scalar @0 waits for ever: S[1]>=2 event_semaphore");
        faults("""
                core 0 vector { S[1]>=1 event_semaphore S[2]+=1 }
                core 0 scalar { S[2]>=1 event_semaphore S[1]+=1 }
                """)
                .containsExactly(
                        "core 0 vector @0 waits for ever: S[1]>=1 event_semaphore S[2]+=1",
                        "core 0 scalar @0 waits for ever: S[2]>=1 event_semaphore S[1]+=1");
        faults("core 0 vector { S[1]>=0 event_semaphore }").isEmpty();
    }

    @Test
    void addressesFromRegistersAreFollowed() {
        var streams = """
                core 0 vector {
                  loop_begin register=r0, start=0, stop=4, step=1
                  memset sbuf[0:128, 0 + r0*16] f32 (1:4), value=1
                  loop_end
                }
                core 0 gpsimd {
                  loop_begin register=r1, start=0, stop=4, step=2
                  memset sbuf[0:128, %d + r1*16] f32 (1:4), value=2
                  loop_end
                }
                """;
        faults(streams.formatted(64)).isEmpty();
        assertRace("vector @1", "gpsimd @1", streams.formatted(48));
    }

    @Test
    void registerArithmeticIsFollowed() {
        var streams = """
                core 0 vector { memset sbuf[0:128, 0] f32 (1:4), value=1 }
                core 0 gpsimd {
                  register_move dst=r0, value=3
                  register_move dst=r1, value=2
                  register_alu dst=r2, a=r0, op=%s, b=r1
                  memset sbuf[0:128, 0 + r2*8] f32 (1:4), value=2
                }
                """;
        faults(streams.formatted("multiply")).isEmpty();
        faults(streams.formatted("add")).isEmpty();
        assertRace("vector @0", "gpsimd @3", streams.formatted("subtract"));
    }

    @Test
    void loopsAndBranchesRunAsOftenAsTheirRegistersSay() {
        var streams = """
                core 0 vector { event_semaphore S[1]+=1
                %s
                }
                core 0 scalar { S[1]>=%d event_semaphore }
                """;
        var loop = """
                loop_begin register=r0, start=0, stop=%d, step=2
                event_semaphore S[1]+=1
                loop_end
                """;
        faults(streams.formatted(loop.formatted(5), 4)).isEmpty();
        faults(streams.formatted(loop.formatted(4), 4)).hasSize(1);
        faults(streams.formatted(loop.formatted(0), 1)).isEmpty();
        faults(streams.formatted(loop.formatted(0), 2)).hasSize(1);
        var branch = """
                register_move dst=r0, value=0
                register_move dst=r1, value=1
                again:
                event_semaphore S[1]+=1
                register_alu dst=r0, a=r0, op=add, b=r1
                branch register=r0, cmp_op=less, value=%d, target=again
                """;
        faults(streams.formatted(branch.formatted(3), 4)).isEmpty();
        faults(streams.formatted(branch.formatted(2), 4)).hasSize(1);
    }

    @Test
    void controlThatDependsOnDataProvesNothing() {
        faults("""
                core 0 vector {
                  register_load dst=r0, hbm[0] i32 ()
                  branch register=r0, cmp_op=less, value=2, target=end
                  end:
                }
                """).containsExactly("core 0 vector: control flow depends on data, so nothing can be proven");
    }

    @Test
    void anAddressThatDependsOnDataMayBeTheOther() {
        assertRace("vector @0", "gpsimd @1", """
                core 0 vector { memset sbuf[0:128, 64] f32 (1:4), value=1 }
                core 0 gpsimd {
                  register_load dst=r0, hbm[0] i32 ()
                  memset sbuf[0:128, 0 + r0*16] f32 (1:4), value=2
                }
                """);
    }

    @Test
    void readsDoNotConflict() {
        faults("""
                core 0 vector { tensor_copy sbuf[0:128, 16] f32 (1:4), sbuf[0:128, 0] f32 (1:4) }
                core 0 gpsimd { tensor_copy sbuf[0:128, 32] f32 (1:4), sbuf[0:128, 0] f32 (1:4) }
                """).isEmpty();
    }

    @Test
    void evenAndOddElementsDoNotConflict() {
        var streams = """
                core 0 vector { memset sbuf[0:128, 0] bf16 (2:4), value=1 }
                core 0 gpsimd { memset sbuf[0:128, %d] bf16 (2:4), value=2 }
                """;
        faults(streams.formatted(2)).isEmpty();
        assertRace("vector @0", "gpsimd @0", streams.formatted(4));
    }

    @Test
    void aWriteWithGapsHidesNoEarlierWrite() {
        assertRace("vector @0", "gpsimd @0", """
                core 0 vector {
                  memset sbuf[0:128, 0] f32 (1:7), value=1
                  memset sbuf[0:128, 0] f32 (2:4), value=2
                }
                core 0 gpsimd { tensor_copy sbuf[0:128, 64] f32 (), sbuf[0:128, 4] f32 () }
                """);
    }

    @Test
    void otherPartitionsAndMemoriesAndCoresDoNotConflict() {
        faults("""
                core 0 vector { memset sbuf[0:32, 0] f32 (1:4), value=1 }
                core 0 gpsimd { memset sbuf[32:64, 0] f32 (1:4), value=2 }
                core 0 scalar { tensor_copy psum[0:32, 0] f32 (1:4), psum[0:32, 64] f32 (1:4) }
                core 1 gpsimd { memset sbuf[0:32, 0] f32 (1:4), value=2 }
                """).isEmpty();
    }

    @Test
    void accumulatingReadsTheDestination() {
        var streams = """
                core 0 tensor {
                  nc_matmul psum[0:1, 0] f32 (1:4), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:4) S[1]+=1
                  nc_matmul psum[0:1, 0] f32 (1:4), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (1:4), accumulate S[1]+=1
                }
                core 0 vector { S[1]>=%d tensor_copy sbuf[0:1, 64] f32 (1:4), psum[0:1, 0] f32 (1:4) }
                """;
        faults(streams.formatted(2)).isEmpty();
        assertRace("tensor @1", "vector @0", streams.formatted(1));
    }

    @Test
    void atMostTwentyFaultsAreReported() {
        faults("""
                core 0 vector { memset sbuf[0:128, 0] f32 (1:4), value=1 }
                core 0 gpsimd {
                  loop_begin register=r0, start=0, stop=100, step=1
                  tensor_copy sbuf[0:128, 64] f32 (1:4), sbuf[0:128, 0] f32 (1:4)
                  loop_end
                }
                """).hasSize(20);
    }

    @Test
    void anAddressThatMemoryDecidesMayBeAnywhere() {
        assertRace("vector @0", "gpsimd @1", """
                core 0 vector { memset sbuf[0:128, 40960] f32 (1:4), value=1 }
                core 0 gpsimd {
                  register_load dst=r0, hbm[0] i32 ()
                  memset sbuf[0:128, 0 + r0*4096] f32 (1:4), value=2
                }
                """);
    }

    @Test
    void streamsThatRaiseOneSemaphoreCanWaitForEachOther() {
        faults("""
                core 0 vector { S[2]>=1 event_semaphore S[1]+=1 }
                core 0 gpsimd { S[2]>=1 event_semaphore S[1]+=1 }
                core 0 scalar { S[1]>=1 event_semaphore S[2]+=1 }
                """).hasSize(3).allSatisfy(f -> assertThat(f).contains("waits for ever"));
    }

    @Test
    void registersThatMoveAccessesOutOfMemoryAreFaults() {
        for (var value : new int[] {-1, 100}) {
            faults("""
                    core 0 vector {
                      register_move dst=r0, value=%d
                      memset sbuf[0:128, 0 + r0*4096] f32 (1:4), value=1
                    }
                    """.formatted(value)).hasSize(1).first().asString().contains("vector @1");
        }
    }

    @Test
    void semaphoresHold31Bits() {
        faults("core 0 vector { event_semaphore S[1]+=2147483647 event_semaphore S[1]+=1 }")
                .singleElement()
                .asString()
                .contains("semaphore 1 rises to 2147483648");
    }
}
