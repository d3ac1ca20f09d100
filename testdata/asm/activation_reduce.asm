// The sum of a row before it is rounded; the accumulators keep it for the next instruction.
given sbuf[0:2, 0] f32 (1:5) = -3.0 4.0 -2.5 -1.5 -2.0 -0.0 2.5 2.25 -3.0 2.75
core 0 scalar {
  activation_reduce sbuf[0:2, 64] f8e4m3 (1:5), op=square, sbuf[0:2, 0] f32 (1:5), sbuf[0:2, 128] f32 ()
  activation sbuf[0:2, 192] f32 (1:5), op=square, sbuf[0:2, 0] f32 (1:5), reduce_cmd=reduce
  act_read_accumulator sbuf[0:2, 256] f32 ()
  activation sbuf[0:2, 384] f32 (1:5), op=copy, sbuf[0:2, 0] f32 (1:5), reduce_cmd=reset
  act_read_accumulator sbuf[0:2, 320] f32 ()
}
expect sbuf[0:2, 64] f8e4m3 (1:5) = 9.0 16.0 6.0 2.25 4.0 0.0 6.0 5.0 9.0 7.5
expect sbuf[0:2, 128] f32 () = 37.5 27.875
expect sbuf[0:2, 192] f32 (1:5) = 9.0 16.0 6.25 2.25 4.0 0.0 6.25 5.0625 9.0 7.5625
expect sbuf[0:2, 256] f32 () = 75.0 55.75
expect sbuf[0:2, 320] f32 () = 0.0 0.0
