// Over partitions, in their order.
given sbuf[0:5, 0] f32 (1:3) = 0.25 -3.25 -0.25 -3.0 -1.25 1.5 0.25 1.5 -3.75 0.25 -1.75 1.25 1.5 -2.75 3.25
given sbuf[0:5, 192] bf16 (1:3) = 3.25 -4.0 -1.25 -3.0 3.5 1.75 -2.0 2.5 3.25 3.25 -3.0 -1.25 3.25 -1.5 -1.25
given sbuf[0:5, 384] i16 (1:3) = 1 0 2 -2 -2 -1 -2 1 -3 -1 -2 -3 0 2 2
given sbuf[0:4, 576] u8 (1:3) = 139 185 36 179 64 36 232 112 94 228 105 236
core 0 gpsimd {
  tensor_partition_reduce sbuf[0:1, 64] f32 (1:3), op=add, sbuf[0:5, 0] f32 (1:3)
  tensor_partition_reduce sbuf[0:1, 128] f32 (1:3), op=maximum, sbuf[0:5, 0] f32 (1:3)
  tensor_partition_reduce sbuf[0:1, 256] bf16 (1:3), op=add, sbuf[0:5, 192] bf16 (1:3)
  tensor_partition_reduce sbuf[0:1, 320] bf16 (1:3), op=maximum, sbuf[0:5, 192] bf16 (1:3)
  tensor_partition_reduce sbuf[0:1, 448] i16 (1:3), op=add, sbuf[0:5, 384] i16 (1:3)
  tensor_partition_reduce sbuf[0:1, 512] i16 (1:3), op=maximum, sbuf[0:5, 384] i16 (1:3)
  tensor_partition_reduce sbuf[0:1, 640] u8 (1:3), op=bitwise_or, sbuf[0:4, 576] u8 (1:3)
  tensor_partition_reduce sbuf[0:1, 704] u8 (1:3), op=bitwise_and, sbuf[0:4, 576] u8 (1:3)
}
expect sbuf[0:1, 64] f32 (1:3) = -0.75 -7.5 2.0
expect sbuf[0:1, 128] f32 (1:3) = 1.5 1.5 3.25
expect sbuf[0:1, 256] bf16 (1:3) = 4.75 -2.5 1.25
expect sbuf[0:1, 320] bf16 (1:3) = 3.25 3.5 3.25
expect sbuf[0:1, 448] i16 (1:3) = -4 -1 -3
expect sbuf[0:1, 512] i16 (1:3) = 1 2 2
expect sbuf[0:1, 640] u8 (1:3) = 255 249 254
expect sbuf[0:1, 704] u8 (1:3) = 128 0 4
