// 1 / sqrt of gpsimd.
given sbuf[0:1, 0] f32 (1:4) = 4.0 0.25 16.0 1.0
core 0 gpsimd {
  tensor_scalar sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 0] f32 (1:4), op0=rsqrt, operand0=0
}
expect sbuf[0:1, 64] f32 (1:4) = 0.5 2.0 0.25 1.0
