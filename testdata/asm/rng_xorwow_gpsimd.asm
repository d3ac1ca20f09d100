// Random bits of gpsimd from a state that is loaded, and the state afterwards.
targets: trn2, trn3
refused on trn1: states are gpsimd's from v3 on and vector's from v4 on [ISA]
refused on inf2: states are gpsimd's from v3 on and vector's from v4 on [ISA]
given sbuf[0:2, 0] u32 (1:6) = 2014694336 1911058277 423318234 894448117 574578519 1933076259 1385425449 317244050 182102517 502170178 682084767 782273346
core 0 gpsimd {
  rand_set_state sbuf[0:2, 0] u32 (1:6)
  rng sbuf[0:2, 64] u32 (1:3)
  rand_get_state sbuf[0:2, 128] u32 (1:6)
}
expect sbuf[0:2, 64] u32 (1:3) = 523849823 373252720 539286457 2536010897 150932028 2525151097
expect sbuf[0:2, 128] u32 (1:6) = 894448117 574578519 2885378423 2734418883 2900090183 1934163570 502170178 682084767 1753375114 3662901104 1741790440 783360657
