/**
 * ONNX operators as graph operations: one rule an operator, families in files of their own, all in the table of {@link
 * dev.systole.frontend.onnx.operator.Operators}. Rules follow the ONNX operator specification (docs/Operators.md of the ONNX
 * project) for every opset in which an operator's meaning differs.
 */
package dev.systole.frontend.onnx.operator;
