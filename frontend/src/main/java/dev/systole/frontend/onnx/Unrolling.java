package dev.systole.frontend.onnx;

import dev.systole.ir.graph.GraphBuilder;

/** Bounds what the graphs that nodes hold and the functions they call are unrolled to, in a whole model. Mutable. */
final class Unrolling {
    private static final int MOST_BODIES = 100_000;
    private static final int MOST_OPERATIONS = 50_000;
    private static final int MOST_NODES = 2_000_000;
    private static final int DEEPEST = 64;

    private final GraphBuilder builder;
    private int bodies;
    private long nodes;
    private int depth;
    private int sizeOutside;
    private int operations;

    Unrolling(GraphBuilder builder) {
        this.builder = builder;
    }

    /**
     * Enters the body of a node.
     *
     * @param size its nodes
     * @throws IllegalArgumentException if the bodies so far are more than a program should be made of
     */
    void open(int size) {
        sizeOutside = depth == 0 ? builder.size() : sizeOutside;
        depth++;
        bodies++;
        nodes += size;
        int unrolled = operations + builder.size() - sizeOutside;
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("functions and graphs lie in each other more than " + DEEPEST + " deep");
        }
        if (bodies > MOST_BODIES || unrolled > MOST_OPERATIONS || nodes > MOST_NODES) {
            throw new IllegalArgumentException(
                    "loops and functions unroll to more than %d operations in %d bodies; give the loops fewer iterations"
                            .formatted(MOST_OPERATIONS, MOST_BODIES));
        }
    }

    /** Leaves it. */
    void close() {
        depth--;
        operations += depth == 0 ? builder.size() - sizeOutside : 0;
    }
}
