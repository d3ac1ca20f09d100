// What a predicate of any type selects, and its maximum, in the types that can be true.
given sbuf[0:2, 0] i16 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 64] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 512] u16 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 576] bf16 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 1024] i8 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 1088] f16 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 1536] u8 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 1600] f8e4m3 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 2048] i16 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 2112] f8e5m2 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 2560] u16 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 2624] i16 (1:4) = 1 2 3 4 4 3 2 1
given sbuf[0:2, 3072] i8 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 3136] i8 (1:4) = 1 2 3 4 4 3 2 1
given sbuf[0:2, 3584] u8 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 3648] u16 (1:4) = 1 2 3 4 4 3 2 1
given sbuf[0:2, 4096] i16 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 4160] u8 (1:4) = 1 2 3 4 4 3 2 1
core 0 vector {
  select_reduce sbuf[0:2, 128] f32 (1:4), sbuf[0:2, 0] i16 (1:4), sbuf[0:2, 64] f32 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 192] f32 ()
  select_reduce sbuf[0:2, 640] bf16 (1:4), sbuf[0:2, 512] u16 (1:4), sbuf[0:2, 576] bf16 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 704] bf16 ()
  select_reduce sbuf[0:2, 1152] f16 (1:4), sbuf[0:2, 1024] i8 (1:4), sbuf[0:2, 1088] f16 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1216] f16 ()
  select_reduce sbuf[0:2, 1664] f8e4m3 (1:4), sbuf[0:2, 1536] u8 (1:4), sbuf[0:2, 1600] f8e4m3 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1728] f8e4m3 ()
  select_reduce sbuf[0:2, 2176] f8e5m2 (1:4), sbuf[0:2, 2048] i16 (1:4), sbuf[0:2, 2112] f8e5m2 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2240] f8e5m2 ()
  select_reduce sbuf[0:2, 2688] i16 (1:4), sbuf[0:2, 2560] u16 (1:4), sbuf[0:2, 2624] i16 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2752] i16 ()
  select_reduce sbuf[0:2, 3200] i8 (1:4), sbuf[0:2, 3072] i8 (1:4), sbuf[0:2, 3136] i8 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 3264] i8 ()
  select_reduce sbuf[0:2, 3712] u16 (1:4), sbuf[0:2, 3584] u8 (1:4), sbuf[0:2, 3648] u16 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 3776] u16 ()
  select_reduce sbuf[0:2, 4224] u8 (1:4), sbuf[0:2, 4096] i16 (1:4), sbuf[0:2, 4160] u8 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 4288] u8 ()
}
expect sbuf[0:2, 128] f32 (1:4) = 1.0 7.0 3.0 7.0 7.0 3.0 7.0 1.0
expect sbuf[0:2, 192] f32 () = 7.0 7.0
expect sbuf[0:2, 640] bf16 (1:4) = 1.0 7.0 3.0 7.0 7.0 3.0 7.0 1.0
expect sbuf[0:2, 704] bf16 () = 7.0 7.0
expect sbuf[0:2, 1152] f16 (1:4) = 1.0 7.0 3.0 7.0 7.0 3.0 7.0 1.0
expect sbuf[0:2, 1216] f16 () = 7.0 7.0
expect sbuf[0:2, 1664] f8e4m3 (1:4) = 1.0 7.0 3.0 7.0 7.0 3.0 7.0 1.0
expect sbuf[0:2, 1728] f8e4m3 () = 7.0 7.0
expect sbuf[0:2, 2176] f8e5m2 (1:4) = 1.0 7.0 3.0 7.0 7.0 3.0 7.0 1.0
expect sbuf[0:2, 2240] f8e5m2 () = 7.0 7.0
expect sbuf[0:2, 2688] i16 (1:4) = 1 7 3 7 7 3 7 1
expect sbuf[0:2, 2752] i16 () = 7 7
expect sbuf[0:2, 3200] i8 (1:4) = 1 7 3 7 7 3 7 1
expect sbuf[0:2, 3264] i8 () = 7 7
expect sbuf[0:2, 3712] u16 (1:4) = 1 7 3 7 7 3 7 1
expect sbuf[0:2, 3776] u16 () = 7 7
expect sbuf[0:2, 4224] u8 (1:4) = 1 7 3 7 7 3 7 1
expect sbuf[0:2, 4288] u8 () = 7 7
