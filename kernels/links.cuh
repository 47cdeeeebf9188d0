// Links of chain.cu as kernel/group/LinkTables.java writes them; those of the stacked tangents are in tangents.cuh. Matrices as in
// matmul.cu; `whole` is what goes by fours in all results.
#pragma once

#include "groups.cuh"
#include "slices.cuh"

namespace krongauss {

struct Forward : Group {
  int o;
  int inner;
  int transfer;
  const float* a;
  const float* W;
  float* output;
  float* derivative;
  int a_stride;
  int W_stride;
  int output_stride;
  int derivative_stride;
  int a_whole;
  int W_whole;
  int whole;
  float slope;
};

struct Backward : Group {
  int o;
  int i;
  int whole;
  const float* delta;
  const float* W;
  const float* b;
  float* below;
  int delta_stride;
  int W_stride;
  int b_stride;
  int below_stride;
  int delta_whole;
  int W_whole;
  Slices share;
};

struct Tangent : Group {
  int o;
  int i;
  int whole;
  const float* a;
  const float* D;
  const float* u;
  const float* W;
  const float* b;
  float* v;
  int a_stride;
  int D_stride;
  int u_stride;
  int W_stride;
  int b_stride;
  int v_stride;
  int a_whole;
  int D_whole;
  int u_whole;
  int W_whole;
};

// P = G W where S is null, else G_below = (W^T P) o S: A and B are the operands, C is the result. A_stride
// is 0 where G is the diagonal of a diagonal matrix.
struct Recursion : Group {
  int o;
  int i;
  int C_whole;  // and that of S
  const float* A;
  const float* B;
  const float* S;
  float* C;
  int A_stride;
  int B_stride;
  int S_stride;
  int C_stride;
  int A_whole;
  int B_whole;
  Slices share;
};

}  // namespace krongauss
