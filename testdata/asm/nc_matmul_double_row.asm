// Two rows of 8-bit floats a partition: both are summed.
targets: trn2, trn3
refused on trn1: double_row exists from v3 on [A2]
refused on inf2: double_row exists from v3 on [A2]
given sbuf[0:3, 0] f8e4m3 (1:4) = 1.0 1.75 -0.75 -0.25 -1.0 -1.75 -2.0 -1.0 1.5 -1.25 0.75 -1.0
given sbuf[0:3, 64] f8e5m2 (1:8) = -1.75 -1.25 0.75 0.0 0.25 -0.25 -1.0 -0.0 1.75 -1.25 1.0 -1.0 -1.25 -0.75 -1.75 1.75 -0.5 -1.25 -2.0 -1.75 -1.25 -0.25 0.5 2.0
core 0 tensor {
  nc_matmul psum[0:2, 0] f32 (1:4), sbuf[0:3, 0] f8e4m3 (2:2,1:2), sbuf[0:3, 64] f8e5m2 (4:2,1:4), double_row S[0]+=1
}
core 0 vector {
  S[0]>=1 tensor_copy sbuf[0:2, 128] f32 (1:4), psum[0:2, 0] f32 (1:4)
}
expect sbuf[0:2, 128] f32 (1:4) = -2.875 -0.375 1.375 -3.625 -3.0625 2.625 3.5625 0.1875
