// Copies of a part of a batch's rows, several of them stacked, for the kernels that take them: subsample.cu says what comes out.
#pragma once

#include "groups.cuh"
#include "rows.cuh"

namespace krongauss {

struct Stack : MatrixGroup {
  float* to;
  const float* from;
  int to_stride;
  int from_stride;
};

// The stack that a block works for; others of the launch may have another table.
__device__ __forceinline__ const Stack& stack_of(const Groups<Stack>& stacks, int block) {
  int k = 0;
  while (k + 1 < stacks.count && stacks.item[k + 1].first <= block) k++;
  return stacks.item[k];
}

// A block's rows: N rows of the batch, n of the part, c of each eighth or 0.
__device__ __forceinline__ void subsample(const Groups<Stack>& stacks, int block, int N, int n, int c) {
  const Stack& stack = stack_of(stacks, block);
  const auto [row, begin] = strip_of(block - stack.first, stack.rows);
  if (row >= stack.rows) return;
  const int s = row % n;
  const int source = c == 0 ? s : static_cast<int>(static_cast<long long>(s / c) * N / 8) + s % c;
  const float* x = row_of(stack.from, source, stack.from_stride);
  float* y = row_of(stack.to, row, stack.to_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(stack.columns, begin + kChunk), stack.whole, [=](auto width, int k) {
    constexpr int kWide = decltype(width)::value;
    store<kWide>(y + k, load<kWide>(x + k));
  });
}

}  // namespace krongauss
