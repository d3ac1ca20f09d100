package dev.systole.ir.tile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import org.junit.jupiter.api.Test;

/** What passes keep in sets hashes alike in every run, though its element type, an enum, does not. */
class HashesTest {
    @Test
    void ofValuesAreOfTheirIds() {
        assertThat(new Value(7, new TensorType(DType.F32, Shape.of(2))))
                .hasSameHashCodeAs(new Value(7, new TensorType(DType.BF16, Shape.of(3))));
    }

    @Test
    void ofTilesAreOfTheirIds() {
        assertThat(new Tile(7, true, DType.F32, 1, 2)).hasSameHashCodeAs(new Tile(7, false, DType.BF16, 3, 4));
    }

    @Test
    void ofBuffersAreOfTheirIds() {
        assertThat(new Buffer(7, "x", DType.F32, 1, new Buffer.Role.Scratch()))
                .hasSameHashCodeAs(new Buffer(7, "y", DType.BF16, 2, new Buffer.Role.Scratch()));
    }
}
