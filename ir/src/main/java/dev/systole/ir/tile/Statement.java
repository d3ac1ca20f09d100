package dev.systole.ir.tile;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import java.util.List;
import java.util.Optional;

/**
 * What a tile program does, in order. Elementwise statements pair elements by position: partition by partition, then in
 * the order of the free patterns, whose element counts are equal. Values are computed in fp32 (32-bit integers exactly)
 * and rounded to the type of the tile that they are written to.
 */
public sealed interface Statement {
    /** The model node that the statement serves. */
    Location location();

    /** The body {@code count} times, with {@code variable} from 0. */
    record For(int variable, long count, List<Statement> body, Location location) implements Statement {
        public For {
            body = List.copyOf(body);
        }
    }

    /** Storage for a tile comes into being, with undefined content; inside a loop once an iteration. */
    record Alloc(Tile tile, Location location) implements Statement {}

    /** HBM to SBUF; element types may differ. */
    record Load(TileRef to, BufferRef from, Location location) implements Statement {}

    /** SBUF to HBM; element types may differ. */
    record Store(BufferRef to, TileRef from, Location location) implements Statement {}

    /**
     * Partition p gets the row of {@code from} that {@code index} [P, 1] names: {@code from} describes row 0, and row r lies
     * {@code r * rowStride} elements further. A row number outside 0..rows-1 stops the program.
     */
    record GatherRows(TileRef to, BufferRef from, long rowStride, long rows, TileRef index, Location location)
            implements Statement {}

    /**
     * The row of {@code to} that {@code index} [P, 1] names gets partition p, partition by partition: {@code to} describes row 0, and row r
     * lies {@code r * rowStride} elements further. A row number outside 0..rows-1 stops the program.
     */
    record ScatterRows(BufferRef to, TileRef from, long rowStride, long rows, TileRef index, Location location)
            implements Statement {}

    /** to[p][i] = from[p][index[p][i]]; an index (u32) outside the free pattern of {@code from} stops the program. */
    record GatherElements(TileRef to, TileRef from, TileRef index, Location location) implements Statement {}

    /** to = value. */
    record Fill(TileRef to, double value, Location location) implements Statement {}

    /** to[p][i..] = base + p * channelMultiplier + sum of steps[j] * i[j]. */
    record Iota(TileRef to, long base, long channelMultiplier, List<Long> steps, Location location)
            implements Statement {
        public Iota {
            steps = List.copyOf(steps);
        }
    }

    /** to = from, converted to the type of {@code to} (floats to integers round to nearest even and saturate). */
    record Copy(TileRef to, TileRef from, Location location) implements Statement {}

    /** to = the bits of from; their types are equally wide. */
    record Bitcast(TileRef to, TileRef from, Location location) implements Statement {}

    /** to = f(x). */
    record Unary(TileRef to, UnaryOp function, TileRef x, Location location) implements Statement {}

    /**
     * to = f(scale x + bias), a fused multiply-add before the function; the sum, if it is wanted, of all results of a partition in element
     * order, before they are rounded.
     *
     * @param scale a number, or one fp32 element a partition
     * @param bias a number, or one fp32 element a partition
     * @param sum one element a partition
     */
    record Activate(
            TileRef to,
            UnaryOp function,
            TileRef x,
            Operand scale,
            Operand bias,
            Optional<TileRef> sum,
            Location location)
            implements Statement {}

    /** to = f(a, b); at most one operand is an immediate. */
    record Binary(TileRef to, BinaryOp function, Operand a, Operand b, Location location) implements Statement {}

    /**
     * to = second(first(a, b), c), or second(c, first(a, b)) if it is swapped; what is between them is not rounded to a type.
     * At most one of a and b is an immediate.
     */
    record Chain(
            TileRef to,
            BinaryOp first,
            Operand a,
            Operand b,
            BinaryOp second,
            Operand c,
            boolean swapped,
            Location location)
            implements Statement {}

    /** to = condition ? a : b; the condition is nonzero or zero. */
    record Select(TileRef to, TileRef condition, Operand a, Operand b, Location location) implements Statement {}

    /**
     * to[p][i] = the reduction of the i-th of as many equal parts of x[p], in element order. The last dimensions of {@code x} are a part.
     */
    record Reduce(TileRef to, ReduceOp function, TileRef x, Location location) implements Statement {}

    /** to[p][0] = the mean of x[p], to[p][1] = the mean of the squared distances from it; {@code to} is fp32. */
    record Moments(TileRef to, TileRef x, Location location) implements Statement {}

    /** to[p][i] = the reduction of x[p][0] to x[p][i]. */
    record Scan(TileRef to, ReduceOp function, TileRef x, Location location) implements Statement {}

    /**
     * values[p] (fp32) = the eight largest elements of x[p] (fp32, no NaN), the largest first; places[p] (u32) = where they are, the first of
     * equal ones first. The rest, if it is wanted, is x with negative infinity in those places.
     */
    record TopEight(TileRef values, TileRef places, TileRef x, Optional<TileRef> rest, Location location)
            implements Statement {}

    /**
     * to[p][i] = factor[p][i] * to[p][i-1] + summand[p][i], where first stands before to[p][0]; the product is rounded to fp32, and so is
     * the sum, which goes on before it is rounded to the type of {@code to}.
     *
     * @param first a number, or one fp32 element a partition
     */
    record Recurrence(TileRef to, TileRef factor, TileRef summand, Operand first, Location location)
            implements Statement {}

    /**
     * to[m][n] (+)= sum over k of stationary[k][m] * moving[k][n], k on partitions, from 0 in order, fused multiply-add in
     * fp32. Adds to what is there unless {@code step} is 0, which marks the first of a group.
     */
    record MatMul(TileRef to, TileRef stationary, TileRef moving, Affine step, Location location)
            implements Statement {}

    /**
     * to[f][p] = from[p][f], exactly. TensorE writes it to PSUM, the DMA engines (where they can transpose) elements of two bytes to SBUF.
     *
     * @param isFinite true if all elements are finite or what becomes of the others does not matter: then the transpose may be a product
     *     with the identity, which makes NaN of all that an infinity or NaN shares a row of {@code to} with. The result is of the same type,
     *     or fp32.
     */
    record Transpose(TileRef to, TileRef from, boolean isFinite, Location location) implements Statement {}
}
