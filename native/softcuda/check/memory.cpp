#include "memory.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <mutex>

#include "../exec/options.h"
#include "elsewhere.h"

namespace softcuda {

namespace {

constexpr size_t kRedZone = 256;
constexpr size_t kRememberedReleases = 4096;
constexpr size_t kLargest = size_t{1} << 40;

std::string title(const std::string& name, uint64_t base, size_t size) {
  return (name.empty() ? "an unnamed allocation" : "allocation '" + name + "'") + std::string(" (") + std::to_string(size) + " bytes at " +
         hex(base) + ")";
}

std::atomic<Elsewhere> elsewhere{nullptr};

}  // namespace

void set_elsewhere(Elsewhere asked) { elsewhere.store(asked); }

Memory::~Memory() {
  for (auto& entry : live_) std::free(entry.second.storage);
  for (auto& gone : released_in_kernel_) std::free(gone.storage);
}

uint64_t Memory::allocate(size_t bytes, const char* name) {
  if (bytes == 0) throw Failure(kInvalidValue, "an allocation of zero bytes was asked for");
  if (bytes > kLargest) throw Failure(kOutOfMemory, "an allocation of " + std::to_string(bytes) + " bytes is too large");
  const size_t rounded = (bytes + 255) / 256 * 256;
  void* storage = nullptr;
  if (posix_memalign(&storage, 256, rounded + 2 * kRedZone) != 0) {
    throw Failure(kOutOfMemory, "the host has no memory for " + std::to_string(bytes) + " bytes of device memory (" +
                                    std::to_string(bytes_in_use()) + " are in use)");
  }
  std::memset(storage, 0xff, rounded + 2 * kRedZone);
  const uint64_t base = reinterpret_cast<uint64_t>(storage) + kRedZone;
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  enter(base, bytes, storage, name);
  return base;
}

void Memory::adopt(uint64_t address, size_t bytes, const char* name) {
  if (address == 0 || bytes == 0 || bytes > kLargest) {
    throw Failure(kInvalidValue, std::to_string(bytes) + " bytes at " + hex(address) + " cannot become device memory");
  }
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  const auto after = live_.lower_bound(address);
  const auto before = after == live_.begin() ? live_.end() : std::prev(after);
  const bool meets_next = after != live_.end() && after->first - address < bytes;
  const bool meets_previous = before != live_.end() && address - before->first < before->second.size;
  if (meets_next || meets_previous) {
    const auto& met = meets_previous ? *before : *after;
    throw Failure(kInvalidValue, std::to_string(bytes) + " bytes at " + hex(address) + " meet " + title(met.second.name, met.first, met.second.size));
  }
  enter(address, bytes, nullptr, name);
  if (live_[address].shadow) live_[address].shadow->initialise(0, bytes);
}

// With the lock held.
void Memory::enter(uint64_t base, size_t bytes, void* storage, const char* name) {
  const Options& options = Options::global();
  Live& live = live_[base];
  live.size = bytes;
  live.storage = storage;
  live.name = name ? name : "";
  if (options.check_init || options.check_race) live.shadow = std::make_unique<Shadow>(bytes, false);
  bytes_ += bytes;
  for (auto f = freed_.begin(); f != freed_.end();) {
    if (f->base < base + bytes && base < f->base + f->size) f = freed_.erase(f);
    else ++f;
  }
}

void Memory::remember(uint64_t address, const Live& gone) {
  freed_.push_back(Block{address, gone.size, gone.name});
  if (freed_.size() > kRememberedReleases) freed_.pop_front();
}

void Memory::release(uint64_t address) {
  void* storage;
  {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    const auto found = live_.find(address);
    if (found == live_.end()) {
      for (const auto& f : freed_) {
        if (f.base == address) throw Failure(kInvalidValue, title(f.name, f.base, f.size) + " is freed twice");
      }
      throw Failure(kInvalidValue, hex(address) + " is not the beginning of a device allocation and cannot be freed");
    }
    remember(address, found->second);
    bytes_ -= found->second.size;
    storage = found->second.storage;
    live_.erase(found);
  }
  std::free(storage);
}

void Memory::set_name(uint64_t address, const char* name) {
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  auto after = live_.upper_bound(address);
  if (after == live_.begin()) return;
  --after;
  if (address - after->first < after->second.size) after->second.name = name ? name : "";
}

size_t Memory::bytes_in_use() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return bytes_;
}

size_t Memory::live_allocations() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return live_.size();
}

bool Memory::find(uint64_t address, uint64_t* base, size_t* size) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  auto after = live_.upper_bound(address);
  if (after == live_.begin()) return false;
  --after;
  if (address - after->first >= after->second.size) return false;
  if (base) *base = after->first;
  if (size) *size = after->second.size;
  return true;
}

bool Memory::find(uint64_t address, Found& found) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  auto after = live_.upper_bound(address);
  if (after == live_.begin()) return false;
  --after;
  if (address - after->first >= after->second.size) return false;
  found = {after->first, after->second.size, after->second.shadow.get()};
  return true;
}

void Memory::initialise(uint64_t address, size_t bytes) {
  Found found;
  if (find(address, found) && found.shadow) found.shadow->initialise(address - found.base, bytes);
}

void Memory::require(uint64_t address, size_t bytes, const char* what) const {
  if (bytes == 0) return;
  uint64_t base = 0;
  size_t size = 0;
  if (find(address, &base, &size) && bytes <= size - (address - base)) return;
  throw Failure(kIllegalAddress, std::string(what) + ": " + std::to_string(bytes) + " bytes at " + hex(address) + ": " + describe(address));
}

std::string Memory::describe(uint64_t address) const {
  // Asked without the lock, since others are asked with theirs.
  const Elsewhere others = elsewhere.load();
  if (others != nullptr && !find(address, nullptr, nullptr)) {
    if (std::string text = others(*this, address); !text.empty()) return text;
  }
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const auto after = live_.upper_bound(address);
  const auto before = after == live_.begin() ? live_.end() : std::prev(after);
  if (before != live_.end() && address - before->first < before->second.size) {
    return std::to_string(address - before->first) + " bytes into " + title(before->second.name, before->first, before->second.size);
  }
  for (auto f = freed_.rbegin(); f != freed_.rend(); ++f) {
    if (address >= f->base && address - f->base < f->size) {
      return std::to_string(address - f->base) + " bytes into " + title(f->name, f->base, f->size) + ", which was freed";
    }
  }
  constexpr uint64_t kNear = uint64_t{1} << 24;
  const uint64_t beyond = before == live_.end() ? UINT64_MAX : address - (before->first + before->second.size);
  const uint64_t short_of = after == live_.end() ? UINT64_MAX : after->first - address;
  if (beyond <= short_of && beyond < kNear) {
    return std::to_string(beyond) + " bytes beyond the end of " + title(before->second.name, before->first, before->second.size);
  }
  if (short_of < beyond && short_of < kNear) {
    return std::to_string(short_of) + " bytes before " + title(after->second.name, after->first, after->second.size);
  }
  return address < 4096 ? "a null pointer" : "not device memory (a host pointer, or never allocated)";
}

}  // namespace softcuda
