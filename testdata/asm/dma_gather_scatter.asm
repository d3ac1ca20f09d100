// Rows of HBM by index, to partitions and back.
given hbm[0] f32 (1:15) = -0.25 3.0 -2.75 3.0 -1.0 3.5 -2.0 1.75 -3.75 2.0 3.25 3.0 0.5 -0.5 0.25
given sbuf[0:3, 0] i32 () = 4 0 4
given sbuf[0:3, 128] u32 () = 1 2 0
given sbuf[0:3, 192] f32 (1:3) = 2.25 4.0 -2.25 3.75 1.75 -0.75 3.75 -0.5 2.5
given hbm[128] f32 (1:9) = 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
core 0 gpsimd {
  dma_gather queue=0, sbuf[0:3, 64] f32 (1:3), hbm[0] f32 (1:3), sbuf[0:3, 0] i32 (), bytes_per_row=12, rows=5 S[20]+=16
  dma_scatter queue=1, hbm[128] f32 (1:3), sbuf[0:3, 192] f32 (1:3), sbuf[0:3, 128] u32 (), bytes_per_row=12, rows=3 S[21]+=16
  S[21]>=16 dma_copy queue=2, sbuf[0:1, 256] f32 (1:9), hbm[128] f32 (1:9) S[22]+=16
  S[20]>=16 S[22]>=16 event_semaphore
}
expect sbuf[0:3, 64] f32 (1:3) = 0.5 -0.5 0.25 -0.25 3.0 -2.75 0.5 -0.5 0.25
expect sbuf[0:1, 256] f32 (1:9) = 3.75 -0.5 2.5 2.25 4.0 -2.25 3.75 1.75 -0.75
