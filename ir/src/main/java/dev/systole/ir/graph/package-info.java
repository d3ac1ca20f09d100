/**
 * The graph IR: what a model computes, as SSA values with static tensor types and primitive operators.
 *
 * <p>A {@link dev.systole.ir.graph.Graph} is a list of {@link dev.systole.ir.graph.Node nodes} in an order in which every
 * value is defined before it is used. A node applies an {@link dev.systole.ir.graph.Op} to values; the operators are
 * the records that {@code Op} permits, chosen so that every ONNX operator decomposes into them. Operators are strict:
 * elementwise operands have equal shapes (broadcasting is an operator), reductions keep their dimensions, operands of
 * {@code matmul} have equal batch dimensions. Control flow and fused groups are operators with regions: graphs that see
 * nothing but their own inputs.
 *
 * <p>Two designs were weighed. A node class an operator reads well in one place but repeats inputs, types and locations
 * seventy times and makes every pass a visitor. One node record over a sealed family of attribute records keeps the
 * wiring in one place and lets a switch list every operator; that one won.
 *
 * <p>What lives here: the IR, its builder (which infers types), its printed form, its verifier, and the interpreter that
 * gives it its meaning. It knows no model format, no pass and no machine.
 */
package dev.systole.ir.graph;
