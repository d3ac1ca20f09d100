// A recurrence along the row, the running value in fp32; in bf16 only what is stored is rounded.
given sbuf[0:2, 0] f32 (1:5) = -0.25 -1.0 0.75 0.75 -0.75 -0.75 -0.0 0.25 1.0 -1.0
given sbuf[0:2, 64] f32 (1:5) = 1.5 -1.5 3.25 -0.25 2.25 -0.0 -2.75 1.5 -0.0 -1.25
given sbuf[0:2, 128] f32 () = 1.0 -2.0
given sbuf[0:2, 320] bf16 (1:5) = -0.25 -0.75 0.25 -0.25 -0.25 -0.5 -0.25 0.25 -0.5 -0.5
given sbuf[0:2, 384] bf16 (1:5) = -3.75 -0.5 0.75 2.25 1.25 3.5 -0.5 -1.75 0.75 -1.5
given sbuf[0:2, 448] f32 () = 1.0 -2.0
given sbuf[0:2, 640] f16 (1:5) = 0.75 0.5 1.0 -0.5 -0.5 0.25 -0.0 -0.5 -0.5 -0.5
given sbuf[0:2, 704] f16 (1:5) = -1.0 0.25 0.75 3.75 0.0 -2.0 -4.0 -0.25 2.0 1.0
given sbuf[0:2, 768] f32 () = 1.0 -2.0
core 0 vector {
  tensor_tensor_scan sbuf[0:2, 192] f32 (1:5), sbuf[0:2, 0] f32 (1:5), sbuf[0:2, 64] f32 (1:5), initial=0.5, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:2, 256] f32 (1:5), sbuf[0:2, 0] f32 (1:5), sbuf[0:2, 64] f32 (1:5), initial=sbuf[0:2, 128] f32 (), op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:2, 512] bf16 (1:5), sbuf[0:2, 320] bf16 (1:5), sbuf[0:2, 384] bf16 (1:5), initial=0.5, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:2, 576] bf16 (1:5), sbuf[0:2, 320] bf16 (1:5), sbuf[0:2, 384] bf16 (1:5), initial=sbuf[0:2, 448] f32 (), op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:2, 832] f16 (1:5), sbuf[0:2, 640] f16 (1:5), sbuf[0:2, 704] f16 (1:5), initial=0.5, op0=multiply, op1=add
  tensor_tensor_scan sbuf[0:2, 896] f16 (1:5), sbuf[0:2, 640] f16 (1:5), sbuf[0:2, 704] f16 (1:5), initial=sbuf[0:2, 768] f32 (), op0=multiply, op1=add
}
expect sbuf[0:2, 192] f32 (1:5) = 1.375 -2.875 1.09375 0.5703125 1.8222656 -0.375 -2.75 0.8125 0.8125 -2.0625
expect sbuf[0:2, 256] f32 (1:5) = 1.25 -2.75 1.1875 0.640625 1.7695312 1.5 -2.75 0.8125 0.8125 -2.0625
expect sbuf[0:2, 512] bf16 (1:5) = -3.875 2.40625 1.3515625 1.9140625 0.7734375 3.25 -1.3125 -2.078125 1.7890625 -2.390625
expect sbuf[0:2, 576] bf16 (1:5) = -4.0 2.5 1.375 1.90625 0.7734375 4.5 -1.625 -2.15625 1.828125 -2.40625
expect sbuf[0:2, 832] f16 (1:5) = -0.625 -0.0625 0.6875 3.40625 -1.703125 -1.875 -4.0 1.75 1.125 0.4375
expect sbuf[0:2, 896] f16 (1:5) = -0.25 0.125 0.875 3.3125 -1.65625 -2.5 -4.0 1.75 1.125 0.4375
