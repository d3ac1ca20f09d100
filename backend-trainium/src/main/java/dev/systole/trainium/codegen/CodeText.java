package dev.systole.trainium.codegen;

import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.text.TextException;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileParser;
import dev.systole.ir.tile.TilePrinter;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.Listing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The printed form of code before it is split into streams: the buffers (once allocated, with their addresses), the tiles, then a step a
 * line, engine first, headed by the model node that the steps serve.
 */
public final class CodeText {
    private CodeText() {}

    static String print(VirtualCode code) {
        var out = new StringBuilder("code " + Scanner.quoted(code.name()) + " {\n");
        out.append(code.contract().lines("  "));
        code.buffers().forEach(b -> out.append("  ").append(TilePrinter.text(b)).append('\n'));
        for (var t : code.tiles()) {
            out.append("  %s = %s %s[%d, %d]\n"
                    .formatted(t, t.psum() ? "psum" : "sbuf", t.dtype(), t.partitions(), t.free()));
        }
        steps(code.steps(), out);
        return out.append("}\n").toString();
    }

    static String print(Allocate.Allocation allocation) {
        var code = allocation.code();
        var out = new StringBuilder("allocated " + Scanner.quoted(code.name()) + " {\n");
        out.append("  hbm %d sbuf_peak %d psum_peak %d spilled %d\n"
                .formatted(
                        allocation.hbmBytes(),
                        allocation.sbufPeakBytesPerPartition(),
                        allocation.psumPeakBanks(),
                        allocation.spilledBytes()));
        out.append(code.contract().lines("  "));
        for (var b : code.buffers()) {
            out.append("  %s at %d\n"
                    .formatted(TilePrinter.text(b), allocation.bufferAddress().get(b.id())));
        }
        steps(code.steps(), out);
        return out.append("}\n").toString();
    }

    private static void steps(List<VirtualCode.Step> steps, StringBuilder out) {
        var last = Location.COMPILER;
        for (var s : steps) {
            if (!s.location().equals(last)) {
                out.append("  // ")
                        .append(Scanner.escaped(s.location().toString()))
                        .append('\n');
                last = s.location();
            }
            out.append("  %s %s\n".formatted(s.instruction().engine(), Listing.text(s.instruction())));
        }
    }

    /**
     * Code over virtual tiles and buffers.
     *
     * @throws TextException if the text is no such code
     */
    public static VirtualCode parse(String text, String source, Constants constants) {
        var s = new Scanner(text, source);
        s.expectWord("code");
        var name = s.string("the program's name");
        s.expect("{");
        var contract = Contract.parse(s);
        var buffers = new ArrayList<Buffer>();
        var location = heading(s, Location.COMPILER);
        while (s.sees("@")) {
            buffers.add(TileParser.buffer(s, constants));
            location = heading(s, location);
        }
        var tiles = new ArrayList<Tile>();
        while (s.sees("t") && !s.sees("tensor")) {
            tiles.add(TileParser.tile(s));
            location = heading(s, location);
        }
        var code = new VirtualCode(name, contract, buffers, tiles, steps(s, location));
        end(s);
        return code;
    }

    /**
     * Code over addresses.
     *
     * @throws TextException if the text is no such code
     */
    public static Allocate.Allocation parseAllocated(String text, String source, Constants constants) {
        var s = new Scanner(text, source);
        s.expectWord("allocated");
        var name = s.string("the program's name");
        s.expect("{");
        s.expectWord("hbm");
        long hbmBytes = s.integer("bytes");
        s.expectWord("sbuf_peak");
        long sbufPeak = s.integer("bytes");
        s.expectWord("psum_peak");
        int psumPeak = s.integer("banks", 0, 1 << 16);
        s.expectWord("spilled");
        long spilled = s.integer("bytes");
        var contract = Contract.parse(s);
        var buffers = new ArrayList<Buffer>();
        Map<Integer, Long> addresses = new HashMap<>();
        var location = heading(s, Location.COMPILER);
        while (s.sees("@")) {
            buffers.add(TileParser.buffer(s, constants));
            s.expectWord("at");
            addresses.put(buffers.getLast().id(), s.integer("an address"));
            location = heading(s, location);
        }
        var code = new VirtualCode(name, contract, buffers, List.of(), steps(s, location));
        end(s);
        return new Allocate.Allocation(code, addresses, hbmBytes, sbufPeak, psumPeak, spilled);
    }

    private static void end(Scanner s) {
        if (!s.isAtEnd()) {
            throw s.fault("expected nothing more");
        }
    }

    private static List<VirtualCode.Step> steps(Scanner s, Location first) {
        var steps = new ArrayList<VirtualCode.Step>();
        var location = first;
        while (!s.accept("}")) {
            steps.add(new VirtualCode.Step(Assembler.instruction(s, Assembler.engine(s)), location));
            location = heading(s, location);
        }
        return steps;
    }

    /** The location after any headings that follow. */
    private static Location heading(Scanner s, Location before) {
        var location = before;
        for (var heading = s.commentBefore(); heading.isPresent(); heading = s.commentBefore()) {
            var text = s.unescaped(heading.get());
            location = text.isEmpty() ? Location.COMPILER : Location.parse(text);
        }
        return location;
    }
}
