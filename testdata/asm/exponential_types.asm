// Of what equals the largest: ones and their number, both in every type.
targets: trn3
refused on trn2: exponential exists from v4 on [ISA], not v3
refused on trn1: exponential exists from v4 on [ISA], not v2
refused on inf2: exponential exists from v4 on [ISA], not v2
given sbuf[0:2, 0] f32 (1:4) = 2.0 2.0 2.0 2.0 3.0 3.0 3.0 3.0
given sbuf[0:2, 128] f32 () = 2.0 3.0
given sbuf[0:2, 512] tf32 (1:4) = 2.0 2.0 2.0 2.0 3.0 3.0 3.0 3.0
given sbuf[0:2, 640] f32 () = 2.0 3.0
given sbuf[0:2, 1024] bf16 (1:4) = 2.0 2.0 2.0 2.0 3.0 3.0 3.0 3.0
given sbuf[0:2, 1152] f32 () = 2.0 3.0
given sbuf[0:2, 1536] f16 (1:4) = 2.0 2.0 2.0 2.0 3.0 3.0 3.0 3.0
given sbuf[0:2, 1664] f32 () = 2.0 3.0
given sbuf[0:2, 2048] f8e4m3 (1:4) = 2.0 2.0 2.0 2.0 3.0 3.0 3.0 3.0
given sbuf[0:2, 2176] f32 () = 2.0 3.0
given sbuf[0:2, 2560] f8e5m2 (1:4) = 2.0 2.0 2.0 2.0 3.0 3.0 3.0 3.0
given sbuf[0:2, 2688] f32 () = 2.0 3.0
given sbuf[0:2, 3072] i32 (1:4) = 2 2 2 2 3 3 3 3
given sbuf[0:2, 3200] f32 () = 2.0 3.0
given sbuf[0:2, 3584] i16 (1:4) = 2 2 2 2 3 3 3 3
given sbuf[0:2, 3712] f32 () = 2.0 3.0
given sbuf[0:2, 4096] i8 (1:4) = 2 2 2 2 3 3 3 3
given sbuf[0:2, 4224] f32 () = 2.0 3.0
given sbuf[0:2, 4608] u32 (1:4) = 2 2 2 2 3 3 3 3
given sbuf[0:2, 4736] f32 () = 2.0 3.0
given sbuf[0:2, 5120] u16 (1:4) = 2 2 2 2 3 3 3 3
given sbuf[0:2, 5248] f32 () = 2.0 3.0
given sbuf[0:2, 5632] u8 (1:4) = 2 2 2 2 3 3 3 3
given sbuf[0:2, 5760] f32 () = 2.0 3.0
core 0 vector {
  exponential sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), max_value=sbuf[0:2, 128] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 192] f32 ()
  exponential sbuf[0:2, 576] tf32 (1:4), sbuf[0:2, 512] tf32 (1:4), max_value=sbuf[0:2, 640] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 704] tf32 ()
  exponential sbuf[0:2, 1088] bf16 (1:4), sbuf[0:2, 1024] bf16 (1:4), max_value=sbuf[0:2, 1152] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1216] bf16 ()
  exponential sbuf[0:2, 1600] f16 (1:4), sbuf[0:2, 1536] f16 (1:4), max_value=sbuf[0:2, 1664] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1728] f16 ()
  exponential sbuf[0:2, 2112] f8e4m3 (1:4), sbuf[0:2, 2048] f8e4m3 (1:4), max_value=sbuf[0:2, 2176] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2240] f8e4m3 ()
  exponential sbuf[0:2, 2624] f8e5m2 (1:4), sbuf[0:2, 2560] f8e5m2 (1:4), max_value=sbuf[0:2, 2688] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2752] f8e5m2 ()
  exponential sbuf[0:2, 3136] i32 (1:4), sbuf[0:2, 3072] i32 (1:4), max_value=sbuf[0:2, 3200] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 3264] i32 ()
  exponential sbuf[0:2, 3648] i16 (1:4), sbuf[0:2, 3584] i16 (1:4), max_value=sbuf[0:2, 3712] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 3776] i16 ()
  exponential sbuf[0:2, 4160] i8 (1:4), sbuf[0:2, 4096] i8 (1:4), max_value=sbuf[0:2, 4224] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 4288] i8 ()
  exponential sbuf[0:2, 4672] u32 (1:4), sbuf[0:2, 4608] u32 (1:4), max_value=sbuf[0:2, 4736] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 4800] u32 ()
  exponential sbuf[0:2, 5184] u16 (1:4), sbuf[0:2, 5120] u16 (1:4), max_value=sbuf[0:2, 5248] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 5312] u16 ()
  exponential sbuf[0:2, 5696] u8 (1:4), sbuf[0:2, 5632] u8 (1:4), max_value=sbuf[0:2, 5760] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 5824] u8 ()
}
expect sbuf[0:2, 64] f32 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
expect sbuf[0:2, 192] f32 () = 4.0 4.0
expect sbuf[0:2, 576] tf32 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
expect sbuf[0:2, 704] tf32 () = 4.0 4.0
expect sbuf[0:2, 1088] bf16 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
expect sbuf[0:2, 1216] bf16 () = 4.0 4.0
expect sbuf[0:2, 1600] f16 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
expect sbuf[0:2, 1728] f16 () = 4.0 4.0
expect sbuf[0:2, 2112] f8e4m3 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
expect sbuf[0:2, 2240] f8e4m3 () = 4.0 4.0
expect sbuf[0:2, 2624] f8e5m2 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
expect sbuf[0:2, 2752] f8e5m2 () = 4.0 4.0
expect sbuf[0:2, 3136] i32 (1:4) = 1 1 1 1 1 1 1 1
expect sbuf[0:2, 3264] i32 () = 4 4
expect sbuf[0:2, 3648] i16 (1:4) = 1 1 1 1 1 1 1 1
expect sbuf[0:2, 3776] i16 () = 4 4
expect sbuf[0:2, 4160] i8 (1:4) = 1 1 1 1 1 1 1 1
expect sbuf[0:2, 4288] i8 () = 4 4
expect sbuf[0:2, 4672] u32 (1:4) = 1 1 1 1 1 1 1 1
expect sbuf[0:2, 4800] u32 () = 4 4
expect sbuf[0:2, 5184] u16 (1:4) = 1 1 1 1 1 1 1 1
expect sbuf[0:2, 5312] u16 () = 4 4
expect sbuf[0:2, 5696] u8 (1:4) = 1 1 1 1 1 1 1 1
expect sbuf[0:2, 5824] u8 () = 4 4
