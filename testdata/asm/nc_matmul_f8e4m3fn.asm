// The OCP format reaches 448 and exists from v4 on.
targets: trn3
refused on trn2: f8e4m3fn
refused on trn1: f8e4m3fn
refused on inf2: f8e4m3fn
given sbuf[0:2, 0] f8e4m3fn (1:2) = 1 448 2 1
given sbuf[0:2, 64] f8e4m3fn (1:3) = 1 2 3 4 5 6
core 0 tensor {
  nc_matmul psum[0:2, 0] f32 (1:3), sbuf[0:2, 0] f8e4m3fn (1:2), sbuf[0:2, 64] f8e4m3fn (1:3) S[0]+=1
}
core 0 vector {
  S[0]>=1 tensor_copy sbuf[0:2, 128] f32 (1:3), psum[0:2, 0] f32 (1:3)
}
expect sbuf[0:2, 128] f32 (1:3) = 9 12 15 452 901 1350
