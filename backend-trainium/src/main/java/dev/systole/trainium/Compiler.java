package dev.systole.trainium;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphVerifier;
import dev.systole.ir.graph.Op;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileVerifier;
import dev.systole.ir.type.TensorType;
import dev.systole.passes.AssignLayouts;
import dev.systole.passes.AssignPrecision;
import dev.systole.passes.Canonicalise;
import dev.systole.passes.Decompose;
import dev.systole.passes.EliminateCommonSubexpressions;
import dev.systole.passes.EliminateDeadValues;
import dev.systole.passes.FoldConstants;
import dev.systole.passes.Fuse;
import dev.systole.passes.GraphPass;
import dev.systole.passes.KeepInSbuf;
import dev.systole.passes.PassException;
import dev.systole.passes.ReuseLoads;
import dev.systole.passes.SinkReshapes;
import dev.systole.passes.TilePass;
import dev.systole.passes.Unroll;
import dev.systole.passes.tiling.Tiling;
import dev.systole.trainium.codegen.Allocate;
import dev.systole.trainium.codegen.Schedule;
import dev.systole.trainium.codegen.SelectInstructions;
import dev.systole.trainium.codegen.Synchronise;
import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.Limits;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.RaceProof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Compiles graphs to programs. The pipeline is a value: what happens to a model is read off {@link #pipeline}. */
public final class Compiler {
    /** Tile statements that a program may have once its loops are written out. */
    private static final int MOST_STATEMENTS = 400_000;

    /** A pass between levels of the compiler. */
    public sealed interface Stage {
        String name();

        /** Graph to graph. */
        record OnGraph(GraphPass pass) implements Stage {
            @Override
            public String name() {
                return pass.name();
            }
        }

        /** Graph to tiles. */
        record ToTiles(Tiling pass) implements Stage {
            @Override
            public String name() {
                return pass.name();
            }
        }

        /** Tiles to tiles. */
        record OnTiles(TilePass pass) implements Stage {
            @Override
            public String name() {
                return pass.name();
            }
        }

        /** Tiles to virtual code. */
        record ToCode(SelectInstructions pass) implements Stage {
            @Override
            public String name() {
                return pass.name();
            }
        }

        /** Virtual code to virtual code. */
        record OnCode(Schedule pass) implements Stage {
            @Override
            public String name() {
                return pass.name();
            }
        }

        /** Virtual code to addresses. */
        record ToAddresses(Allocate pass) implements Stage {
            @Override
            public String name() {
                return pass.name();
            }
        }

        /** Addresses to streams. */
        record ToStreams(Synchronise pass) implements Stage {
            @Override
            public String name() {
                return pass.name();
            }
        }
    }

    private final CompileOptions options;

    public Compiler(CompileOptions options) {
        this.options = options;
    }

    /** What a compile does, in order. Each stage's result is verified. */
    public static List<Stage> pipeline(CompileOptions options) {
        var target = options.target();
        // A row and the values computed from it: a dozen tiles of a row share a partition.
        long longestRow = target.memory().sbufBytesPerPartition() / 48;
        return List.of(
                new Stage.OnGraph(new Canonicalise()),
                new Stage.OnGraph(new FoldConstants()),
                new Stage.OnGraph(new EliminateCommonSubexpressions()),
                new Stage.OnGraph(new Decompose(longestRow)),
                new Stage.OnGraph(new AssignPrecision(options.autoCast(), options.autoCastType())),
                new Stage.OnGraph(new SinkReshapes()),
                new Stage.OnGraph(new Canonicalise()),
                new Stage.OnGraph(new FoldConstants()),
                new Stage.OnGraph(new EliminateCommonSubexpressions()),
                new Stage.OnGraph(new EliminateDeadValues()),
                new Stage.OnGraph(new Fuse(longestRow)),
                new Stage.OnGraph(new AssignLayouts()),
                new Stage.OnGraph(new EliminateDeadValues()),
                // The graph ends, tiles begin.
                new Stage.ToTiles(new Tiling(target)),
                new Stage.OnTiles(new Unroll(MOST_STATEMENTS)),
                new Stage.OnTiles(new KeepInSbuf(target)),
                new Stage.OnTiles(new ReuseLoads(target)),
                // Tiles end, the machine begins.
                new Stage.ToCode(new SelectInstructions(target)),
                new Stage.OnCode(new Schedule(target)),
                new Stage.ToAddresses(new Allocate(target)),
                new Stage.ToStreams(new Synchronise(target)));
    }

    /**
     * @throws PassException if the model cannot be compiled for the target
     */
    public Compilation compile(Graph graph) {
        return new Run(graph).compile();
    }

    /** One compilation: the current form of the model, whatever level it has reached. Mutable. */
    private final class Run {
        private final List<TensorType> inputs;
        private final List<TensorType> outputs;
        private final List<Compilation.Timing> timings = new ArrayList<>();
        private Graph graph;
        private TileProgram tiles;
        private VirtualCode code;
        private Allocate.Allocation allocation;
        private Program program;
        private int regions;

        Run(Graph graph) {
            this.graph = graph;
            this.inputs = graph.inputs().stream().map(p -> p.value().type()).toList();
            this.outputs = graph.outputs().stream().map(o -> o.value().type()).toList();
        }

        Compilation compile() {
            for (var stage : pipeline(options)) {
                long start = System.nanoTime();
                var ir = apply(stage);
                timings.add(new Compilation.Timing(stage.name(), Duration.ofNanos(System.nanoTime() - start)));
                options.dump().accept(stage.name(), ir);
            }
            long start = System.nanoTime();
            Limits.check(program);
            var races = RaceProof.check(program);
            if (!races.isEmpty()) {
                throw new IllegalStateException(
                        "the compiled program has unordered accesses:\n" + String.join("\n", races));
            }
            timings.add(new Compilation.Timing("prove", Duration.ofNanos(System.nanoTime() - start)));
            return new Compilation(
                    program,
                    regions,
                    allocation.sbufPeakBytesPerPartition(),
                    allocation.psumPeakBanks(),
                    allocation.spilledBytes(),
                    timings);
        }

        private Object apply(Stage stage) {
            return switch (stage) {
                case Stage.OnGraph(var pass) -> {
                    graph = pass.run(graph);
                    verified(pass.name(), GraphVerifier.verify(graph));
                    regions = (int) graph.nodes().stream()
                            .filter(n -> n.op() instanceof Op.Fused)
                            .count();
                    yield graph;
                }
                case Stage.ToTiles(var pass) -> {
                    tiles = verifiedTiles(pass.name(), pass::run, graph);
                    yield tiles;
                }
                case Stage.OnTiles(var pass) -> {
                    tiles = verifiedTiles(pass.name(), pass::run, tiles);
                    yield tiles;
                }
                case Stage.ToCode(var pass) -> {
                    code = pass.run(tiles);
                    yield code;
                }
                case Stage.OnCode(var pass) -> {
                    code = pass.run(code);
                    yield code;
                }
                case Stage.ToAddresses(var pass) -> {
                    allocation = pass.run(code);
                    yield allocation.code();
                }
                case Stage.ToStreams(var pass) -> {
                    program = pass.run(allocation, inputs, outputs);
                    yield program;
                }
            };
        }

        private <T> TileProgram verifiedTiles(String pass, Function<T, TileProgram> run, T from) {
            var result = run.apply(from);
            verified(pass, TileVerifier.verify(result, options.target().memory().partitions()));
            return result;
        }

        private void verified(String pass, List<String> faults) {
            if (!faults.isEmpty()) {
                throw new IllegalStateException("after " + pass + ":\n" + String.join("\n", faults));
            }
        }
    }
}
