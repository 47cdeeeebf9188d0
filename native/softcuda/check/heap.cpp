#include <cstdlib>
#include <mutex>

#include "memory.h"

// malloc and free of kernels.
namespace softcuda {

namespace {

constexpr size_t kHeader = 16;  // what a block takes of the heap beside its bytes

size_t heap_size(size_t bytes) { return (bytes + kHeader + 15) / 16 * 16; }

}  // namespace

uint64_t Memory::allocate_in_kernel(size_t bytes, size_t heap, const std::string& name) {
  if (bytes == 0 || bytes > heap) return 0;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    if (heap_bytes_ + heap_size(bytes) > heap) return 0;
    heap_bytes_ += heap_size(bytes);
  }
  uint64_t base;
  try {
    base = allocate(bytes, name.c_str());
  } catch (...) {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    heap_bytes_ -= heap_size(bytes);
    throw;
  }
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  live_.at(base).heap = true;
  return base;
}

std::string Memory::release_in_kernel(uint64_t address) {
  const std::string where = "free in a kernel: " + hex(address) + " is " + describe(address);
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  const auto found = live_.find(address);
  if (found == live_.end()) return where;
  if (!found->second.heap) return where + ", which malloc in a kernel did not give";
  remember(address, found->second);
  heap_bytes_ -= heap_size(found->second.size);
  bytes_ -= found->second.size;
  released_in_kernel_.push_back(std::move(found->second));
  live_.erase(found);
  releases_in_kernels_.fetch_add(1, std::memory_order_relaxed);
  return "";
}

void Memory::forget_released() {
  if (releases_in_kernels() == forgotten_) return;
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  for (auto& gone : released_in_kernel_) std::free(gone.storage);
  released_in_kernel_.clear();
  forgotten_ = releases_in_kernels();
}

}  // namespace softcuda
