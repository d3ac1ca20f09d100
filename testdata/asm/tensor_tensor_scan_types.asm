// Each step adds an element to the product with the last result, in every type.
given sbuf[0:1, 0] f32 (1:4) = 1.0 2.0 1.0 1.0
given sbuf[0:1, 64] f32 (1:4) = 1.0 0.0 2.0 1.0
given sbuf[0:1, 512] tf32 (1:4) = 1.0 2.0 1.0 1.0
given sbuf[0:1, 576] tf32 (1:4) = 1.0 0.0 2.0 1.0
given sbuf[0:1, 1024] bf16 (1:4) = 1.0 2.0 1.0 1.0
given sbuf[0:1, 1088] bf16 (1:4) = 1.0 0.0 2.0 1.0
given sbuf[0:1, 1536] f16 (1:4) = 1.0 2.0 1.0 1.0
given sbuf[0:1, 1600] f16 (1:4) = 1.0 0.0 2.0 1.0
given sbuf[0:1, 2048] f8e4m3 (1:4) = 1.0 2.0 1.0 1.0
given sbuf[0:1, 2112] f8e4m3 (1:4) = 1.0 0.0 2.0 1.0
given sbuf[0:1, 2560] f8e5m2 (1:4) = 1.0 2.0 1.0 1.0
given sbuf[0:1, 2624] f8e5m2 (1:4) = 1.0 0.0 2.0 1.0
given sbuf[0:1, 3072] i32 (1:4) = 1 2 1 1
given sbuf[0:1, 3136] i32 (1:4) = 1 0 2 1
given sbuf[0:1, 3584] i16 (1:4) = 1 2 1 1
given sbuf[0:1, 3648] i16 (1:4) = 1 0 2 1
given sbuf[0:1, 4096] i8 (1:4) = 1 2 1 1
given sbuf[0:1, 4160] i8 (1:4) = 1 0 2 1
given sbuf[0:1, 4608] u32 (1:4) = 1 2 1 1
given sbuf[0:1, 4672] u32 (1:4) = 1 0 2 1
given sbuf[0:1, 5120] u16 (1:4) = 1 2 1 1
given sbuf[0:1, 5184] u16 (1:4) = 1 0 2 1
given sbuf[0:1, 5632] u8 (1:4) = 1 2 1 1
given sbuf[0:1, 5696] u8 (1:4) = 1 0 2 1
core 0 vector {
  tensor_tensor_scan sbuf[0:1, 128] f32 (1:4), sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 64] f32 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 640] tf32 (1:4), sbuf[0:1, 512] tf32 (1:4), sbuf[0:1, 576] tf32 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 1152] bf16 (1:4), sbuf[0:1, 1024] bf16 (1:4), sbuf[0:1, 1088] bf16 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 1664] f16 (1:4), sbuf[0:1, 1536] f16 (1:4), sbuf[0:1, 1600] f16 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 2176] f8e4m3 (1:4), sbuf[0:1, 2048] f8e4m3 (1:4), sbuf[0:1, 2112] f8e4m3 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 2688] f8e5m2 (1:4), sbuf[0:1, 2560] f8e5m2 (1:4), sbuf[0:1, 2624] f8e5m2 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 3200] i32 (1:4), sbuf[0:1, 3072] i32 (1:4), sbuf[0:1, 3136] i32 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 3712] i16 (1:4), sbuf[0:1, 3584] i16 (1:4), sbuf[0:1, 3648] i16 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 4224] i8 (1:4), sbuf[0:1, 4096] i8 (1:4), sbuf[0:1, 4160] i8 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 4736] u32 (1:4), sbuf[0:1, 4608] u32 (1:4), sbuf[0:1, 4672] u32 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 5248] u16 (1:4), sbuf[0:1, 5120] u16 (1:4), sbuf[0:1, 5184] u16 (1:4), initial=1, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:1, 5760] u8 (1:4), sbuf[0:1, 5632] u8 (1:4), sbuf[0:1, 5696] u8 (1:4), initial=1, op0=multiply, op1=add
}
expect sbuf[0:1, 128] f32 (1:4) = 2.0 4.0 6.0 7.0
expect sbuf[0:1, 640] tf32 (1:4) = 2.0 4.0 6.0 7.0
expect sbuf[0:1, 1152] bf16 (1:4) = 2.0 4.0 6.0 7.0
expect sbuf[0:1, 1664] f16 (1:4) = 2.0 4.0 6.0 7.0
expect sbuf[0:1, 2176] f8e4m3 (1:4) = 2.0 4.0 6.0 7.0
expect sbuf[0:1, 2688] f8e5m2 (1:4) = 2.0 4.0 6.0 7.0
expect sbuf[0:1, 3200] i32 (1:4) = 2 4 6 7
expect sbuf[0:1, 3712] i16 (1:4) = 2 4 6 7
expect sbuf[0:1, 4224] i8 (1:4) = 2 4 6 7
expect sbuf[0:1, 4736] u32 (1:4) = 2 4 6 7
expect sbuf[0:1, 5248] u16 (1:4) = 2 4 6 7
expect sbuf[0:1, 5760] u8 (1:4) = 2 4 6 7
