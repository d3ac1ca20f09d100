package dev.systole.frontend.onnx;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.proto.StringStringEntryProto;
import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Inputs whose next value is an output. A model's metadata joins them: {@code systole.state.INPUT} is the name of the output. */
public final class States {
    private static final String KEY = "systole.state.";

    private States() {}

    /** The metadata of a state. */
    public static StringStringEntryProto metadata(String input, String output) {
        return StringStringEntryProto.newBuilder()
                .setKey(KEY + input)
                .setValue(output)
                .build();
    }

    /** The outputs of a model that are next values, by the inputs. */
    public static Map<String, String> of(OnnxFile file) {
        var states = new LinkedHashMap<String, String>();
        for (var property : file.model().getMetadataPropsList()) {
            if (property.getKey().startsWith(KEY)) {
                states.put(property.getKey().substring(KEY.length()), property.getValue());
            }
        }
        return states;
    }

    /**
     * The states of a model by their positions.
     *
     * @param bound inputs that are constants, and no states
     * @param values what the names of inputs and outputs stand for
     * @throws FrontendException if the metadata names what the model has not, or joins different types
     */
    static List<Contract.State> of(OnnxFile file, Set<String> bound, Function<String, Value> values) {
        var inputs = OnnxImporter.inputs(file).stream()
                .filter(name -> !bound.contains(name))
                .toList();
        var outputs = OnnxImporter.outputs(file);
        var states = new ArrayList<Contract.State>();
        of(file).forEach((input, output) -> {
            var state = new Contract.State(inputs.indexOf(input), outputs.indexOf(output));
            if (bound.contains(input)) {
                return;
            }
            if (state.input() < 0 || state.output() < 0) {
                throw fault(
                        file,
                        "the metadata says that \"%s\" is the next value of \"%s\"; the model has no such %s"
                                .formatted(output, input, state.input() < 0 ? "input" : "output"));
            }
            var now = values.apply(input).type();
            var next = values.apply(output).type();
            if (!next.equals(now)) {
                throw fault(
                        file, "state \"%s\" is %s, its next value \"%s\" is %s".formatted(input, now, output, next));
            }
            states.add(state);
        });
        return states;
    }

    private static FrontendException fault(OnnxFile file, String what) {
        return new FrontendException("SYS1210", file.path().getFileName() + ": " + what);
    }
}
