#include "launches.h"

#include <cstdio>
#include <mutex>
#include <vector>

#include "roofline.h"

namespace softcuda {

namespace {

struct Entry {
  std::string kernel;
  Counters counters;
  double longest;
};

std::mutex mutex;

std::vector<Entry>& entries() {
  // Never destroyed: a launch may still run when the process ends.
  static std::vector<Entry>& list = *new std::vector<Entry>;
  return list;
}

std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", v);
  return text;
}

}  // namespace

void add_launch(const std::string& kernel, const Counters& launch, double longest) {
  const std::lock_guard<std::mutex> lock(mutex);
  entries().push_back({kernel, launch, longest});
}

void forget_launches() {
  const std::lock_guard<std::mutex> lock(mutex);
  entries().clear();
}

std::string launches_report() {
  const GpuModel& gpu = model_of(Options::global().gpu);
  std::string text = "kernel,threads_of_block";
  for (const auto& v : Counters().values()) text += "," + v.first;
  for (size_t k = 0; k < kLimits; ++k) {
    if (static_cast<Limit>(k) != Limit::Launch) text += std::string(",") + name_of(static_cast<Limit>(k)) + "_us";
  }
  text += ",longest_clocks,node_us,multiprocessors,clock_hz,gpu\n";
  const std::lock_guard<std::mutex> lock(mutex);
  for (const Entry& e : entries()) {
    text += e.kernel + "," + std::to_string(e.counters.blocks == 0 ? 0 : e.counters.threads / e.counters.blocks);
    for (const auto& v : e.counters.values()) text += "," + std::to_string(v.second);
    const auto limits = limits_of(e.counters, gpu);
    for (size_t k = 0; k < kLimits; ++k) {
      if (static_cast<Limit>(k) != Limit::Launch) text += "," + number(1e6 * limits[k]);
    }
    text += "," + number(e.longest) + "," + number(1e6 * kNodeSeconds) + "," + std::to_string(gpu.multiprocessors);
    text += "," + number(gpu.clock) + "," + gpu.option + "\n";
  }
  return text;
}

}  // namespace softcuda
