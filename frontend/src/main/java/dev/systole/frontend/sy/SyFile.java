package dev.systole.frontend.sy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.file.OnnxFile;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ListTokenSource;

/** A parsed file of models and functions. */
public final class SyFile {
    private final SourceText source;
    private final List<Syntax.Model> models;
    private final List<Syntax.Function> functions;

    private SyFile(SourceText source, List<Syntax.Model> models, List<Syntax.Function> functions) {
        this.source = source;
        this.models = List.copyOf(models);
        this.functions = List.copyOf(functions);
    }

    /**
     * Reads and parses a file.
     *
     * @throws FrontendException if there is no such file
     * @throws SyException if it is no text, or breaks the grammar (all such places in one message)
     */
    public static SyFile read(Path path) {
        return parse(SourceText.read(path));
    }

    /**
     * Parses a text.
     *
     * @param path for messages; files that the text names lie beside it
     * @throws SyException if the text breaks the grammar (all such places in one message)
     */
    public static SyFile parse(Path path, String text) {
        return parse(new SourceText(path, text));
    }

    private static SyFile parse(SourceText source) {
        var faults = new Faults(source);
        var tree = tree(SyTokens.of(source, faults), faults);
        faults.check();
        var builder = new SyntaxBuilder(faults);
        var file = new SyFile(
                source,
                tree.model().stream().map(builder::model).toList(),
                tree.function().stream().map(builder::function).toList());
        file.requireDistinctModels(faults);
        faults.check();
        return file;
    }

    private void requireDistinctModels(Faults faults) {
        var names = new HashSet<String>();
        for (var model : models) {
            if (!names.add(model.name().text())) {
                faults.add(
                        new Fault("SYS1504", model.name().span(), "there is a model \"" + model.name() + "\" already"));
            }
        }
    }

    private static SyParser.FileContext tree(List<CommonToken> tokens, Faults faults) {
        var parser = new SyParser(new CommonTokenStream(new ListTokenSource(tokens)));
        parser.removeErrorListeners();
        parser.setErrorHandler(new SyExpectations(faults));
        return parser.file();
    }

    /** The words and comments of a text, for the formatter. */
    static List<List<Layout.Part>> layout(Path path, String text) {
        var source = new SourceText(path, text);
        var faults = new Faults(source);
        var tokens = SyTokens.of(source, faults);
        var tree = tree(tokens, faults);
        faults.check();
        return new LayoutBuilder(tokens, tree).file();
    }

    /**
     * The file with one of its models alone.
     *
     * @throws FrontendException if the file has no such model
     */
    public SyFile only(String model) {
        var one = models.stream().filter(m -> m.name().text().equals(model)).toList();
        if (one.isEmpty()) {
            throw new FrontendException(
                    "SYS1516", "%s: holds no model \"%s\"; it holds %s".formatted(source.path(), model, modelNames()));
        }
        return new SyFile(source, one, functions);
    }

    private String modelNames() {
        return models.stream().map(m -> m.name().text()).collect(Collectors.joining(", "));
    }

    public Path path() {
        return source.path();
    }

    /**
     * The names of the inputs that the model declares. States are inputs, too, but those in functions are known only when it is
     * elaborated.
     *
     * @throws FrontendException if the file has several models and none is named like it
     */
    public List<String> inputs() {
        return model().inputs().stream().map(i -> i.name().text()).toList();
    }

    /** The rank that the model declares an input with; empty if it declares no such input, or one of any rank. */
    public OptionalInt rank(String input) {
        return model().inputs().stream()
                .filter(i -> i.name().text().equals(input))
                .flatMap(i -> i.type().dimensions().stream())
                .filter(d -> d.stream().noneMatch(Syntax.Dimension.Rest.class::isInstance))
                .mapToInt(List::size)
                .findFirst();
    }

    /** The file's only model, or the one that is named like the file. */
    Syntax.Model model() {
        if (models.size() == 1) {
            return models.getFirst();
        }
        var file = source.path().getFileName().toString().replaceFirst("\\.sy$", "");
        return models.stream()
                .filter(m -> m.name().text().equals(file))
                .findFirst()
                .orElseThrow(() -> new FrontendException(
                        "SYS1516",
                        models.isEmpty()
                                ? source.path() + ": holds no model"
                                : "%s: holds the models %s; say which, as in %s:%s, or name one like the file, %s"
                                        .formatted(
                                                source.path(),
                                                modelNames(),
                                                source.path().getFileName(),
                                                models.getFirst().name(),
                                                file)));
    }

    /**
     * The file's only model, or the one that is named like the file, as ONNX says it, with all dimensions fixed.
     *
     * @throws FrontendException if there is no such model
     * @throws SyException if a dimension is not bound, or the model means nothing (all such places in one message)
     */
    public OnnxFile elaborate(Bindings bindings) {
        return new OnnxFile(path(), new Elaborator(this).elaborate(bindings));
    }

    SourceText source() {
        return source;
    }

    List<Syntax.Function> functions() {
        return functions;
    }
}
