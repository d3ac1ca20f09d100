/**
 * Tensor types: element types, shapes, and constant tensors as bytes.
 *
 * <p>Everything here is an immutable value. A {@link dev.systole.ir.type.Tensor} aliases the memory it was made from (a
 * mapped model file, usually), so weights are never copied to be passed along.
 */
package dev.systole.ir.type;
