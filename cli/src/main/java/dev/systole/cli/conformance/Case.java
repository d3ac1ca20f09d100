package dev.systole.cli.conformance;

import java.nio.file.Path;
import java.util.List;

/**
 * A test case: a model with sets of inputs and the outputs expected of each.
 *
 * @param tier as the manifest says, or {@code -}
 * @param operators that the model consists of, as the manifest says, or none
 * @param sets directories with {@code input_K.pb} and {@code output_K.pb}; none for a model whose input is a ramp
 */
record Case(String group, String name, String tier, List<String> operators, Path model, List<Path> sets) {}
