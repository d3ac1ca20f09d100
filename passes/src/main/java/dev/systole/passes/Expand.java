package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.target.Target;
import java.util.ArrayList;
import java.util.List;

/**
 * Afterwards the graph has only operations that loops over tiles exist for: orders, scatters with a combination and running
 * reductions along any dimension are comparisons, selections and reductions ({@link OrderRules}); integers that no engine computes
 * exactly are 32-bit ones that are cut to their type ({@link IntegerRules}); functions are taken to the range of their table
 * ({@link FunctionRules}); numbers are rounded to formats that no engine writes by arithmetic ({@link FormatRules}); windows that do
 * not overlap are rows of a product where that is sooner done ({@link PatchRule}); others slide over two dimensions
 * ({@link WindowRules}).
 */
public record Expand(Target target) implements GraphPass {
    @Override
    public String name() {
        return "expand";
    }

    @Override
    public Graph run(Graph graph) {
        var rules = new ArrayList<Rewriting.Expansion>();
        rules.addAll(new TopRules(target).all());
        rules.addAll(OrderRules.ALL);
        rules.addAll(one(IntegerRules.ALL));
        rules.addAll(one(FunctionRules.ALL));
        rules.addAll(one(FormatRules.ALL));
        rules.addAll(one(List.of(new PatchRule(target))));
        rules.addAll(one(WindowRules.ALL));
        return Rewriting.apply(Rewriting.expand(graph, rules), List.of(FunctionRules::quotientOfFew));
    }

    private static List<Rewriting.Expansion> one(List<Rewriting.Rule> rules) {
        return rules.stream()
                .<Rewriting.Expansion>map(
                        rule -> (r, op, in) -> rule.apply(r, op, in).map(List::of))
                .toList();
    }
}
