// Between memories and types: raw where the types are equal, through fp32 where they are not.
given hbm[0] f32 (1:6) = 1.5 -2.0 3.25 4.0 100000.0 0.1
given sbuf[0:2, 448] f32 (1:3) = -2.5 2.0 -2.75 -3.0 -2.75 2.75
core 0 sync {
  dma_copy queue=0, sbuf[0:2, 0] f32 (1:3), hbm[0] f32 (1:6) S[20]+=16
  dma_copy queue=0, sbuf[0:1, 64] bf16 (1:6), hbm[0] f32 (1:6) S[20]+=16
  dma_copy queue=0, sbuf[0:1, 128] f16 (1:6), hbm[0] f32 (1:6) S[20]+=16
  dma_copy queue=0, sbuf[0:1, 192] i32 (1:6), hbm[0] f32 (1:6) S[20]+=16
  dma_copy queue=0, sbuf[0:1, 256] i8 (1:6), hbm[0] f32 (1:6) S[20]+=16
  dma_copy queue=0, sbuf[0:1, 320] f8e5m2 (1:6), hbm[0] f32 (1:6) S[20]+=16
  S[20]>=96 event_semaphore
}
core 0 gpsimd {
  dma_copy queue=1, sbuf[0:3, 384] f32 (1:2), hbm[0] f32 (1:3,3:2) S[21]+=16
  S[21]>=16 event_semaphore
}
core 0 scalar {
  dma_copy queue=2, hbm[64] f32 (1:6), sbuf[0:2, 448] f32 (1:3) S[22]+=16
  S[22]>=16 event_semaphore
}
expect sbuf[0:2, 0] f32 (1:3) = 1.5 -2.0 3.25 4.0 100000.0 0.1
expect sbuf[0:1, 64] bf16 (1:6) = 1.5 -2.0 3.25 4.0 99840.0 0.100097656
expect sbuf[0:1, 128] f16 (1:6) = 1.5 -2.0 3.25 4.0 Infinity 0.099975586
expect sbuf[0:1, 192] i32 (1:6) = 2 -2 3 4 100000 0
expect sbuf[0:1, 256] i8 (1:6) = 2 -2 3 4 127 0
expect sbuf[0:1, 320] f8e5m2 (1:6) = 1.5 -2.0 3.0 4.0 Infinity 0.09375
expect sbuf[0:3, 384] f32 (1:2) = 1.5 4.0 -2.0 100000.0 3.25 0.1
expect hbm[64] f32 (1:6) = -2.5 2.0 -2.75 -3.0 -2.75 2.75
