/**
 * ONNX files as they lie on disk: models parsed over a mapped file without copying a weight, tensors as ours and back. Knows no
 * operator.
 */
package dev.systole.frontend.onnx.file;
