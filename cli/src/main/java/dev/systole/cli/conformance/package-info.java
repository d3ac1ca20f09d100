/**
 * The ONNX project's own test cases as a judge: a directory of cases is read, each is compiled, encoded, decoded, executed by the emulator and
 * compared with the outputs that came with it, which nothing else ever reads.
 */
package dev.systole.cli.conformance;
