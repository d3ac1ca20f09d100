// Between all types through fp32, and raw where they are equal: a NaN keeps its bits, a large integer its value.
given sbuf[0:1, 0] f32 (1:5) = 1.5 -2.5 300.0 0.1 -0.0
given sbuf[0:1, 384] bf16 (1:5) = 1.5 -2.5 300.0 0.100097656 -0.0
given sbuf[0:1, 768] f16 (1:5) = 1.5 -2.5 300.0 0.099975586 -0.0
given sbuf[0:1, 1216] f8e5m2 (1:5) = 1.5 -2.5 320.0 0.09375 -0.0
given sbuf[0:1, 1600] f8e4m3 (1:5) = 1.5 -2.5 Infinity 0.1015625 -0.0
given sbuf[0:1, 2048] i32 (1:5) = 2 -2 300 0 0
given sbuf[0:1, 2432] i16 (1:5) = 2 -2 300 0 0
given sbuf[0:1, 2880] i8 (1:5) = 2 -2 127 0 0
given sbuf[0:1, 3264] u32 (1:2) = 2143363909 19088743
given sbuf[0:1, 3392] i32 (1:2) = 2147483647 -16777217
core 0 vector {
  tensor_copy sbuf[0:1, 64] bf16 (1:5), sbuf[0:1, 0] f32 (1:5)
  tensor_copy sbuf[0:1, 128] i32 (1:5), sbuf[0:1, 0] f32 (1:5)
  tensor_copy sbuf[0:1, 192] i8 (1:5), sbuf[0:1, 0] f32 (1:5)
  tensor_copy sbuf[0:1, 256] u8 (1:5), sbuf[0:1, 0] f32 (1:5)
  tensor_copy sbuf[0:1, 320] f8e5m2 (1:5), sbuf[0:1, 0] f32 (1:5)
  tensor_copy sbuf[0:1, 448] f32 (1:5), sbuf[0:1, 384] bf16 (1:5)
  tensor_copy sbuf[0:1, 512] i32 (1:5), sbuf[0:1, 384] bf16 (1:5)
  tensor_copy sbuf[0:1, 576] i8 (1:5), sbuf[0:1, 384] bf16 (1:5)
  tensor_copy sbuf[0:1, 640] u8 (1:5), sbuf[0:1, 384] bf16 (1:5)
  tensor_copy sbuf[0:1, 704] f8e5m2 (1:5), sbuf[0:1, 384] bf16 (1:5)
  tensor_copy sbuf[0:1, 832] f32 (1:5), sbuf[0:1, 768] f16 (1:5)
  tensor_copy sbuf[0:1, 896] bf16 (1:5), sbuf[0:1, 768] f16 (1:5)
  tensor_copy sbuf[0:1, 960] i32 (1:5), sbuf[0:1, 768] f16 (1:5)
  tensor_copy sbuf[0:1, 1024] i8 (1:5), sbuf[0:1, 768] f16 (1:5)
  tensor_copy sbuf[0:1, 1088] u8 (1:5), sbuf[0:1, 768] f16 (1:5)
  tensor_copy sbuf[0:1, 1152] f8e5m2 (1:5), sbuf[0:1, 768] f16 (1:5)
  tensor_copy sbuf[0:1, 1280] f32 (1:5), sbuf[0:1, 1216] f8e5m2 (1:5)
  tensor_copy sbuf[0:1, 1344] bf16 (1:5), sbuf[0:1, 1216] f8e5m2 (1:5)
  tensor_copy sbuf[0:1, 1408] i32 (1:5), sbuf[0:1, 1216] f8e5m2 (1:5)
  tensor_copy sbuf[0:1, 1472] i8 (1:5), sbuf[0:1, 1216] f8e5m2 (1:5)
  tensor_copy sbuf[0:1, 1536] u8 (1:5), sbuf[0:1, 1216] f8e5m2 (1:5)
  tensor_copy sbuf[0:1, 1664] f32 (1:5), sbuf[0:1, 1600] f8e4m3 (1:5)
  tensor_copy sbuf[0:1, 1728] bf16 (1:5), sbuf[0:1, 1600] f8e4m3 (1:5)
  tensor_copy sbuf[0:1, 1792] i32 (1:5), sbuf[0:1, 1600] f8e4m3 (1:5)
  tensor_copy sbuf[0:1, 1856] i8 (1:5), sbuf[0:1, 1600] f8e4m3 (1:5)
  tensor_copy sbuf[0:1, 1920] u8 (1:5), sbuf[0:1, 1600] f8e4m3 (1:5)
  tensor_copy sbuf[0:1, 1984] f8e5m2 (1:5), sbuf[0:1, 1600] f8e4m3 (1:5)
  tensor_copy sbuf[0:1, 2112] f32 (1:5), sbuf[0:1, 2048] i32 (1:5)
  tensor_copy sbuf[0:1, 2176] bf16 (1:5), sbuf[0:1, 2048] i32 (1:5)
  tensor_copy sbuf[0:1, 2240] i8 (1:5), sbuf[0:1, 2048] i32 (1:5)
  tensor_copy sbuf[0:1, 2304] u8 (1:5), sbuf[0:1, 2048] i32 (1:5)
  tensor_copy sbuf[0:1, 2368] f8e5m2 (1:5), sbuf[0:1, 2048] i32 (1:5)
  tensor_copy sbuf[0:1, 2496] f32 (1:5), sbuf[0:1, 2432] i16 (1:5)
  tensor_copy sbuf[0:1, 2560] bf16 (1:5), sbuf[0:1, 2432] i16 (1:5)
  tensor_copy sbuf[0:1, 2624] i32 (1:5), sbuf[0:1, 2432] i16 (1:5)
  tensor_copy sbuf[0:1, 2688] i8 (1:5), sbuf[0:1, 2432] i16 (1:5)
  tensor_copy sbuf[0:1, 2752] u8 (1:5), sbuf[0:1, 2432] i16 (1:5)
  tensor_copy sbuf[0:1, 2816] f8e5m2 (1:5), sbuf[0:1, 2432] i16 (1:5)
  tensor_copy sbuf[0:1, 2944] f32 (1:5), sbuf[0:1, 2880] i8 (1:5)
  tensor_copy sbuf[0:1, 3008] bf16 (1:5), sbuf[0:1, 2880] i8 (1:5)
  tensor_copy sbuf[0:1, 3072] i32 (1:5), sbuf[0:1, 2880] i8 (1:5)
  tensor_copy sbuf[0:1, 3136] u8 (1:5), sbuf[0:1, 2880] i8 (1:5)
  tensor_copy sbuf[0:1, 3200] f8e5m2 (1:5), sbuf[0:1, 2880] i8 (1:5)
  tensor_copy sbuf[0:1, 3328] f32 (1:2), sbuf[0:1, 3264] f32 (1:2)
}
core 0 gpsimd {
  tensor_copy sbuf[0:1, 3456] i32 (1:2), sbuf[0:1, 3392] i32 (1:2)
}
expect sbuf[0:1, 64] bf16 (1:5) = 1.5 -2.5 300.0 0.100097656 -0.0
expect sbuf[0:1, 128] i32 (1:5) = 2 -2 300 0 0
expect sbuf[0:1, 192] i8 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 256] u8 (1:5) = 2 0 255 0 0
expect sbuf[0:1, 320] f8e5m2 (1:5) = 1.5 -2.5 320.0 0.09375 -0.0
expect sbuf[0:1, 448] f32 (1:5) = 1.5 -2.5 300.0 0.100097656 -0.0
expect sbuf[0:1, 512] i32 (1:5) = 2 -2 300 0 0
expect sbuf[0:1, 576] i8 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 640] u8 (1:5) = 2 0 255 0 0
expect sbuf[0:1, 704] f8e5m2 (1:5) = 1.5 -2.5 320.0 0.09375 -0.0
expect sbuf[0:1, 832] f32 (1:5) = 1.5 -2.5 300.0 0.099975586 -0.0
expect sbuf[0:1, 896] bf16 (1:5) = 1.5 -2.5 300.0 0.100097656 -0.0
expect sbuf[0:1, 960] i32 (1:5) = 2 -2 300 0 0
expect sbuf[0:1, 1024] i8 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 1088] u8 (1:5) = 2 0 255 0 0
expect sbuf[0:1, 1152] f8e5m2 (1:5) = 1.5 -2.5 320.0 0.09375 -0.0
expect sbuf[0:1, 1280] f32 (1:5) = 1.5 -2.5 320.0 0.09375 -0.0
expect sbuf[0:1, 1344] bf16 (1:5) = 1.5 -2.5 320.0 0.09375 -0.0
expect sbuf[0:1, 1408] i32 (1:5) = 2 -2 320 0 0
expect sbuf[0:1, 1472] i8 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 1536] u8 (1:5) = 2 0 255 0 0
expect sbuf[0:1, 1664] f32 (1:5) = 1.5 -2.5 Infinity 0.1015625 -0.0
expect sbuf[0:1, 1728] bf16 (1:5) = 1.5 -2.5 Infinity 0.1015625 -0.0
expect sbuf[0:1, 1792] i32 (1:5) = 2 -2 2147483647 0 0
expect sbuf[0:1, 1856] i8 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 1920] u8 (1:5) = 2 0 255 0 0
expect sbuf[0:1, 1984] f8e5m2 (1:5) = 1.5 -2.5 Infinity 0.09375 -0.0
expect sbuf[0:1, 2112] f32 (1:5) = 2.0 -2.0 300.0 0.0 0.0
expect sbuf[0:1, 2176] bf16 (1:5) = 2.0 -2.0 300.0 0.0 0.0
expect sbuf[0:1, 2240] i8 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 2304] u8 (1:5) = 2 0 255 0 0
expect sbuf[0:1, 2368] f8e5m2 (1:5) = 2.0 -2.0 320.0 0.0 0.0
expect sbuf[0:1, 2496] f32 (1:5) = 2.0 -2.0 300.0 0.0 0.0
expect sbuf[0:1, 2560] bf16 (1:5) = 2.0 -2.0 300.0 0.0 0.0
expect sbuf[0:1, 2624] i32 (1:5) = 2 -2 300 0 0
expect sbuf[0:1, 2688] i8 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 2752] u8 (1:5) = 2 0 255 0 0
expect sbuf[0:1, 2816] f8e5m2 (1:5) = 2.0 -2.0 320.0 0.0 0.0
expect sbuf[0:1, 2944] f32 (1:5) = 2.0 -2.0 127.0 0.0 0.0
expect sbuf[0:1, 3008] bf16 (1:5) = 2.0 -2.0 127.0 0.0 0.0
expect sbuf[0:1, 3072] i32 (1:5) = 2 -2 127 0 0
expect sbuf[0:1, 3136] u8 (1:5) = 2 0 127 0 0
expect sbuf[0:1, 3200] f8e5m2 (1:5) = 2.0 -2.0 128.0 0.0 0.0
expect sbuf[0:1, 3328] u32 (1:2) = 2143363909 19088743
expect sbuf[0:1, 3456] i32 (1:2) = 2147483647 -16777217
