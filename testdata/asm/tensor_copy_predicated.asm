// Where the predicate is 0 the destination stays.
given sbuf[0:2, 0] f32 (1:3) = 2.0 5.5 3.75 4.75 6.0 5.75
given sbuf[0:2, 64] u8 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 128] f32 (1:3) = 2.75 5.5 1.25 1.75 2.0 5.25
given sbuf[0:2, 192] f32 (1:3) = 0.0 5.75 3.5 5.75 4.5 2.5
given sbuf[0:2, 256] u16 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 320] f32 (1:3) = 0.25 5.75 5.25 0.75 1.25 5.0
given sbuf[0:2, 384] f32 (1:3) = 1.25 3.5 3.25 3.5 5.5 3.75
given sbuf[0:2, 448] u32 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 512] f32 (1:3) = 4.75 3.75 3.25 3.0 5.0 2.5
given sbuf[0:2, 576] bf16 (1:3) = 2.25 4.75 5.5 3.25 2.0 4.5
given sbuf[0:2, 640] u8 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 704] bf16 (1:3) = 5.5 5.5 1.5 3.75 0.5 2.0
given sbuf[0:2, 768] bf16 (1:3) = 5.5 2.25 0.25 0.0 5.5 4.75
given sbuf[0:2, 832] u16 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 896] bf16 (1:3) = 1.5 4.75 2.25 2.0 3.75 1.25
given sbuf[0:2, 960] bf16 (1:3) = 3.0 5.75 4.0 5.5 0.5 4.5
given sbuf[0:2, 1024] u32 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 1088] bf16 (1:3) = 2.75 3.25 0.25 0.5 3.75 3.75
given sbuf[0:2, 1152] u8 (1:3) = 3 1 2 4 1 6
given sbuf[0:2, 1216] u8 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 1280] u8 (1:3) = 1 4 4 3 4 1
given sbuf[0:2, 1344] u8 (1:3) = 3 2 0 0 4 1
given sbuf[0:2, 1408] u16 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 1472] u8 (1:3) = 4 4 3 4 2 4
given sbuf[0:2, 1536] u8 (1:3) = 2 0 0 6 0 0
given sbuf[0:2, 1600] u32 (1:3) = 0 1 2 1 0 0
given sbuf[0:2, 1664] u8 (1:3) = 4 4 2 4 4 4
core 0 vector {
  tensor_copy_predicated sbuf[0:2, 128] f32 (1:3), sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 64] u8 (1:3)
  tensor_copy_predicated sbuf[0:2, 320] f32 (1:3), sbuf[0:2, 192] f32 (1:3), sbuf[0:2, 256] u16 (1:3)
  tensor_copy_predicated sbuf[0:2, 512] f32 (1:3), sbuf[0:2, 384] f32 (1:3), sbuf[0:2, 448] u32 (1:3)
  tensor_copy_predicated sbuf[0:2, 704] bf16 (1:3), sbuf[0:2, 576] bf16 (1:3), sbuf[0:2, 640] u8 (1:3)
  tensor_copy_predicated sbuf[0:2, 896] bf16 (1:3), sbuf[0:2, 768] bf16 (1:3), sbuf[0:2, 832] u16 (1:3)
  tensor_copy_predicated sbuf[0:2, 1088] bf16 (1:3), sbuf[0:2, 960] bf16 (1:3), sbuf[0:2, 1024] u32 (1:3)
  tensor_copy_predicated sbuf[0:2, 1280] u8 (1:3), sbuf[0:2, 1152] u8 (1:3), sbuf[0:2, 1216] u8 (1:3)
  tensor_copy_predicated sbuf[0:2, 1472] u8 (1:3), sbuf[0:2, 1344] u8 (1:3), sbuf[0:2, 1408] u16 (1:3)
  tensor_copy_predicated sbuf[0:2, 1664] u8 (1:3), sbuf[0:2, 1536] u8 (1:3), sbuf[0:2, 1600] u32 (1:3)
}
expect sbuf[0:2, 128] f32 (1:3) = 2.75 5.5 3.75 4.75 2.0 5.25
expect sbuf[0:2, 320] f32 (1:3) = 0.25 5.75 3.5 5.75 1.25 5.0
expect sbuf[0:2, 512] f32 (1:3) = 4.75 3.5 3.25 3.5 5.0 2.5
expect sbuf[0:2, 704] bf16 (1:3) = 5.5 4.75 5.5 3.25 0.5 2.0
expect sbuf[0:2, 896] bf16 (1:3) = 1.5 2.25 0.25 0.0 3.75 1.25
expect sbuf[0:2, 1088] bf16 (1:3) = 2.75 5.75 4.0 5.5 3.75 3.75
expect sbuf[0:2, 1280] u8 (1:3) = 1 1 2 4 4 1
expect sbuf[0:2, 1472] u8 (1:3) = 4 2 0 0 2 4
expect sbuf[0:2, 1664] u8 (1:3) = 4 0 0 6 4 4
