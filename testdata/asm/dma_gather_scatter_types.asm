// Rows 2 and 0 of three, in every type.
given sbuf[0:2, 8192] u32 () = 2 0
given sbuf[0:2, 8196] i32 () = 2 0
given hbm[0] f32 (1:9) = 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 1.0
given hbm[128] f32 (1:9) = 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
given sbuf[0:2, 64] f32 (1:3) = 7.0 8.0 1.0 2.0 3.0 4.0
given hbm[512] tf32 (1:9) = 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 1.0
given hbm[640] tf32 (1:9) = 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
given sbuf[0:2, 576] tf32 (1:3) = 7.0 8.0 1.0 2.0 3.0 4.0
given hbm[1024] bf16 (1:9) = 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 1.0
given hbm[1152] bf16 (1:9) = 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
given sbuf[0:2, 1088] bf16 (1:3) = 7.0 8.0 1.0 2.0 3.0 4.0
given hbm[1536] f16 (1:9) = 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 1.0
given hbm[1664] f16 (1:9) = 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
given sbuf[0:2, 1600] f16 (1:3) = 7.0 8.0 1.0 2.0 3.0 4.0
given hbm[2048] f8e4m3 (1:9) = 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 1.0
given hbm[2176] f8e4m3 (1:9) = 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
given sbuf[0:2, 2112] f8e4m3 (1:3) = 7.0 8.0 1.0 2.0 3.0 4.0
given hbm[2560] f8e5m2 (1:9) = 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 1.0
given hbm[2688] f8e5m2 (1:9) = 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
given sbuf[0:2, 2624] f8e5m2 (1:3) = 7.0 8.0 1.0 2.0 3.0 4.0
given hbm[3072] i32 (1:9) = 1 2 3 4 5 6 7 8 1
given hbm[3200] i32 (1:9) = 0 0 0 0 0 0 0 0 0
given sbuf[0:2, 3136] i32 (1:3) = 7 8 1 2 3 4
given hbm[3584] i16 (1:9) = 1 2 3 4 5 6 7 8 1
given hbm[3712] i16 (1:9) = 0 0 0 0 0 0 0 0 0
given sbuf[0:2, 3648] i16 (1:3) = 7 8 1 2 3 4
given hbm[4096] i8 (1:9) = 1 2 3 4 5 6 7 8 1
given hbm[4224] i8 (1:9) = 0 0 0 0 0 0 0 0 0
given sbuf[0:2, 4160] i8 (1:3) = 7 8 1 2 3 4
given hbm[4608] u32 (1:9) = 1 2 3 4 5 6 7 8 1
given hbm[4736] u32 (1:9) = 0 0 0 0 0 0 0 0 0
given sbuf[0:2, 4672] u32 (1:3) = 7 8 1 2 3 4
given hbm[5120] u16 (1:9) = 1 2 3 4 5 6 7 8 1
given hbm[5248] u16 (1:9) = 0 0 0 0 0 0 0 0 0
given sbuf[0:2, 5184] u16 (1:3) = 7 8 1 2 3 4
given hbm[5632] u8 (1:9) = 1 2 3 4 5 6 7 8 1
given hbm[5760] u8 (1:9) = 0 0 0 0 0 0 0 0 0
given sbuf[0:2, 5696] u8 (1:3) = 7 8 1 2 3 4
core 0 gpsimd {
  dma_gather queue=0, sbuf[0:2, 0] f32 (1:3), hbm[0] f32 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=12, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[128] f32 (1:3), sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=12, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 512] tf32 (1:3), hbm[512] tf32 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=12, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[640] tf32 (1:3), sbuf[0:2, 576] tf32 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=12, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 1024] bf16 (1:3), hbm[1024] bf16 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=6, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[1152] bf16 (1:3), sbuf[0:2, 1088] bf16 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=6, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 1536] f16 (1:3), hbm[1536] f16 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=6, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[1664] f16 (1:3), sbuf[0:2, 1600] f16 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=6, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 2048] f8e4m3 (1:3), hbm[2048] f8e4m3 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=3, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[2176] f8e4m3 (1:3), sbuf[0:2, 2112] f8e4m3 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=3, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 2560] f8e5m2 (1:3), hbm[2560] f8e5m2 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=3, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[2688] f8e5m2 (1:3), sbuf[0:2, 2624] f8e5m2 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=3, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 3072] i32 (1:3), hbm[3072] i32 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=12, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[3200] i32 (1:3), sbuf[0:2, 3136] i32 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=12, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 3584] i16 (1:3), hbm[3584] i16 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=6, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[3712] i16 (1:3), sbuf[0:2, 3648] i16 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=6, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 4096] i8 (1:3), hbm[4096] i8 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=3, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[4224] i8 (1:3), sbuf[0:2, 4160] i8 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=3, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 4608] u32 (1:3), hbm[4608] u32 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=12, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[4736] u32 (1:3), sbuf[0:2, 4672] u32 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=12, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 5120] u16 (1:3), hbm[5120] u16 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=6, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[5248] u16 (1:3), sbuf[0:2, 5184] u16 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=6, rows=3 S[21]+=16
  dma_gather queue=0, sbuf[0:2, 5632] u8 (1:3), hbm[5632] u8 (1:3), sbuf[0:2, 8192] u32 (), bytes_per_row=3, rows=3 S[20]+=16
  dma_scatter queue=1, hbm[5760] u8 (1:3), sbuf[0:2, 5696] u8 (1:3), sbuf[0:2, 8196] i32 (), bytes_per_row=3, rows=3 S[21]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 128] f32 (1:9), hbm[128] f32 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 640] tf32 (1:9), hbm[640] tf32 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 1152] bf16 (1:9), hbm[1152] bf16 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 1664] f16 (1:9), hbm[1664] f16 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 2176] f8e4m3 (1:9), hbm[2176] f8e4m3 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 2688] f8e5m2 (1:9), hbm[2688] f8e5m2 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 3200] i32 (1:9), hbm[3200] i32 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 3712] i16 (1:9), hbm[3712] i16 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 4224] i8 (1:9), hbm[4224] i8 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 4736] u32 (1:9), hbm[4736] u32 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 5248] u16 (1:9), hbm[5248] u16 (1:9) S[22]+=16
  S[21]>=192 dma_copy queue=2, sbuf[0:1, 5760] u8 (1:9), hbm[5760] u8 (1:9) S[22]+=16
  S[20]>=192 S[22]>=192 event_semaphore
}
expect sbuf[0:2, 0] f32 (1:3) = 7.0 8.0 1.0 1.0 2.0 3.0
expect sbuf[0:1, 128] f32 (1:9) = 2.0 3.0 4.0 0.0 0.0 0.0 7.0 8.0 1.0
expect sbuf[0:2, 512] tf32 (1:3) = 7.0 8.0 1.0 1.0 2.0 3.0
expect sbuf[0:1, 640] tf32 (1:9) = 2.0 3.0 4.0 0.0 0.0 0.0 7.0 8.0 1.0
expect sbuf[0:2, 1024] bf16 (1:3) = 7.0 8.0 1.0 1.0 2.0 3.0
expect sbuf[0:1, 1152] bf16 (1:9) = 2.0 3.0 4.0 0.0 0.0 0.0 7.0 8.0 1.0
expect sbuf[0:2, 1536] f16 (1:3) = 7.0 8.0 1.0 1.0 2.0 3.0
expect sbuf[0:1, 1664] f16 (1:9) = 2.0 3.0 4.0 0.0 0.0 0.0 7.0 8.0 1.0
expect sbuf[0:2, 2048] f8e4m3 (1:3) = 7.0 8.0 1.0 1.0 2.0 3.0
expect sbuf[0:1, 2176] f8e4m3 (1:9) = 2.0 3.0 4.0 0.0 0.0 0.0 7.0 8.0 1.0
expect sbuf[0:2, 2560] f8e5m2 (1:3) = 7.0 8.0 1.0 1.0 2.0 3.0
expect sbuf[0:1, 2688] f8e5m2 (1:9) = 2.0 3.0 4.0 0.0 0.0 0.0 7.0 8.0 1.0
expect sbuf[0:2, 3072] i32 (1:3) = 7 8 1 1 2 3
expect sbuf[0:1, 3200] i32 (1:9) = 2 3 4 0 0 0 7 8 1
expect sbuf[0:2, 3584] i16 (1:3) = 7 8 1 1 2 3
expect sbuf[0:1, 3712] i16 (1:9) = 2 3 4 0 0 0 7 8 1
expect sbuf[0:2, 4096] i8 (1:3) = 7 8 1 1 2 3
expect sbuf[0:1, 4224] i8 (1:9) = 2 3 4 0 0 0 7 8 1
expect sbuf[0:2, 4608] u32 (1:3) = 7 8 1 1 2 3
expect sbuf[0:1, 4736] u32 (1:9) = 2 3 4 0 0 0 7 8 1
expect sbuf[0:2, 5120] u16 (1:3) = 7 8 1 1 2 3
expect sbuf[0:1, 5248] u16 (1:9) = 2 3 4 0 0 0 7 8 1
expect sbuf[0:2, 5632] u8 (1:3) = 7 8 1 1 2 3
expect sbuf[0:1, 5760] u8 (1:9) = 2 3 4 0 0 0 7 8 1
