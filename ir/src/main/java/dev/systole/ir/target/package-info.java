/**
 * Targets: what is known of a machine, as data.
 *
 * <p>A {@link dev.systole.ir.target.Target} gives the sizes, limits, rates and overheads that the compiler and the emulator ask
 * for; {@link dev.systole.ir.target.Targets} reads it from JSON, built in or from a file. Every number keeps its {@link
 * dev.systole.ir.target.Provenance}: the page that it comes from, or the word assumption. {@code Schema} lists the parameters
 * there are, {@code Rules} what follows from what. docs/targets.md describes the file.
 */
package dev.systole.ir.target;
