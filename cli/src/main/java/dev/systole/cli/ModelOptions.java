package dev.systole.cli;

import picocli.CommandLine.Mixin;

/** Options of every command that compiles a model. */
final class ModelOptions extends TargetOptions {
    @Mixin
    final InputOptions input = new InputOptions();
}
