#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "engine.h"

namespace softcuda {

namespace {

void set_checks(Options& options, const std::string& value) {
  Options next = options;
  next.check_memory = false;
  if (value != "none" && !value.empty()) {
    for (size_t begin = 0;;) {
      const size_t comma = value.find(',', begin);
      const std::string name = value.substr(begin, comma - begin);
      if (name == "memory" || name == "all") next.check_memory = true;
      else throw std::invalid_argument("unknown check '" + name + "': use a comma list of memory, or all, or none");
      if (comma == std::string::npos) break;
      begin = comma + 1;
    }
  }
  options = next;
}

void set_workers(Options& options, const std::string& value) {
  char* end = nullptr;
  const long n = std::strtol(value.c_str(), &end, 10);
  if (value.empty() || *end != '\0' || n < 1 || n > 256) throw std::invalid_argument("workers must be 1..256, not '" + value + "'");
  options.workers = static_cast<int>(n);
}

Options from_environment() {
  Options options;
  const unsigned threads = std::thread::hardware_concurrency();
  options.workers = threads == 0 ? 1 : static_cast<int>(threads > 256 ? 256 : threads);
  try {
    if (const char* check = std::getenv("KRONGAUSS_SOFTCUDA_CHECK")) set_checks(options, check);
    if (const char* workers = std::getenv("KRONGAUSS_SOFTCUDA_WORKERS")) set_workers(options, workers);
  } catch (const std::invalid_argument& e) {
    throw Failure(kInvalidValue, std::string("KRONGAUSS_SOFTCUDA_CHECK or KRONGAUSS_SOFTCUDA_WORKERS: ") + e.what());
  }
  return options;
}

}  // namespace

Options& Options::global() {
  static Options options = from_environment();
  return options;
}

void Options::set(const std::string& name, const std::string& value) {
  if (name == "check") set_checks(*this, value);
  else if (name == "workers") set_workers(*this, value);
  else throw std::invalid_argument("unknown option '" + name + "': use check or workers");
}

}  // namespace softcuda
