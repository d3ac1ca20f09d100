// Eight values, the last one first, each replaces its first match that is left.
given sbuf[0:1, 0] f32 (1:10) = 5.0 3.0 5.0 1.0 8.0 2.0 5.0 0.0 9.0 4.0
given sbuf[0:1, 64] f32 (1:8) = 5.0 9.0 5.0 99.0 0.0 5.0 5.0 1.0
core 0 vector {
  nc_match_replace8 sbuf[0:1, 128] f32 (1:10), sbuf[0:1, 0] f32 (1:10), sbuf[0:1, 64] f32 (1:8), imm=-1.5, dst_idx=sbuf[0:1, 192] u16 (1:8)
}
expect sbuf[0:1, 128] f32 (1:10) = -1.5 3.0 -1.5 -1.5 8.0 2.0 -1.5 -1.5 -1.5 4.0
expect sbuf[0:1, 192] u16 (1:8) = 65535 8 6 65535 7 2 0 3
