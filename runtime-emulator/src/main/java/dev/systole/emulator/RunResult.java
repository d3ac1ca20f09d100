package dev.systole.emulator;

import dev.systole.ir.type.Tensor;
import java.util.Map;

/**
 * Outputs of a run by name, in the program's order and in the model's types, and its timeline.
 */
public record RunResult(Map<String, Tensor> outputs, Timeline timeline) {}
