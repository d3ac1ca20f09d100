// Registers, branches, loops and semaphores: a triangle of numbers counted by two loops, of which the inner one is as long as the
// outer one says; a branch that is taken until a register has counted down; words loaded and stored.
define tile = 0
given hbm[0] i32 (1:2) = 3 40
core 0 vector {
  memset sbuf[0:1, tile] f32 (1:16), value=0
  register_move dst=r7, value=0
  register_move dst=r6, value=1
  loop_begin register=r0, start=0, stop=4
    register_alu dst=r5, a=r0, op=add, b=r6
    loop_begin register=r1, start=0, stop=r5
      memset sbuf[0:1, tile + r7*4] f32 (), value=1
      register_alu dst=r7, a=r7, op=add, b=r6
    loop_end
    register_alu dst=r7, a=r7, op=add, b=r6
  loop_end
  loop_begin register=r2, start=5, stop=2
    memset sbuf[0:1, tile] f32 (), value=9
  loop_end
  event_semaphore S[1]+=1
}
core 0 gpsimd {
  S[1]>=1 register_load dst=r0, hbm[0] i32 ()
  register_load dst=r1, hbm[4] i32 ()
  register_alu dst=r2, a=r0, op=multiply, b=r1
  register_alu dst=r3, a=r0, op=subtract, b=r1
  register_store hbm[64] i32 (), src=r2
  register_store hbm[68] i32 (), src=r3
  register_move dst=r4, value=10
  register_move dst=r5, value=-3
again:
  register_alu dst=r4, a=r4, op=add, b=r5
  branch register=r4, cmp_op=greater, value=0, target=again
  register_store hbm[72] i32 (), src=r4
}
expect sbuf[0:1, 0] f32 (1:16) = 1 0 1 1 0 1 1 1 0 1 1 1 1 0 0 0
expect hbm[64] i32 (1:3) = 120 -37 -2
