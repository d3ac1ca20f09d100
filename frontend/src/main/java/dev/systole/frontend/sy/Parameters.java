package dev.systole.frontend.sy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.ArrayFileException;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What the parameters of a model are: by their sources, or from the files of its weights. Mutable: it keeps files that it read. */
final class Parameters {
    /** A tensor of a protocol buffer is shorter than that. */
    private static final long MOST_BYTES = Integer.MAX_VALUE;

    private static final List<String> SOURCES = List.of("zeros", "ones", "full", "normal", "uniform", "values", "file");

    private final Path directory;
    private final Budget budget;
    private final List<String> weights = new ArrayList<>();
    private final Map<Path, Map<String, Tensor>> files = new HashMap<>();

    /**
     * Where a parameter comes from.
     *
     * @param seed absent if none is given
     */
    record Source(String name, List<Term> arguments, Optional<Long> seed) {
        boolean isFile() {
            return name.equals("file");
        }
    }

    /** @param directory that files lie in */
    Parameters(Path directory, Budget budget) {
        this.directory = directory;
        this.budget = budget;
    }

    /** Adds a file of weights. */
    void weights(Site site, String file) {
        read(site, file);
        weights.add(file);
    }

    /**
     * A parameter.
     *
     * @param name its full name
     * @param source absent if a file of weights holds it
     */
    Tensor value(Site site, String name, TensorType type, Optional<Source> source) {
        if (bytes(type) > MOST_BYTES) {
            throw new SyError("SYS1515", site, type + " has 2 GiB or more, which one parameter of a model cannot");
        }
        if (source.isPresent() && !source.get().isFile()) {
            budget.numbers(site, bytes(type));
        }
        try {
            return source.isPresent() ? fromSource(site, name, type, source.get()) : fromWeights(site, name, type);
        } catch (IllegalArgumentException e) {
            throw new SyError("SYS1512", site, e.getMessage());
        }
    }

    private Tensor fromWeights(Site site, String name, TensorType type) {
        if (weights.isEmpty()) {
            throw new SyError(
                    "SYS1512",
                    site,
                    "parameter \"" + name + "\" has no source, and the model names no weights",
                    List.of("give it a source, as in normal(0.02), or the model a file: weights \"FILE.safetensors\""));
        }
        var names = new TreeSet<String>();
        for (var file : weights) {
            var tensors = read(site, file);
            if (tensors.containsKey(name)) {
                return checked(site, file + ": \"" + name + "\"", tensors.get(name), type);
            }
            names.addAll(tensors.keySet());
        }
        throw new SyError(
                "SYS1512",
                site,
                "%s has no parameter \"%s\"".formatted(String.join(", ", weights), name),
                Suggestions.hint(name, names));
    }

    private Tensor fromSource(Site site, String name, TensorType type, Source source) {
        var given = source.arguments;
        if (source.seed.isPresent() && !source.name.equals("normal") && !source.name.equals("uniform")) {
            throw new SyError("SYS1512", site, "\"" + source.name + "\" has no seed");
        }
        return switch (source.name) {
            case "zeros" -> {
                require(site, source, 0, "no arguments");
                yield Tensor.allocate(type);
            }
            case "ones" -> {
                require(site, source, 0, "no arguments");
                yield Literals.filled(type, new Term.Whole(1));
            }
            case "full" -> {
                require(site, source, 1, "a number");
                yield Literals.filled(type, given.getFirst());
            }
            case "values" -> {
                require(site, source, 1, "a list, row-major");
                yield Literals.write(type, list(site, given.getFirst()));
            }
            case "normal" -> {
                require(site, source, 1, "a standard deviation");
                yield random(site, name, type, source).normal(type, number(site, given.getFirst()));
            }
            case "uniform" -> {
                require(site, source, 2, "two bounds");
                yield random(site, name, type, source)
                        .uniform(type, number(site, given.getFirst()), number(site, given.getLast()));
            }
            case "file" -> fromFile(site, given, type);
            default ->
                throw new SyError(
                        "SYS1503",
                        site,
                        "there is no source of parameters \"" + source.name + "\"",
                        Suggestions.hint(source.name, SOURCES));
        };
    }

    private static long bytes(TensorType type) {
        try {
            return type.bytes();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    private static void require(Site site, Source source, int count, String what) {
        if (source.arguments.size() != count) {
            throw new SyError("SYS1512", site, "\"%s\" takes %s".formatted(source.name, what));
        }
    }

    private static RandomNumbers random(Site site, String name, TensorType type, Source source) {
        if (!type.dtype().isFloat()) {
            throw new SyError("SYS1512", site, "\"" + source.name + "\" gives floats, not " + type.dtype());
        }
        return new RandomNumbers(name, source.seed.orElse(0L));
    }

    private static List<Term> list(Site site, Term term) {
        if (term instanceof Term.Items(var items)) {
            return items;
        }
        throw new SyError("SYS1512", site, "\"values\" takes a list, row-major");
    }

    private static double number(Site site, Term term) {
        return switch (term) {
            case Term.Whole(var value) -> value;
            case Term.Real(var value) -> value;
            default -> throw new SyError("SYS1512", site, "a number is wanted here, not " + term.describe());
        };
    }

    private Tensor fromFile(Site site, List<Term> arguments, TensorType type) {
        boolean texts = !arguments.isEmpty() && arguments.stream().allMatch(Term.Text.class::isInstance);
        if (!texts || arguments.size() > 2) {
            throw new SyError("SYS1512", site, "\"file\" takes a file, and a name in it");
        }
        var file = ((Term.Text) arguments.getFirst()).value();
        if (TensorFile.isSingle(Path.of(file)) != (arguments.size() == 1)) {
            throw new SyError(
                    "SYS1512",
                    site,
                    arguments.size() == 1
                            ? file + " holds several tensors; say which: file(\"" + file + "\", \"NAME\")"
                            : file + " holds one tensor, which has no name");
        }
        var name = arguments.size() == 1 ? "" : ((Term.Text) arguments.getLast()).value();
        var tensors = read(site, file);
        if (!tensors.containsKey(name)) {
            throw new SyError(
                    "SYS1512", site, file + " has no \"" + name + "\"", Suggestions.hint(name, tensors.keySet()));
        }
        return checked(site, name.isEmpty() ? file : file + ": \"" + name + "\"", tensors.get(name), type);
    }

    private static Tensor checked(Site site, String what, Tensor tensor, TensorType type) {
        if (!tensor.type().equals(type)) {
            throw new SyError("SYS1512", site, "%s is %s, the parameter is %s".formatted(what, tensor.type(), type));
        }
        return tensor;
    }

    private Map<String, Tensor> read(Site site, String file) {
        var path = directory.resolve(file);
        var known = files.get(path);
        if (known != null) {
            return known;
        }
        try {
            var tensors = TensorFile.read(path);
            files.put(path, tensors);
            return tensors;
        } catch (ArrayFileException e) {
            throw new SyError("SYS1512", site, e.getMessage());
        } catch (FrontendException e) {
            throw new SyError(
                    "SYS1512", site, e.getMessage().substring(e.getMessage().indexOf(' ') + 1));
        }
    }
}
