// Elements whose place is inside two bounds; the rest is the lowest number; the maximum of what stays.
targets: trn2, trn3
refused on trn1: range_select exists from v3 on [ISA], not v2
refused on inf2: range_select exists from v3 on [ISA], not v2
given sbuf[0:2, 0] f32 (1:6) = 4.0 -3.5 -3.0 -2.0 -1.25 -3.5 -0.0 -2.25 1.75 -2.0 -1.25 -2.25
given sbuf[0:2, 64] f32 () = 12.0 10.0
given sbuf[0:2, 128] f32 () = 15.0 14.0
core 0 vector {
  range_select sbuf[0:2, 192] f32 (1:6), sbuf[0:2, 0] f32 (1:6), comp_op0=greater_equal, sbuf[0:2, 64] f32 (), comp_op1=less, sbuf[0:2, 128] f32 (), range_start=10, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 256] f32 ()
  range_select sbuf[0:2, 320] bf16 (1:6), sbuf[0:2, 0] f32 (1:6), comp_op0=greater_equal, sbuf[0:2, 64] f32 (), comp_op1=less, sbuf[0:2, 128] f32 (), range_start=10
}
expect sbuf[0:2, 192] f32 (1:6) = -3.4028235e+38 -3.4028235e+38 -3.0 -2.0 -1.25 -3.4028235e+38 -0.0 -2.25 1.75 -2.0 -3.4028235e+38 -3.4028235e+38
expect sbuf[0:2, 256] f32 () = -1.25 1.75
expect sbuf[0:2, 320] bf16 (1:6) = -Infinity -Infinity -3.0 -2.0 -1.25 -Infinity -0.0 -2.25 1.75 -2.0 -Infinity -Infinity
