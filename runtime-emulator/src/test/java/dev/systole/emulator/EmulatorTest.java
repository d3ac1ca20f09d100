package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.isa.Assembler;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes in and comes out, and that runs do not know of each other. */
class EmulatorTest {
    private static Emulator load(String body) {
        var text = "program \"p\" for \"trn2\"\nhbm 4096\n" + body;
        return new Emulator(Assembler.parse(text, "test", Targets::load, Constants.NONE), 1);
    }

    private static Tensor tensor(DType dtype, double... values) {
        var tensor = Tensor.allocate(TensorType.of(dtype, values.length));
        for (int i = 0; i < values.length; i++) {
            if (dtype.isFloat()) {
                Elements.writeDouble(tensor.bytes(), i, dtype, values[i]);
            } else {
                Elements.writeInteger(tensor.bytes(), i, dtype, (long) values[i]);
            }
        }
        return tensor;
    }

    private static List<Double> values(Tensor tensor) {
        return IntStream.range(0, (int) tensor.type().shape().elements())
                .mapToObj(i ->
                        Elements.readDouble(tensor.bytes(), i, tensor.type().dtype()))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "i64, i32, -2147483648, 2147483647",
        "u64, u32, 4294967295, 2147483648",
        "f64, f32, 0.5, -1e10",
        "bool, u8, 1, 0",
        "i4, i4, -8, 7",
        "bf16, bf16, 257, 0.5",
        "f8e4m3fn, f8e4m3fn, 448, -0.5"
    })
    void tensorsComeBackFromTheirCarrier(DTypeName type, DTypeName carrier, double a, double b) {
        var dtype = type.dtype();
        try (var emulator = load("""
                input "x" : %1$s[2] as %2$s at 64
                output "y" : %1$s[2] as %2$s at 64
                core 0 vector { event_semaphore }
                """.formatted(dtype, carrier.dtype()))) {
            var x = tensor(dtype, a, b);
            var y = emulator.run(Map.of("x", x)).get("y");
            assertThat(y.type()).isEqualTo(x.type());
            assertThat(values(y)).isEqualTo(values(x));
        }
    }

    /** An element type by its printed name, for tables. */
    record DTypeName(DType dtype) {
        static DTypeName of(String name) {
            return new DTypeName(DType.parse(name).orElseThrow());
        }
    }

    @Test
    void outputsStandInTheOrderOfTheProgram() {
        try (var emulator = load("""
                output "z" : f32[1] as f32 at 0
                input "x" : f32[2] as f32 at 0
                output "a" : f32[1] as f32 at 4
                core 0 vector { event_semaphore }
                """)) {
            var outputs = emulator.run(Map.of("x", tensor(DType.F32, 1, 2), "unused", tensor(DType.F32, 3)));
            assertThat(outputs).containsOnlyKeys("z", "a");
            assertThat(outputs.keySet()).containsExactly("z", "a");
            assertThat(values(outputs.get("a"))).containsExactly(2.0);
        }
    }

    @Test
    void everyRunBeginsAnew() {
        try (var emulator = load("""
                input "x" : i32[1] as i32 at 0
                output "count" : i32[1] as i32 at 4
                output "table" : i32[4] as i32 at 64
                constant : i32[4] at 64 {value: [10, 20, 30, 40]}
                core 0 vector {
                  register_load dst=r0, hbm[0] i32 ()
                  register_move dst=r2, value=1
                  register_alu dst=r1, a=r1, op=add, b=r2
                  register_store hbm[4] i32 (), src=r1
                  register_store hbm[64 + r0*4] i32 (), src=r1
                }
                """)) {
            for (int x : new int[] {0, 3, 1, 3}) {
                var outputs = emulator.run(Map.of("x", tensor(DType.I32, x)));
                assertThat(values(outputs.get("count"))).containsExactly(1.0);
                Double[] table = {10.0, 20.0, 30.0, 40.0};
                table[x] = 1.0;
                assertThat(values(outputs.get("table"))).containsExactly(table);
            }
        }
    }

    @Test
    void outputsOfARunStayWhenTheNextRuns() {
        try (var emulator = load("""
                input "x" : f32[1] as f32 at 0
                output "y" : f32[1] as f32 at 0
                core 0 vector { event_semaphore }
                """)) {
            var first = emulator.run(Map.of("x", tensor(DType.F32, 1))).get("y");
            var second = emulator.run(Map.of("x", tensor(DType.F32, 2))).get("y");
            assertThat(values(first)).containsExactly(1.0);
            assertThat(values(second)).containsExactly(2.0);
        }
    }

    @Test
    void aRunMayFollowOneThatStopped() {
        try (var emulator = load("""
                input "i" : i32[1] as i32 at 0
                input "t" : f32[2] as f32 at 64
                output "y" : f32[1] as f32 at 128
                core 0 gpsimd {
                  dma_copy queue=0, sbuf[0:1, 0] i32 (), hbm[0] i32 () S[0]+=16
                  S[0]>=16 dma_gather queue=0, sbuf[0:1, 16] f32 (), hbm[64] f32 (), sbuf[0:1, 0] i32 (), \
                  bytes_per_row=4, rows=2 S[1]+=16
                  S[1]>=16 dma_copy queue=0, hbm[128] f32 (), sbuf[0:1, 16] f32 ()
                }
                """)) {
            var table = tensor(DType.F32, 5, 6);
            for (int row : new int[] {1, 2, 0}) {
                var inputs = Map.of("i", tensor(DType.I32, row), "t", table);
                if (row == 2) {
                    assertThatThrownBy(() -> emulator.run(inputs)).hasMessageStartingWith("SYS5005");
                } else {
                    assertThat(values(emulator.run(inputs).get("y"))).containsExactly(5.0 + row);
                }
            }
        }
    }

    @Test
    void theTimelineIsThatOfEveryRun() {
        try (var emulator = load("""
                core 0 vector {
                  loop_begin register=r0, start=0, stop=3, step=1
                  memset sbuf[0:1, 0 + r0*4] f32 (), value=1
                  loop_end
                }
                """)) {
            var before = emulator.timeline();
            emulator.run(Map.of());
            assertThat(emulator.timeline()).isEqualTo(before);
            assertThat(before.seconds()).isPositive();
            assertThat(before.engines().values())
                    .singleElement()
                    .extracting(Timeline.EngineTime::instructions)
                    .isEqualTo(7L);
        }
    }
}
