// The places of eight values; the second 5 is the next one; 99 is nowhere.
given sbuf[0:1, 0] f32 (1:10) = 5.0 3.0 5.0 1.0 8.0 2.0 5.0 0.0 9.0 4.0
given sbuf[0:1, 64] f32 (1:8) = 5.0 9.0 5.0 99.0 0.0 5.0 5.0 1.0
core 0 vector {
  nc_find_index8 sbuf[0:1, 128] u16 (1:8), sbuf[0:1, 0] f32 (1:10), sbuf[0:1, 64] f32 (1:8)
  nc_find_index8 sbuf[0:1, 192] u32 (1:8), sbuf[0:1, 0] f32 (1:10), sbuf[0:1, 64] f32 (1:8)
}
expect sbuf[0:1, 128] u16 (1:8) = 0 8 2 65535 7 6 65535 3
expect sbuf[0:1, 192] u32 (1:8) = 0 8 2 4294967295 7 6 4294967295 3
