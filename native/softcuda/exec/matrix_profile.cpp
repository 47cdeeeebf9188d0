#include "matrix_profile.h"

#include "options.h"

namespace softcuda {

namespace {

// a100, h100: F. A. Khattak, M. Mikaitis, Accurate Models of NVIDIA Tensor Cores, arXiv 2512.07004, table 3 and the models published with it
// (block size, extra alignment bits, least exponent); the sizes of blocks and the bits agree with P. Xie et al., MMA-Sim, arXiv 2511.10909.
// That a tensor core truncates, and does not normalise inside a block: M. Fasi, N. Higham, M. Mikaitis, S. Pranesh, Numerical behavior of
// NVIDIA tensor cores, PeerJ CS 7:e330 (2021).
// worst: no GPU, but at most as accurate as any: V100's blocks without an extra bit, for all inputs, and nothing below the least subnormal.
constexpr MatrixRounding profiles[3][3] = {
    // tf32        f16            bf16
    {{4, 1, -132}, {8, 1, -132}, {8, 1, -132}},    // a100
    {{8, 2, -133}, {16, 2, -133}, {16, 2, -133}},  // h100
    {{4, 0, -126}, {4, 0, -126}, {4, 0, -126}},    // worst
};

}  // namespace

const MatrixRounding& matrix_rounding(MatrixInput input) {
  const MatrixProfile profile = Options::global().mma;
  return profiles[profile == MatrixProfile::A100 ? 0 : profile == MatrixProfile::H100 ? 1 : 2][input];
}

}  // namespace softcuda
