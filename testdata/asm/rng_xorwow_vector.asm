// Random bits of VectorE from v4 on: four generators a partition take turns, seeded by one word as set_rng_seed.asm says, with steps as
// rng_xorwow_gpsimd.asm says, both computed apart from Systole. dropout begins with the first generator again, and keeps an element where
// (word >> 8) * 2^-24 is at least the probability.
targets: trn3
given sbuf[0:1, 0] u32 () = 77
given sbuf[0:2, 128] bf16 (1:6) = 5.5 11.0 5.5 8.75 10.75 5.5 5.5 11.5 8.5 12.75 11.75 8.25
core 0 vector {
  set_rng_seed sbuf[0:1, 0] u32 ()
  rng sbuf[0:2, 64] u32 (1:5)
  dropout sbuf[0:2, 192] bf16 (1:6), sbuf[0:2, 128] bf16 (1:6), prob=0.5
}
expect sbuf[0:2, 64] u32 (1:5) = 1269048128 249269565 3869991983 494881534 891721218 3540599944 2216115128 4246915986 69914016 1955690822
expect sbuf[0:2, 192] bf16 (1:6) = 5.5 11.0 0.0 8.75 10.75 5.5 0.0 11.5 8.5 12.75 11.75 8.25
