/**
 * Instruction selection: {@code SelectInstructions} takes a tile program to virtual code, statement by statement, each by the
 * file of its kind. They share one {@code CodeBuilder}.
 */
package dev.systole.trainium.codegen.selection;
