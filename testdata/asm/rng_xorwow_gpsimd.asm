// Random bits of gpsimd from a state that is loaded, and the state afterwards: one xorwow generator a partition, with steps computed
// apart from Systole. A step of a generator x0 x1 x2 x3 x4 d, in 32 bits: t = x0 ^ x0 >> 2, y = x4 ^ x4 << 4 ^ t ^ t << 1; then the
// state is x1 x2 x3 x4 y d + 362437, and the word y + d + 362437. Where the five words are 0 only the counter runs; where the last of them
// is v it becomes v ^ v << 4: 1, 17, 257, 4369. So from 0 0 0 0 0 0 come 362437 n, and from 0 0 0 0 1 0 come 17 + 362437, 257 + 724874,
// 4369 + 1087311, of which i8 keeps the low bits.
targets: trn2, trn3
refused on trn1: states are gpsimd's from v3 on and vector's from v4 on [ISA]
refused on inf2: states are gpsimd's from v3 on and vector's from v4 on [ISA]
given sbuf[0:2, 0] u32 (1:6) = 2014694336 1911058277 423318234 894448117 574578519 1933076259 1385425449 317244050 182102517 502170178 682084767 782273346
given sbuf[0:2, 192] u32 (1:6) = 0 0 0 0 0 0 0 0 0 0 1 0
core 0 gpsimd {
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 64] u32 (1:3)
  rand_get_state sbuf[0:2, 128] u32 (1:6)
  rand_set_state sbuf[0:2, 192] u32 (1:6)
  rng sbuf[0:2, 256] i8 (1:3)
}
expect sbuf[0:2, 64] u32 (1:3) = 523849823 373252720 539286457 2536010897 150932028 2525151097
expect sbuf[0:2, 128] u32 (1:6) = 894448117 574578519 2885378423 2734418883 2900090183 1934163570 502170178 682084767 1753375114 3662901104 1741790440 783360657
expect sbuf[0:2, 256] i8 (1:3) = -59 -118 79 -42 -117 96
