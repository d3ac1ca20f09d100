// Operands walk their own ways: every second element, backwards, one element again and again; two dimensions against one.
given sbuf[0:1, 0] f32 (1:12) = 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 9.0 10.0 11.0 12.0
core 0 vector {
  tensor_tensor sbuf[0:1, 64] f32 (1:6), sbuf[0:1, 0] f32 (2:6), op=subtract, sbuf[0:1, 20] f32 (-1:6)
  tensor_tensor sbuf[0:1, 128] f32 (1:6), sbuf[0:1, 12] f32 (0:6), op=subtract, sbuf[0:1, 0] f32 (1:6)
  tensor_tensor sbuf[0:1, 192] f32 (1:6), sbuf[0:1, 0] f32 (6:2,2:3), op=subtract, sbuf[0:1, 0] f32 (1:6)
  tensor_tensor sbuf[0:1, 256] f32 (1:6), sbuf[0:1, 0] f32 (1:2,4:3), op=subtract, sbuf[0:1, 0] f32 (3:3,1:2)
}
expect sbuf[0:1, 64] f32 (1:6) = -5.0 -2.0 1.0 4.0 7.0 10.0
expect sbuf[0:1, 128] f32 (1:6) = 3.0 2.0 1.0 0.0 -1.0 -2.0
expect sbuf[0:1, 192] f32 (1:6) = 0.0 1.0 2.0 3.0 4.0 5.0
expect sbuf[0:1, 256] f32 (1:6) = 0.0 3.0 5.0 -3.0 -1.0 2.0
