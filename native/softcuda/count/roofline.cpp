#include "roofline.h"

#include <algorithm>

#include "path.h"

namespace softcuda {

// Sources, all of NVIDIA but for mma: multiprocessors, boost clocks and dense tensor rates from the data sheets "A100 80GB Tensor Core GPU"
// (SXM) and "H100 Tensor Core GPU" (SXM), whose tensor rates "with sparsity" are halved here, and from the white papers "A100 Tensor
// Core GPU Architecture", "H100 Tensor Core GPU Architecture" and "Ada GPU Architecture" (appendix A, RTX 4090; tensor rates with FP32
// accumulation); rates a clock and multiprocessor from the CUDA C++ Programming Guide, "Throughput of Native Arithmetic Instructions", compute
// capabilities 8.0, 9.0, 8.9. L2: 5120 bytes a clock is published for the A100 alone. The H200 is the H100 with 4.8 TB/s of memory ("H200
// Tensor Core GPU"). mma: kernel/tuning/Hopper.java has the source; 1 elsewhere, where mma.sync is all there is.
const GpuModel gpu_models[kGpus] = {
    {"h100", "H100 SXM5 80 GB", 132, 1.98e9, 128, 64, 64, 16, 494.7e12, 989.4e12, 3.35e12, 0, 0.6},
    {"a100", "A100 SXM4 80 GB", 108, 1.41e9, 64, 32, 64, 16, 156e12, 312e12, 2.039e12, 5120 * 1.41e9, 1},
    {"rtx4090", "RTX 4090", 128, 2.52e9, 128, 2, 64, 16, 82.6e12, 165.2e12, 1.008e12, 0, 1},
    {"h200", "H200 SXM 141 GB", 132, 1.98e9, 128, 64, 64, 16, 494.7e12, 989.4e12, 4.8e12, 0, 0.6},
};

// Clocks, one set for all GPUs. Assumptions, each of them: round numbers of the order that microbenchmarks of these generations report
// (shared memory 20 to 30, L2 200 to 270, dependent arithmetic 4), copied from no table. Global memory's is that of L2, not of DRAM: what an
// update uses lies in L2. A measurement on a card is to replace them.
const Latencies latencies = {4, 16, 20, 26, 33, 29, 38, 270, 8, 24, 24};

namespace {

// What a kernel takes that does nothing, launched behind another on one stream. An assumption: it is of this order on all of them.
constexpr double kLaunchSeconds = 2.5e-6;

}  // namespace

const char* name_of(Limit limit) {
  static const char* const names[kLimits] = {"issue", "fp32", "fp64", "integer", "special", "matrix", "shared", "L2", "DRAM", "launch"};
  return names[static_cast<size_t>(limit)];
}

std::array<double, kLimits> limits_of(const Counters& c, const GpuModel& gpu) {
  std::array<double, kLimits> limits{};
  if (c.blocks == 0) return limits;
  // The part of the work that the busiest multiprocessor has.
  const double rounds = static_cast<double>((c.blocks + gpu.multiprocessors - 1) / gpu.multiprocessors);
  const double share = rounds / static_cast<double>(c.blocks);
  const auto seconds = [&](uint64_t work, double per_clock) { return static_cast<double>(work) * share / (per_clock * gpu.clock); };
  const auto warps = [&](InstructionClass k) { return c.warp_instructions[static_cast<int>(k)]; };
  const auto set = [&](Limit limit, double s) { limits[static_cast<size_t>(limit)] = s; };
  set(Limit::Issue, seconds(c.all_warp_instructions(), kIssueClock));
  set(Limit::Float32, seconds(warps(InstructionClass::Float32) + warps(InstructionClass::Half), gpu.fp32 / 32));
  set(Limit::Float64, seconds(warps(InstructionClass::Float64), gpu.fp64 / 32));
  set(Limit::Integer, seconds(warps(InstructionClass::Integer), gpu.integer / 32));
  set(Limit::Special, seconds(warps(InstructionClass::Special), gpu.special / 32));
  set(Limit::Matrix, seconds(c.flops_matrix_tf32, gpu.matrix_clock(true)) + seconds(c.flops_matrix_half, gpu.matrix_clock(false)));
  set(Limit::Shared, seconds(c.shared_wavefronts, 1));
  const double from_l2 = gpu.l2 == 0 ? 0 : static_cast<double>(c.moved_bytes()) / gpu.l2;
  set(Limit::Cache, std::max(from_l2, seconds(c.moved_bytes(), kFromL2Clock)));
  set(Limit::Dram, static_cast<double>(c.least_bytes()) / gpu.dram);
  return limits;
}

Estimate estimate(const Counters& c, const GpuModel& gpu) {
  if (c.blocks == 0) return {};
  const std::array<double, kLimits> limits = limits_of(c, gpu);
  const auto* slowest = std::max_element(limits.begin(), limits.end());
  const bool idle = *slowest < kLaunchSeconds;
  return {*slowest + kLaunchSeconds, idle ? Limit::Launch : static_cast<Limit>(slowest - limits.begin())};
}

}  // namespace softcuda
