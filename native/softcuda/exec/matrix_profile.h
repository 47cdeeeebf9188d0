#pragma once
#include <cstdint>

// How a tensor core rounds. Plain data, read by the operations too.
namespace softcuda {

enum MatrixInput : int32_t { kTf32, kF16, kBf16 };

// d = c + sum of products is computed `terms` products at a time. Products are exact. They and the accumulator are aligned to the largest
// exponent among those that are not zero, at least `floor`, and cut there to 23 + `extra` bits after the point; the sum of what is left is
// exact, and is cut to a float (rounded to nearest for an f16 accumulator). Exponents of products are sums of exponents: 1.5 * 1.5 has 0.
struct MatrixRounding {
  int32_t terms, extra, floor;
};

// Of the profile that Options::mma asks for now.
const MatrixRounding& matrix_rounding(MatrixInput input);

}  // namespace softcuda
