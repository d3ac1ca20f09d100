// Random bits of VectorE before v4, after one seed for all partitions; narrow types keep the low bits.
targets: trn1, inf2, trn2
given sbuf[0:1, 0] u32 () = 12345
given sbuf[0:2, 320] f32 (1:8) = 6.25 6.25 11.75 11.0 12.5 10.0 6.5 7.75 5.5 11.0 5.25 7.25 9.25 10.75 8.0 7.25
core 0 vector {
  set_rng_seed sbuf[0:1, 0] u32 ()
  rng sbuf[0:2, 64] u32 (1:3)
  rng sbuf[0:2, 128] i32 (1:3)
  rng sbuf[0:2, 192] u16 (1:3)
  rng sbuf[0:2, 256] i8 (1:3)
  dropout sbuf[0:2, 384] f32 (1:8), sbuf[0:2, 320] f32 (1:8), prob=0.5
}
expect sbuf[0:2, 64] u32 (1:3) = 23606335 3689105764 1434652752 779932510 1357609378 447045796
expect sbuf[0:2, 128] i32 (1:3) = -2095667479 -1257803602 -639967799 -1513572868 338422941 -160178994
expect sbuf[0:2, 192] u16 (1:3) = 34067 60287 57154 31591 32978 58065
expect sbuf[0:2, 256] i8 (1:3) = -53 -95 70 -113 -85 112
expect sbuf[0:2, 384] f32 (1:8) = 6.25 0.0 11.75 0.0 12.5 0.0 0.0 7.75 0.0 11.0 5.25 0.0 0.0 10.75 0.0 7.25
