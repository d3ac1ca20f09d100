package dev.systole.trainium.codegen;

import com.google.common.primitives.Ints;
import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Tile;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Instructions over virtual tiles and buffers, in an order that respects every dependence.
 *
 * @param name of the model
 * @param contract what else callers must know of the inputs and outputs
 * @param buffers that HBM accesses name by id
 * @param tiles that on-chip accesses name by id
 */
public record VirtualCode(String name, Contract contract, List<Buffer> buffers, List<Tile> tiles, List<Step> steps) {
    /** An instruction and the model node that it serves. */
    public record Step(Instruction instruction, Location location) {
        /** The on-chip tiles that the instruction reads or writes, by ascending id. */
        public int[] tiles() {
            var ids = new TreeSet<Integer>();
            Consumer<Access> add = a -> {
                if (a.memory() != Memory.HBM && a.isVirtual()) {
                    ids.add(a.object().getAsInt());
                }
            };
            instruction.reads().forEach(add);
            instruction.writes().forEach(add);
            return Ints.toArray(ids);
        }
    }

    public VirtualCode {
        buffers = List.copyOf(buffers);
        tiles = List.copyOf(tiles);
        steps = List.copyOf(steps);
    }

    /** The printed form, see {@link CodeText}. */
    @Override
    public String toString() {
        return CodeText.print(this);
    }
}
