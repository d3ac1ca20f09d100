// relu(data * 2 + 1) and its sum, both in every type.
targets: trn3
refused on trn2: activate2 exists from v4 on [ISA], not v3
refused on trn1: activate2 exists from v4 on [ISA], not v2
refused on inf2: activate2 exists from v4 on [ISA], not v2
given sbuf[0:2, 0] f32 (1:4) = 1.0 0.0 0.0 1.0 0.0 1.0 1.0 0.0
given sbuf[0:2, 512] tf32 (1:4) = 1.0 0.0 0.0 1.0 0.0 1.0 1.0 0.0
given sbuf[0:2, 1024] bf16 (1:4) = 1.0 0.0 0.0 1.0 0.0 1.0 1.0 0.0
given sbuf[0:2, 1536] f16 (1:4) = 1.0 0.0 0.0 1.0 0.0 1.0 1.0 0.0
given sbuf[0:2, 2048] f8e4m3 (1:4) = 1.0 0.0 0.0 1.0 0.0 1.0 1.0 0.0
given sbuf[0:2, 2560] f8e5m2 (1:4) = 1.0 0.0 0.0 1.0 0.0 1.0 1.0 0.0
given sbuf[0:2, 3072] i32 (1:4) = 1 0 0 1 0 1 1 0
given sbuf[0:2, 3584] i16 (1:4) = 1 0 0 1 0 1 1 0
given sbuf[0:2, 4096] i8 (1:4) = 1 0 0 1 0 1 1 0
given sbuf[0:2, 4608] u32 (1:4) = 1 0 0 1 0 1 1 0
given sbuf[0:2, 5120] u16 (1:4) = 1 0 0 1 0 1 1 0
given sbuf[0:2, 5632] u8 (1:4) = 1 0 0 1 0 1 1 0
core 0 scalar {
  activate2 sbuf[0:2, 64] f32 (1:4), op=relu, sbuf[0:2, 0] f32 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 128] f32 ()
  activate2 sbuf[0:2, 576] tf32 (1:4), op=relu, sbuf[0:2, 512] tf32 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 640] tf32 ()
  activate2 sbuf[0:2, 1088] bf16 (1:4), op=relu, sbuf[0:2, 1024] bf16 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1152] bf16 ()
  activate2 sbuf[0:2, 1600] f16 (1:4), op=relu, sbuf[0:2, 1536] f16 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1664] f16 ()
  activate2 sbuf[0:2, 2112] f8e4m3 (1:4), op=relu, sbuf[0:2, 2048] f8e4m3 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2176] f8e4m3 ()
  activate2 sbuf[0:2, 2624] f8e5m2 (1:4), op=relu, sbuf[0:2, 2560] f8e5m2 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 2688] f8e5m2 ()
  activate2 sbuf[0:2, 3136] i32 (1:4), op=relu, sbuf[0:2, 3072] i32 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 3200] i32 ()
  activate2 sbuf[0:2, 3648] i16 (1:4), op=relu, sbuf[0:2, 3584] i16 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 3712] i16 ()
  activate2 sbuf[0:2, 4160] i8 (1:4), op=relu, sbuf[0:2, 4096] i8 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 4224] i8 ()
  activate2 sbuf[0:2, 4672] u32 (1:4), op=relu, sbuf[0:2, 4608] u32 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 4736] u32 ()
  activate2 sbuf[0:2, 5184] u16 (1:4), op=relu, sbuf[0:2, 5120] u16 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 5248] u16 ()
  activate2 sbuf[0:2, 5696] u8 (1:4), op=relu, sbuf[0:2, 5632] u8 (1:4), op0=multiply, imm0=2, op1=add, imm1=1, reduce_op=add, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 5760] u8 ()
}
expect sbuf[0:2, 64] f32 (1:4) = 3.0 1.0 1.0 3.0 1.0 3.0 3.0 1.0
expect sbuf[0:2, 128] f32 () = 8.0 8.0
expect sbuf[0:2, 576] tf32 (1:4) = 3.0 1.0 1.0 3.0 1.0 3.0 3.0 1.0
expect sbuf[0:2, 640] tf32 () = 8.0 8.0
expect sbuf[0:2, 1088] bf16 (1:4) = 3.0 1.0 1.0 3.0 1.0 3.0 3.0 1.0
expect sbuf[0:2, 1152] bf16 () = 8.0 8.0
expect sbuf[0:2, 1600] f16 (1:4) = 3.0 1.0 1.0 3.0 1.0 3.0 3.0 1.0
expect sbuf[0:2, 1664] f16 () = 8.0 8.0
expect sbuf[0:2, 2112] f8e4m3 (1:4) = 3.0 1.0 1.0 3.0 1.0 3.0 3.0 1.0
expect sbuf[0:2, 2176] f8e4m3 () = 8.0 8.0
expect sbuf[0:2, 2624] f8e5m2 (1:4) = 3.0 1.0 1.0 3.0 1.0 3.0 3.0 1.0
expect sbuf[0:2, 2688] f8e5m2 () = 8.0 8.0
expect sbuf[0:2, 3136] i32 (1:4) = 3 1 1 3 1 3 3 1
expect sbuf[0:2, 3200] i32 () = 8 8
expect sbuf[0:2, 3648] i16 (1:4) = 3 1 1 3 1 3 3 1
expect sbuf[0:2, 3712] i16 () = 8 8
expect sbuf[0:2, 4160] i8 (1:4) = 3 1 1 3 1 3 3 1
expect sbuf[0:2, 4224] i8 () = 8 8
expect sbuf[0:2, 4672] u32 (1:4) = 3 1 1 3 1 3 3 1
expect sbuf[0:2, 4736] u32 () = 8 8
expect sbuf[0:2, 5184] u16 (1:4) = 3 1 1 3 1 3 3 1
expect sbuf[0:2, 5248] u16 () = 8 8
expect sbuf[0:2, 5696] u8 (1:4) = 3 1 1 3 1 3 3 1
expect sbuf[0:2, 5760] u8 () = 8 8
