// Mean and variance of two triples: those of the numbers 1 2 3 4 and 10 20.
given sbuf[0:1, 0] f32 (1:6) = 4.0 2.5 5.0 2.0 15.0 50.0
core 0 vector {
  bn_aggr sbuf[0:1, 64] f32 (1:2), sbuf[0:1, 0] f32 (1:6)
}
expect sbuf[0:1, 64] f32 (1:2) = 6.6666665 43.888897
