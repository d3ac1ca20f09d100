// Below the diagonal the tile stays, above it is -9.
given sbuf[0:4, 0] f32 (1:4) = 0.5 0.25 1.75 -1.75 3.5 1.0 -0.0 -1.75 3.0 -2.25 2.75 0.25 0.75 3.25 -1.75 -0.0
given sbuf[0:4, 128] bf16 (1:4) = -3.25 0.25 2.0 -3.0 2.0 -1.5 -1.75 1.75 1.75 -3.25 2.25 -2.75 3.5 -3.0 2.0 -2.25
core 0 gpsimd {
  affine_select sbuf[0:4, 64] f32 (1:4), sbuf[0:4, 0] f32 (1:4), offset=0, channel_multiplier=1, pattern=[-1], cmp_op=greater_equal, on_false=-9
  affine_select sbuf[0:4, 192] bf16 (1:4), sbuf[0:4, 128] bf16 (1:4), offset=0, channel_multiplier=1, pattern=[-1], cmp_op=greater_equal, on_false=-9
}
expect sbuf[0:4, 64] f32 (1:4) = 0.5 -9.0 -9.0 -9.0 3.5 1.0 -9.0 -9.0 3.0 -2.25 2.75 -9.0 0.75 3.25 -1.75 -0.0
expect sbuf[0:4, 192] bf16 (1:4) = -3.25 -9.0 -9.0 -9.0 2.0 -1.5 -9.0 -9.0 1.75 -3.25 2.25 -9.0 3.5 -3.0 2.0 -2.25
