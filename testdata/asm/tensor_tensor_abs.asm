// The larger and the smaller magnitude.
targets: trn3
refused on trn2: abs_max and abs_min exist from v4 on [SH]
refused on trn1: abs_max and abs_min exist from v4 on [SH]
refused on inf2: abs_max and abs_min exist from v4 on [SH]
given sbuf[0:1, 0] f32 (1:4) = 1.0 -2.5 0.0 3.0
given sbuf[0:1, 64] f32 (1:4) = 1.0 2.0 -1.0 -7.0
core 0 vector {
  tensor_tensor sbuf[0:1, 128] f32 (1:4), sbuf[0:1, 0] f32 (1:4), op=abs_max, sbuf[0:1, 64] f32 (1:4)
  tensor_tensor sbuf[0:1, 192] f32 (1:4), sbuf[0:1, 0] f32 (1:4), op=abs_min, sbuf[0:1, 64] f32 (1:4)
}
expect sbuf[0:1, 128] f32 (1:4) = 1.0 2.5 1.0 7.0
expect sbuf[0:1, 192] f32 (1:4) = 1.0 2.0 0.0 3.0
