package dev.systole.passes;

import dev.systole.ir.graph.Graph;

/** A rewriting of graphs. */
public interface GraphPass {
    /** Name in kebab case, as the command line and dumps print it. */
    String name();

    Graph run(Graph graph);
}
