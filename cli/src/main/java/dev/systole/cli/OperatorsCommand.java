package dev.systole.cli;

import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.operator.OperatorSupport;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints which operators are supported. */
@Command(
        name = "operators",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the operators of ONNX: the versions of the operator set that changed each, its element types, how it is computed, and"
                    + " what is limited.",
            "Refused operators have the reason. With names, only those operators."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  systole operators", "  systole operators Resize ai.onnx.ml.TreeEnsemble"})
final class OperatorsCommand implements Callable<Integer> {
    private static final String INTRODUCTION = """
            # Operators

            ONNX operators of the default set up to version %d, of ai.onnx.ml, and of the training preview: %d are compiled, %d are
            refused, with an error that names the node and the reason. Versions are those that changed the operator's form; all from the
            first one on are supported. Types are those of the newest version, by type variable: `floats` are bf16, f16, f32 and f64,
            `integers` are i8 to i64 and u8 to u64, `f8` are the four formats of 8 bits. On the machine f64 lives as f32 and 64-bit
            integers as 32-bit ones. An input that does not fit stops a run (SYS5013). What is computed of constants and of bound
            inputs is exact in 64 bits, and is refused if it does not fit where the machine would have to hold it (SYS3103); as a
            bound or in a comparison a number beyond 32 bits is known to be beyond. What the machine computes has no overflow flag:
            sums, differences, products and shifts of 64-bit integers wrap at 32 bits, and floats beyond saturate in a cast.

            Quantised products are exact, as the integers define them: the operators that take integers, and MatMul, Gemm and Conv of
            what DequantizeLinear gives from 8-bit integers, if no scale runs along the sum; scales may be computed. Integers less
            their zero points are whole bf16 numbers, their products add up exactly in fp32 below 2^24, longer sums are split, and the
            scales go behind the sum.

            Integers of 2 and 4 bits and f4e2m1 lie packed in inputs, outputs and weights, two or four in a byte; on the machine each has a byte or more
            once it is read. Products with weights that DequantizeLinear gives from them are scaled behind the sum where the scale does not vary along it,
            or varies in blocks and there are few rows: the weights' own numbers are exact, so that less is rounded than in the model's order.

            `systole operators NAME` prints a line of this table, which is made from the same data.
            """;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "operators, with their domain unless it is ai.onnx")
    private List<String> names = List.of();

    @Option(names = "--markdown", description = "prints docs/operators.md")
    private boolean markdown;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        if (markdown) {
            document(out);
            return 0;
        }
        var chosen = names.isEmpty()
                ? OperatorSupport.all()
                : names.stream().map(this::find).toList();
        int width = chosen.stream().mapToInt(s -> s.name().length()).max().orElse(0);
        int versions = chosen.stream().mapToInt(s -> versions(s).length()).max().orElse(0);
        for (var support : chosen) {
            out.printf(
                    "%-" + width + "s  %-" + versions + "s  %s%n",
                    support.name(),
                    versions(support),
                    computed(support));
            if (!names.isEmpty()) {
                out.println(("  types   " + support.types()).stripTrailing());
            }
        }
        return 0;
    }

    private OperatorSupport find(String name) {
        return OperatorSupport.all().stream()
                .filter(s -> s.name().equalsIgnoreCase(name) || s.name().equalsIgnoreCase("ai.onnx.ml." + name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "there is no operator \"" + name + "\"; systole operators lists them"));
    }

    private static String versions(OperatorSupport support) {
        return support.versions().stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    private static String computed(OperatorSupport support) {
        return support.refusal()
                .map(r -> "refused: " + r)
                .orElseGet(() ->
                        support.limits().isEmpty() ? support.how() : support.how() + " (" + support.limits() + ")");
    }

    private static void document(PrintWriter out) {
        var all = OperatorSupport.all();
        var refused = all.stream().filter(s -> s.refusal().isPresent()).toList();
        out.printf(INTRODUCTION, OperatorSchemas.NEWEST, all.size() - refused.size(), refused.size());
        out.print("\n| operator | versions | types | computed as | limits |\n|---|---|---|---|---|\n");
        for (var s : all) {
            if (s.refusal().isEmpty()) {
                out.printf("| %s | %s | %s | %s | %s |\n", s.name(), versions(s), s.types(), s.how(), s.limits());
            }
        }
        out.print("\n## Refused\n\n| operator | versions | reason |\n|---|---|---|\n");
        for (var s : refused) {
            out.printf("| %s | %s | %s |\n", s.name(), versions(s), s.refusal().orElseThrow());
        }
        out.flush();
    }
}
