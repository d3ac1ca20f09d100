package dev.systole.cli.profile;

import dev.systole.emulator.TimelineListener;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.TensorInstruction;

/** What a run computes on the systolic array. Mutable: one run. */
final class Arithmetic implements TimelineListener {
    private long matmuls;
    private long transposes;
    private double hardwareFlops;
    private double transposeFlops;

    @Override
    public void issued(Event event) {
        switch (event.instruction()) {
            case TensorInstruction.NcMatmul m -> {
                double flops = 2.0 * m.stationary().partitions() * m.to().partitions() * m.to().free();
                flops *= m.doubleRow() ? 2 : 1;
                flops *= m.stationary().dtype() == DType.F32 ? 2 : 1;
                hardwareFlops += flops;
                boolean transpose = m.transpose() || m.movingIsOneZero() || m.stationaryIsOneZero();
                transposeFlops += transpose ? flops : 0;
                transposes += transpose ? 1 : 0;
                matmuls += transpose ? 0 : 1;
            }
            case TensorInstruction.NcMatmulMx m -> {
                hardwareFlops += 8.0 * m.stationary().partitions() * m.to().partitions() * m.to().free();
                matmuls++;
            }
            default -> {}
        }
    }

    ArrayWork work() {
        return new ArrayWork(matmuls, transposes, hardwareFlops, transposeFlops);
    }
}
