// 1 and up, in every type.
core 0 gpsimd {
  iota sbuf[0:2, 0] f32 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 512] tf32 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 1024] bf16 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 1536] f16 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 2048] f8e4m3 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 2560] f8e5m2 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 3072] i32 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 3584] i16 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 4096] i8 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 4608] u32 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 5120] u16 (1:4), offset=1, channel_multiplier=1, pattern=[1]
  iota sbuf[0:2, 5632] u8 (1:4), offset=1, channel_multiplier=1, pattern=[1]
}
expect sbuf[0:2, 0] f32 (1:4) = 1.0 2.0 3.0 4.0 2.0 3.0 4.0 5.0
expect sbuf[0:2, 512] tf32 (1:4) = 1.0 2.0 3.0 4.0 2.0 3.0 4.0 5.0
expect sbuf[0:2, 1024] bf16 (1:4) = 1.0 2.0 3.0 4.0 2.0 3.0 4.0 5.0
expect sbuf[0:2, 1536] f16 (1:4) = 1.0 2.0 3.0 4.0 2.0 3.0 4.0 5.0
expect sbuf[0:2, 2048] f8e4m3 (1:4) = 1.0 2.0 3.0 4.0 2.0 3.0 4.0 5.0
expect sbuf[0:2, 2560] f8e5m2 (1:4) = 1.0 2.0 3.0 4.0 2.0 3.0 4.0 5.0
expect sbuf[0:2, 3072] i32 (1:4) = 1 2 3 4 2 3 4 5
expect sbuf[0:2, 3584] i16 (1:4) = 1 2 3 4 2 3 4 5
expect sbuf[0:2, 4096] i8 (1:4) = 1 2 3 4 2 3 4 5
expect sbuf[0:2, 4608] u32 (1:4) = 1 2 3 4 2 3 4 5
expect sbuf[0:2, 5120] u16 (1:4) = 1 2 3 4 2 3 4 5
expect sbuf[0:2, 5632] u8 (1:4) = 1 2 3 4 2 3 4 5
