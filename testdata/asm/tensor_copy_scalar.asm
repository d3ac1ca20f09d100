// On ScalarE from v3 on.
targets: trn2, trn3
refused on trn1: tensor_copy runs on scalar from v3 on [ISA], not v2
refused on inf2: tensor_copy runs on scalar from v3 on [ISA], not v2
given sbuf[0:2, 0] f32 (1:3) = -3.25 1.0 -1.75 3.5 1.75 2.0
core 0 scalar {
  tensor_copy sbuf[0:2, 64] bf16 (1:3), sbuf[0:2, 0] f32 (1:3)
}
expect sbuf[0:2, 64] bf16 (1:3) = -3.25 1.0 -1.75 3.5 1.75 2.0
