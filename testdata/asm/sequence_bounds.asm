// Segments 1 1 1 0 2 2: where each begins and ends; 0 is padding.
given sbuf[0:1, 0] i32 (1:6) = 1 1 1 0 2 2
given sbuf[0:1, 128] f32 (1:6) = 1.0 1.0 1.0 0.0 2.0 2.0
core 0 gpsimd {
  sequence_bounds sbuf[0:1, 64] i32 (1:12), sbuf[0:1, 0] i32 (1:6)
  sequence_bounds sbuf[0:1, 192] f32 (1:12), sbuf[0:1, 128] f32 (1:6)
}
expect sbuf[0:1, 64] i32 (1:12) = 0 0 0 6 4 4 3 3 3 -1 6 6
expect sbuf[0:1, 192] f32 (1:12) = 0.0 0.0 0.0 6.0 4.0 4.0 3.0 3.0 3.0 -1.0 6.0 6.0
