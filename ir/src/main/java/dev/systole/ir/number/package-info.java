/**
 * Numbers as the machine sees them: the bits of every element type, and the functions of its engines.
 *
 * <p>{@link dev.systole.ir.number.FloatFormat} converts between fp32 and the narrower floats, {@link
 * dev.systole.ir.number.Elements} reads and writes elements in memory, {@link
 * dev.systole.ir.number.ActivationFunction} lists the functions of ScalarE, each defined by a fixed sequence of IEEE-754
 * operations in {@link dev.systole.ir.number.Functions}. Nothing depends on the host: no library function whose last bit
 * may differ is called.
 */
package dev.systole.ir.number;
