package dev.systole.ir.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementBlocksTest {
    private final GraphBuilder builder = new GraphBuilder("expression");
    private final Map<Value, Tensor> known = new HashMap<>();

    private Value known(DType dtype, Shape shape, int factor) {
        var tensor = Tensor.allocate(new TensorType(dtype, shape));
        for (long i = 0; i < shape.elements(); i++) {
            Elements.writeDouble(tensor.bytes(), i, dtype, i * factor % 113 - 50);
        }
        var value = builder.constant(tensor);
        known.put(value, tensor);
        return value;
    }

    private List<Node> expression(Value result) {
        builder.output("y", result);
        var nodes = new ArrayList<>(builder.build().nodes());
        nodes.removeIf(n -> n.op() instanceof Op.Constant);
        return nodes;
    }

    @ParameterizedTest
    @CsvSource({"1,40000,1", "300,7,11", "3,5000,2", "2,3,9001", "70000,1,1", "1,1,70000", "5,1,20000"})
    void blocksGiveWhatWholeTensorsGive(long a, long b, long c) {
        var shape = Shape.of(a, b, c);
        var column = builder.broadcast(known(DType.I32, Shape.of(a, 1, c), 7), shape);
        var row = builder.broadcast(known(DType.I32, Shape.of(1, b, 1), 3), shape);
        var number = builder.broadcast(known(DType.I32, Shape.of(1, 1, 1), 1), shape);
        var whole = known(DType.I32, shape, 5);
        var sum = builder.binary(BinaryOp.ADD, builder.binary(BinaryOp.MUL, column, row), whole);
        var rest = builder.binary(BinaryOp.REM, sum, number);
        var isLess = builder.binary(BinaryOp.LT, rest, whole);
        var chosen =
                builder.add(new Op.Select(), isLess, builder.cast(rest, DType.F32), builder.cast(column, DType.F32));
        var nodes = expression(builder.unary(UnaryOp.SQUARE, chosen));

        var expected = new HashMap<>(known);
        for (var node : nodes) {
            var operands = node.inputs().stream().map(expected::get).toList();
            expected.put(
                    node.output(),
                    GraphInterpreter.evaluate(node.op(), operands, List.of(node.type()))
                            .getFirst());
        }

        var result = ElementBlocks.evaluate(nodes, known);

        assertThat(result.sameBytes(expected.get(nodes.getLast().output()))).isTrue();
    }

    @Test
    void aDivisionByZeroIsAnError() {
        var shape = Shape.of(30000);
        var zero = builder.broadcast(known(DType.I32, Shape.of(1), 1), shape);
        var nothing = builder.binary(BinaryOp.SUB, zero, zero);
        var nodes = expression(builder.binary(BinaryOp.REM, known(DType.I32, shape, 3), nothing));

        assertThatThrownBy(() -> ElementBlocks.evaluate(nodes, known))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("divides an integer by zero");
    }
}
