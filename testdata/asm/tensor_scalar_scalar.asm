// From v3 on ScalarE multiplies and adds, too.
targets: trn2, trn3
refused on trn1: tensor_scalar runs on scalar from v3 on, for multiply and add [ISA]
refused on inf2: tensor_scalar runs on scalar from v3 on, for multiply and add [ISA]
given sbuf[0:2, 0] f32 (1:4) = -3.75 3.0 3.75 -3.25 -3.75 3.25 3.0 -0.75
core 0 scalar {
  tensor_scalar sbuf[0:2, 64] bf16 (1:4), sbuf[0:2, 0] f32 (1:4), op0=multiply, operand0=3, op1=add, operand1=0.25
}
expect sbuf[0:2, 64] bf16 (1:4) = -11.0 9.25 11.5 -9.5 -11.0 10.0 9.25 -2.0
