// (data op0 operand0) op1 operand1, with numbers and with a value a partition, either side.
given sbuf[0:3, 0] f32 (1:4) = -3.5 -0.75 -0.5 -0.75 3.25 1.0 3.5 3.0 2.5 -3.75 3.5 0.0
given sbuf[0:3, 64] f32 () = 2.0 -1.0 0.5
given sbuf[0:2, 576] f32 (1:3) = 6.25 3.0 0.25 2.75 3.5 0.0
given sbuf[0:2, 704] bf16 (1:3) = 2.75 4.75 3.25 2.5 1.25 5.75
given sbuf[0:2, 832] f16 (1:3) = 3.25 1.0 4.75 2.5 2.75 4.75
given sbuf[0:2, 960] f8e5m2 (1:3) = 7.0 2.0 3.0 3.0 2.5 0.25
given sbuf[0:2, 1088] f8e4m3 (1:3) = 3.25 4.0 4.5 4.5 5.0 3.25
given sbuf[0:2, 1216] i32 (1:3) = 1 6 0 3 1 6
given sbuf[0:2, 1344] i16 (1:3) = 0 6 5 2 6 4
given sbuf[0:2, 1472] i8 (1:3) = 1 1 1 0 2 4
given sbuf[0:2, 1600] u16 (1:3) = 5 4 1 3 4 4
given sbuf[0:2, 1728] u8 (1:3) = 6 2 3 0 2 2
given sbuf[0:2, 1856] u32 (1:3) = 6 6 0 5 4 0
core 0 vector {
  tensor_scalar sbuf[0:3, 128] f32 (1:4), sbuf[0:3, 0] f32 (1:4), op0=add, operand0=2.5
  tensor_scalar sbuf[0:3, 192] f32 (1:4), sbuf[0:3, 0] f32 (1:4), op0=multiply, operand0=sbuf[0:3, 64] f32 ()
  tensor_scalar sbuf[0:3, 256] f32 (1:4), sbuf[0:3, 0] f32 (1:4), op0=subtract, operand0=1, reverse0
  tensor_scalar sbuf[0:3, 320] f32 (1:4), sbuf[0:3, 0] f32 (1:4), op0=subtract, operand0=sbuf[0:3, 64] f32 (), op1=multiply, operand1=4
  tensor_scalar sbuf[0:3, 384] f32 (1:4), sbuf[0:3, 0] f32 (1:4), op0=multiply, operand0=2, op1=subtract, operand1=sbuf[0:3, 64] f32 (), reverse1
  tensor_scalar sbuf[0:3, 448] f32 (1:4), sbuf[0:3, 0] f32 (1:4), op0=greater, operand0=0, op1=logical_or, operand1=sbuf[0:3, 64] f32 ()
  tensor_scalar sbuf[0:3, 512] f32 (1:4), sbuf[0:3, 0] f32 (1:4), op0=maximum, operand0=0, op1=minimum, operand1=1
  tensor_scalar sbuf[0:2, 640] f32 (1:3), sbuf[0:2, 576] f32 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 768] bf16 (1:3), sbuf[0:2, 704] bf16 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 896] f16 (1:3), sbuf[0:2, 832] f16 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1024] f8e5m2 (1:3), sbuf[0:2, 960] f8e5m2 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1152] f8e4m3 (1:3), sbuf[0:2, 1088] f8e4m3 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1280] i32 (1:3), sbuf[0:2, 1216] i32 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1408] i16 (1:3), sbuf[0:2, 1344] i16 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1536] i8 (1:3), sbuf[0:2, 1472] i8 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1664] u16 (1:3), sbuf[0:2, 1600] u16 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1792] u8 (1:3), sbuf[0:2, 1728] u8 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
  tensor_scalar sbuf[0:2, 1920] u32 (1:3), sbuf[0:2, 1856] u32 (1:3), op0=multiply, operand0=0.75, op1=add, operand1=1
}
expect sbuf[0:3, 128] f32 (1:4) = -1.0 1.75 2.0 1.75 5.75 3.5 6.0 5.5 5.0 -1.25 6.0 2.5
expect sbuf[0:3, 192] f32 (1:4) = -7.0 -1.5 -1.0 -1.5 -3.25 -1.0 -3.5 -3.0 1.25 -1.875 1.75 0.0
expect sbuf[0:3, 256] f32 (1:4) = 4.5 1.75 1.5 1.75 -2.25 0.0 -2.5 -2.0 -1.5 4.75 -2.5 1.0
expect sbuf[0:3, 320] f32 (1:4) = -22.0 -11.0 -10.0 -11.0 17.0 8.0 18.0 16.0 8.0 -17.0 12.0 -2.0
expect sbuf[0:3, 384] f32 (1:4) = 9.0 3.5 3.0 3.5 -7.5 -3.0 -8.0 -7.0 -4.5 8.0 -6.5 0.5
expect sbuf[0:3, 448] f32 (1:4) = 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0
expect sbuf[0:3, 512] f32 (1:4) = 0.0 0.0 0.0 0.0 1.0 1.0 1.0 1.0 1.0 0.0 1.0 0.0
expect sbuf[0:2, 640] f32 (1:3) = 5.6875 3.25 1.1875 3.0625 3.625 1.0
expect sbuf[0:2, 768] bf16 (1:3) = 3.0625 4.5625 3.4375 2.875 1.9375 5.3125
expect sbuf[0:2, 896] f16 (1:3) = 3.4375 1.75 4.5625 2.875 3.0625 4.5625
expect sbuf[0:2, 1024] f8e5m2 (1:3) = 6.0 2.5 3.0 3.0 3.0 1.25
expect sbuf[0:2, 1152] f8e4m3 (1:3) = 3.5 4.0 4.5 4.5 5.0 3.5
expect sbuf[0:2, 1280] i32 (1:3) = 2 6 1 3 2 6
expect sbuf[0:2, 1408] i16 (1:3) = 1 6 5 2 6 4
expect sbuf[0:2, 1536] i8 (1:3) = 2 2 2 1 2 4
expect sbuf[0:2, 1664] u16 (1:3) = 5 4 2 3 4 4
expect sbuf[0:2, 1792] u8 (1:3) = 6 2 3 1 2 2
expect sbuf[0:2, 1920] u32 (1:3) = 6 6 1 5 4 1
