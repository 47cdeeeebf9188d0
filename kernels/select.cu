// Copies matrices, all or none of them, as an int on the device says.
//
//   Y = X   if *choice == which; otherwise nothing is read or written
//
// shapes    X, Y [rows][columns] of each group, strides of their own; choice [1]
// aliasing  X and Y must not overlap
// launch    256 threads, a warp a row; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      8 bytes an element, or nothing
// bound     exact
// source    the choice among candidates of a damping: Martens, Grosse, "Optimizing Neural Networks with Kronecker-factored
//           Approximate Curvature", ICML 2015, the section on adapting gamma
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Pair : MatrixGroup {
  const float* X;
  float* Y;
  int X_stride;
  int Y_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
select_f32(const __grid_constant__ Groups<Pair> pairs, const int* choice, int which) {
  if (*choice != which) return;
  const Pair& pair = group_of(pairs);
  const auto [row, begin] = strip_of(blockIdx.x - pair.first, pair.rows);
  if (row >= pair.rows) return;
  const float* x = row_of(pair.X, row, pair.X_stride);
  float* y = row_of(pair.Y, row, pair.Y_stride);
  sweep<4>(threadIdx.x % kWarp, kWarp, begin, min(pair.columns, begin + kChunk), pair.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    store<kWide>(y + c, load<kWide>(x + c));
  });
}
