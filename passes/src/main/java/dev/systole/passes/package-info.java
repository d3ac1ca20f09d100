/**
 * Rewriting of graphs and of tile programs, one pass a file. A {@link dev.systole.passes.GraphPass} or {@link
 * dev.systole.passes.TilePass} takes an immutable program and gives another that means the same; which run in which order is
 * not decided here.
 *
 * <p>Two designs were weighed for the rewrites of single operations. A worklist that runs rules to a fixed point finds every
 * chain, but its result depends on the order of the list. One walk in graph order, in which a rule sees operands that are
 * already rewritten, is deterministic by construction and needs no fixed point for rules that look at operands only; all of
 * ours do ({@link dev.systole.passes.Rewriting}).
 */
package dev.systole.passes;
