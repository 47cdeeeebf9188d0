#include "context.h"

#include "event.h"
#include "module.h"
#include "queue.h"
#include "stream.h"

namespace softcuda {
namespace {

std::atomic<uint64_t> next_context_id{1};

}  // namespace

void perform(const Operation& operation, Context& context) {
  for (const Range& range : operation.ranges) {
    if (range.bytes() != 0) context.memory().require(range.address, range.bytes(), range.what);
  }
  operation.run(context);
}

Context::Context(unsigned flags, bool primary) : flags_(flags), primary_(primary), id_(next_context_id++) {}

std::shared_ptr<Context> Context::create(unsigned flags, bool primary) {
  std::shared_ptr<Context> context(new Context(flags, primary));
  context->default_stream_ = std::make_shared<Stream>(context, 0, 0);
  context->default_stream_->is_default_ = true;
  return context;
}

void Context::fail(int result, const std::string& message) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (failed()) return;
  message_ = message;
  error_.store(result, std::memory_order_release);
  set_last_message(message);
}

void Context::check() {
  if (destroyed_.load()) throw Failure(kContextIsDestroyed, "the current context has been destroyed");
  if (!failed()) return;
  std::lock_guard<std::mutex> lock(mutex_);
  throw Failure(error_.load(), message_);
}

void Context::destroy() {
  if (destroyed_.exchange(true)) return;
  Queue::device().wait_all();
  const std::shared_ptr<Context> self = shared_from_this();
  const auto mine = [&](const auto& object) { return object.context() == self; };
  Handles<Event>::all().remove_if(mine);
  Handles<Function>::all().remove_if(mine);
  Handles<LoadedModule>::all().remove_if(mine);
  for (const auto& stream : Handles<Stream>::all().remove_if(mine)) stream->abandon_capture();
  // The place of a leak check: what is still live here was never freed.
  std::lock_guard<std::mutex> lock(mutex_);
  for (uint64_t base : device_) memory_.release(base);
  for (const auto& range : host_) {
    if (!range.second.registered) memory_.release(range.first);
  }
  device_.clear();
  host_.clear();
  host_bytes_ = 0;
}

uint64_t Context::allocate_device(size_t bytes) {
  // Small requests skip the look at the host's free memory, which reads a file.
  constexpr size_t kSmall = size_t{16} << 20;
  if (bytes > kSmall) {
    const size_t available = free_memory();
    if (bytes > available) {
      throw Failure(kOutOfMemory, "cuMemAlloc: " + std::to_string(bytes) + " bytes asked for, " + std::to_string(available) + " of " +
                                      std::to_string(total_memory()) + " are free (" + std::to_string(memory_.bytes_in_use()) +
                                      " are in use by this context)");
    }
  }
  const uint64_t base = memory_.allocate(bytes);
  std::lock_guard<std::mutex> lock(mutex_);
  device_.insert(base);
  return base;
}

void Context::free_device(uint64_t address) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (device_.erase(address) == 0) {
      throw Failure(kInvalidValue, "cuMemFree: not the start of a live allocation: " + memory_.describe(address));
    }
  }
  memory_.release(address);
}

void* Context::allocate_host(size_t bytes, unsigned flags) {
  // Host memory comes from the device's allocator, so that kernels may use it through its (equal) device address.
  const uint64_t base = memory_.allocate(bytes, "page-locked host memory");
  std::lock_guard<std::mutex> lock(mutex_);
  host_[base] = HostRange{bytes, false, flags};
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
  host_[base] = HostRange{bytes, true, flags};
}

void Context::unregister_host(void* pointer) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = host_.find(reinterpret_cast<uint64_t>(pointer));
  if (found == host_.end() || !found->second.registered) {
    throw Failure(kHostMemoryNotRegistered, "cuMemHostUnregister: the address was not registered");
  }
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
