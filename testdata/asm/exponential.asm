// exp(x - m), a sum in the accumulator that the next instruction adds to.
targets: trn3
refused on trn2: exponential exists from v4 on [ISA], not v3
refused on trn1: exponential exists from v4 on [ISA], not v2
refused on inf2: exponential exists from v4 on [ISA], not v2
given sbuf[0:2, 0] f32 (1:3) = 0.0 1.0 2.0 3.0 3.0 3.0
given sbuf[0:2, 64] f32 () = 2.0 3.0
core 0 vector {
  exponential sbuf[0:2, 128] f32 (1:3), sbuf[0:2, 0] f32 (1:3), max_value=sbuf[0:2, 64] f32 (), reduce_cmd=reset_reduce
  exponential sbuf[0:2, 256] bf16 (1:3), sbuf[0:2, 0] f32 (1:3), max_value=sbuf[0:2, 64] f32 (), reduce_cmd=reduce, reduce_res=sbuf[0:2, 192] f32 ()
}
expect sbuf[0:2, 128] f32 (1:3) = 0.13533528 0.36787945 1.0 1.0 1.0 1.0
expect sbuf[0:2, 256] bf16 (1:3) = 0.13574219 0.3671875 1.0 1.0 1.0 1.0
expect sbuf[0:2, 192] f32 () = 3.0064294 6.0
