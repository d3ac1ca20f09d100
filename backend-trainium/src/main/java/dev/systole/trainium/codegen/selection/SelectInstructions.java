package dev.systole.trainium.codegen.selection;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.passes.PassException;
import dev.systole.passes.Rounding;
import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.VectorInstruction;

/**
 * Afterwards every statement of a straight-line tile program is instructions of the target, on engines that can execute
 * them. What VectorE and ScalarE both can do is ScalarE's, and whoever orders instructions decides.
 *
 * <p>32-bit integers go to GpSimd, the only engine that computes them exactly.
 */
public record SelectInstructions(Target target) {
    public String name() {
        return "select-instructions";
    }

    /** @throws PassException for a statement that the machine has no instruction for, with its node */
    public VirtualCode run(TileProgram program) {
        var code = new CodeBuilder(target);
        var body = Bitcasts.inPlace(program.body());
        for (var s : body) {
            if (s instanceof Statement.Alloc(var tile, var at)) {
                code.add(tile);
            }
        }
        var selection = new Selection(code, Rounding.isIn(program));
        for (var s : body) {
            code.at(s.location());
            selection.select(s);
        }
        return code.code(program);
    }

    private static final class Selection {
        private final CodeBuilder code;
        private final Transfers transfers;
        private final Copies copies;
        private final Functions functions;
        private final Elementwise elementwise;
        private final Chains chains;
        private final Reductions reductions;
        private final Products products;

        Selection(CodeBuilder code, boolean roundsTwice) {
            this.code = code;
            transfers = new Transfers(code);
            copies = new Copies(code);
            functions = new Functions(code, copies);
            var words = new Words(code, copies);
            elementwise = new Elementwise(code, copies, words, functions);
            chains = new Chains(code, functions, elementwise, roundsTwice);
            reductions = new Reductions(code, copies, words);
            products = new Products(code, copies);
        }

        private void select(Statement s) {
            switch (s) {
                case Statement.For f -> throw new IllegalStateException("selection follows unrolling");
                case Statement.Alloc a -> {}
                case Statement.Load(var to, var from, var at) -> transfers.load(to, from);
                case Statement.Store(var to, var from, var at) -> transfers.store(to, from);
                case Statement.GatherRows g -> transfers.gather(g);
                case Statement.ScatterRows g -> transfers.scatter(g);
                case Statement.GatherElements(var to, var from, var index, var at) ->
                    code.emit(new GpSimdInstruction.NcNGather(Accesses.of(to), Accesses.of(from), Accesses.of(index)));
                case Statement.Fill(var to, var value, var at) -> copies.fill(to, value);
                case Statement.Iota(var to, var base, var channelMultiplier, var steps, var at) ->
                    copies.iota(to, base, channelMultiplier, steps);
                case Statement.Copy(var to, var from, var at) -> copies.copy(to, from);
                case Statement.Bitcast(var to, var from, var at) ->
                    code.emit(new VectorInstruction.TensorCopy(
                            Engine.VECTOR,
                            Accesses.of(to),
                            Accesses.of(from, to.tile().dtype())));
                case Statement.Unary(var to, var f, var x, var at) -> elementwise.unary(to, f, x);
                case Statement.Activate a -> functions.activate(a);
                case Statement.Binary(var to, var f, var a, var b, var at) -> elementwise.binary(to, f, a, b);
                case Statement.Chain c -> chains.chain(c);
                case Statement.Select choice -> elementwise.select(choice);
                case Statement.Reduce(var to, var f, var x, var at) -> reductions.reduce(to, f, x);
                case Statement.Moments(var to, var x, var at) -> reductions.moments(to, x);
                case Statement.Scan(var to, var f, var x, var at) -> reductions.scan(to, f, x);
                case Statement.TopEight t -> reductions.topEight(t);
                case Statement.Recurrence r -> reductions.recurrence(r);
                case Statement.MatMul(var to, var stationary, var moving, var step, var at) ->
                    products.matMul(to, stationary, moving, step.constant() != 0);
                case Statement.Transpose(var to, var from, var isFinite, var at) -> {
                    if (to.tile().psum()) {
                        products.transpose(to, from, isFinite);
                    } else {
                        transfers.transpose(to, from);
                    }
                }
            }
        }
    }
}
