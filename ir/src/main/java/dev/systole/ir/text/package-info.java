/**
 * Reading of printed forms: {@link dev.systole.ir.text.Scanner} takes text apart, {@link dev.systole.ir.text.Literals} prints and reads
 * constant tensors, {@link dev.systole.ir.text.TextException} says where a text is wrong. The grammars of the levels stand with the
 * levels.
 */
package dev.systole.ir.text;
