// On gpsimd 32-bit integers are exact and wrap; power is there only.
given sbuf[0:1, 0] i32 (1:3) = 2147483647 -5 123456789
given sbuf[0:1, 64] i32 (1:3) = 1 7 1000
given sbuf[0:1, 448] u32 (1:3) = 4294967295 5 123456789
given sbuf[0:1, 512] u32 (1:3) = 2 7 1000
given sbuf[0:1, 896] f32 (1:3) = 2.0 9.0 0.25
given sbuf[0:1, 960] f32 (1:3) = 3.0 0.5 -1.0
core 0 gpsimd {
  tensor_tensor sbuf[0:1, 128] i32 (1:3), sbuf[0:1, 0] i32 (1:3), op=add, sbuf[0:1, 64] i32 (1:3)
  tensor_tensor sbuf[0:1, 192] i32 (1:3), sbuf[0:1, 0] i32 (1:3), op=subtract, sbuf[0:1, 64] i32 (1:3)
  tensor_tensor sbuf[0:1, 256] i32 (1:3), sbuf[0:1, 0] i32 (1:3), op=multiply, sbuf[0:1, 64] i32 (1:3)
  tensor_tensor sbuf[0:1, 320] i32 (1:3), sbuf[0:1, 0] i32 (1:3), op=maximum, sbuf[0:1, 64] i32 (1:3)
  tensor_tensor sbuf[0:1, 384] i32 (1:3), sbuf[0:1, 0] i32 (1:3), op=less, sbuf[0:1, 64] i32 (1:3)
  tensor_tensor sbuf[0:1, 576] u32 (1:3), sbuf[0:1, 448] u32 (1:3), op=add, sbuf[0:1, 512] u32 (1:3)
  tensor_tensor sbuf[0:1, 640] u32 (1:3), sbuf[0:1, 448] u32 (1:3), op=subtract, sbuf[0:1, 512] u32 (1:3)
  tensor_tensor sbuf[0:1, 704] u32 (1:3), sbuf[0:1, 448] u32 (1:3), op=multiply, sbuf[0:1, 512] u32 (1:3)
  tensor_tensor sbuf[0:1, 768] u32 (1:3), sbuf[0:1, 448] u32 (1:3), op=maximum, sbuf[0:1, 512] u32 (1:3)
  tensor_tensor sbuf[0:1, 832] u32 (1:3), sbuf[0:1, 448] u32 (1:3), op=less, sbuf[0:1, 512] u32 (1:3)
  tensor_tensor sbuf[0:1, 1024] f32 (1:3), sbuf[0:1, 896] f32 (1:3), op=power, sbuf[0:1, 960] f32 (1:3)
}
expect sbuf[0:1, 128] i32 (1:3) = -2147483648 2 123457789
expect sbuf[0:1, 192] i32 (1:3) = 2147483646 -12 123455789
expect sbuf[0:1, 256] i32 (1:3) = 2147483647 -35 -1097262584
expect sbuf[0:1, 320] i32 (1:3) = 2147483647 7 123456789
expect sbuf[0:1, 384] i32 (1:3) = 0 1 0
expect sbuf[0:1, 576] u32 (1:3) = 1 12 123457789
expect sbuf[0:1, 640] u32 (1:3) = 4294967293 4294967294 123455789
expect sbuf[0:1, 704] u32 (1:3) = 4294967294 35 3197704712
expect sbuf[0:1, 768] u32 (1:3) = 4294967295 7 123456789
expect sbuf[0:1, 832] u32 (1:3) = 0 1 0
expect sbuf[0:1, 1024] f32 (1:3) = 8.0 3.0 4.0
