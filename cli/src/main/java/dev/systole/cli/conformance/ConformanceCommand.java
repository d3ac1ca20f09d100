package dev.systole.cli.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.systole.cli.conformance.CaseResult.Status;
import dev.systole.ir.target.Targets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs test cases of the ONNX project. */
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        description = {
            "Runs test cases in the layout of the ONNX project (GROUP/CASE/model.onnx with test_data_set_N beside it): each is compiled,"
                    + " written, read, executed by the emulator and compared with the outputs expected.",
            "Inputs that decide a shape, an axis, a count, a bound or a mode are bound when compiling; data never is.",
            "The exit code is 0 if every case passed or was refused, 1 if one failed."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole conformance onnx-conformance",
            "  systole conformance onnx-conformance --tier A,B --filter '*conv*' --json result.json"
        })
public final class ConformanceCommand implements Callable<Integer> {
    private static final long MOST_SECONDS = 120;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "groups of cases")
    private Path directory;

    @Option(names = "--tier", paramLabel = "A,B", split = ",", description = "tiers of the manifest (default: all)")
    private List<String> tiers = List.of();

    @Option(names = "--filter", paramLabel = "GLOB", description = "names of cases")
    private Optional<String> filter;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            defaultValue = "trn2",
            description = "trn1, inf2, trn2, trn3 or a target file (default: ${DEFAULT-VALUE})")
    private String target;

    @Option(names = "--interpreter", description = "runs the graph's interpreter instead of the emulator")
    private boolean interprets;

    @Option(names = "--jobs", paramLabel = "N", description = "cases at once (default: one for each core)")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--json", paramLabel = "FILE", description = "writes the results, one object a case")
    private Optional<Path> json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var out = spec.commandLine().getOut();
        long start = System.nanoTime();
        var cases = selected();
        var results = run(cases);
        print(out, results);
        out.printf(Locale.ROOT, "%d cases in %.1f s%n", results.size(), (System.nanoTime() - start) / 1e9);
        if (json.isPresent()) {
            write(json.get(), results);
        }
        return results.stream().noneMatch(r -> r.status() == Status.FAILED) ? 0 : 1;
    }

    private List<Case> selected() throws IOException {
        var matcher = filter.map(g -> FileSystems.getDefault().getPathMatcher("glob:" + g));
        return Cases.under(directory).stream()
                .filter(c -> tiers.isEmpty() || tiers.contains(c.tier()))
                .filter(c -> matcher.isEmpty() || matcher.get().matches(Path.of(c.name())))
                .toList();
    }

    private List<CaseResult> run(List<Case> cases) throws IOException, InterruptedException {
        var programs = Files.createTempDirectory("systole-conformance-");
        var run = new CaseRun(Targets.load(target), interprets, programs);
        var results = new ArrayList<CaseResult>();
        var threads = Executors.newFixedThreadPool(jobs, r -> {
            var thread = new Thread(null, r, "case", 64 << 20);
            thread.setDaemon(true);
            return thread;
        });
        try {
            var pending = new ArrayList<Future<CaseResult>>();
            cases.forEach(c -> pending.add(threads.submit(() -> run.run(c))));
            for (int i = 0; i < cases.size(); i++) {
                results.add(result(cases.get(i), pending.get(i)));
            }
        } finally {
            threads.shutdownNow();
            Files.deleteIfExists(programs);
        }
        return results;
    }

    private static CaseResult result(Case test, Future<CaseResult> pending) throws InterruptedException {
        try {
            return pending.get(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            pending.cancel(true);
            return failed(test, "takes more than " + MOST_SECONDS + " seconds", MOST_SECONDS * 1000);
        } catch (ExecutionException e) {
            return failed(test, "a fault of Systole's own: " + e.getCause(), 0);
        }
    }

    private static CaseResult failed(Case test, String reason, long milliseconds) {
        return new CaseResult(test, Status.FAILED, Optional.empty(), reason, List.of(), milliseconds);
    }

    private static void print(PrintWriter out, List<CaseResult> results) {
        for (var r : results) {
            if (r.status() != Status.PASSED && r.operator().isEmpty()) {
                out.printf(
                        "%-8s %s/%s   %s%n",
                        r.status(), r.test().group(), r.test().name(), firstLine(r));
            }
        }
        refused(out, results);
        out.println();
        out.println("tier    passed  refused   failed");
        var tiers = new TreeMap<String, Map<Status, Integer>>();
        for (var r : results) {
            tiers.computeIfAbsent(r.test().tier(), k -> new EnumMap<>(Status.class))
                    .merge(r.status(), 1, Integer::sum);
        }
        tiers.forEach((tier, counts) -> out.println(row(tier, counts)));
        var all = new EnumMap<Status, Integer>(Status.class);
        results.forEach(r -> all.merge(r.status(), 1, Integer::sum));
        out.println(row("all", all));
    }

    /** Operators that cases were refused for, each with how often and the reason of the first. */
    private static void refused(PrintWriter out, List<CaseResult> results) {
        var byOperator = results.stream()
                .filter(r -> r.operator().isPresent())
                .collect(Collectors.groupingBy(r -> r.operator().orElseThrow(), TreeMap::new, Collectors.toList()));
        if (byOperator.isEmpty()) {
            return;
        }
        out.println();
        out.println("refused operator                cases  the first");
        byOperator.forEach((operator, cases) -> {
            var first = cases.getFirst();
            out.printf(
                    "%-32s %4d  %s/%s   %s%n",
                    operator, cases.size(), first.test().group(), first.test().name(), firstLine(first));
        });
    }

    private static String firstLine(CaseResult result) {
        return result.reason().lines().findFirst().orElse("");
    }

    private static String row(String name, Map<Status, Integer> counts) {
        return "%-5s %8d %8d %8d"
                .formatted(
                        name,
                        counts.getOrDefault(Status.PASSED, 0),
                        counts.getOrDefault(Status.REFUSED, 0),
                        counts.getOrDefault(Status.FAILED, 0));
    }

    private static void write(Path file, List<CaseResult> results) throws IOException {
        var list = new ArrayList<Map<String, Object>>();
        for (var r : results) {
            var object = new LinkedHashMap<String, Object>();
            object.put("group", r.test().group());
            object.put("case", r.test().name());
            object.put("tier", r.test().tier());
            object.put("status", r.status().toString());
            r.operator().ifPresent(o -> object.put("operator", o));
            object.put("reason", r.reason());
            object.put("bound", r.bound());
            object.put("milliseconds", r.milliseconds());
            list.add(object);
        }
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), list);
    }
}
