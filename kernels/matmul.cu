// Matrix product with an epilogue: C = epilogue(op(A) op(B)).
//
//   nn nt tn tt   C = alpha op(A) op(B) + beta C      (beta = 0: C is not read)
//   forward       h = a W^T, output = f(h), derivative = f'(h)
//   lowrank       out(n K + k, :) = b(n, :) o (C(n K + k, :) W)      K rows a datapoint; backward is K = 1
//   recursion     G = (W^T P) o S, symmetric: lower tiles computed, mirrored
//   tangent       v = b o (a D^T + u W^T): two products in one accumulator
//
// shapes    inner index last in the lists below; o = outputs of the layer, i = inputs without the homogeneous 1
//             product    op(A) [M][K], op(B) [K][N], C [M][N]
//             forward    a [N][i+1], W [o][i+1], output and derivative [N][o]
//             lowrank    C [n K][o], W [o][i] (the bias column is left out), b [n][i], out [n K][i]
//             recursion  W [o][i], P [o][i] = G_next W, S [i][i] lower, G [i][i] both halves
//             tangent    a [N][i+1], D [o][i+1], u [N][i] or null, W [o][i], b [N][o] or null, v [N][o]
// layout    row-major, any strides; X_whole says how much of a row can be read by fours (tile.cuh); only the columns of
//           an output are written, its padding is not
// aliasing  an output overlaps no input and no other output
// launch    256 threads a tile of 64 x 64; grid (columns / 64, rows / 64), rounded up; matmul_tensor.cu has other tiles
// cost      2 M N K flops (recursion: half); M K + K N + M N floats at least, (M N K / 32) through the tiles
// bound     |error| <= (K + 2) eps sum_k |A||B| for the product, eps = 2^-24; each factor of an epilogue adds 1
//           rounding; f adds max |f'| times the error of h and its own error (activation.cuh)
// source    Botev, Ritter, Barber 2017, "Gauss-Newton Approximation" and the recursions of KFLR and KFRA
//
// The plain FP32 version: it stays as the second oracle, for chips without fast TF32, and for small inner sizes.
#include "matmul.cuh"

KRONGAUSS_MATMUL(, krongauss::PlainTile)
KRONGAUSS_PRODUCT(tt, , krongauss::PlainTile, kOuter, kInner)
