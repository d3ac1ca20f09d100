// (data op0 operand0) op1 operand1, the second as large as the data.
given sbuf[0:2, 0] f32 (1:4) = -1.5 3.5 1.75 3.0 -2.75 -0.75 1.5 3.75
given sbuf[0:2, 64] f32 (1:4) = 2.0 -2.25 4.0 3.25 -0.25 -1.75 0.5 3.0
given sbuf[0:2, 128] f32 () = 2.0 -1.0
given sbuf[0:2, 320] bf16 (1:4) = 0.25 -3.75 1.25 -2.5 1.25 -3.25 0.5 2.75
given sbuf[0:2, 384] bf16 (1:4) = -0.75 0.0 2.25 1.5 3.5 3.25 -3.25 1.5
given sbuf[0:2, 512] f16 (1:4) = 3.0 2.75 -3.0 0.5 4.0 -0.25 3.25 3.75
given sbuf[0:2, 576] f16 (1:4) = 2.25 -0.0 -3.5 3.75 4.0 -1.5 3.75 2.25
given sbuf[0:2, 704] i16 (1:4) = -1 2 -2 -2 0 -2 3 0
given sbuf[0:2, 768] i16 (1:4) = 0 1 -3 2 0 -2 3 -3
core 0 vector {
  scalar_tensor_tensor sbuf[0:2, 192] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=multiply, operand0=2, op1=add, sbuf[0:2, 64] f32 (1:4)
  scalar_tensor_tensor sbuf[0:2, 256] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=subtract, operand0=sbuf[0:2, 128] f32 (), op1=multiply, sbuf[0:2, 64] f32 (1:4)
  scalar_tensor_tensor sbuf[0:2, 448] bf16 (1:4), sbuf[0:2, 320] bf16 (1:4), op0=subtract, operand0=1, op1=multiply, sbuf[0:2, 384] bf16 (1:4)
  scalar_tensor_tensor sbuf[0:2, 640] f16 (1:4), sbuf[0:2, 512] f16 (1:4), op0=subtract, operand0=1, op1=multiply, sbuf[0:2, 576] f16 (1:4)
  scalar_tensor_tensor sbuf[0:2, 832] i16 (1:4), sbuf[0:2, 704] i16 (1:4), op0=subtract, operand0=1, op1=multiply, sbuf[0:2, 768] i16 (1:4)
}
expect sbuf[0:2, 192] f32 (1:4) = -1.0 4.75 7.5 9.25 -5.75 -3.25 3.5 10.5
expect sbuf[0:2, 256] f32 (1:4) = -7.0 -3.375 -1.0 3.25 0.4375 -0.4375 1.25 14.25
expect sbuf[0:2, 448] bf16 (1:4) = 0.5625 -0.0 0.5625 -5.25 0.875 -13.8125 1.625 2.625
expect sbuf[0:2, 640] f16 (1:4) = 4.5 -0.0 14.0 -1.875 12.0 1.875 8.4375 6.1875
expect sbuf[0:2, 832] i16 (1:4) = 0 1 9 -6 0 6 6 3
