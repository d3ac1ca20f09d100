// Every function of (data * scale + bias), rounded to bf16, where one unit of fp32 makes no difference; then the forms of scale and bias.
given sbuf[0:1, 0] f32 (1:5) = -1.5 -0.25 0.5 1.25 0.0
given sbuf[0:1, 64] f32 (1:4) = 0.5 2.0 3.0 8.0
given sbuf[0:2, 1408] f32 (1:3) = 0.75 4.0 0.25 4.0 4.0 2.0
given sbuf[0:2, 1472] f32 () = 2.0 0.5
given sbuf[0:2, 1536] f32 () = 1.0 -1.0
given sbuf[0:2, 1792] bf16 (1:3) = 3.5 3.75 2.25 0.5 1.75 2.75
given sbuf[0:2, 1856] f32 () = 2.0 0.5
given sbuf[0:2, 1920] f32 () = 1.0 -1.0
given sbuf[0:2, 2176] f16 (1:3) = 1.5 2.25 3.75 3.25 0.75 1.5
given sbuf[0:2, 2240] f32 () = 2.0 0.5
given sbuf[0:2, 2304] f32 () = 1.0 -1.0
given sbuf[0:2, 2560] f8e5m2 (1:3) = 3.0 0.5 3.0 3.0 4.0 2.5
given sbuf[0:2, 2624] f32 () = 2.0 0.5
given sbuf[0:2, 2688] f32 () = 1.0 -1.0
given sbuf[0:2, 2944] f8e4m3 (1:3) = 0.25 2.25 4.0 2.0 1.25 1.75
given sbuf[0:2, 3008] f32 () = 2.0 0.5
given sbuf[0:2, 3072] f32 () = 1.0 -1.0
given sbuf[0:2, 3328] i16 (1:3) = 4 0 2 4 0 2
given sbuf[0:2, 3392] f32 () = 2.0 0.5
given sbuf[0:2, 3456] f32 () = 1.0 -1.0
given sbuf[0:2, 3712] u8 (1:3) = 2 2 2 4 2 1
given sbuf[0:2, 3776] f32 () = 2.0 0.5
given sbuf[0:2, 3840] f32 () = 1.0 -1.0
given sbuf[0:2, 4096] i8 (1:3) = 1 1 0 2 0 0
given sbuf[0:2, 4160] f32 () = 2.0 0.5
given sbuf[0:2, 4224] f32 () = 1.0 -1.0
core 0 scalar {
  activation sbuf[0:1, 128] bf16 (1:5), op=copy, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 192] bf16 (1:5), op=square, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 256] bf16 (1:5), op=sigmoid, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 320] bf16 (1:5), op=relu, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 384] bf16 (1:5), op=gelu, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 448] bf16 (1:5), op=gelu_apprx_tanh, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 512] bf16 (1:5), op=silu, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 576] bf16 (1:5), op=tanh, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 640] bf16 (1:5), op=softplus, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 704] bf16 (1:5), op=mish, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 768] bf16 (1:5), op=erf, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 832] bf16 (1:5), op=exp, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 896] bf16 (1:5), op=sin, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 960] bf16 (1:5), op=arctan, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 1024] bf16 (1:5), op=sign, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 1088] bf16 (1:5), op=abs, sbuf[0:1, 0] f32 (1:5)
  activation sbuf[0:1, 1152] bf16 (1:4), op=log, sbuf[0:1, 64] f32 (1:4)
  activation sbuf[0:1, 1216] bf16 (1:4), op=sqrt, sbuf[0:1, 64] f32 (1:4)
  activation sbuf[0:1, 1280] bf16 (1:4), op=rsqrt, sbuf[0:1, 64] f32 (1:4)
  activation sbuf[0:1, 1344] bf16 (1:4), op=reciprocal, sbuf[0:1, 64] f32 (1:4)
  activation sbuf[0:2, 1600] f32 (1:3), op=copy, sbuf[0:2, 1408] f32 (1:3), scale=sbuf[0:2, 1472] f32 ()
  activation sbuf[0:2, 1664] f32 (1:3), op=copy, sbuf[0:2, 1408] f32 (1:3), bias=sbuf[0:2, 1536] f32 ()
  activation sbuf[0:2, 1728] f32 (1:3), op=copy, sbuf[0:2, 1408] f32 (1:3), scale=3, bias=sbuf[0:2, 1536] f32 ()
  activation sbuf[0:2, 1984] bf16 (1:3), op=copy, sbuf[0:2, 1792] bf16 (1:3), scale=sbuf[0:2, 1856] f32 ()
  activation sbuf[0:2, 2048] bf16 (1:3), op=copy, sbuf[0:2, 1792] bf16 (1:3), bias=sbuf[0:2, 1920] f32 ()
  activation sbuf[0:2, 2112] bf16 (1:3), op=copy, sbuf[0:2, 1792] bf16 (1:3), scale=3, bias=sbuf[0:2, 1920] f32 ()
  activation sbuf[0:2, 2368] f16 (1:3), op=copy, sbuf[0:2, 2176] f16 (1:3), scale=sbuf[0:2, 2240] f32 ()
  activation sbuf[0:2, 2432] f16 (1:3), op=copy, sbuf[0:2, 2176] f16 (1:3), bias=sbuf[0:2, 2304] f32 ()
  activation sbuf[0:2, 2496] f16 (1:3), op=copy, sbuf[0:2, 2176] f16 (1:3), scale=3, bias=sbuf[0:2, 2304] f32 ()
  activation sbuf[0:2, 2752] f8e5m2 (1:3), op=copy, sbuf[0:2, 2560] f8e5m2 (1:3), scale=sbuf[0:2, 2624] f32 ()
  activation sbuf[0:2, 2816] f8e5m2 (1:3), op=copy, sbuf[0:2, 2560] f8e5m2 (1:3), bias=sbuf[0:2, 2688] f32 ()
  activation sbuf[0:2, 2880] f8e5m2 (1:3), op=copy, sbuf[0:2, 2560] f8e5m2 (1:3), scale=3, bias=sbuf[0:2, 2688] f32 ()
  activation sbuf[0:2, 3136] f8e4m3 (1:3), op=copy, sbuf[0:2, 2944] f8e4m3 (1:3), scale=sbuf[0:2, 3008] f32 ()
  activation sbuf[0:2, 3200] f8e4m3 (1:3), op=copy, sbuf[0:2, 2944] f8e4m3 (1:3), bias=sbuf[0:2, 3072] f32 ()
  activation sbuf[0:2, 3264] f8e4m3 (1:3), op=copy, sbuf[0:2, 2944] f8e4m3 (1:3), scale=3, bias=sbuf[0:2, 3072] f32 ()
  activation sbuf[0:2, 3520] i16 (1:3), op=copy, sbuf[0:2, 3328] i16 (1:3), scale=sbuf[0:2, 3392] f32 ()
  activation sbuf[0:2, 3584] i16 (1:3), op=copy, sbuf[0:2, 3328] i16 (1:3), bias=sbuf[0:2, 3456] f32 ()
  activation sbuf[0:2, 3648] i16 (1:3), op=copy, sbuf[0:2, 3328] i16 (1:3), scale=3, bias=sbuf[0:2, 3456] f32 ()
  activation sbuf[0:2, 3904] u8 (1:3), op=copy, sbuf[0:2, 3712] u8 (1:3), scale=sbuf[0:2, 3776] f32 ()
  activation sbuf[0:2, 3968] u8 (1:3), op=copy, sbuf[0:2, 3712] u8 (1:3), bias=sbuf[0:2, 3840] f32 ()
  activation sbuf[0:2, 4032] u8 (1:3), op=copy, sbuf[0:2, 3712] u8 (1:3), scale=3, bias=sbuf[0:2, 3840] f32 ()
  activation sbuf[0:2, 4288] i8 (1:3), op=copy, sbuf[0:2, 4096] i8 (1:3), scale=sbuf[0:2, 4160] f32 ()
  activation sbuf[0:2, 4352] i8 (1:3), op=copy, sbuf[0:2, 4096] i8 (1:3), bias=sbuf[0:2, 4224] f32 ()
  activation sbuf[0:2, 4416] i8 (1:3), op=copy, sbuf[0:2, 4096] i8 (1:3), scale=3, bias=sbuf[0:2, 4224] f32 ()
}
expect sbuf[0:1, 128] bf16 (1:5) = -1.5 -0.25 0.5 1.25 0.0
expect sbuf[0:1, 192] bf16 (1:5) = 2.25 0.0625 0.25 1.5625 0.0
expect sbuf[0:1, 256] bf16 (1:5) = 0.18261719 0.4375 0.62109375 0.77734375 0.5
expect sbuf[0:1, 320] bf16 (1:5) = 0.0 0.0 0.5 1.25 0.0
expect sbuf[0:1, 384] bf16 (1:5) = -0.100097656 -0.100097656 0.34570312 1.1171875 0.0
expect sbuf[0:1, 448] bf16 (1:5) = -0.10058594 -0.100097656 0.34570312 1.1171875 0.0
expect sbuf[0:1, 512] bf16 (1:5) = -0.2734375 -0.109375 0.31054688 0.97265625 0.0
expect sbuf[0:1, 576] bf16 (1:5) = -0.90625 -0.24511719 0.46289062 0.84765625 0.0
expect sbuf[0:1, 640] bf16 (1:5) = 0.20117188 0.57421875 0.97265625 1.5 0.69140625
expect sbuf[0:1, 704] bf16 (1:5) = -0.29882812 -0.12988281 0.375 1.1328125 0.0
expect sbuf[0:1, 768] bf16 (1:5) = -0.96484375 -0.27539062 0.51953125 0.921875 0.0
expect sbuf[0:1, 832] bf16 (1:5) = 0.22265625 0.77734375 1.6484375 3.484375 1.0
expect sbuf[0:1, 896] bf16 (1:5) = -0.99609375 -0.24707031 0.47851562 0.94921875 0.0
expect sbuf[0:1, 960] bf16 (1:5) = -0.984375 -0.24511719 0.46289062 0.89453125 0.0
expect sbuf[0:1, 1024] bf16 (1:5) = -1.0 -1.0 1.0 1.0 0.0
expect sbuf[0:1, 1088] bf16 (1:5) = 1.5 0.25 0.5 1.25 0.0
expect sbuf[0:1, 1152] bf16 (1:4) = -0.69140625 0.69140625 1.1015625 2.078125
expect sbuf[0:1, 1216] bf16 (1:4) = 0.70703125 1.4140625 1.734375 2.828125
expect sbuf[0:1, 1280] bf16 (1:4) = 1.4140625 0.70703125 0.578125 0.35351562
expect sbuf[0:1, 1344] bf16 (1:4) = 2.0 0.5 0.33398438 0.125
expect sbuf[0:2, 1600] f32 (1:3) = 1.5 8.0 0.5 2.0 2.0 1.0
expect sbuf[0:2, 1664] f32 (1:3) = 1.75 5.0 1.25 3.0 3.0 1.0
expect sbuf[0:2, 1728] f32 (1:3) = 3.25 13.0 1.75 11.0 11.0 5.0
expect sbuf[0:2, 1984] bf16 (1:3) = 7.0 7.5 4.5 0.25 0.875 1.375
expect sbuf[0:2, 2048] bf16 (1:3) = 4.5 4.75 3.25 -0.5 0.75 1.75
expect sbuf[0:2, 2112] bf16 (1:3) = 11.5 12.25 7.75 0.5 4.25 7.25
expect sbuf[0:2, 2368] f16 (1:3) = 3.0 4.5 7.5 1.625 0.375 0.75
expect sbuf[0:2, 2432] f16 (1:3) = 2.5 3.25 4.75 2.25 -0.25 0.5
expect sbuf[0:2, 2496] f16 (1:3) = 5.5 7.75 12.25 8.75 1.25 3.5
expect sbuf[0:2, 2752] f8e5m2 (1:3) = 6.0 1.0 6.0 1.5 2.0 1.25
expect sbuf[0:2, 2816] f8e5m2 (1:3) = 4.0 1.5 4.0 2.0 3.0 1.5
expect sbuf[0:2, 2880] f8e5m2 (1:3) = 10.0 2.5 10.0 8.0 12.0 6.0
expect sbuf[0:2, 3136] f8e4m3 (1:3) = 0.5 4.5 8.0 1.0 0.625 0.875
expect sbuf[0:2, 3200] f8e4m3 (1:3) = 1.25 3.25 5.0 1.0 0.25 0.75
expect sbuf[0:2, 3264] f8e4m3 (1:3) = 1.75 8.0 13.0 5.0 2.75 4.0
expect sbuf[0:2, 3520] i16 (1:3) = 8 0 4 2 0 1
expect sbuf[0:2, 3584] i16 (1:3) = 5 1 3 3 -1 1
expect sbuf[0:2, 3648] i16 (1:3) = 13 1 7 11 -1 5
expect sbuf[0:2, 3904] u8 (1:3) = 4 4 4 2 1 0
expect sbuf[0:2, 3968] u8 (1:3) = 3 3 3 3 1 0
expect sbuf[0:2, 4032] u8 (1:3) = 7 7 7 11 5 2
expect sbuf[0:2, 4288] i8 (1:3) = 2 2 0 1 0 0
expect sbuf[0:2, 4352] i8 (1:3) = 2 2 1 1 -1 -1
expect sbuf[0:2, 4416] i8 (1:3) = 4 4 1 5 -1 -1
