package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.TensorType;
import dev.systole.passes.Decompose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What passes follow back through a graph ends, however deep the graph is. */
class DeepGraphsTest {
    @ParameterizedTest
    @CsvSource({"100, false", "20000, true"})
    void sumsOfWholeNumbersAreFollowedSoFar(int depth, boolean isTruncated) {
        var b = new GraphBuilder("deep");
        var one = b.add(new Op.Cast(DType.F32, false), b.input("x", TensorType.of(DType.U8, 4)));
        var sum = one;
        for (int i = 0; i < depth; i++) {
            sum = b.add(new Op.Binary(BinaryOp.ADD), sum, one);
        }
        b.output("y", b.add(new Op.Cast(DType.I32, false), sum));
        var decomposed = new Decompose(4096, 128).run(b.build());
        assertThat(decomposed.nodes().stream().map(Node::op).anyMatch(new Op.Unary(UnaryOp.ABS)::equals))
                .isEqualTo(isTruncated);
    }
}
