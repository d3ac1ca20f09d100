// A promise of zeros and ones changes nothing but the time.
given sbuf[0:3, 0] f32 (1:2) = 1.0 0.0 1.0 1.0 0.0 1.0
given sbuf[0:3, 64] f32 (1:4) = -0.5 1.25 -0.75 0.5 0.0 -1.5 1.0 1.25 -0.0 -0.5 1.75 -0.5
core 0 tensor {
  nc_matmul psum[0:2, 0] f32 (1:4), sbuf[0:3, 0] f32 (1:2), sbuf[0:3, 64] f32 (1:4), is_stationary_onezero S[0]+=1
}
core 0 vector {
  S[0]>=1 tensor_copy sbuf[0:2, 128] f32 (1:4), psum[0:2, 0] f32 (1:4)
}
expect sbuf[0:2, 128] f32 (1:4) = -0.5 -0.25 0.25 1.75 0.0 -2.0 2.75 0.75
