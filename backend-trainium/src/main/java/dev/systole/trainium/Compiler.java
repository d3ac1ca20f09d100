package dev.systole.trainium;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphVerifier;
import dev.systole.ir.graph.Op;
import dev.systole.ir.tile.TileVerifier;
import dev.systole.ir.type.DType;
import dev.systole.passes.AssignLayouts;
import dev.systole.passes.AssignPrecision;
import dev.systole.passes.Canonicalise;
import dev.systole.passes.ComputeOnDemand;
import dev.systole.passes.Decompose;
import dev.systole.passes.EliminateCommonSubexpressions;
import dev.systole.passes.EliminateDeadValues;
import dev.systole.passes.Expand;
import dev.systole.passes.FillConstants;
import dev.systole.passes.FoldConstants;
import dev.systole.passes.Fuse;
import dev.systole.passes.FuseAttention;
import dev.systole.passes.FuseChains;
import dev.systole.passes.FuseMoments;
import dev.systole.passes.Interleave;
import dev.systole.passes.JoinStores;
import dev.systole.passes.KeepInSbuf;
import dev.systole.passes.MergeCopies;
import dev.systole.passes.MultiplyIntegers;
import dev.systole.passes.MultiplyVectors;
import dev.systole.passes.PackConstants;
import dev.systole.passes.PassException;
import dev.systole.passes.PlaceInPsum;
import dev.systole.passes.ReuseLoads;
import dev.systole.passes.ScaleSums;
import dev.systole.passes.SinkReshapes;
import dev.systole.passes.SplitBatch;
import dev.systole.passes.SplitProducts;
import dev.systole.passes.SpreadRows;
import dev.systole.passes.TurnLines;
import dev.systole.passes.UnmergeBatches;
import dev.systole.passes.Unpack;
import dev.systole.passes.Unroll;
import dev.systole.passes.tiling.Tiling;
import dev.systole.trainium.codegen.Allocate;
import dev.systole.trainium.codegen.CodeVerifier;
import dev.systole.trainium.codegen.Schedule;
import dev.systole.trainium.codegen.Synchronise;
import dev.systole.trainium.codegen.selection.SelectInstructions;
import dev.systole.trainium.isa.Limits;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.RaceProof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Compiles graphs to programs. The pipeline is a value: what happens to a model is read off {@link #pipeline}. */
public final class Compiler {
    /** Tile statements that a program may have once its loops are written out. */
    private static final int MOST_STATEMENTS = 1_000_000;

    private final CompileOptions options;

    public Compiler(CompileOptions options) {
        this.options = options;
    }

    /** What a compile does, in order. Each stage's result is verified. */
    public static List<Stage> pipeline(CompileOptions options) {
        var target = options.target();
        long longestRow = Tiling.longestRow(target);
        return List.of(
                Stage.of(new Canonicalise()),
                Stage.of(new EliminateDeadValues()),
                Stage.of(new MultiplyIntegers()),
                Stage.of(new ScaleSums(target)),
                Stage.of(new FoldConstants()),
                Stage.of(new EliminateCommonSubexpressions()),
                Stage.of(new Unpack()),
                Stage.of(new AssignPrecision(options.autoCast(), options.autoCastType())),
                Stage.of(new Expand(target)),
                Stage.of(new Decompose(longestRow, target.memory().partitions())),
                Stage.of(new UnmergeBatches()),
                Stage.of(new MultiplyVectors(target.memory().partitions())),
                Stage.of(new SplitProducts()),
                Stage.of(new SinkReshapes()),
                Stage.of(new SplitBatch(target)),
                Stage.of(new Canonicalise()),
                Stage.of(new FoldConstants()),
                Stage.of(new EliminateCommonSubexpressions()),
                Stage.of(new EliminateDeadValues()),
                Stage.of(new FuseAttention(
                        target.memory().sbufBytesPerPartition()
                                * target.memory().partitions()
                                / 8
                                / DType.F32.bytes(),
                        target.tensor().maxContractionRows(),
                        target.memory().psumBankBytesPerPartition() / DType.F32.bytes(),
                        target.memory().partitions())),
                Stage.of(new Fuse(longestRow)),
                Stage.of(new AssignLayouts(target)),
                Stage.of(new EliminateDeadValues()),
                // The graph ends, tiles begin.
                Stage.of(new Tiling(target)),
                Stage.of(new Unroll(MOST_STATEMENTS)),
                Stage.of(new ComputeOnDemand(target)),
                Stage.of(new Interleave(target)),
                Stage.of(new TurnLines(target)),
                Stage.of(new KeepInSbuf(target)),
                Stage.of(new MergeCopies()),
                Stage.of(new JoinStores(target)),
                Stage.of(new FuseMoments()),
                Stage.of(new FuseChains()),
                Stage.of(new ReuseLoads(target)),
                Stage.of(new FillConstants()),
                Stage.of(new PackConstants(target)),
                Stage.of(new SpreadRows(target)),
                Stage.of(new PlaceInPsum(target)),
                // Tiles end, the machine begins.
                Stage.of(new SelectInstructions(target)),
                Stage.of(new Schedule(target)),
                Stage.of(new Allocate(target)),
                Stage.of(new Synchronise(target)));
    }

    /**
     * @throws PassException if the model cannot be compiled for the target
     */
    public Compilation compile(Graph graph) {
        var run = new Run();
        Level level = new Level.OfGraph(graph);
        for (var stage : pipeline(options)) {
            level = run.apply(stage, level);
        }
        return run.compilation(level);
    }

    /**
     * Applies stages to what a dump holds.
     *
     * @throws PassException if the dump breaks the rules of its level, or a stage does not take the level before it, or fails
     */
    public Level apply(List<Stage> stages, Level level) {
        var faults = faults(level);
        if (!faults.isEmpty()) {
            throw new PassException("SYS3008 the dump breaks the rules of its level (" + level.name() + "):\n  "
                    + String.join("\n  ", faults));
        }
        var run = new Run();
        for (var stage : stages) {
            level = run.apply(stage, level);
        }
        return level;
    }

    /**
     * The rules of its level that a level breaks; none if it breaks none.
     *
     * @throws LimitException if a program goes beyond a limit of its target
     */
    private List<String> faults(Level level) {
        int partitions = options.target().memory().partitions();
        return switch (level) {
            case Level.OfGraph(var graph) -> GraphVerifier.verify(graph);
            case Level.OfTiles(var tiles) -> TileVerifier.verify(tiles, partitions);
            case Level.OfCode(var code) -> CodeVerifier.verify(code, partitions);
            case Level.OfAddresses(var allocation) -> CodeVerifier.verify(allocation, options.target());
            case Level.OfProgram(var program) -> proven(program);
        };
    }

    private static List<String> proven(Program program) {
        Limits.check(program);
        return RaceProof.check(program);
    }

    /** What is remembered while a model passes through. Mutable. */
    private final class Run {
        private final List<Compilation.Timing> timings = new ArrayList<>();
        private int regions;
        private long sbufPeak;
        private int psumPeak;
        private long spilled;

        Level apply(Stage stage, Level before) {
            long start = System.nanoTime();
            var after = stage.work().apply(before);
            verify(stage.name(), after);
            timings.add(new Compilation.Timing(stage.name(), Duration.ofNanos(System.nanoTime() - start)));
            switch (after) {
                case Level.OfGraph(var graph) ->
                    regions = (int) graph.nodes().stream()
                            .filter(n -> n.op() instanceof Op.Fused)
                            .count();
                case Level.OfAddresses(var allocation) -> {
                    sbufPeak = allocation.sbufPeakBytesPerPartition();
                    psumPeak = allocation.psumPeakBanks();
                    spilled = allocation.spilledBytes();
                }
                default -> {}
            }
            options.dump().accept(stage.name(), after);
            return after;
        }

        private void verify(String pass, Level level) {
            // Addresses are held against the limits as soon as they are a program.
            var faults = level instanceof Level.OfAddresses ? List.<String>of() : faults(level);
            if (!faults.isEmpty()) {
                throw new IllegalStateException("after " + pass + ":\n" + String.join("\n", faults));
            }
        }

        Compilation compilation(Level level) {
            if (!(level instanceof Level.OfProgram(var program))) {
                throw new IllegalStateException("the pipeline ends with " + level.name());
            }
            return new Compilation(program, regions, sbufPeak, psumPeak, spilled, timings);
        }
    }
}
