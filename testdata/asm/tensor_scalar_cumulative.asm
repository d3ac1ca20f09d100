// A running reduction; the second instruction goes on where the first one stopped, the third starts from a value.
given sbuf[0:2, 0] f32 (1:4) = -1.25 2.25 -1.25 -1.75 -1.75 -1.5 1.5 3.25
given sbuf[0:2, 256] bf16 (1:4) = 0.75 -2.25 3.0 3.0 -2.75 -3.5 -3.0 2.0
given sbuf[0:2, 512] i16 (1:4) = 1 -2 3 -2 -2 3 -1 3
given sbuf[0:2, 768] f32 (1:4) = 2.0 0.75 2.25 -0.5 0.25 0.25 3.5 -3.25
core 0 vector {
  tensor_scalar_cumulative sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=multiply, imm0=2, op1=add
  tensor_scalar_cumulative sbuf[0:2, 128] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=multiply, imm0=2, op1=add, reduce_cmd=reduce
  tensor_scalar_cumulative sbuf[0:2, 192] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=add, imm0=0, op1=maximum, reduce_cmd=load_reduce, imm1=1.25
  tensor_scalar_cumulative sbuf[0:2, 320] bf16 (1:4), sbuf[0:2, 256] bf16 (1:4), op0=multiply, imm0=2, op1=add
  tensor_scalar_cumulative sbuf[0:2, 384] bf16 (1:4), sbuf[0:2, 256] bf16 (1:4), op0=multiply, imm0=2, op1=add, reduce_cmd=reduce
  tensor_scalar_cumulative sbuf[0:2, 448] bf16 (1:4), sbuf[0:2, 256] bf16 (1:4), op0=add, imm0=0, op1=maximum, reduce_cmd=load_reduce, imm1=1.25
  tensor_scalar_cumulative sbuf[0:2, 576] i16 (1:4), sbuf[0:2, 512] i16 (1:4), op0=multiply, imm0=2, op1=add
  tensor_scalar_cumulative sbuf[0:2, 640] i16 (1:4), sbuf[0:2, 512] i16 (1:4), op0=multiply, imm0=2, op1=add, reduce_cmd=reduce
  tensor_scalar_cumulative sbuf[0:2, 704] i16 (1:4), sbuf[0:2, 512] i16 (1:4), op0=add, imm0=0, op1=maximum, reduce_cmd=load_reduce, imm1=1.25
  tensor_scalar_cumulative sbuf[0:2, 832] f32 (1:4), sbuf[0:2, 768] f32 (1:4), op0=add, imm0=0, op1=subtract
}
expect sbuf[0:2, 64] f32 (1:4) = -2.5 2.0 -0.5 -4.0 -3.5 -6.5 -3.5 3.0
expect sbuf[0:2, 128] f32 (1:4) = -6.5 -2.0 -4.5 -8.0 -0.5 -3.5 -0.5 6.0
expect sbuf[0:2, 192] f32 (1:4) = 1.25 2.25 2.25 2.25 1.25 1.25 1.5 3.25
expect sbuf[0:2, 320] bf16 (1:4) = 1.5 -3.0 3.0 9.0 -5.5 -12.5 -18.5 -14.5
expect sbuf[0:2, 384] bf16 (1:4) = 10.5 6.0 12.0 18.0 -20.0 -27.0 -33.0 -29.0
expect sbuf[0:2, 448] bf16 (1:4) = 1.25 1.25 3.0 3.0 1.25 1.25 1.25 2.0
expect sbuf[0:2, 576] i16 (1:4) = 2 -2 4 0 -4 2 0 6
expect sbuf[0:2, 640] i16 (1:4) = 2 -2 4 0 2 8 6 12
expect sbuf[0:2, 704] i16 (1:4) = 1 1 3 3 1 3 3 3
expect sbuf[0:2, 832] f32 (1:4) = 2.0 -1.25 3.5 -4.0 0.25 0.0 3.5 -6.75
