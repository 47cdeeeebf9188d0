#include "roofline.h"

#include <algorithm>

namespace softcuda {

// Sources, all of NVIDIA: multiprocessors, boost clocks and dense tensor rates from the data sheets "A100 80GB Tensor Core GPU"
// (SXM) and "H100 Tensor Core GPU" (SXM), whose tensor rates "with sparsity" are halved here, and from the white papers "A100 Tensor
// Core GPU Architecture", "H100 Tensor Core GPU Architecture" and "Ada GPU Architecture" (appendix A, RTX 4090; tensor rates with FP32
// accumulation); rates a clock and multiprocessor from the CUDA C++ Programming Guide, "Throughput of Native Arithmetic Instructions", compute
// capabilities 8.0, 9.0, 8.9. L2: 5120 bytes a clock is published for the A100 alone.
const GpuModel gpu_models[kGpus] = {
    {"h100", "H100 SXM5 80 GB", 132, 1.98e9, 128, 64, 64, 16, 494.7e12, 989.4e12, 3.35e12, 0},
    {"a100", "A100 SXM4 80 GB", 108, 1.41e9, 64, 32, 64, 16, 156e12, 312e12, 2.039e12, 5120 * 1.41e9},
    {"rtx4090", "RTX 4090", 128, 2.52e9, 128, 2, 64, 16, 82.6e12, 165.2e12, 1.008e12, 0},
};

namespace {

// The same for the three: four schedulers, a warp instruction each and clock; 32 banks of 4 bytes; 64 bytes from L2 a clock and
// multiprocessor (white papers).
constexpr double kIssue = 4, kFromL2 = 64;
// What a kernel takes that does nothing, launched behind another on one stream. An assumption: it is of this order on all three.
constexpr double kLaunchSeconds = 2.5e-6;

}  // namespace

const char* name_of(Limit limit) {
  static const char* const names[kLimits] = {"issue", "fp32", "fp64", "integer", "special", "matrix", "shared", "L2", "DRAM", "launch"};
  return names[static_cast<size_t>(limit)];
}

Estimate estimate(const Counters& c, const GpuModel& gpu) {
  if (c.blocks == 0) return {};
  // The part of the work that the busiest multiprocessor has.
  const double rounds = static_cast<double>((c.blocks + gpu.multiprocessors - 1) / gpu.multiprocessors);
  const double share = rounds / static_cast<double>(c.blocks);
  const auto seconds = [&](uint64_t work, double per_clock) { return static_cast<double>(work) * share / (per_clock * gpu.clock); };
  const auto warps = [&](InstructionClass k) { return c.warp_instructions[static_cast<int>(k)]; };
  double limits[kLimits] = {};
  const auto set = [&](Limit limit, double s) { limits[static_cast<size_t>(limit)] = s; };
  set(Limit::Issue, seconds(c.all_warp_instructions(), kIssue));
  set(Limit::Float32, seconds(warps(InstructionClass::Float32) + warps(InstructionClass::Half), gpu.fp32 / 32));
  set(Limit::Float64, seconds(warps(InstructionClass::Float64), gpu.fp64 / 32));
  set(Limit::Integer, seconds(warps(InstructionClass::Integer), gpu.integer / 32));
  set(Limit::Special, seconds(warps(InstructionClass::Special), gpu.special / 32));
  set(Limit::Matrix, share * gpu.multiprocessors *
                         (static_cast<double>(c.flops_matrix_tf32) / gpu.matrix_tf32 + static_cast<double>(c.flops_matrix_half) / gpu.matrix_half));
  set(Limit::Shared, seconds(c.shared_wavefronts, 1));
  const double from_l2 = gpu.l2 == 0 ? 0 : static_cast<double>(c.moved_bytes()) / gpu.l2;
  set(Limit::Cache, std::max(from_l2, seconds(c.moved_bytes(), kFromL2)));
  set(Limit::Dram, static_cast<double>(c.least_bytes()) / gpu.dram);
  const auto* slowest = std::max_element(limits, limits + kLimits);
  const bool idle = *slowest < kLaunchSeconds;
  return {*slowest + kLaunchSeconds, idle ? Limit::Launch : static_cast<Limit>(slowest - limits)};
}

}  // namespace softcuda
