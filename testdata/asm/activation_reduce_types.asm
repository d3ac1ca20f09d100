// Squares and their sums, both in every type, also as the accumulator gives them.
given sbuf[0:2, 0] f32 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 512] tf32 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 1024] bf16 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 1536] f16 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 2048] f8e4m3 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 2560] f8e5m2 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 3072] i32 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 3584] i16 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 4096] i8 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 4608] u32 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 5120] u16 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 5632] u8 (1:4) = 1 2 2 1 2 1 1 2
core 0 scalar {
  activation_reduce sbuf[0:2, 64] f32 (1:4), op=square, sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 128] f32 ()
  activation sbuf[0:2, 192] f32 (1:4), op=copy, sbuf[0:2, 0] f32 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 256] f32 ()
  activation_reduce sbuf[0:2, 576] tf32 (1:4), op=square, sbuf[0:2, 512] tf32 (1:4), sbuf[0:2, 640] tf32 ()
  activation sbuf[0:2, 704] tf32 (1:4), op=copy, sbuf[0:2, 512] tf32 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 768] tf32 ()
  activation_reduce sbuf[0:2, 1088] bf16 (1:4), op=square, sbuf[0:2, 1024] bf16 (1:4), sbuf[0:2, 1152] bf16 ()
  activation sbuf[0:2, 1216] bf16 (1:4), op=copy, sbuf[0:2, 1024] bf16 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 1280] bf16 ()
  activation_reduce sbuf[0:2, 1600] f16 (1:4), op=square, sbuf[0:2, 1536] f16 (1:4), sbuf[0:2, 1664] f16 ()
  activation sbuf[0:2, 1728] f16 (1:4), op=copy, sbuf[0:2, 1536] f16 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 1792] f16 ()
  activation_reduce sbuf[0:2, 2112] f8e4m3 (1:4), op=square, sbuf[0:2, 2048] f8e4m3 (1:4), sbuf[0:2, 2176] f8e4m3 ()
  activation sbuf[0:2, 2240] f8e4m3 (1:4), op=copy, sbuf[0:2, 2048] f8e4m3 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 2304] f8e4m3 ()
  activation_reduce sbuf[0:2, 2624] f8e5m2 (1:4), op=square, sbuf[0:2, 2560] f8e5m2 (1:4), sbuf[0:2, 2688] f8e5m2 ()
  activation sbuf[0:2, 2752] f8e5m2 (1:4), op=copy, sbuf[0:2, 2560] f8e5m2 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 2816] f8e5m2 ()
  activation_reduce sbuf[0:2, 3136] i32 (1:4), op=square, sbuf[0:2, 3072] i32 (1:4), sbuf[0:2, 3200] i32 ()
  activation sbuf[0:2, 3264] i32 (1:4), op=copy, sbuf[0:2, 3072] i32 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 3328] i32 ()
  activation_reduce sbuf[0:2, 3648] i16 (1:4), op=square, sbuf[0:2, 3584] i16 (1:4), sbuf[0:2, 3712] i16 ()
  activation sbuf[0:2, 3776] i16 (1:4), op=copy, sbuf[0:2, 3584] i16 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 3840] i16 ()
  activation_reduce sbuf[0:2, 4160] i8 (1:4), op=square, sbuf[0:2, 4096] i8 (1:4), sbuf[0:2, 4224] i8 ()
  activation sbuf[0:2, 4288] i8 (1:4), op=copy, sbuf[0:2, 4096] i8 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 4352] i8 ()
  activation_reduce sbuf[0:2, 4672] u32 (1:4), op=square, sbuf[0:2, 4608] u32 (1:4), sbuf[0:2, 4736] u32 ()
  activation sbuf[0:2, 4800] u32 (1:4), op=copy, sbuf[0:2, 4608] u32 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 4864] u32 ()
  activation_reduce sbuf[0:2, 5184] u16 (1:4), op=square, sbuf[0:2, 5120] u16 (1:4), sbuf[0:2, 5248] u16 ()
  activation sbuf[0:2, 5312] u16 (1:4), op=copy, sbuf[0:2, 5120] u16 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 5376] u16 ()
  activation_reduce sbuf[0:2, 5696] u8 (1:4), op=square, sbuf[0:2, 5632] u8 (1:4), sbuf[0:2, 5760] u8 ()
  activation sbuf[0:2, 5824] u8 (1:4), op=copy, sbuf[0:2, 5632] u8 (1:4), reduce_cmd=reset_reduce
  act_read_accumulator sbuf[0:2, 5888] u8 ()
}
expect sbuf[0:2, 64] f32 (1:4) = 1.0 4.0 4.0 1.0 4.0 1.0 1.0 4.0
expect sbuf[0:2, 128] f32 () = 10.0 10.0
expect sbuf[0:2, 256] f32 () = 6.0 6.0
expect sbuf[0:2, 576] tf32 (1:4) = 1.0 4.0 4.0 1.0 4.0 1.0 1.0 4.0
expect sbuf[0:2, 640] tf32 () = 10.0 10.0
expect sbuf[0:2, 768] tf32 () = 6.0 6.0
expect sbuf[0:2, 1088] bf16 (1:4) = 1.0 4.0 4.0 1.0 4.0 1.0 1.0 4.0
expect sbuf[0:2, 1152] bf16 () = 10.0 10.0
expect sbuf[0:2, 1280] bf16 () = 6.0 6.0
expect sbuf[0:2, 1600] f16 (1:4) = 1.0 4.0 4.0 1.0 4.0 1.0 1.0 4.0
expect sbuf[0:2, 1664] f16 () = 10.0 10.0
expect sbuf[0:2, 1792] f16 () = 6.0 6.0
expect sbuf[0:2, 2112] f8e4m3 (1:4) = 1.0 4.0 4.0 1.0 4.0 1.0 1.0 4.0
expect sbuf[0:2, 2176] f8e4m3 () = 10.0 10.0
expect sbuf[0:2, 2304] f8e4m3 () = 6.0 6.0
expect sbuf[0:2, 2624] f8e5m2 (1:4) = 1.0 4.0 4.0 1.0 4.0 1.0 1.0 4.0
expect sbuf[0:2, 2688] f8e5m2 () = 10.0 10.0
expect sbuf[0:2, 2816] f8e5m2 () = 6.0 6.0
expect sbuf[0:2, 3136] i32 (1:4) = 1 4 4 1 4 1 1 4
expect sbuf[0:2, 3200] i32 () = 10 10
expect sbuf[0:2, 3328] i32 () = 6 6
expect sbuf[0:2, 3648] i16 (1:4) = 1 4 4 1 4 1 1 4
expect sbuf[0:2, 3712] i16 () = 10 10
expect sbuf[0:2, 3840] i16 () = 6 6
expect sbuf[0:2, 4160] i8 (1:4) = 1 4 4 1 4 1 1 4
expect sbuf[0:2, 4224] i8 () = 10 10
expect sbuf[0:2, 4352] i8 () = 6 6
expect sbuf[0:2, 4672] u32 (1:4) = 1 4 4 1 4 1 1 4
expect sbuf[0:2, 4736] u32 () = 10 10
expect sbuf[0:2, 4864] u32 () = 6 6
expect sbuf[0:2, 5184] u16 (1:4) = 1 4 4 1 4 1 1 4
expect sbuf[0:2, 5248] u16 () = 10 10
expect sbuf[0:2, 5376] u16 () = 6 6
expect sbuf[0:2, 5696] u8 (1:4) = 1 4 4 1 4 1 1 4
expect sbuf[0:2, 5760] u8 () = 10 10
expect sbuf[0:2, 5888] u8 () = 6 6
