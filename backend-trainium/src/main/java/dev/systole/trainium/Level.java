package dev.systole.trainium;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphParser;
import dev.systole.ir.target.Target;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.text.TextException;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.TileParser;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.codegen.Allocate.Allocation;
import dev.systole.trainium.codegen.CodeText;
import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.Program;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** A model on its way through the compiler, at the level that it has reached. Each has one printed form, which begins with its name. */
public sealed interface Level {
    /** The name of the level, which ends the names of its dumps. */
    String name();

    /** The printed form. */
    String text();

    /** Every constant that the level holds. */
    List<Tensor> constants();

    /** Values and operators. */
    record OfGraph(Graph graph) implements Level {
        @Override
        public String name() {
            return "graph";
        }

        @Override
        public String text() {
            return graph.toString();
        }

        @Override
        public List<Tensor> constants() {
            return graph.constants();
        }
    }

    /** Loops over tiles. */
    record OfTiles(TileProgram tiles) implements Level {
        @Override
        public String name() {
            return "tiles";
        }

        @Override
        public String text() {
            return tiles.toString();
        }

        @Override
        public List<Tensor> constants() {
            return values(tiles.buffers());
        }
    }

    /** Instructions over virtual tiles and buffers. */
    record OfCode(VirtualCode code) implements Level {
        @Override
        public String name() {
            return "code";
        }

        @Override
        public String text() {
            return code.toString();
        }

        @Override
        public List<Tensor> constants() {
            return values(code.buffers());
        }
    }

    /** Instructions over addresses, in one order. */
    record OfAddresses(Allocation allocation) implements Level {
        @Override
        public String name() {
            return "allocated";
        }

        @Override
        public String text() {
            return allocation.toString();
        }

        @Override
        public List<Tensor> constants() {
            return values(allocation.code().buffers());
        }
    }

    /** A stream of instructions for each engine. */
    record OfProgram(Program program) implements Level {
        @Override
        public String name() {
            return "program";
        }

        @Override
        public String text() {
            return Listing.text(program);
        }

        @Override
        public List<Tensor> constants() {
            return program.constants().stream()
                    .map(c -> new Tensor(TensorType.of(DType.U8, c.bytes().byteSize()), c.bytes()))
                    .toList();
        }
    }

    private static List<Tensor> values(List<Buffer> buffers) {
        return buffers.stream()
                .flatMap(b -> b.role() instanceof Buffer.Role.Constant(var value) ? Stream.of(value) : Stream.empty())
                .toList();
    }

    /**
     * Reads a printed form of any level.
     *
     * @param source the file, as messages call it
     * @param targets gives the target with the name that a program names
     * @param constants where constants that are printed as hashes come from
     * @throws TextException if the text is none of the forms
     */
    static Level parse(String text, String source, Function<String, Target> targets, Constants constants) {
        var s = new Scanner(text, source);
        if (s.acceptWord("graph")) {
            return new OfGraph(GraphParser.parse(text, source, constants));
        }
        if (s.acceptWord("tiles")) {
            return new OfTiles(TileParser.parse(text, source, constants));
        }
        if (s.acceptWord("code")) {
            return new OfCode(CodeText.parse(text, source, constants));
        }
        if (s.acceptWord("allocated")) {
            return new OfAddresses(CodeText.parseAllocated(text, source, constants));
        }
        if (s.acceptWord("program")) {
            return new OfProgram(Assembler.parse(text, source, targets, constants));
        }
        throw s.fault("expected a dump, which begins with graph, tiles, code, allocated or program");
    }
}
