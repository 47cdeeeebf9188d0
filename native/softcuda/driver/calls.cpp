#include "calls.h"

#include <cstring>
#include <mutex>
#include <unordered_map>

namespace softcuda {
namespace {

std::mutex mutex;

// By the address of the literal: one name may have several, which calls_of_all adds.
std::unordered_map<const char*, CallCount>& counts() {
  static auto* const all = new std::unordered_map<const char*, CallCount>;
  return *all;
}

}  // namespace

CallCount& calls_of(const char* entry_point) {
  const std::lock_guard<std::mutex> lock(mutex);
  return counts()[entry_point];
}

unsigned long long calls_of_all(const char* prefix) {
  const std::lock_guard<std::mutex> lock(mutex);
  unsigned long long sum = 0;
  for (const auto& [name, count] : counts()) {
    if (std::strncmp(name, prefix, std::strlen(prefix)) == 0) sum += count;
  }
  return sum;
}

}  // namespace softcuda
