#include "context.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "../check/elsewhere.h"
#include "../exec/device_count.h"
#include "../exec/options.h"
#include "../exec/print.h"
#include "devices.h"
#include "event.h"
#include "graph.h"
#include "module.h"
#include "stream.h"

namespace softcuda {
namespace {

std::atomic<uint64_t> next_context_id{1};

// For reports: which one of several it was.
std::string of_device(const Device& device) { return device_count() > 1 ? " of device " + std::to_string(device.ordinal()) : ""; }

}  // namespace

Context::Context(Device& device, unsigned flags, bool primary) : device_(device), legacy_(std::make_shared<Legacy>()), flags_(flags), primary_(primary), id_(next_context_id++) {
  // Stack, buffer of printf, heap of malloc, depth and number of nested launches, granularity of L2, persisting L2.
  constexpr size_t kDefaults[kLimits] = {1024, 1048576, 8388608, 2, 2048, 64, 0};
  for (int i = 0; i < kLimits; ++i) limits_[i] = kDefaults[i];
}

std::shared_ptr<Context> Context::create(Device& device, unsigned flags, bool primary) {
  set_elsewhere(describe_elsewhere);
  std::shared_ptr<Context> context(new Context(device, flags, primary));
  context->default_stream_ = std::make_shared<Stream>(context, 0, 0, true);
  return context;
}

void Context::fail(int result, const std::string& message) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (failed()) return;
  message_ = message;
  error_.store(result, std::memory_order_release);
  set_last_message(message);
  if (Options::global().faults_last) fail_process(result, message);
}

void Context::check() {
  if (destroyed_.load()) throw Failure(kContextIsDestroyed, "the current context has been destroyed");
  if (!failed()) return;
  std::lock_guard<std::mutex> lock(mutex_);
  throw Failure(error_.load(), message_);
}

std::string Context::destroy() {
  if (destroyed_.exchange(true)) return "";
  device_.queue().wait_all();
  const std::shared_ptr<Context> self = shared_from_this();
  const auto mine = [&](const auto& object) { return object.context() == self; };
  std::string others;
  const auto note = [&others](size_t count, const char* what) {
    if (count != 0) others += (others.empty() ? "" : ", ") + std::to_string(count) + " " + what + (count == 1 ? "" : "s");
  };
  note(Handles<Event>::all().remove_if(mine).size(), "event");
  Handles<Function>::all().remove_if(mine);
  note(Handles<GraphExec>::all().remove_if(mine).size(), "executable graph");
  note(Handles<Graph>::all().remove_if(mine).size(), "graph");
  note(Handles<LoadedModule>::all().remove_if(mine).size(), "module");
  const auto streams = Handles<Stream>::all().remove_if(mine);
  for (const auto& stream : streams) stream->abandon_capture();
  note(streams.size(), "stream");
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string report = Options::global().check_leak && !failed() ? leaks(others) : "";
  for (const auto& allocation : allocated_) memory_.release(allocation.first);
  for (const auto& range : host_) memory_.release(range.first);
  allocated_.clear();
  host_.clear();
  host_bytes_ = 0;
  return report;
}

// Only memory is an error: objects cost little, and CUDA's own libraries leave some to the end of the context. With the lock held.
std::string Context::leaks(const std::string& others) const {
  struct Leak {
    size_t bytes;
    std::string what;
  };
  std::vector<Leak> found;
  size_t total = 0;
  const auto add = [&](size_t bytes, const char* kind, const std::string& name, uint64_t address) {
    char hex[32];
    snprintf(hex, sizeof hex, "0x%llx", static_cast<unsigned long long>(address));
    total += bytes;
    found.push_back(Leak{bytes, std::to_string(bytes) + " bytes of " + kind + " memory at " + hex + (name.empty() ? "" : ": '" + name + "'")});
  };
  for (const auto& allocation : allocated_) add(allocation.second.bytes, "device", allocation.second.name, allocation.first);
  for (const auto& range : host_) {
    if (!range.second.registered) add(range.second.bytes, "page-locked", range.second.name, range.first);
  }
  if (found.empty()) return "";
  std::stable_sort(found.begin(), found.end(), [](const Leak& a, const Leak& b) { return a.bytes > b.bytes; });
  constexpr size_t kListed = 10;
  std::string text = "leak: " + std::to_string(found.size()) + (found.size() == 1 ? " allocation" : " allocations") + " of together " +
                     std::to_string(total) + " bytes were not freed before the context" + of_device(device_) + " was destroyed";
  for (size_t i = 0; i < found.size() && i < kListed; ++i) text += "\n  " + found[i].what;
  if (found.size() > kListed) text += "\n  and " + std::to_string(found.size() - kListed) + " smaller ones";
  if (!others.empty()) text += "\n  also not destroyed: " + others;
  return text;
}

namespace {

enum Limit : int { kStackSize, kPrintfFifoSize, kMallocHeapSize };

}  // namespace

