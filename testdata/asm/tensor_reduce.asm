// Over the last dimension, over both, of several types; a negated one; bits.
given sbuf[0:2, 0] f32 (1:6) = 1.0 -3.25 -0.5 2.0 0.75 -2.0 -2.25 3.75 -1.0 -2.25 -2.75 -2.5
given sbuf[0:2, 1024] f32 (1:4) = 2.0 0.75 5.75 6.25 2.75 3.25 5.25 3.75
given sbuf[0:2, 1152] bf16 (1:4) = 2.0 7.0 6.25 5.0 0.5 5.75 5.5 1.5
given sbuf[0:2, 1280] f16 (1:4) = 4.75 5.5 6.75 0.0 6.75 2.75 5.0 4.5
given sbuf[0:2, 1408] f8e5m2 (1:4) = 3.0 1.5 5.0 5.0 5.0 6.0 6.0 1.75
given sbuf[0:2, 1536] f8e4m3 (1:4) = 3.75 5.5 1.75 3.75 5.0 5.0 5.5 2.25
given sbuf[0:2, 1664] i32 (1:4) = 4 4 2 1 0 5 6 6
given sbuf[0:2, 1792] i16 (1:4) = 5 3 0 4 7 6 7 6
given sbuf[0:2, 1920] i8 (1:4) = 2 0 4 6 2 7 6 0
given sbuf[0:2, 2048] u16 (1:4) = 2 4 4 6 6 6 3 2
given sbuf[0:2, 2176] u8 (1:4) = 6 0 6 2 0 2 3 0
given sbuf[0:2, 2304] u32 (1:4) = 2 6 6 2 5 1 2 0
given sbuf[0:1, 2432] u8 (1:3) = 12 10 7
core 0 vector {
  tensor_reduce sbuf[0:2, 64] f32 (1:2), op=add, sbuf[0:2, 0] f32 (3:2,1:3), axes=1
  tensor_reduce sbuf[0:2, 128] f32 (), op=add, sbuf[0:2, 0] f32 (3:2,1:3), axes=2
  tensor_reduce sbuf[0:2, 192] f32 (1:2), op=multiply, sbuf[0:2, 0] f32 (3:2,1:3), axes=1
  tensor_reduce sbuf[0:2, 256] f32 (), op=multiply, sbuf[0:2, 0] f32 (3:2,1:3), axes=2
  tensor_reduce sbuf[0:2, 320] f32 (1:2), op=maximum, sbuf[0:2, 0] f32 (3:2,1:3), axes=1
  tensor_reduce sbuf[0:2, 384] f32 (), op=maximum, sbuf[0:2, 0] f32 (3:2,1:3), axes=2
  tensor_reduce sbuf[0:2, 448] f32 (1:2), op=minimum, sbuf[0:2, 0] f32 (3:2,1:3), axes=1
  tensor_reduce sbuf[0:2, 512] f32 (), op=minimum, sbuf[0:2, 0] f32 (3:2,1:3), axes=2
  tensor_reduce sbuf[0:2, 576] f32 (1:2), op=logical_and, sbuf[0:2, 0] f32 (3:2,1:3), axes=1
  tensor_reduce sbuf[0:2, 640] f32 (), op=logical_and, sbuf[0:2, 0] f32 (3:2,1:3), axes=2
  tensor_reduce sbuf[0:2, 704] f32 (1:2), op=logical_or, sbuf[0:2, 0] f32 (3:2,1:3), axes=1
  tensor_reduce sbuf[0:2, 768] f32 (), op=logical_or, sbuf[0:2, 0] f32 (3:2,1:3), axes=2
  tensor_reduce sbuf[0:2, 832] f32 (1:2), op=logical_xor, sbuf[0:2, 0] f32 (3:2,1:3), axes=1
  tensor_reduce sbuf[0:2, 896] f32 (), op=logical_xor, sbuf[0:2, 0] f32 (3:2,1:3), axes=2
  tensor_reduce sbuf[0:2, 960] f32 (), op=add, sbuf[0:2, 0] f32 (1:6), axes=1, negate
  tensor_reduce sbuf[0:2, 1088] f32 (), op=add, sbuf[0:2, 1024] f32 (1:4), axes=1
  tensor_reduce sbuf[0:2, 1216] bf16 (), op=add, sbuf[0:2, 1152] bf16 (1:4), axes=1
  tensor_reduce sbuf[0:2, 1344] f16 (), op=add, sbuf[0:2, 1280] f16 (1:4), axes=1
  tensor_reduce sbuf[0:2, 1472] f8e5m2 (), op=add, sbuf[0:2, 1408] f8e5m2 (1:4), axes=1
  tensor_reduce sbuf[0:2, 1600] f8e4m3 (), op=add, sbuf[0:2, 1536] f8e4m3 (1:4), axes=1
  tensor_reduce sbuf[0:2, 1728] i32 (), op=add, sbuf[0:2, 1664] i32 (1:4), axes=1
  tensor_reduce sbuf[0:2, 1856] i16 (), op=add, sbuf[0:2, 1792] i16 (1:4), axes=1
  tensor_reduce sbuf[0:2, 1984] i8 (), op=add, sbuf[0:2, 1920] i8 (1:4), axes=1
  tensor_reduce sbuf[0:2, 2112] u16 (), op=add, sbuf[0:2, 2048] u16 (1:4), axes=1
  tensor_reduce sbuf[0:2, 2240] u8 (), op=add, sbuf[0:2, 2176] u8 (1:4), axes=1
  tensor_reduce sbuf[0:2, 2368] u32 (), op=add, sbuf[0:2, 2304] u32 (1:4), axes=1
  tensor_reduce sbuf[0:1, 2496] u8 (), op=bitwise_and, sbuf[0:1, 2432] u8 (1:3), axes=1
  tensor_reduce sbuf[0:1, 2560] u8 (), op=bitwise_or, sbuf[0:1, 2432] u8 (1:3), axes=1
  tensor_reduce sbuf[0:1, 2624] u8 (), op=bitwise_xor, sbuf[0:1, 2432] u8 (1:3), axes=1
}
expect sbuf[0:2, 64] f32 (1:2) = -2.75 0.75 0.5 -7.5
expect sbuf[0:2, 128] f32 () = -2.0 -7.0
expect sbuf[0:2, 192] f32 (1:2) = 1.625 -3.0 8.4375 -15.46875
expect sbuf[0:2, 256] f32 () = -4.875 -130.51758
expect sbuf[0:2, 320] f32 (1:2) = 1.0 2.0 3.75 -2.25
expect sbuf[0:2, 384] f32 () = 2.0 3.75
expect sbuf[0:2, 448] f32 (1:2) = -3.25 -2.0 -2.25 -2.75
expect sbuf[0:2, 512] f32 () = -3.25 -2.75
expect sbuf[0:2, 576] f32 (1:2) = 1.0 1.0 1.0 1.0
expect sbuf[0:2, 640] f32 () = 1.0 1.0
expect sbuf[0:2, 704] f32 (1:2) = 1.0 1.0 1.0 1.0
expect sbuf[0:2, 768] f32 () = 1.0 1.0
expect sbuf[0:2, 832] f32 (1:2) = 1.0 1.0 1.0 1.0
expect sbuf[0:2, 896] f32 () = 0.0 0.0
expect sbuf[0:2, 960] f32 () = 2.0 7.0
expect sbuf[0:2, 1088] f32 () = 14.75 15.0
expect sbuf[0:2, 1216] bf16 () = 20.25 13.25
expect sbuf[0:2, 1344] f16 () = 17.0 19.0
expect sbuf[0:2, 1472] f8e5m2 () = 14.0 20.0
expect sbuf[0:2, 1600] f8e4m3 () = 15.0 18.0
expect sbuf[0:2, 1728] i32 () = 11 17
expect sbuf[0:2, 1856] i16 () = 12 26
expect sbuf[0:2, 1984] i8 () = 12 15
expect sbuf[0:2, 2112] u16 () = 16 17
expect sbuf[0:2, 2240] u8 () = 14 5
expect sbuf[0:2, 2368] u32 () = 16 8
expect sbuf[0:1, 2496] u8 () = 0
expect sbuf[0:1, 2560] u8 () = 15
expect sbuf[0:1, 2624] u8 () = 1
