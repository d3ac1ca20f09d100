// Random bits of VectorE before v4. A seed makes the state of partition p the upper half of splitmix64's first output from
// seed * 2^32 + p. Those outputs are published: 0xE220A8397B1DCDAF from 0, 0x910A2DEC89025CC1 from 1; so after seed 0 partition 0
// holds 0xE220A839, partition 1 0x910A2DEC. A word is the state after 32 steps of the register, x -> x >> 1, with 0x80200003 (x^32 +
// x^22 + x^2 + x + 1) added where the bit that fell out was 1:
//   partition 0: 7151ddb1 464c65f6 c7731cfb 2fb6eb64
//   partition 1: d1810fce adf07481 c88f8830 12eb552b
// Every type has the low bits of the same words after the same seed, which is a word of either sign. dropout keeps an element where
// (word >> 8) * 2^-24 is at least the probability: of the half, where the word's first bit is 1.
targets: trn1, inf2, trn2
given sbuf[0:1, 0] u32 () = 0
given sbuf[0:1, 4] i32 () = 0
given sbuf[0:2, 32] f32 (1:4) = 1 2 3 4 5 6 7 8
core 0 vector {
  set_rng_seed sbuf[0:1, 0] u32 ()
  rng sbuf[0:2, 64] u32 (1:4)
  set_rng_seed sbuf[0:1, 4] i32 ()
  rng sbuf[0:2, 128] i32 (1:4)
  set_rng_seed sbuf[0:1, 0] u32 ()
  rng sbuf[0:2, 192] u16 (1:4)
  set_rng_seed sbuf[0:1, 4] i32 ()
  rng sbuf[0:2, 256] i16 (1:4)
  set_rng_seed sbuf[0:1, 0] u32 ()
  rng sbuf[0:2, 320] u8 (1:4)
  set_rng_seed sbuf[0:1, 4] i32 ()
  rng sbuf[0:2, 384] i8 (1:4)
  set_rng_seed sbuf[0:1, 0] u32 ()
  dropout sbuf[0:2, 448] f32 (1:4), sbuf[0:2, 32] f32 (1:4), prob=0.5
}
expect sbuf[0:2, 64] u32 (1:4) = 1901190577 1179411958 3346210043 800516964 3514896334 2918216833 3364849712 317412651
expect sbuf[0:2, 128] i32 (1:4) = 1901190577 1179411958 -948757253 800516964 -780070962 -1376750463 -930117584 317412651
expect sbuf[0:2, 192] u16 (1:4) = 56753 26102 7419 60260 4046 29825 34864 21803
expect sbuf[0:2, 256] i16 (1:4) = -8783 26102 7419 -5276 4046 29825 -30672 21803
expect sbuf[0:2, 320] u8 (1:4) = 177 246 251 100 206 129 48 43
expect sbuf[0:2, 384] i8 (1:4) = -79 -10 -5 100 -50 -127 48 43
expect sbuf[0:2, 448] f32 (1:4) = 0 0 3 0 5 6 7 0
