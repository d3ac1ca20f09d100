// Running sums, in every type of 16 bits or less, and f32.
given sbuf[0:2, 0] f32 (1:4) = 1.0 2.0 1.0 2.0 2.0 1.0 2.0 1.0
given sbuf[0:2, 512] tf32 (1:4) = 1.0 2.0 1.0 2.0 2.0 1.0 2.0 1.0
given sbuf[0:2, 1024] bf16 (1:4) = 1.0 2.0 1.0 2.0 2.0 1.0 2.0 1.0
given sbuf[0:2, 1536] f16 (1:4) = 1.0 2.0 1.0 2.0 2.0 1.0 2.0 1.0
given sbuf[0:2, 2048] f8e4m3 (1:4) = 1.0 2.0 1.0 2.0 2.0 1.0 2.0 1.0
given sbuf[0:2, 2560] f8e5m2 (1:4) = 1.0 2.0 1.0 2.0 2.0 1.0 2.0 1.0
given sbuf[0:2, 3072] i16 (1:4) = 1 2 1 2 2 1 2 1
given sbuf[0:2, 3584] i8 (1:4) = 1 2 1 2 2 1 2 1
given sbuf[0:2, 4096] u16 (1:4) = 1 2 1 2 2 1 2 1
given sbuf[0:2, 4608] u8 (1:4) = 1 2 1 2 2 1 2 1
core 0 vector {
  tensor_scalar_cumulative sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 576] tf32 (1:4), sbuf[0:2, 512] tf32 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 1088] bf16 (1:4), sbuf[0:2, 1024] bf16 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 1600] f16 (1:4), sbuf[0:2, 1536] f16 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 2112] f8e4m3 (1:4), sbuf[0:2, 2048] f8e4m3 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 2624] f8e5m2 (1:4), sbuf[0:2, 2560] f8e5m2 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 3136] i16 (1:4), sbuf[0:2, 3072] i16 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 3648] i8 (1:4), sbuf[0:2, 3584] i8 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 4160] u16 (1:4), sbuf[0:2, 4096] u16 (1:4), op0=multiply, imm0=1, op1=add
  tensor_scalar_cumulative sbuf[0:2, 4672] u8 (1:4), sbuf[0:2, 4608] u8 (1:4), op0=multiply, imm0=1, op1=add
}
expect sbuf[0:2, 64] f32 (1:4) = 1.0 3.0 4.0 6.0 2.0 3.0 5.0 6.0
expect sbuf[0:2, 576] tf32 (1:4) = 1.0 3.0 4.0 6.0 2.0 3.0 5.0 6.0
expect sbuf[0:2, 1088] bf16 (1:4) = 1.0 3.0 4.0 6.0 2.0 3.0 5.0 6.0
expect sbuf[0:2, 1600] f16 (1:4) = 1.0 3.0 4.0 6.0 2.0 3.0 5.0 6.0
expect sbuf[0:2, 2112] f8e4m3 (1:4) = 1.0 3.0 4.0 6.0 2.0 3.0 5.0 6.0
expect sbuf[0:2, 2624] f8e5m2 (1:4) = 1.0 3.0 4.0 6.0 2.0 3.0 5.0 6.0
expect sbuf[0:2, 3136] i16 (1:4) = 1 3 4 6 2 3 5 6
expect sbuf[0:2, 3648] i8 (1:4) = 1 3 4 6 2 3 5 6
expect sbuf[0:2, 4160] u16 (1:4) = 1 3 4 6 2 3 5 6
expect sbuf[0:2, 4672] u8 (1:4) = 1 3 4 6 2 3 5 6
