/**
 * The {@code systole} command: one class a subcommand, and what they share. {@link dev.systole.cli.Systole} turns failures into
 * messages and exit codes: 0 done, 1 the model or a comparison failed, 2 wrong usage, 3 a fault of Systole's own.
 */
package dev.systole.cli;
