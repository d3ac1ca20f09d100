// data * 2 + 1, in every type.
given sbuf[0:2, 0] f32 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 64] f32 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
given sbuf[0:2, 512] tf32 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 576] tf32 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
given sbuf[0:2, 1024] bf16 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 1088] bf16 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
given sbuf[0:2, 1536] f16 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 1600] f16 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
given sbuf[0:2, 2048] f8e4m3 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 2112] f8e4m3 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
given sbuf[0:2, 2560] f8e5m2 (1:4) = 1.0 2.0 2.0 1.0 2.0 1.0 1.0 2.0
given sbuf[0:2, 2624] f8e5m2 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
given sbuf[0:2, 3072] i32 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 3136] i32 (1:4) = 1 1 1 1 1 1 1 1
given sbuf[0:2, 3584] i16 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 3648] i16 (1:4) = 1 1 1 1 1 1 1 1
given sbuf[0:2, 4096] i8 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 4160] i8 (1:4) = 1 1 1 1 1 1 1 1
given sbuf[0:2, 4608] u32 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 4672] u32 (1:4) = 1 1 1 1 1 1 1 1
given sbuf[0:2, 5120] u16 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 5184] u16 (1:4) = 1 1 1 1 1 1 1 1
given sbuf[0:2, 5632] u8 (1:4) = 1 2 2 1 2 1 1 2
given sbuf[0:2, 5696] u8 (1:4) = 1 1 1 1 1 1 1 1
core 0 vector {
  scalar_tensor_tensor sbuf[0:2, 128] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 64] f32 (1:4)
  scalar_tensor_tensor sbuf[0:2, 640] tf32 (1:4), sbuf[0:2, 512] tf32 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 576] tf32 (1:4)
  scalar_tensor_tensor sbuf[0:2, 1152] bf16 (1:4), sbuf[0:2, 1024] bf16 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 1088] bf16 (1:4)
  scalar_tensor_tensor sbuf[0:2, 1664] f16 (1:4), sbuf[0:2, 1536] f16 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 1600] f16 (1:4)
  scalar_tensor_tensor sbuf[0:2, 2176] f8e4m3 (1:4), sbuf[0:2, 2048] f8e4m3 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 2112] f8e4m3 (1:4)
  scalar_tensor_tensor sbuf[0:2, 2688] f8e5m2 (1:4), sbuf[0:2, 2560] f8e5m2 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 2624] f8e5m2 (1:4)
  scalar_tensor_tensor sbuf[0:2, 3200] i32 (1:4), sbuf[0:2, 3072] i32 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 3136] i32 (1:4)
  scalar_tensor_tensor sbuf[0:2, 3712] i16 (1:4), sbuf[0:2, 3584] i16 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 3648] i16 (1:4)
  scalar_tensor_tensor sbuf[0:2, 4224] i8 (1:4), sbuf[0:2, 4096] i8 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 4160] i8 (1:4)
  scalar_tensor_tensor sbuf[0:2, 4736] u32 (1:4), sbuf[0:2, 4608] u32 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 4672] u32 (1:4)
  scalar_tensor_tensor sbuf[0:2, 5248] u16 (1:4), sbuf[0:2, 5120] u16 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 5184] u16 (1:4)
  scalar_tensor_tensor sbuf[0:2, 5760] u8 (1:4), sbuf[0:2, 5632] u8 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 5696] u8 (1:4)
}
expect sbuf[0:2, 128] f32 (1:4) = 3.0 5.0 5.0 3.0 5.0 3.0 3.0 5.0
expect sbuf[0:2, 640] tf32 (1:4) = 3.0 5.0 5.0 3.0 5.0 3.0 3.0 5.0
expect sbuf[0:2, 1152] bf16 (1:4) = 3.0 5.0 5.0 3.0 5.0 3.0 3.0 5.0
expect sbuf[0:2, 1664] f16 (1:4) = 3.0 5.0 5.0 3.0 5.0 3.0 3.0 5.0
expect sbuf[0:2, 2176] f8e4m3 (1:4) = 3.0 5.0 5.0 3.0 5.0 3.0 3.0 5.0
expect sbuf[0:2, 2688] f8e5m2 (1:4) = 3.0 5.0 5.0 3.0 5.0 3.0 3.0 5.0
expect sbuf[0:2, 3200] i32 (1:4) = 3 5 5 3 5 3 3 5
expect sbuf[0:2, 3712] i16 (1:4) = 3 5 5 3 5 3 3 5
expect sbuf[0:2, 4224] i8 (1:4) = 3 5 5 3 5 3 3 5
expect sbuf[0:2, 4736] u32 (1:4) = 3 5 5 3 5 3 3 5
expect sbuf[0:2, 5248] u16 (1:4) = 3 5 5 3 5 3 3 5
expect sbuf[0:2, 5760] u8 (1:4) = 3 5 5 3 5 3 3 5
