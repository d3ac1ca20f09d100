// data * 2 and a bias of any type but tf32.
given sbuf[0:2, 0] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 128] f32 () = 1.0 2.0
given sbuf[0:2, 512] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 640] bf16 () = 1.0 2.0
given sbuf[0:2, 1024] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 1152] f16 () = 1.0 2.0
given sbuf[0:2, 1536] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 1664] f8e4m3 () = 1.0 2.0
given sbuf[0:2, 2048] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 2176] f8e5m2 () = 1.0 2.0
given sbuf[0:2, 2560] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 2688] i32 () = 1 2
given sbuf[0:2, 3072] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 3200] i16 () = 1 2
given sbuf[0:2, 3584] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 3712] i8 () = 1 2
given sbuf[0:2, 4096] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 4224] u32 () = 1 2
given sbuf[0:2, 4608] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 4736] u16 () = 1 2
given sbuf[0:2, 5120] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 5248] u8 () = 1 2
core 0 scalar {
  activation sbuf[0:2, 64] f32 (1:4), op=copy, sbuf[0:2, 0] f32 (1:4), scale=2, bias=sbuf[0:2, 128] f32 ()
  activation sbuf[0:2, 576] f32 (1:4), op=copy, sbuf[0:2, 512] f32 (1:4), scale=2, bias=sbuf[0:2, 640] bf16 ()
  activation sbuf[0:2, 1088] f32 (1:4), op=copy, sbuf[0:2, 1024] f32 (1:4), scale=2, bias=sbuf[0:2, 1152] f16 ()
  activation sbuf[0:2, 1600] f32 (1:4), op=copy, sbuf[0:2, 1536] f32 (1:4), scale=2, bias=sbuf[0:2, 1664] f8e4m3 ()
  activation sbuf[0:2, 2112] f32 (1:4), op=copy, sbuf[0:2, 2048] f32 (1:4), scale=2, bias=sbuf[0:2, 2176] f8e5m2 ()
  activation sbuf[0:2, 2624] f32 (1:4), op=copy, sbuf[0:2, 2560] f32 (1:4), scale=2, bias=sbuf[0:2, 2688] i32 ()
  activation sbuf[0:2, 3136] f32 (1:4), op=copy, sbuf[0:2, 3072] f32 (1:4), scale=2, bias=sbuf[0:2, 3200] i16 ()
  activation sbuf[0:2, 3648] f32 (1:4), op=copy, sbuf[0:2, 3584] f32 (1:4), scale=2, bias=sbuf[0:2, 3712] i8 ()
  activation sbuf[0:2, 4160] f32 (1:4), op=copy, sbuf[0:2, 4096] f32 (1:4), scale=2, bias=sbuf[0:2, 4224] u32 ()
  activation sbuf[0:2, 4672] f32 (1:4), op=copy, sbuf[0:2, 4608] f32 (1:4), scale=2, bias=sbuf[0:2, 4736] u16 ()
  activation sbuf[0:2, 5184] f32 (1:4), op=copy, sbuf[0:2, 5120] f32 (1:4), scale=2, bias=sbuf[0:2, 5248] u8 ()
}
expect sbuf[0:2, 64] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 576] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 1088] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 1600] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 2112] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 2624] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 3136] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 3648] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 4160] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 4672] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
expect sbuf[0:2, 5184] f32 (1:4) = 3.0 5.0 7.0 9.0 10.0 8.0 6.0 4.0
