// The sum of three sources in fp32, and one that casts.
given sbuf[0:2, 0] f32 (1:3) = 2.5 2.75 2.75 0.5 -0.75 2.0
given sbuf[0:2, 64] f32 (1:3) = 1.25 1.0 3.75 -4.0 -2.0 -2.25
given sbuf[0:2, 128] f32 (1:3) = 3.75 1.75 -1.25 -0.0 4.0 3.5
given sbuf[0:2, 256] bf16 (1:3) = -2.25 3.25 1.75 2.75 -0.5 -1.25
given sbuf[0:2, 320] i8 (1:3) = 1 -3 2 1 1 -4
core 0 sync {
  dma_compute queue=0, sbuf[0:2, 192] f32 (1:3), srcs=[sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 128] f32 (1:3)] S[20]+=16
  dma_compute queue=0, sbuf[0:2, 384] bf16 (1:3), srcs=[sbuf[0:2, 256] bf16 (1:3), sbuf[0:2, 320] i8 (1:3)] S[20]+=16
  S[20]>=32 event_semaphore
}
expect sbuf[0:2, 192] f32 (1:3) = 7.5 5.5 5.25 -3.5 1.25 3.25
expect sbuf[0:2, 384] bf16 (1:3) = -1.25 0.25 3.75 3.75 0.5 -5.25
