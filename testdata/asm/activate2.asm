// Two operators before the function, each with its operand on either side, and four reductions.
targets: trn3
refused on trn2: activate2 exists from v4 on [ISA], not v3
refused on trn1: activate2 exists from v4 on [ISA], not v2
refused on inf2: activate2 exists from v4 on [ISA], not v2
given sbuf[0:2, 0] f32 (1:4) = -1.5 2.25 -2.5 -0.75 -2.5 -1.5 -1.25 2.0
given sbuf[0:2, 64] f32 () = 2.0 -1.0
core 0 scalar {
  activate2 sbuf[0:2, 128] f32 (1:4), op=relu, sbuf[0:2, 0] f32 (1:4), op0=multiply, imm0=sbuf[0:2, 64] f32 (), op1=add, imm1=1
  activate2 sbuf[0:2, 192] f32 (1:4), op=relu, sbuf[0:2, 0] f32 (1:4), op0=multiply, imm0=2, op1=subtract, imm1=sbuf[0:2, 64] f32 (), reverse1
  activate2 sbuf[0:2, 256] f32 (1:4), op=relu, sbuf[0:2, 0] f32 (1:4), op0=subtract, imm0=3, reverse0
  activate2 sbuf[0:2, 320] f32 (1:4), op=relu, sbuf[0:2, 0] f32 (1:4), op0=add, imm0=0.5
  activate2 sbuf[0:2, 384] bf16 (1:4), op=copy, sbuf[0:2, 0] f32 (1:4), reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 448] f32 ()
  activate2 sbuf[0:2, 512] bf16 (1:4), op=copy, sbuf[0:2, 0] f32 (1:4), reduce_op=maximum, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 576] f32 ()
  activate2 sbuf[0:2, 640] bf16 (1:4), op=copy, sbuf[0:2, 0] f32 (1:4), reduce_op=minimum, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 704] f32 ()
  activate2 sbuf[0:2, 768] bf16 (1:4), op=copy, sbuf[0:2, 0] f32 (1:4), reduce_op=abs_max, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 832] f32 ()
}
expect sbuf[0:2, 128] f32 (1:4) = 0.0 5.5 0.0 0.0 3.5 2.5 2.25 0.0
expect sbuf[0:2, 192] f32 (1:4) = 5.0 0.0 7.0 3.5 4.0 2.0 1.5 0.0
expect sbuf[0:2, 256] f32 (1:4) = 4.5 0.75 5.5 3.75 5.5 4.5 4.25 1.0
expect sbuf[0:2, 320] f32 (1:4) = 0.0 2.75 0.0 0.0 0.0 0.0 0.0 2.5
expect sbuf[0:2, 448] f32 () = -2.5 -3.25
expect sbuf[0:2, 576] f32 () = 2.25 2.0
expect sbuf[0:2, 704] f32 () = -2.5 -2.5
expect sbuf[0:2, 832] f32 () = 2.5 2.5
