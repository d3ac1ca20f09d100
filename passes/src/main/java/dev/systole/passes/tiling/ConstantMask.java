package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AttentionPattern;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;

/**
 * What a constant mask of an attention says of blocks of scores.
 *
 * @param node that masks: a selection between scores and a very small number, or an addition
 * @param constant operand of it, a matrix of queries by keys
 * @param kept the scores where nothing is masked
 * @param masked for each query and key
 */
record ConstantMask(
        Optional<Node> node, Optional<Value> constant, Optional<Value> kept, boolean[][] masked, boolean[][] changed) {
    private static final ConstantMask NONE = new ConstantMask(
            Optional.empty(), Optional.empty(), Optional.empty(), new boolean[0][0], new boolean[0][0]);

    /** @param constants of inputs, each a matrix of queries by keys */
    static ConstantMask of(
            AttentionPattern pattern,
            Map<Value, Node> definitions,
            Map<Value, Tensor> constants,
            long queries,
            long keys) {
        for (var node : pattern.chain()) {
            if (node.op() instanceof Op.Select
                    && constants.containsKey(node.input(0))
                    && pattern.numberOf(node.input(2)) <= AttentionPattern.LEAST) {
                return of(node, node.input(0), node.input(1), constants.get(node.input(0)), queries, keys, true);
            }
            if (node.op().equals(new Op.Binary(BinaryOp.ADD))) {
                for (int i = 0; i < 2; i++) {
                    if (constants.containsKey(node.input(i))) {
                        return of(
                                node,
                                node.input(i),
                                node.input(1 - i),
                                constants.get(node.input(i)),
                                queries,
                                keys,
                                false);
                    }
                }
            }
        }
        return NONE;
    }

    private static ConstantMask of(
            Node node, Value constant, Value kept, Tensor mask, long queries, long keys, boolean selects) {
        var masked = new boolean[Math.toIntExact(queries)][Math.toIntExact(keys)];
        var changed = new boolean[masked.length][Math.toIntExact(keys)];
        var dtype = mask.type().dtype();
        for (int q = 0; q < masked.length; q++) {
            boolean alive = false;
            for (int k = 0; k < keys; k++) {
                double x = selects
                        ? Elements.readInteger(mask.bytes(), q * keys + k, dtype)
                        : Elements.readDouble(mask.bytes(), q * keys + k, dtype);
                masked[q][k] = selects ? x == 0 : x <= AttentionPattern.LEAST;
                changed[q][k] = selects ? x == 0 : x != 0;
                alive |= !masked[q][k];
            }
            if (!alive) {
                // The softmax of nothing but masked scores depends on all of them.
                masked[q] = new boolean[(int) keys];
            }
        }
        return new ConstantMask(Optional.of(node), Optional.of(constant), Optional.of(kept), masked, changed);
    }

    /** True if every score of a block is masked. */
    boolean isDead(long q, int n, long k, long size) {
        return masked.length > 0 && all(masked, true, q, n, k, size);
    }

    /** True if some scores of a block are masked or otherwise changed. */
    boolean isChanging(long q, int n, long k, long size) {
        return changed.length > 0 && !all(changed, false, q, n, k, size);
    }

    /** True if the mask removes what it changes, so that it is the same as adding a number below all others there. */
    boolean isRemoving() {
        return Arrays.deepEquals(masked, changed);
    }

    /** Which scores of a block are masked, query by query. */
    BitSet masked(long q, int n, long k, long size) {
        var bits = new BitSet();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < size; j++) {
                bits.set((int) (i * size + j), masked[(int) q + i][(int) k + j]);
            }
        }
        return bits;
    }

    /** The operand that a node passes on unchanged in a block, if it is the mask and masks nothing there. */
    Optional<Value> passes(Node at, long q, int n, long k, long size) {
        return node.filter(x -> x == at && all(changed, false, q, n, k, size)).flatMap(x -> kept);
    }

    private static boolean all(boolean[][] of, boolean value, long q, int n, long k, long size) {
        for (int i = (int) q; i < q + n; i++) {
            for (int j = (int) k; j < k + size; j++) {
                if (of[i][j] != value) {
                    return false;
                }
            }
        }
        return true;
    }
}
