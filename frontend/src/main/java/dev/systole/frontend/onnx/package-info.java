/**
 * ONNX models to graphs. {@link dev.systole.frontend.onnx.file.OnnxFile} maps and parses a file without copying a weight, {@link
 * dev.systole.frontend.onnx.file.OnnxTensors} turns its tensors into ours and back, {@link
 * dev.systole.frontend.onnx.OnnxImporter} builds the graph with the shapes that {@link dev.systole.frontend.onnx.Bindings} fix.
 *
 * <p>Two designs were weighed for shapes. A symbolic graph that a pass specialises later would need every operator's rule twice.
 * The importer knows all shapes from the first node on, so shape arithmetic is folded as it is met and the graph IR stays
 * static.
 */
package dev.systole.frontend.onnx;
