// A value rounded to each type.
core 0 vector {
  memset sbuf[0:2, 0] f32 (1:3), value=2.3
  memset sbuf[0:2, 64] bf16 (1:3), value=2.3
  memset sbuf[0:2, 128] f16 (1:3), value=2.3
  memset sbuf[0:2, 192] f8e5m2 (1:3), value=2.3
  memset sbuf[0:2, 256] f8e4m3 (1:3), value=2.3
  memset sbuf[0:2, 320] i32 (1:3), value=2.3
  memset sbuf[0:2, 448] i8 (1:3), value=2.3
  memset sbuf[0:2, 512] u16 (1:3), value=2.3
  memset sbuf[0:2, 576] u8 (1:3), value=2.3
  memset sbuf[0:2, 640] u32 (1:3), value=2.3
  memset sbuf[0:2, 704] tf32 (1:3), value=2.3
}
core 0 gpsimd {
  memset sbuf[0:2, 384] i16 (1:3), value=2.3
}
expect sbuf[0:2, 0] f32 (1:3) = 2.3 2.3 2.3 2.3 2.3 2.3
expect sbuf[0:2, 64] bf16 (1:3) = 2.296875 2.296875 2.296875 2.296875 2.296875 2.296875
expect sbuf[0:2, 128] f16 (1:3) = 2.3007812 2.3007812 2.3007812 2.3007812 2.3007812 2.3007812
expect sbuf[0:2, 192] f8e5m2 (1:3) = 2.5 2.5 2.5 2.5 2.5 2.5
expect sbuf[0:2, 256] f8e4m3 (1:3) = 2.25 2.25 2.25 2.25 2.25 2.25
expect sbuf[0:2, 320] i32 (1:3) = 2 2 2 2 2 2
expect sbuf[0:2, 384] i16 (1:3) = 2 2 2 2 2 2
expect sbuf[0:2, 448] i8 (1:3) = 2 2 2 2 2 2
expect sbuf[0:2, 512] u16 (1:3) = 2 2 2 2 2 2
expect sbuf[0:2, 576] u8 (1:3) = 2 2 2 2 2 2
expect sbuf[0:2, 640] u32 (1:3) = 2 2 2 2 2 2
expect sbuf[0:2, 704] tf32 (1:3) = 2.3007812 2.3007812 2.3007812 2.3007812 2.3007812 2.3007812
