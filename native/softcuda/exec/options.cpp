#include "options.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "../count/roofline.h"
#include "device_count.h"
#include "failure.h"
#include "processors.h"
#include "skipped.h"

namespace softcuda {

namespace {

constexpr int kMostWorkers = 256;

void set_checks(Options& options, const std::string& value) {
  Options next = options;
  next.check_memory = next.check_init = next.check_race = next.check_same = next.check_barrier = next.check_leak = false;
  const struct {
    const char* name;
    bool* on;
  } checks[] = {{"memory", &next.check_memory}, {"init", &next.check_init}, {"race", &next.check_race},
                {"barrier", &next.check_barrier}, {"leak", &next.check_leak}};
  if (value != "none" && !value.empty()) {
    for (size_t begin = 0;;) {
      const size_t comma = value.find(',', begin);
      const std::string name = value.substr(begin, comma - begin);
      bool known = false;
      for (const auto& check : checks) {
        if (name != "all" && name != check.name) continue;
        *check.on = known = true;
      }
      if (name == "same") next.check_race = next.check_same = known = true;
      if (!known) throw std::invalid_argument("unknown check '" + name + "': use a comma list of memory, init, race, same, barrier, leak, or all (all but same), or none");
      if (comma == std::string::npos) break;
      begin = comma + 1;
    }
  }
  options = next;
}

uint64_t number(const std::string& name, const std::string& value, uint64_t least, uint64_t most) {
  char* end = nullptr;
  const unsigned long long n = std::strtoull(value.c_str(), &end, 10);
  if (value.empty() || value[0] < '0' || value[0] > '9' || *end != '\0' || n < least || n > most) {
    throw std::invalid_argument(name + " must be " + std::to_string(least) + ".." + std::to_string(most) + ", not '" + value + "'");
  }
  return n;
}

MatrixProfile profile(const std::string& value) {
  if (value == "a100") return MatrixProfile::A100;
  if (value == "h100") return MatrixProfile::H100;
  if (value == "worst") return MatrixProfile::Worst;
  throw std::invalid_argument("mma must be a100, h100 or worst, not '" + value + "'");
}

Gpu gpu_of(const std::string& value) {
  std::string allowed;
  for (size_t k = 0; k < kGpus; ++k) {
    if (value == gpu_models[k].option) return static_cast<Gpu>(k);
    allowed += std::string(k == 0 ? "" : k + 1 < kGpus ? ", " : " or ") + gpu_models[k].option;
  }
  throw std::invalid_argument("gpu must be " + allowed + ", not '" + value + "'");
}

void set_engine(Options& options, const std::string& value) {
  if (value != "auto" && value != "interpreter" && value != "translated") {
    throw std::invalid_argument("engine must be auto, interpreter or translated, not '" + value + "'");
  }
  options.translated = value != "interpreter";
  options.must_translate = value == "translated";
}

const std::string& destination(const std::string& value) {
  if (value.empty()) throw std::invalid_argument("printf must be stdout, stderr, none or a file");
  return value;
}

bool as_device(const std::string& value) {
  if (value == "any") return false;
  if (value == "device") return true;
  throw std::invalid_argument("capture must be any or device, not '" + value + "'");
}

void set_processors(Options& options, int processors) {
  options.processors = processors;
  if (!options.workers_chosen) options.workers = std::min(processors, kMostWorkers);
}

void set_fault(Options& options, const std::string& value) {
  if (value != "context" && value != "process") throw std::invalid_argument("fault must be context or process, not '" + value + "'");
  options.faults_last = value == "process";
}

bool skips_kernels = false;
int devices = 1;

bool skips(const std::string& value) {
  if (value == "run") return false;
  if (value == "skip") return true;
  throw std::invalid_argument("kernels must be run or skip, not '" + value + "'");
}

Options from_environment() {
  Options options;
  set_processors(options, available_processors());
  const char* const settings[][2] = {{"check", "KRONGAUSS_SOFTCUDA_CHECK"}, {"processors", "KRONGAUSS_SOFTCUDA_PROCESSORS"}, {"workers", "KRONGAUSS_SOFTCUDA_WORKERS"},
                                     {"seed", "KRONGAUSS_SOFTCUDA_SEED"},   {"mma", "KRONGAUSS_SOFTCUDA_MMA"},
                                     {"count", "KRONGAUSS_SOFTCUDA_COUNT"}, {"engine", "KRONGAUSS_SOFTCUDA_ENGINE"},
                                     {"gpu", "KRONGAUSS_SOFTCUDA_GPU"},     {"capture", "KRONGAUSS_SOFTCUDA_CAPTURE"},
                                     {"printf", "KRONGAUSS_SOFTCUDA_PRINTF"}, {"fault", "KRONGAUSS_SOFTCUDA_FAULT"},
                                     {"kernels", "KRONGAUSS_SOFTCUDA_KERNELS"}, {"devices", "KRONGAUSS_SOFTCUDA_DEVICES"}};
  for (const auto& setting : settings) {
    const char* value = std::getenv(setting[1]);
    if (!value) continue;
    try {
      options.set(setting[0], value);
    } catch (const std::invalid_argument& e) {
      throw Failure(kInvalidValue, std::string(setting[1]) + ": " + e.what());
    }
  }
  return options;
}

}  // namespace

bool kernels_are_skipped() { return skips_kernels; }

int device_count() {
  Options::global();  // has read the environment then
  return devices;
}

Options& Options::global() {
  static Options options = from_environment();
  return options;
}

void Options::set(const std::string& name, const std::string& value) {
  if (name == "check") set_checks(*this, value);
  else if (name == "workers") workers = static_cast<int>(number(name, value, 1, kMostWorkers)), workers_chosen = true;
  else if (name == "processors") set_processors(*this, static_cast<int>(number(name, value, 1, 65536)));
  else if (name == "seed") seed = number(name, value, 0, UINT64_MAX), launches = 0;
  else if (name == "mma") mma = profile(value);
  else if (name == "count") count = value == "none" ? "" : value;
  else if (name == "printf") printf = destination(value);
  else if (name == "gpu") gpu = gpu_of(value);
  else if (name == "engine") set_engine(*this, value);
  else if (name == "capture") capture_as_device = as_device(value);
  else if (name == "fault") set_fault(*this, value);
  else if (name == "kernels") skips_kernels = skips(value);
  else if (name == "devices") devices = static_cast<int>(number(name, value, 1, kMostDevices));
  else throw std::invalid_argument("unknown option '" + name + "': use check, processors, workers, seed, mma, count, printf, gpu, engine, capture, fault, kernels or devices");
}

}  // namespace softcuda
