// Random bits of gpsimd in every type, from a state that is loaded: one xorwow generator a partition.
// Where the five words are 0 the register stays 0, and only the counter runs: it adds 362437 = 0x587c5 before each word.
// Where the last of the five is v it becomes v ^ v << 4: 1, 17, 257, 4369.
// So from 0 0 0 0 0 0 come 362437 n, and from 0 0 0 0 1 0 come 17 + 362437, 257 + 724874, 4369 + 1087311; the types keep low bits.
targets: trn2, trn3
given sbuf[0:2, 0] u32 (1:6) = 0 0 0 0 0 0 0 0 0 0 1 0
core 0 gpsimd {
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 64] u32 (1:3)
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 128] i32 (1:3)
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 192] u16 (1:3)
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 256] i16 (1:3)
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 320] u8 (1:3)
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 384] i8 (1:3)
}
expect sbuf[0:2, 64] u32 (1:3) = 362437 724874 1087311 362454 725131 1091680
expect sbuf[0:2, 128] i32 (1:3) = 362437 724874 1087311 362454 725131 1091680
expect sbuf[0:2, 192] u16 (1:3) = 34757 3978 38735 34774 4235 43104
expect sbuf[0:2, 256] i16 (1:3) = -30779 3978 -26801 -30762 4235 -22432
expect sbuf[0:2, 320] u8 (1:3) = 197 138 79 214 139 96
expect sbuf[0:2, 384] i8 (1:3) = -59 -118 79 -42 -117 96
