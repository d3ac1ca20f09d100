// The stationary comes back transposed, bit for bit: infinities and NaN stay where they are.
targets: trn2, trn3
refused on trn1: a transposing matmul exists from v3 on [A2], not v2
refused on inf2: a transposing matmul exists from v3 on [A2], not v2
given sbuf[0:3, 0] f32 (1:2) = 1.5 Infinity -0.0 NaN 3.0 -2.0
given sbuf[0:3, 64] f32 (1:3) = 1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 1.0
given sbuf[0:3, 192] bf16 (1:2) = 1.5 Infinity -0.0 NaN 3.0 -2.0
given sbuf[0:3, 256] bf16 (1:3) = 1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 1.0
core 0 tensor {
  nc_matmul psum[0:2, 0] f32 (1:3), sbuf[0:3, 0] f32 (1:2), sbuf[0:3, 64] f32 (1:3), is_transpose S[0]+=1
  nc_matmul psum[0:2, 2048] bf16 (1:3), sbuf[0:3, 192] bf16 (1:2), sbuf[0:3, 256] bf16 (1:3), is_transpose S[0]+=1
}
core 0 vector {
  S[0]>=1 tensor_copy sbuf[0:2, 128] f32 (1:3), psum[0:2, 0] f32 (1:3)
  S[0]>=2 tensor_copy sbuf[0:2, 320] bf16 (1:3), psum[0:2, 2048] bf16 (1:3)
}
expect sbuf[0:2, 128] f32 (1:3) = 1.5 -0.0 3.0 Infinity NaN -2.0
expect sbuf[0:2, 320] bf16 (1:3) = 1.5 -0.0 3.0 Infinity NaN -2.0
