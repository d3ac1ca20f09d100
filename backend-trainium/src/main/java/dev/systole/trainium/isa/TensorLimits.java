package dev.systole.trainium.isa;

import static dev.systole.trainium.isa.Checks.require;

import dev.systole.ir.type.DType;
import java.util.List;

/** The limits of the systolic array. */
final class TensorLimits {
    private final Checks c;

    TensorLimits(Checks c) {
        this.c = c;
    }

    void check(TensorInstruction instruction) {
        switch (instruction) {
            case TensorInstruction.NcMatmul i -> matmul(i);
            case TensorInstruction.NcMatmulMx i -> microscaled(i);
        }
    }

    private void matmul(TensorInstruction.NcMatmul i) {
        int pair = i.doubleRow() ? 2 : 1;
        c.read(i.stationary(), Engine.TENSOR);
        c.read(i.moving(), Engine.TENSOR);
        if (i.doubleRow()) {
            doubleRow(i);
        }
        shape(i, i.stationary(), pair);
        if (i.transpose()) {
            require(
                    c.target.tensor().nativeTranspose(),
                    "a transposing matmul exists from v3 on [A2]",
                    "v" + c.target.generation());
            require(i.to().dtype() == i.stationary().dtype(), "a transpose keeps the type [A2]", i.to().dtype());
            require(!i.accumulate(), "a transpose overwrites [A2]", "accumulates");
        } else {
            sum(i.to());
        }
        product(i.stationary());
        product(i.moving());
        require(
                isWide(i.stationary()) == isWide(i.moving()),
                "f32 and tf32 mix with each other only [ISA]",
                i.stationary().dtype() + " and " + i.moving().dtype());
        require(
                !isEither(i.stationary(), i.moving(), DType.F8E4M3)
                        || !isEither(i.stationary(), i.moving(), DType.F8E4M3FN),
                "f8e4m3 and f8e4m3fn do not mix [ISA]",
                i.stationary().dtype() + " and " + i.moving().dtype());
        require(
                !i.stationaryIsOneZero() && !i.movingIsOneZero() || i.moving().dtype() == DType.F32,
                "is_stationary_onezero and is_moving_onezero are of f32 [ISA]",
                i.moving().dtype());
    }

    private void doubleRow(TensorInstruction.NcMatmul i) {
        require(c.target.tensor().fp8DoubleRow(), "double_row exists from v3 on [A2]", "v" + c.target.generation());
        for (var a : List.of(i.stationary(), i.moving())) {
            require(
                    !a.dims().isEmpty() && a.dims().getFirst().size() == 2,
                    "the slowest dimension of a double row has 2 elements [ISA]",
                    a);
            require(a.dtype().isFloat() && a.dtype().bits() == 8, "a double row is of 8-bit floats [ISA]", a.dtype());
        }
        require(!i.transpose(), "a double row is not transposed [A2]", "is_transpose");
        require(i.to().startPartition() == 0, "a double row takes all columns of the array [A2]", i.to());
    }

    /** What lies where of a product of {@code pair} rows a partition. */
    private void shape(TensorInstruction i, Access stationary, int pair) {
        var tensor = c.target.tensor();
        c.write(i.to(), Engine.TENSOR);
        int k = i.moving().partitions();
        require(
                k <= tensor.maxContractionRows(),
                () -> "a matmul contracts at most " + tensor.maxContractionRows() + " rows [A1]",
                k);
        if (stationary.partitions() != k
                || stationary.startPartition() != i.moving().startPartition()) {
            throw new LimitException(
                    "stationary and moving lie on the same partitions [ISA], not " + stationary + " and " + i.moving());
        }
        require(
                tensor.rowTileSizes().stream()
                        .anyMatch(size -> k <= size && i.moving().startPartition() % size == 0),
                () -> "operands start at a row tile of " + tensor.rowTileSizes() + " rows [ISA]",
                i.moving());
        long rows = stationary.free() / pair;
        long columns = i.moving().free() / pair;
        require(
                rows <= tensor.maxStationaryFree(),
                () -> "stationary has at most " + tensor.maxStationaryFree() + " columns [A1]",
                rows);
        int most = i.to().dtype() == DType.BF16
                ? tensor.maxMovingFreeBf16().orElse(tensor.maxMovingFree())
                : tensor.maxMovingFree();
        require(columns <= most, () -> "moving has at most " + most + " columns [A1]", columns);
        require(
                i.to().partitions() == rows && i.to().free() == columns,
                () -> "a matmul writes [" + rows + ", " + columns + "] [ISA]",
                i.to());
        if (c.target.generation() <= 3 && i.to().object().isEmpty()) {
            long bank = c.target.memory().psumBankBytesPerPartition();
            require(
                    Math.floorDiv(i.to().offset() + i.to().lowestByte(), bank)
                            == (i.to().offset() + i.to().highestByte() - 1) / bank,
                    () -> "a matmul writes one PSUM bank of " + bank + " bytes [A1]",
                    i.to());
        }
    }

    private void sum(Access to) {
        boolean bf16 = to.dtype() == DType.BF16
                && c.target.tensor().maxMovingFreeBf16().isPresent();
        require(to.dtype() == DType.F32 || bf16, "a matmul writes f32 [ISA]", to.dtype());
    }

    private void microscaled(TensorInstruction.NcMatmulMx i) {
        require(c.target.generation() >= 4, "nc_matmul_mx exists from v4 on [A3]", "v" + c.target.generation());
        c.readPacked(i.stationary(), Engine.TENSOR);
        c.readPacked(i.moving(), Engine.TENSOR);
        shape(i, i.stationary(), 1);
        sum(i.to());
        require(
                i.stationary().dtype().isPacked() && i.moving().dtype().isPacked(),
                "nc_matmul_mx takes packed types [ISA]",
                i.stationary().dtype() + " and " + i.moving().dtype());
        require(
                i.moving().partitions() % 32 == 0,
                "nc_matmul_mx contracts multiples of 32 rows [ISA]",
                i.moving().partitions());
        require(
                i.stationary().free() % 2 == 0,
                "nc_matmul_mx has an even number of stationary columns [ISA]",
                i.stationary().free());
        c.scales(i.stationaryScale(), i.stationary());
        c.scales(i.movingScale(), i.moving());
    }

    private static boolean isWide(Access a) {
        return a.dtype() == DType.F32 || a.dtype() == DType.TF32;
    }

    private static boolean isEither(Access a, Access b, DType dtype) {
        return a.dtype() == dtype || b.dtype() == dtype;
    }

    private void product(Access a) {
        var t = a.dtype();
        boolean known = isWide(a)
                || t == DType.BF16
                || t == DType.F16
                || t == DType.F8E4M3
                || t == DType.F8E5M2
                || t == DType.F8E4M3FN && c.target.generation() >= 4;
        require(
                known,
                "a matmul on v" + c.target.generation() + " takes f32, tf32, bf16, f16, f8e4m3, f8e5m2"
                        + (c.target.generation() >= 4 ? " and f8e4m3fn [ISA]" : " [ISA]"),
                t);
    }
}
