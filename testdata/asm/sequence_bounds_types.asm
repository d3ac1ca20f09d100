// Segments 1 1 1 0 2 2, in every type that has -1: where each begins and ends. 0 is padding, which begins at 6 and ends at -1. Then 1 1 1 2 2 2.
given sbuf[0:1, 0] f32 (1:6) = 1.0 1.0 1.0 0.0 2.0 2.0
given sbuf[0:1, 512] tf32 (1:6) = 1.0 1.0 1.0 0.0 2.0 2.0
given sbuf[0:1, 1024] bf16 (1:6) = 1.0 1.0 1.0 0.0 2.0 2.0
given sbuf[0:1, 1536] f16 (1:6) = 1.0 1.0 1.0 0.0 2.0 2.0
given sbuf[0:1, 2048] f8e4m3 (1:6) = 1.0 1.0 1.0 0.0 2.0 2.0
given sbuf[0:1, 2560] f8e5m2 (1:6) = 1.0 1.0 1.0 0.0 2.0 2.0
given sbuf[0:1, 3072] i32 (1:6) = 1 1 1 0 2 2
given sbuf[0:1, 3584] i16 (1:6) = 1 1 1 0 2 2
given sbuf[0:1, 4096] i8 (1:6) = 1 1 1 0 2 2
given sbuf[0:1, 4608] u32 (1:6) = 1 1 1 2 2 2
given sbuf[0:1, 5120] u16 (1:6) = 1 1 1 2 2 2
given sbuf[0:1, 5632] u8 (1:6) = 1 1 1 2 2 2
core 0 gpsimd {
  sequence_bounds sbuf[0:1, 64] f32 (1:12), sbuf[0:1, 0] f32 (1:6)
  sequence_bounds sbuf[0:1, 576] tf32 (1:12), sbuf[0:1, 512] tf32 (1:6)
  sequence_bounds sbuf[0:1, 1088] bf16 (1:12), sbuf[0:1, 1024] bf16 (1:6)
  sequence_bounds sbuf[0:1, 1600] f16 (1:12), sbuf[0:1, 1536] f16 (1:6)
  sequence_bounds sbuf[0:1, 2112] f8e4m3 (1:12), sbuf[0:1, 2048] f8e4m3 (1:6)
  sequence_bounds sbuf[0:1, 2624] f8e5m2 (1:12), sbuf[0:1, 2560] f8e5m2 (1:6)
  sequence_bounds sbuf[0:1, 3136] i32 (1:12), sbuf[0:1, 3072] i32 (1:6)
  sequence_bounds sbuf[0:1, 3648] i16 (1:12), sbuf[0:1, 3584] i16 (1:6)
  sequence_bounds sbuf[0:1, 4160] i8 (1:12), sbuf[0:1, 4096] i8 (1:6)
  sequence_bounds sbuf[0:1, 4672] u32 (1:12), sbuf[0:1, 4608] u32 (1:6)
  sequence_bounds sbuf[0:1, 5184] u16 (1:12), sbuf[0:1, 5120] u16 (1:6)
  sequence_bounds sbuf[0:1, 5696] u8 (1:12), sbuf[0:1, 5632] u8 (1:6)
}
expect sbuf[0:1, 64] f32 (1:12) = 0.0 0.0 0.0 6.0 4.0 4.0 3.0 3.0 3.0 -1.0 6.0 6.0
expect sbuf[0:1, 576] tf32 (1:12) = 0.0 0.0 0.0 6.0 4.0 4.0 3.0 3.0 3.0 -1.0 6.0 6.0
expect sbuf[0:1, 1088] bf16 (1:12) = 0.0 0.0 0.0 6.0 4.0 4.0 3.0 3.0 3.0 -1.0 6.0 6.0
expect sbuf[0:1, 1600] f16 (1:12) = 0.0 0.0 0.0 6.0 4.0 4.0 3.0 3.0 3.0 -1.0 6.0 6.0
expect sbuf[0:1, 2112] f8e4m3 (1:12) = 0.0 0.0 0.0 6.0 4.0 4.0 3.0 3.0 3.0 -1.0 6.0 6.0
expect sbuf[0:1, 2624] f8e5m2 (1:12) = 0.0 0.0 0.0 6.0 4.0 4.0 3.0 3.0 3.0 -1.0 6.0 6.0
expect sbuf[0:1, 3136] i32 (1:12) = 0 0 0 6 4 4 3 3 3 -1 6 6
expect sbuf[0:1, 3648] i16 (1:12) = 0 0 0 6 4 4 3 3 3 -1 6 6
expect sbuf[0:1, 4160] i8 (1:12) = 0 0 0 6 4 4 3 3 3 -1 6 6
expect sbuf[0:1, 4672] u32 (1:12) = 0 0 0 3 3 3 3 3 3 6 6 6
expect sbuf[0:1, 5184] u16 (1:12) = 0 0 0 3 3 3 3 3 3 6 6 6
expect sbuf[0:1, 5696] u8 (1:12) = 0 0 0 3 3 3 3 3 3 6 6 6
