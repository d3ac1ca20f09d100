// An operator with a scalar, and the row reduced before it is rounded.
given sbuf[0:2, 0] f32 (1:5) = -2.75 2.0 -2.0 1.0 1.5 2.0 0.0 2.75 3.0 -3.0
given sbuf[0:2, 576] bf16 (1:5) = 0.25 3.25 3.0 2.75 -0.5 1.0 1.75 3.75 -1.75 1.25
given sbuf[0:2, 1152] f8e4m3 (1:5) = -3.0 3.25 1.5 -1.5 -2.75 -1.75 -3.5 -2.5 0.25 1.5
given sbuf[0:2, 1728] i8 (1:5) = -1 -2 -1 -1 0 4 3 0 2 -2
core 0 vector {
  tensor_scalar_reduce sbuf[0:2, 64] f32 (1:5), sbuf[0:2, 0] f32 (1:5), op0=multiply, operand0=1.5, reduce_op=add, sbuf[0:2, 128] f32 ()
  tensor_scalar_reduce sbuf[0:2, 192] f32 (1:5), sbuf[0:2, 0] f32 (1:5), op0=multiply, operand0=1.5, reduce_op=maximum, sbuf[0:2, 256] f32 ()
  tensor_scalar_reduce sbuf[0:2, 320] f32 (1:5), sbuf[0:2, 0] f32 (1:5), op0=multiply, operand0=1.5, reduce_op=minimum, sbuf[0:2, 384] f32 ()
  tensor_scalar_reduce sbuf[0:2, 448] f32 (1:5), sbuf[0:2, 0] f32 (1:5), op0=multiply, operand0=1.5, reduce_op=multiply, sbuf[0:2, 512] f32 ()
  tensor_scalar_reduce sbuf[0:2, 640] bf16 (1:5), sbuf[0:2, 576] bf16 (1:5), op0=multiply, operand0=1.5, reduce_op=add, sbuf[0:2, 704] f32 ()
  tensor_scalar_reduce sbuf[0:2, 768] bf16 (1:5), sbuf[0:2, 576] bf16 (1:5), op0=multiply, operand0=1.5, reduce_op=maximum, sbuf[0:2, 832] f32 ()
  tensor_scalar_reduce sbuf[0:2, 896] bf16 (1:5), sbuf[0:2, 576] bf16 (1:5), op0=multiply, operand0=1.5, reduce_op=minimum, sbuf[0:2, 960] f32 ()
  tensor_scalar_reduce sbuf[0:2, 1024] bf16 (1:5), sbuf[0:2, 576] bf16 (1:5), op0=multiply, operand0=1.5, reduce_op=multiply, sbuf[0:2, 1088] f32 ()
  tensor_scalar_reduce sbuf[0:2, 1216] f8e4m3 (1:5), sbuf[0:2, 1152] f8e4m3 (1:5), op0=multiply, operand0=1.5, reduce_op=add, sbuf[0:2, 1280] f32 ()
  tensor_scalar_reduce sbuf[0:2, 1344] f8e4m3 (1:5), sbuf[0:2, 1152] f8e4m3 (1:5), op0=multiply, operand0=1.5, reduce_op=maximum, sbuf[0:2, 1408] f32 ()
  tensor_scalar_reduce sbuf[0:2, 1472] f8e4m3 (1:5), sbuf[0:2, 1152] f8e4m3 (1:5), op0=multiply, operand0=1.5, reduce_op=minimum, sbuf[0:2, 1536] f32 ()
  tensor_scalar_reduce sbuf[0:2, 1600] f8e4m3 (1:5), sbuf[0:2, 1152] f8e4m3 (1:5), op0=multiply, operand0=1.5, reduce_op=multiply, sbuf[0:2, 1664] f32 ()
  tensor_scalar_reduce sbuf[0:2, 1792] i8 (1:5), sbuf[0:2, 1728] i8 (1:5), op0=multiply, operand0=1.5, reduce_op=add, sbuf[0:2, 1856] f32 ()
  tensor_scalar_reduce sbuf[0:2, 1920] i8 (1:5), sbuf[0:2, 1728] i8 (1:5), op0=multiply, operand0=1.5, reduce_op=maximum, sbuf[0:2, 1984] f32 ()
  tensor_scalar_reduce sbuf[0:2, 2048] i8 (1:5), sbuf[0:2, 1728] i8 (1:5), op0=multiply, operand0=1.5, reduce_op=minimum, sbuf[0:2, 2112] f32 ()
  tensor_scalar_reduce sbuf[0:2, 2176] i8 (1:5), sbuf[0:2, 1728] i8 (1:5), op0=multiply, operand0=1.5, reduce_op=multiply, sbuf[0:2, 2240] f32 ()
}
expect sbuf[0:2, 64] f32 (1:5) = -4.125 3.0 -3.0 1.5 2.25 3.0 0.0 4.125 4.5 -4.5
expect sbuf[0:2, 128] f32 () = -0.375 7.125
expect sbuf[0:2, 192] f32 (1:5) = -4.125 3.0 -3.0 1.5 2.25 3.0 0.0 4.125 4.5 -4.5
expect sbuf[0:2, 256] f32 () = 3.0 4.5
expect sbuf[0:2, 320] f32 (1:5) = -4.125 3.0 -3.0 1.5 2.25 3.0 0.0 4.125 4.5 -4.5
expect sbuf[0:2, 384] f32 () = -4.125 -4.5
expect sbuf[0:2, 448] f32 (1:5) = -4.125 3.0 -3.0 1.5 2.25 3.0 0.0 4.125 4.5 -4.5
expect sbuf[0:2, 512] f32 () = 125.296875 -0.0
expect sbuf[0:2, 640] bf16 (1:5) = 0.375 4.875 4.5 4.125 -0.75 1.5 2.625 5.625 -2.625 1.875
expect sbuf[0:2, 704] f32 () = 13.125 9.0
expect sbuf[0:2, 768] bf16 (1:5) = 0.375 4.875 4.5 4.125 -0.75 1.5 2.625 5.625 -2.625 1.875
expect sbuf[0:2, 832] f32 () = 4.875 5.625
expect sbuf[0:2, 896] bf16 (1:5) = 0.375 4.875 4.5 4.125 -0.75 1.5 2.625 5.625 -2.625 1.875
expect sbuf[0:2, 960] f32 () = -0.75 -2.625
expect sbuf[0:2, 1024] bf16 (1:5) = 0.375 4.875 4.5 4.125 -0.75 1.5 2.625 5.625 -2.625 1.875
expect sbuf[0:2, 1088] f32 () = -25.450928 -109.01184
expect sbuf[0:2, 1216] f8e4m3 (1:5) = -4.5 5.0 2.25 -2.25 -4.0 -2.5 -5.0 -3.75 0.375 2.25
expect sbuf[0:2, 1280] f32 () = -3.75 -9.0
expect sbuf[0:2, 1344] f8e4m3 (1:5) = -4.5 5.0 2.25 -2.25 -4.0 -2.5 -5.0 -3.75 0.375 2.25
expect sbuf[0:2, 1408] f32 () = 4.875 2.25
expect sbuf[0:2, 1472] f8e4m3 (1:5) = -4.5 5.0 2.25 -2.25 -4.0 -2.5 -5.0 -3.75 0.375 2.25
expect sbuf[0:2, 1536] f32 () = -4.5 -5.25
expect sbuf[0:2, 1600] f8e4m3 (1:5) = -4.5 5.0 2.25 -2.25 -4.0 -2.5 -5.0 -3.75 0.375 2.25
expect sbuf[0:2, 1664] f32 () = -458.1167 -43.604736
expect sbuf[0:2, 1792] i8 (1:5) = -2 -3 -2 -2 0 6 4 0 3 -3
expect sbuf[0:2, 1856] f32 () = -7.5 10.5
expect sbuf[0:2, 1920] i8 (1:5) = -2 -3 -2 -2 0 6 4 0 3 -3
expect sbuf[0:2, 1984] f32 () = 0.0 6.0
expect sbuf[0:2, 2048] i8 (1:5) = -2 -3 -2 -2 0 6 4 0 3 -3
expect sbuf[0:2, 2112] f32 () = -3.0 -3.0
expect sbuf[0:2, 2176] i8 (1:5) = -2 -3 -2 -2 0 6 4 0 3 -3
expect sbuf[0:2, 2240] f32 () = 0.0 -0.0
