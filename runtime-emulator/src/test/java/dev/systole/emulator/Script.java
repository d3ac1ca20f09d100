package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.Memory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program for one core, a step a line, each step waiting for the one before:
 *
 * <pre>
 * sbuf[0:2, 0] f32 (1:2) = 1 2 | 3 4                the operand is given values; | is for the reader
 * vector memset sbuf[0:2, 8] f32 (), value=7        the engine executes
 * sbuf[0:2, 0] f32 (1:3) : 1 2 7 | 3 4 7            the operand is expected to hold values
 * </pre>
 *
 * <p>Several instructions of one step have {@code ;} between them. A line that ends with {@code ;} or a comma goes on in the
 * next.
 *
 * <p>Values stand in the order of the operand. They are numbers, {@code inf}, {@code nan} (any), bits as {@code 0x7fc0}, or {@code
 * 3*1.5} for three of a kind, and must be elements of the operand's type as they are: rounding is not the script's
 * business. Operands in HBM are one run below 1 MiB, and hold their values before the first step or are looked at after the
 * last. Where no values are given, any will do.
 */
final class Script {
    /** Elements that a message shows. */
    private static final int MANY = 64;

    private static final int STAGING_BYTES = 1 << 20;
    private static final int STAGING_IN_SBUF = 128 << 10;

    private final Map<String, List<String>> streams = new LinkedHashMap<>();
    private final List<String> tensors = new ArrayList<>();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, List<String>> expected = new LinkedHashMap<>();
    private long hbm = STAGING_BYTES;
    private int steps;
    private int raised;

    private Script(String text) {
        text.replaceAll("([,;])\\s*\n\\s*", "$1 ")
                .lines()
                .map(String::strip)
                .filter(l -> !l.isEmpty())
                .forEach(this::line);
    }

    /** Runs a script on trn2. */
    static void check(String text) {
        check("trn2", text);
    }

    static void check(String target, String text) {
        var script = new Script(text);
        var outputs = script.run(target, 1);
        script.expected.forEach((line, values) -> assertThat(print(outputs.get(line), values))
                .as(line.substring(0, Math.min(line.length(), 200)))
                .isEqualTo(String.join(" ", values)));
    }

    /** What the operands hold that a script looks at, by the lines that do. */
    static Map<String, Tensor> outputs(String target, String text, int threads) {
        return new Script(text).run(target, threads);
    }

    private Map<String, Tensor> run(String target, int threads) {
        var text = new StringBuilder("program \"script\" for \"%s\"\nhbm %d\n".formatted(target, hbm));
        tensors.forEach(t -> text.append(t).append('\n'));
        streams.forEach(
                (engine, lines) -> text.append("core 0 %s {\n%s\n}\n".formatted(engine, String.join("\n", lines))));
        var program = Assembler.parse(text.toString(), "script", Targets::load, Constants.NONE);
        try (var emulator = new Emulator(program, threads)) {
            return emulator.run(inputs);
        }
    }

