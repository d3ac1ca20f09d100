// Random bits of VectorE from v4 on in every type: four xorwow generators a partition take turns. Where the five words of one are 0 only
// its counter runs, which adds 362437 before each word; where the last of the five is v it becomes v ^ v << 4. From 0 0 0 0 0 0, 0 0 0 0 1 0,
// 0 0 0 0 0 4294967295 and 0 0 0 0 0 1000000 come 362437, 17 + 362437, -1 + 362437, 1000000 + 362437, then again from the first two
// 724874 and 257 + 724874; the types keep low bits.
targets: trn3
given sbuf[0:1, 0] u32 (1:24) = 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 4294967295 0 0 0 0 0 1000000
core 0 vector {
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rng sbuf[0:1, 128] u32 (1:6)
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rng sbuf[0:1, 192] i32 (1:6)
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rng sbuf[0:1, 256] u16 (1:6)
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rng sbuf[0:1, 320] i16 (1:6)
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rng sbuf[0:1, 384] u8 (1:6)
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rng sbuf[0:1, 448] i8 (1:6)
}
expect sbuf[0:1, 128] u32 (1:6) = 362437 362454 362436 1362437 724874 725131
expect sbuf[0:1, 192] i32 (1:6) = 362437 362454 362436 1362437 724874 725131
expect sbuf[0:1, 256] u16 (1:6) = 34757 34774 34756 51717 3978 4235
expect sbuf[0:1, 320] i16 (1:6) = -30779 -30762 -30780 -13819 3978 4235
expect sbuf[0:1, 384] u8 (1:6) = 197 214 196 5 138 139
expect sbuf[0:1, 448] i8 (1:6) = -59 -42 -60 5 -118 -117
