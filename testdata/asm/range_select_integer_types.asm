// The maximum of what is in a range, as an integer of any type.
targets: trn2, trn3
refused on trn1: range_select exists from v3 on [ISA], not v2
refused on inf2: range_select exists from v3 on [ISA], not v2
given sbuf[0:2, 0] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 128] f32 () = 0.0 0.0
given sbuf[0:2, 132] f32 () = 9.0 9.0
given sbuf[0:2, 512] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 640] f32 () = 0.0 0.0
given sbuf[0:2, 644] f32 () = 9.0 9.0
given sbuf[0:2, 1024] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 1152] f32 () = 0.0 0.0
given sbuf[0:2, 1156] f32 () = 9.0 9.0
given sbuf[0:2, 1536] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 1664] f32 () = 0.0 0.0
given sbuf[0:2, 1668] f32 () = 9.0 9.0
given sbuf[0:2, 2048] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 2176] f32 () = 0.0 0.0
given sbuf[0:2, 2180] f32 () = 9.0 9.0
given sbuf[0:2, 2560] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 2688] f32 () = 0.0 0.0
given sbuf[0:2, 2692] f32 () = 9.0 9.0
core 0 vector {
  range_select sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), comp_op0=greater_equal, sbuf[0:2, 128] f32 (), comp_op1=less, sbuf[0:2, 132] f32 (), range_start=0, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 192] i32 ()
  range_select sbuf[0:2, 576] f32 (1:4), sbuf[0:2, 512] f32 (1:4), comp_op0=greater_equal, sbuf[0:2, 640] f32 (), comp_op1=less, sbuf[0:2, 644] f32 (), range_start=0, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 704] i16 ()
  range_select sbuf[0:2, 1088] f32 (1:4), sbuf[0:2, 1024] f32 (1:4), comp_op0=greater_equal, sbuf[0:2, 1152] f32 (), comp_op1=less, sbuf[0:2, 1156] f32 (), range_start=0, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1216] i8 ()
  range_select sbuf[0:2, 1600] f32 (1:4), sbuf[0:2, 1536] f32 (1:4), comp_op0=greater_equal, sbuf[0:2, 1664] f32 (), comp_op1=less, sbuf[0:2, 1668] f32 (), range_start=0, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1728] u32 ()
  range_select sbuf[0:2, 2112] f32 (1:4), sbuf[0:2, 2048] f32 (1:4), comp_op0=greater_equal, sbuf[0:2, 2176] f32 (), comp_op1=less, sbuf[0:2, 2180] f32 (), range_start=0, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2240] u16 ()
  range_select sbuf[0:2, 2624] f32 (1:4), sbuf[0:2, 2560] f32 (1:4), comp_op0=greater_equal, sbuf[0:2, 2688] f32 (), comp_op1=less, sbuf[0:2, 2692] f32 (), range_start=0, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2752] u8 ()
}
expect sbuf[0:2, 64] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
expect sbuf[0:2, 192] i32 () = 4 4
expect sbuf[0:2, 576] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
expect sbuf[0:2, 704] i16 () = 4 4
expect sbuf[0:2, 1088] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
expect sbuf[0:2, 1216] i8 () = 4 4
expect sbuf[0:2, 1600] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
expect sbuf[0:2, 1728] u32 () = 4 4
expect sbuf[0:2, 2112] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
expect sbuf[0:2, 2240] u16 () = 4 4
expect sbuf[0:2, 2624] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
expect sbuf[0:2, 2752] u8 () = 4 4
