// The operations of matmul.cu on tensor cores.
//
//   _tf32x3_128      FP32 accuracy, tiles of 128 x 128 by 256 threads, for large products
//   _tf32x3_128x64   FP32 accuracy, tiles of 128 x 64 by 128 threads
//   _tf32x3_64       FP32 accuracy, tiles of 64 x 64 by 128 threads
//   _tf32_64         TF32 accuracy, tiles of 64 x 64 by 128 threads: only the recursion, which computes a statistic
//
// shapes    as matmul.cu, likewise layout and aliasing
// launch    a block a tile, grid (columns / tile, rows / tile), rounded up
// cost      2 M N K flops, three times that on the tensor cores for FP32 accuracy (recursion: half); M K + K N + M N floats at
//           least, (2 M N K / tile) through the tiles
// bound     of the product: tensor.cuh. From K = 32 on that of FP32 accuracy is below the (K + 2) eps of matmul.cu
// source    tensor.cuh and matmul.cu
#include "matmul.cuh"
#include "tensor.cuh"

KRONGAUSS_MATMUL(_tf32x3_128, krongauss::BigTensorTile<3>)
KRONGAUSS_MATMUL(_tf32x3_128x64, krongauss::TallTensorTile<3>)
KRONGAUSS_MATMUL(_tf32x3_64, krongauss::SmallTensorTile<3>)
KRONGAUSS_RECURSION(_tf32_64, krongauss::SmallTensorTile<1>)
