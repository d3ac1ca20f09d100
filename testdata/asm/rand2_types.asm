// Uniform numbers in every type. The five words of each generator are 0, so that only its counter runs, and 362437 less than a quarter of
// 2^32 makes the four words 0, 2^30, 2^31 and 3 * 2^30. (word >> 8) * 2^-24 of them is 0, 1/4, 1/2 and 3/4: from -1 to 3 that is -1, 0, 1, 2.
// The limits are a number or an operand.
targets: trn3
given sbuf[0:1, 0] u32 (1:24) = 0 0 0 0 0 4294604859 0 0 0 0 0 1073379387 0 0 0 0 0 2147121211 0 0 0 0 0 3220863035
given sbuf[0:1, 96] f32 () = -1
given sbuf[0:1, 100] f32 () = 3
core 0 vector {
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rand2 sbuf[0:1, 128] f32 (1:4), min=sbuf[0:1, 96] f32 (), max=sbuf[0:1, 100] f32 ()
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rand2 sbuf[0:1, 192] tf32 (1:4), min=-1, max=sbuf[0:1, 100] f32 ()
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rand2 sbuf[0:1, 256] bf16 (1:4), min=sbuf[0:1, 96] f32 (), max=sbuf[0:1, 100] f32 ()
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rand2 sbuf[0:1, 320] f16 (1:4), min=-1, max=3
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rand2 sbuf[0:1, 384] f8e4m3 (1:4), min=sbuf[0:1, 96] f32 (), max=3
  rand_set_state sbuf[0:1, 0] u32 (1:24)
  rand2 sbuf[0:1, 448] f8e5m2 (1:4), min=-1, max=3
}
expect sbuf[0:1, 128] f32 (1:4) = -1 0 1 2
expect sbuf[0:1, 192] tf32 (1:4) = -1 0 1 2
expect sbuf[0:1, 256] bf16 (1:4) = -1 0 1 2
expect sbuf[0:1, 320] f16 (1:4) = -1 0 1 2
expect sbuf[0:1, 384] f8e4m3 (1:4) = -1 0 1 2
expect sbuf[0:1, 448] f8e5m2 (1:4) = -1 0 1 2
