// Rows 64 to 66 make a tile of their own.
given sbuf[64:67, 0] bf16 (1:2) = -1.75 0.0 -0.0 1.25 -2.0 0.25
given sbuf[64:67, 64] bf16 (1:4) = -0.0 0.5 1.0 0.0 0.25 -0.0 0.5 -1.0 0.25 0.75 -1.25 2.0
core 0 tensor {
  nc_matmul psum[0:2, 0] f32 (1:4), sbuf[64:67, 0] bf16 (1:2), sbuf[64:67, 64] bf16 (1:4) S[0]+=1
}
core 0 vector {
  S[0]>=1 tensor_copy sbuf[0:2, 128] f32 (1:4), psum[0:2, 0] f32 (1:4)
}
expect sbuf[0:2, 128] f32 (1:4) = -0.5 -2.375 0.75 -4.0 0.375 0.1875 0.3125 -0.75