    private void line(String line) {
        if (!line.matches("(hbm|sbuf|psum)\\[.*")) {
            var parts = line.split(" ", 2);
            step(parts[0], parts[1]);
            return;
        }
        var parts = line.split(" [=:](?= |$)", 2);
        var access = Assembler.access(new Scanner(parts[0], "script"));
        var values = parts[1].isBlank() ? List.<String>of() : words(parts[1]);
        if (line.charAt(parts[0].length() + 1) == '=') {
            put(access, values);
        } else {
            expect(line, access, values);
        }
    }

    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        for (var word : text.replace("|", " ").strip().split("\\s+")) {
            int star = word.indexOf('*');
            int count = star < 0 ? 1 : Integer.parseInt(word.substring(0, star));
            for (int i = 0; i < count; i++) {
                words.add(word.substring(star + 1));
            }
        }
        return words;
    }

    private void step(String engine, String instructions) {
        var lines = instructions.replace("; ", "\n");
        boolean transfer = lines.substring(lines.lastIndexOf('\n') + 1).startsWith("dma_");
        if (lines.contains("\n") && !transfer) {
            lines += "\nevent_semaphore";
        }
        var wait = steps == 0 ? "" : "S[%d]>=%d ".formatted(steps - 1, raised);
        raised = transfer ? 16 : 1;
        streams.computeIfAbsent(engine, k -> new ArrayList<>())
                .add("%s%s S[%d]+=%d".formatted(wait, lines, steps++, raised));
    }

    private void put(Access to, List<String> values) {
        var type = TensorType.of(to.dtype(), to.elements());
        long address = bind("input", "in" + inputs.size(), to);
        var tensor = Tensor.allocate(type);
        assertThat(values).as("values of %s", to).hasSize((int) to.elements());
        for (int i = 0; i < values.size(); i++) {
            Elements.writeBits(tensor.bytes(), i, to.dtype(), bits(values.get(i), to.dtype()));
        }
        inputs.put("in" + inputs.size(), tensor);
        if (to.memory() == Memory.SBUF) {
            step("sync", "dma_copy queue=15, %s, %s".formatted(to, run(to, address)));
        } else if (to.memory() == Memory.PSUM) {
            step("sync", "dma_copy queue=15, %s, %s".formatted(staging(to), run(to, address)));
            step("vector", "tensor_copy %s, %s".formatted(to, staging(to)));
        }
    }

    private void expect(String line, Access from, List<String> values) {
        long address = bind("output", line, from);
        if (!values.isEmpty()) {
            assertThat(values).as("values of %s", from).hasSize((int) from.elements());
            expected.put(line, values);
        }
        if (from.memory() == Memory.SBUF) {
            step("sync", "dma_copy queue=15, %s, %s".formatted(run(from, address), from));
        } else if (from.memory() == Memory.PSUM) {
            step("vector", "tensor_copy %s, %s".formatted(staging(from), from));
            step("sync", "dma_copy queue=15, %s, %s".formatted(run(from, address), staging(from)));
        }
    }

    private long bind(String role, String name, Access a) {
        long address = a.memory() == Memory.HBM ? a.offset() : hbm;
        hbm += (a.bytes() + 63) / 64 * 64;
        tensors.add(
                "%1$s \"%2$s\" : %3$s[%4$d] as %3$s at %5$d".formatted(role, name, a.dtype(), a.elements(), address));
        return address;
    }

    private static String run(Access a, long address) {
        return "hbm[%d] %s (1:%d)".formatted(address, a.dtype(), a.elements());
    }

    private static String staging(Access a) {
        return "sbuf[%d:%d, %d] %s (1:%d)"
                .formatted(
                        a.startPartition(), a.startPartition() + a.partitions(), STAGING_IN_SBUF, a.dtype(), a.free());
    }

    private static long bits(String value, DType dtype) {
        if (value.startsWith("0x")) {
            return Long.parseLong(value.substring(2), 16);
        }
        if (!dtype.isFloat()) {
            return Long.parseLong(value) & -1L >>> (64 - dtype.bits());
        }
        double number = dtype == DType.F32 ? (float) number(value) : number(value);
        long bits = Integer.toUnsignedLong(Elements.encode((float) number, dtype)) & -1L >>> (64 - dtype.bits());
        assertThat(Double.compare(Elements.decode((int) bits, dtype), number))
                .as("%s is no %s", value, dtype)
                .isZero();
        return bits;
    }

    private static double number(String value) {
        return switch (value) {
            case "nan" -> Double.NaN;
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(value);
        };
    }

    /** A tensor's elements, each in the words of what is expected if it is that; of many, how those begin that are not. */
    private static String print(Tensor tensor, List<String> expected) {
        var words = new ArrayList<String>();
        for (int i = 0; i < expected.size(); i++) {
            boolean same = isSame(tensor, i, expected.get(i));
            if (expected.size() <= MANY) {
                words.add(same ? expected.get(i) : element(tensor, i));
            } else if (!same && words.size() < MANY) {
                words.add("@%d: %s, not %s".formatted(i, element(tensor, i), expected.get(i)));
            }
        }
        return words.isEmpty() ? String.join(" ", expected) : String.join(" ", words);
    }

    private static boolean isSame(Tensor tensor, int i, String expected) {
        var dtype = tensor.type().dtype();
        long bits = Elements.readBits(tensor.bytes(), i, dtype);
        return expected.equals("nan")
                ? dtype.isFloat() && Float.isNaN(Elements.decode((int) bits, dtype))
                : bits == bits(expected, dtype);
    }

    private static String element(Tensor tensor, int i) {
        var dtype = tensor.type().dtype();
        long bits = Elements.readBits(tensor.bytes(), i, dtype);
        return dtype.isFloat()
                ? "%s (0x%x)".formatted(Elements.decode((int) bits, dtype), bits)
                : Long.toString(Elements.readInteger(tensor.bytes(), i, dtype));
    }
}