// Nested launches and the cache have no part here: what is said of them is remembered alone.
void Context::set_limit(int number, size_t value) {
  if (number == kStackSize && value > kMostStack) {
    throw Failure(kInvalidValue, "a stack of " + std::to_string(value) + " bytes a thread is more than " + std::to_string(kMostStack));
  }
  limits_[number] = value;
  if (number == kPrintfFifoSize) Prints::all().set_capacity(value);
}

Limits Context::limits() const {
  Limits limits;
  limits.stack = limit(kStackSize);
  limits.heap = limit(kMallocHeapSize);
  return limits;
}

uint64_t Context::allocate_device(size_t bytes) {
  // Small requests skip the look at the host's free memory, which reads a file.
  constexpr size_t kSmall = size_t{16} << 20;
  const size_t total = Device::total_memory();
  const size_t available = bytes > kSmall ? device_.free_memory() : total - std::min(total, device_.held_memory());
  if (bytes > available) {
    throw Failure(kOutOfMemory, "cuMemAlloc: " + std::to_string(bytes) + " bytes asked for, " + std::to_string(available) + " of " +
                                    std::to_string(total) + " are free on device " + std::to_string(device_.ordinal()) + " (" +
                                    std::to_string(memory_.bytes_in_use()) + " are in use by this context)");
  }
  const uint64_t base = memory_.allocate(bytes);
  std::lock_guard<std::mutex> lock(mutex_);
  allocated_[base] = Allocation{bytes, ""};
  return base;
}

void Context::free_device(uint64_t address) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (allocated_.erase(address) == 0) {
      throw Failure(kInvalidValue, "cuMemFree: not the start of a live allocation: " + memory_.describe(address));
    }
  }
  memory_.release(address);
}

void Context::set_name(uint64_t address, const char* name) {
  memory_.set_name(address, name);
  uint64_t base;
  if (!memory_.find(address, &base, nullptr)) return;
  std::lock_guard<std::mutex> lock(mutex_);
  const auto device = allocated_.find(base);
  if (device != allocated_.end()) device->second.name = name;
  const auto host = host_.find(base);
  if (host != host_.end()) host->second.name = name;
}

void* Context::allocate_host(size_t bytes, unsigned flags) {
  // Host memory comes from the device's allocator, so that kernels may use it through its (equal) device address.
  const uint64_t base = memory_.allocate(bytes, "page-locked host memory");
  // What the host writes there is not seen.
  memory_.initialise(base, bytes);
  std::lock_guard<std::mutex> lock(mutex_);
  host_[base] = HostRange{bytes, false, flags, ""};
  host_bytes_ += bytes;
  return reinterpret_cast<void*>(base);
}

void Context::free_host(void* pointer) {
  const auto base = reinterpret_cast<uint64_t>(pointer);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = host_.find(base);
    if (found == host_.end() || found->second.registered) {
      throw Failure(kInvalidValue, "cuMemFreeHost: not the start of memory from cuMemHostAlloc or cuMemAllocHost");
    }
    host_bytes_ -= found->second.bytes;
    host_.erase(found);
  }
  memory_.release(base);
}

void Context::register_host(void* pointer, size_t bytes, unsigned flags) {
  const auto base = reinterpret_cast<uint64_t>(pointer);
  std::lock_guard<std::mutex> lock(mutex_);
  const auto after = host_.lower_bound(base);
  const bool overlaps_next = after != host_.end() && after->first < base + bytes;
  const bool overlaps_previous = after != host_.begin() && std::prev(after)->first + std::prev(after)->second.bytes > base;
  if (overlaps_next || overlaps_previous) throw Failure(kHostMemoryAlreadyRegistered, "cuMemHostRegister: the range overlaps registered memory");
  memory_.adopt(base, bytes, "registered host memory");
  host_[base] = HostRange{bytes, true, flags, ""};
  host_bytes_ += bytes;
}

void Context::unregister_host(void* pointer) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = host_.find(reinterpret_cast<uint64_t>(pointer));
  if (found == host_.end() || !found->second.registered) {
    throw Failure(kHostMemoryNotRegistered, "cuMemHostUnregister: the address was not registered");
  }
  host_bytes_ -= found->second.bytes;
  memory_.release(found->first);
  host_.erase(found);
}

bool Context::find_host(const void* pointer, size_t bytes, uint64_t* base, HostRange* range) const {
  const auto address = reinterpret_cast<uint64_t>(pointer);
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = host_.upper_bound(address);
  if (found == host_.begin()) return false;
  --found;
  if (address + bytes > found->first + found->second.bytes) return false;
  *base = found->first;
  *range = found->second;
  return true;
}

bool Context::is_device(uint64_t address, size_t bytes) const {
  uint64_t base;
  size_t size;
  if (!memory_.find(address, &base, &size) || address + bytes > base + size) return false;
  HostRange range;
  return !find_host(reinterpret_cast<const void*>(address), bytes, &base, &range);
}

}  // namespace softcuda
