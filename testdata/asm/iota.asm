// offset + p * channel_multiplier + steps by index, in int32, then the type.
core 0 gpsimd {
  iota sbuf[0:3, 0] i32 (3:2,1:3), offset=5, channel_multiplier=10, pattern=[7, 2]
  iota sbuf[0:3, 64] f32 (3:2,1:3), offset=5, channel_multiplier=10, pattern=[7, 2]
  iota sbuf[0:3, 128] bf16 (3:2,1:3), offset=5, channel_multiplier=10, pattern=[7, 2]
  iota sbuf[0:3, 192] i16 (3:2,1:3), offset=5, channel_multiplier=10, pattern=[7, 2]
  iota sbuf[0:3, 256] u8 (3:2,1:3), offset=5, channel_multiplier=10, pattern=[7, 2]
}
expect sbuf[0:3, 0] i32 (1:6) = 5 7 9 12 14 16 15 17 19 22 24 26 25 27 29 32 34 36
expect sbuf[0:3, 64] f32 (1:6) = 5.0 7.0 9.0 12.0 14.0 16.0 15.0 17.0 19.0 22.0 24.0 26.0 25.0 27.0 29.0 32.0 34.0 36.0
expect sbuf[0:3, 128] bf16 (1:6) = 5.0 7.0 9.0 12.0 14.0 16.0 15.0 17.0 19.0 22.0 24.0 26.0 25.0 27.0 29.0 32.0 34.0 36.0
expect sbuf[0:3, 192] i16 (1:6) = 5 7 9 12 14 16 15 17 19 22 24 26 25 27 29 32 34 36
expect sbuf[0:3, 256] u8 (1:6) = 5 7 9 12 14 16 15 17 19 22 24 26 25 27 29 32 34 36
