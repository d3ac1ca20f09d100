// What a predicate selects, in types of 32 bits.
given sbuf[0:2, 0] u8 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 64] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 512] u8 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 576] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
given sbuf[0:2, 1024] u8 (1:4) = 1 0 1 0 0 1 0 1
given sbuf[0:2, 1088] f32 (1:4) = 1.0 2.0 3.0 4.0 4.0 3.0 2.0 1.0
core 0 vector {
  select_reduce sbuf[0:2, 128] i32 (1:4), sbuf[0:2, 0] u8 (1:4), sbuf[0:2, 64] f32 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 192] i32 ()
  select_reduce sbuf[0:2, 640] u32 (1:4), sbuf[0:2, 512] u8 (1:4), sbuf[0:2, 576] f32 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 704] u32 ()
  select_reduce sbuf[0:2, 1152] tf32 (1:4), sbuf[0:2, 1024] u8 (1:4), sbuf[0:2, 1088] f32 (1:4), on_false=7, reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 1216] tf32 ()
}
expect sbuf[0:2, 128] i32 (1:4) = 1 7 3 7 7 3 7 1
expect sbuf[0:2, 192] i32 () = 7 7
expect sbuf[0:2, 640] u32 (1:4) = 1 7 3 7 7 3 7 1
expect sbuf[0:2, 704] u32 () = 7 7
expect sbuf[0:2, 1152] tf32 (1:4) = 1.0 7.0 3.0 7.0 7.0 3.0 7.0 1.0
expect sbuf[0:2, 1216] tf32 () = 7.0 7.0
