/**
 * The model language, as docs/language.md specifies it: text to words, words to syntax, syntax to an ONNX model, node by node. What a
 * node means and which types it gives the importer says. Errors are collected with their places; an elaboration is bounded in
 * time and memory by the text. Also the way back: ONNX models as text, and the formatter.
 */
package dev.systole.frontend.sy;
