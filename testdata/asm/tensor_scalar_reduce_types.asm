// Doubles and their sums, both in every type.
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
core 0 vector {
  tensor_scalar_reduce sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 128] f32 ()
  tensor_scalar_reduce sbuf[0:2, 576] tf32 (1:4), sbuf[0:2, 512] tf32 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 640] tf32 ()
  tensor_scalar_reduce sbuf[0:2, 1088] bf16 (1:4), sbuf[0:2, 1024] bf16 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 1152] bf16 ()
  tensor_scalar_reduce sbuf[0:2, 1600] f16 (1:4), sbuf[0:2, 1536] f16 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 1664] f16 ()
  tensor_scalar_reduce sbuf[0:2, 2112] f8e4m3 (1:4), sbuf[0:2, 2048] f8e4m3 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 2176] f8e4m3 ()
  tensor_scalar_reduce sbuf[0:2, 2624] f8e5m2 (1:4), sbuf[0:2, 2560] f8e5m2 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 2688] f8e5m2 ()
  tensor_scalar_reduce sbuf[0:2, 3136] i32 (1:4), sbuf[0:2, 3072] i32 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 3200] i32 ()
  tensor_scalar_reduce sbuf[0:2, 3648] i16 (1:4), sbuf[0:2, 3584] i16 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 3712] i16 ()
  tensor_scalar_reduce sbuf[0:2, 4160] i8 (1:4), sbuf[0:2, 4096] i8 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 4224] i8 ()
  tensor_scalar_reduce sbuf[0:2, 4672] u32 (1:4), sbuf[0:2, 4608] u32 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 4736] u32 ()
  tensor_scalar_reduce sbuf[0:2, 5184] u16 (1:4), sbuf[0:2, 5120] u16 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 5248] u16 ()
  tensor_scalar_reduce sbuf[0:2, 5696] u8 (1:4), sbuf[0:2, 5632] u8 (1:4), op0=multiply, operand0=2, reduce_op=add, sbuf[0:2, 5760] u8 ()
}
expect sbuf[0:2, 64] f32 (1:4) = 2.0 4.0 4.0 2.0 4.0 2.0 2.0 4.0
expect sbuf[0:2, 128] f32 () = 12.0 12.0
expect sbuf[0:2, 576] tf32 (1:4) = 2.0 4.0 4.0 2.0 4.0 2.0 2.0 4.0
expect sbuf[0:2, 640] tf32 () = 12.0 12.0
expect sbuf[0:2, 1088] bf16 (1:4) = 2.0 4.0 4.0 2.0 4.0 2.0 2.0 4.0
expect sbuf[0:2, 1152] bf16 () = 12.0 12.0
expect sbuf[0:2, 1600] f16 (1:4) = 2.0 4.0 4.0 2.0 4.0 2.0 2.0 4.0
expect sbuf[0:2, 1664] f16 () = 12.0 12.0
expect sbuf[0:2, 2112] f8e4m3 (1:4) = 2.0 4.0 4.0 2.0 4.0 2.0 2.0 4.0
expect sbuf[0:2, 2176] f8e4m3 () = 12.0 12.0
expect sbuf[0:2, 2624] f8e5m2 (1:4) = 2.0 4.0 4.0 2.0 4.0 2.0 2.0 4.0
expect sbuf[0:2, 2688] f8e5m2 () = 12.0 12.0
expect sbuf[0:2, 3136] i32 (1:4) = 2 4 4 2 4 2 2 4
expect sbuf[0:2, 3200] i32 () = 12 12
expect sbuf[0:2, 3648] i16 (1:4) = 2 4 4 2 4 2 2 4
expect sbuf[0:2, 3712] i16 () = 12 12
expect sbuf[0:2, 4160] i8 (1:4) = 2 4 4 2 4 2 2 4
expect sbuf[0:2, 4224] i8 () = 12 12
expect sbuf[0:2, 4672] u32 (1:4) = 2 4 4 2 4 2 2 4
expect sbuf[0:2, 4736] u32 () = 12 12
expect sbuf[0:2, 5184] u16 (1:4) = 2 4 4 2 4 2 2 4
expect sbuf[0:2, 5248] u16 () = 12 12
expect sbuf[0:2, 5696] u8 (1:4) = 2 4 4 2 4 2 2 4
expect sbuf[0:2, 5760] u8 () = 12 12
