/**
 * The emulator's hot loops, on plain float arrays: matrix products with the Vector API, and elementwise functions. Each result is
 * a fixed sequence of IEEE operations, so vector width, blocking and threads never change a bit; beside each vector kernel
 * stands a plain twin that a test compares it with.
 */
package dev.systole.emulator.kernel;
