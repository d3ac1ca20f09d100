package dev.systole.passes.tiling;

import dev.systole.ir.tile.Affine;

/** A run of rows or columns. */
record Span(Affine start, long size) {
    /** So many of them, from one on. */
    Span part(Affine first, long count) {
        return new Span(start.plus(first), count);
    }
}
