// Where the predicate holds the tile, elsewhere the scalar; the maximum of both rows so far.
given sbuf[0:2, 0] u8 (1:3) = 0 1 1 1 0 3
given sbuf[0:2, 64] f32 (1:3) = 0.25 -1.5 -0.25 -0.75 -2.5 -3.75
given sbuf[0:2, 128] f32 () = 0.5 7.0
given sbuf[0:2, 320] i16 (1:3) = 0 1 1 1 0 3
given sbuf[0:2, 384] f32 (1:3) = -2.25 -1.75 1.0 3.25 -2.25 -3.75
given sbuf[0:2, 448] f32 () = 0.5 7.0
given sbuf[0:2, 640] u8 (1:3) = 0 1 1 1 0 3
given sbuf[0:2, 704] bf16 (1:3) = 2.25 -3.0 -1.0 0.5 -2.5 -1.5
given sbuf[0:2, 768] f32 () = 0.5 7.0
given sbuf[0:2, 960] i16 (1:3) = 0 1 1 1 0 3
given sbuf[0:2, 1024] bf16 (1:3) = -2.0 -0.5 -2.0 2.0 0.75 2.0
given sbuf[0:2, 1088] f32 () = 0.5 7.0
core 0 vector {
  select_reduce sbuf[0:2, 192] f32 (1:3), sbuf[0:2, 0] u8 (1:3), sbuf[0:2, 64] f32 (1:3), on_false=sbuf[0:2, 128] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 256] f32 ()
  select_reduce sbuf[0:2, 512] f32 (1:3), sbuf[0:2, 320] i16 (1:3), sbuf[0:2, 384] f32 (1:3), on_false=sbuf[0:2, 448] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 576] f32 ()
  select_reduce sbuf[0:2, 832] bf16 (1:3), sbuf[0:2, 640] u8 (1:3), sbuf[0:2, 704] bf16 (1:3), on_false=sbuf[0:2, 768] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 896] f32 ()
  select_reduce sbuf[0:2, 1152] bf16 (1:3), sbuf[0:2, 960] i16 (1:3), sbuf[0:2, 1024] bf16 (1:3), on_false=sbuf[0:2, 1088] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1216] f32 ()
}
expect sbuf[0:2, 192] f32 (1:3) = 0.5 -1.5 -0.25 -0.75 7.0 -3.75
expect sbuf[0:2, 256] f32 () = 0.5 7.0
expect sbuf[0:2, 512] f32 (1:3) = 0.5 -1.75 1.0 3.25 7.0 -3.75
expect sbuf[0:2, 576] f32 () = 1.0 7.0
expect sbuf[0:2, 832] bf16 (1:3) = 0.5 -3.0 -1.0 0.5 7.0 -1.5
expect sbuf[0:2, 896] f32 () = 0.5 7.0
expect sbuf[0:2, 1152] bf16 (1:3) = 0.5 -0.5 -2.0 2.0 7.0 2.0
expect sbuf[0:2, 1216] f32 () = 0.5 7.0
