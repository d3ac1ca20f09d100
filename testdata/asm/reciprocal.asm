// 1 / x: exact powers, rounding, zero, infinity.
given sbuf[0:1, 0] f32 (1:5) = 4.0 -3.0 0.0 Infinity -0.0
given sbuf[0:1, 128] bf16 (1:3) = 4.0 -3.0 7.0
core 0 vector {
  reciprocal sbuf[0:1, 64] f32 (1:5), sbuf[0:1, 0] f32 (1:5)
  reciprocal sbuf[0:1, 192] bf16 (1:3), sbuf[0:1, 128] bf16 (1:3)
}
expect sbuf[0:1, 64] f32 (1:5) = 0.25 -0.33333334 Infinity 0.0 -Infinity
expect sbuf[0:1, 192] bf16 (1:3) = 0.25 -0.33398438 0.14257812
