// What is tested in the other types elsewhere, in tf32.
given sbuf[0:2, 0] tf32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
core 0 vector {
  tensor_tensor sbuf[0:2, 64] tf32 (1:4), sbuf[0:2, 0] tf32 (1:4), op=add, sbuf[0:2, 0] tf32 (1:4)
  tensor_scalar sbuf[0:2, 128] tf32 (1:4), sbuf[0:2, 0] tf32 (1:4), op0=multiply, operand0=2
  tensor_reduce sbuf[0:2, 192] tf32 (), op=add, sbuf[0:2, 0] tf32 (1:4), axes=1
}
expect sbuf[0:2, 64] tf32 (1:4) = 2.0 4.0 6.0 8.0 8.0 6.0 4.0 2.0
expect sbuf[0:2, 128] tf32 (1:4) = 2.0 4.0 6.0 8.0 8.0 6.0 4.0 2.0
expect sbuf[0:2, 192] tf32 () = 10.0 10.0
