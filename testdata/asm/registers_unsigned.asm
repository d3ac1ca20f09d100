// Words as unsigned numbers: registers are 32 bits that wrap, whatever sign the type of a word says. 4000000000 + 500000000 is 4500000000,
// less 2^32 205032704; 4000000000 * 3 is 12000000000, less 2 * 2^32 3410065408; 1 - 2 is 4294967295. Read as a signed word
// 4000000000 is -294967296.
given hbm[0] u32 (1:2) = 4000000000 500000000
given sbuf[0:1, 0] u32 (1:2) = 1 4294967295
core 0 gpsimd {
  register_load dst=r0, hbm[0] u32 ()
  register_load dst=r1, hbm[4] u32 ()
  register_load dst=r2, sbuf[0:1, 0] u32 ()
  register_load dst=r3, sbuf[0:1, 4] u32 ()
  register_alu dst=r4, a=r0, op=add, b=r1
  register_store hbm[64] u32 (), src=r4
  register_move dst=r5, value=3
  register_alu dst=r4, a=r0, op=multiply, b=r5
  register_store hbm[68] u32 (), src=r4
  register_move dst=r5, value=2
  register_alu dst=r4, a=r2, op=subtract, b=r5
  register_store hbm[72] u32 (), src=r4
  register_store hbm[76] i32 (), src=r3
  register_store hbm[80] i32 (), src=r0
  register_store sbuf[0:1, 64] u32 (), src=r0
}
expect hbm[64] u32 (1:3) = 205032704 3410065408 4294967295
expect hbm[76] i32 (1:2) = -1 -294967296
expect sbuf[0:1, 64] u32 () = 4000000000
