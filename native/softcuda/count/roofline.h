#pragma once
#include <array>

#include "../exec/options.h"
#include "counters.h"

namespace softcuda {

// Peak rates of a GPU.
struct GpuModel {
  const char* option;  // value of option "gpu"
  const char* name;
  uint32_t multiprocessors;
  double clock;          // boost, Hz
  double fp32, fp64;     // fused multiply-adds a clock and multiprocessor
  double integer;        // operations a clock and multiprocessor
  double special;        // special functions likewise
  double matrix_tf32;    // flops a second of the whole GPU, dense
  double matrix_half;    // likewise
  double dram;           // bytes a second
  double l2;             // likewise; 0: not published
  double mma;            // part of the dense tensor rates that mma.sync reaches

  // Flops a clock and multiprocessor by mma.sync.
  double matrix_clock(bool tf32) const { return mma * (tf32 ? matrix_tf32 : matrix_half) / (multiprocessors * clock); }
};

// The same for all of them: warp instructions of the four schedulers, and bytes from L2, a clock and multiprocessor (white papers). Shared
// memory gives a wavefront, 32 banks of 4 bytes, a clock.
constexpr double kIssueClock = 4, kFromL2Clock = 64;

// Between a node of a graph and the next that needs its results. An assumption, as that of a launch is.
constexpr double kNodeSeconds = 1.3e-6;

constexpr size_t kGpus = 4;
extern const GpuModel gpu_models[kGpus];
inline const GpuModel& model_of(Gpu gpu) { return gpu_models[static_cast<size_t>(gpu)]; }

enum class Limit : uint8_t { Issue, Float32, Float64, Integer, Special, Matrix, Shared, Cache, Dram, Launch };
constexpr size_t kLimits = static_cast<size_t>(Limit::Launch) + 1;
const char* name_of(Limit limit);

// A lower bound, not a measurement: the slowest of the limits as if everything else were hidden behind it, and a fixed cost. Knows
// nothing of latencies, caches that miss or registers that spill.
struct Estimate {
  double seconds = 0;
  Limit limit = Limit::Launch;
};
Estimate estimate(const Counters& launch, const GpuModel& gpu);
// Seconds by each limit but Launch.
std::array<double, kLimits> limits_of(const Counters& launch, const GpuModel& gpu);

}  // namespace softcuda
