// Both operators work on bits.
given sbuf[0:1, 0] u16 (1:2) = 4660 255
core 0 vector {
  tensor_scalar sbuf[0:1, 64] u16 (1:2), sbuf[0:1, 0] u16 (1:2), op0=right_shift, operand0=4, op1=bitwise_and, operand1=15
}
expect sbuf[0:1, 64] u16 (1:2) = 3 15
