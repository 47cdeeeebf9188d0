#pragma once
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "../check/memory.h"
#include "../exec/engine.h"
#include "handles.h"

namespace softcuda {

class Device;
class Stream;
struct Legacy;

// A CUDA context of one device: its own device memory, its default stream and its sticky error.
class Context : public std::enable_shared_from_this<Context> {
 public:
  static constexpr const char* kKind = "context";

  // Makes a context with its default stream; the caller registers it.
  static std::shared_ptr<Context> create(Device& device, unsigned flags, bool primary);

  Device& device() const { return device_; }

  Memory& memory() { return memory_; }
  const std::shared_ptr<Stream>& default_stream() const { return default_stream_; }
  // The state of the default stream's rules, see timeline.h.
  const std::shared_ptr<Legacy>& legacy() const { return legacy_; }
  unsigned flags() const { return flags_; }
  void set_flags(unsigned flags) { flags_ = flags; }
  bool primary() const { return primary_; }
  uint64_t id() const { return id_; }

  // The first failure of an operation sticks until the context is destroyed.
  bool failed() const { return error_.load(std::memory_order_acquire) != kSuccess; }
  void fail(int result, const std::string& message);
  // Throws the sticky failure, or CUDA_ERROR_CONTEXT_IS_DESTROYED.
  void check();

  // Waits for the context's work, then frees all it owns: streams, events, modules, memory. Returns what the leak check has to say about
  // memory that the program had not freed: nothing if there was none, the check is off, or the context failed, after which CUDA frees nothing.
  std::string destroy();

  // cuCtxSetLimit's values, by their number.
  static constexpr int kLimits = 7;
  size_t limit(int number) const { return limits_[static_cast<size_t>(number)].load(); }
  void set_limit(int number, size_t value);
  Limits limits() const;

  // Device memory that the program owns. Throws Failure(2) with the numbers when there is not enough.
  uint64_t allocate_device(size_t bytes);
  void free_device(uint64_t address);
  // Gives the allocation that contains the address a name for reports; an address outside every one is ignored.
  void set_name(uint64_t address, const char* name);

  // Page-locked host memory: what this context allocated, or registered from the program's own.
  struct HostRange {
    size_t bytes;
    bool registered;
    unsigned flags;
    std::string name;
  };
  void* allocate_host(size_t bytes, unsigned flags);
  void free_host(void* pointer);
  void register_host(void* pointer, size_t bytes, unsigned flags);
  void unregister_host(void* pointer);
  // The range that contains all of [pointer, pointer + bytes), if there is one.
  bool find_host(const void* pointer, size_t bytes, uint64_t* base, HostRange* range) const;
  // True for an address that a device pointer may have: allocated, and not as host memory.
  bool is_device(uint64_t address, size_t bytes) const;
  size_t device_bytes() const {
    const size_t all = memory_.bytes_in_use();
    return all - std::min(all, host_bytes_.load());  // another thread may be between the two
  }

 private:
  Context(Device& device, unsigned flags, bool primary);

  Device& device_;
  Memory memory_;
  const std::shared_ptr<Legacy> legacy_;
  std::shared_ptr<Stream> default_stream_;
  std::atomic<unsigned> flags_;
  const bool primary_;
  const uint64_t id_;
  std::atomic<int> error_{kSuccess};
  std::atomic<bool> destroyed_{false};
  mutable std::mutex mutex_;
  std::string message_;
  struct Allocation {
    size_t bytes;
    std::string name;
  };
  std::string leaks(const std::string& others) const;
  std::map<uint64_t, Allocation> allocated_;
  std::map<uint64_t, HostRange> host_;
  std::atomic<size_t> host_bytes_{0};
  std::atomic<size_t> limits_[kLimits];
};

// The calling thread's current context. Throws CUDA_ERROR_INVALID_CONTEXT or the context's sticky failure.
std::shared_ptr<Context> current_context();
// As above, without looking at the sticky failure; nullptr if there is none.
std::shared_ptr<Context> current_context_or_null();

// Throws CUDA_ERROR_NOT_INITIALIZED before cuInit.
void require_initialized();
void require_device(CUdevice device);

// The live context that has this address as its own, whichever device's it is; nullptr if there is none.
std::shared_ptr<Context> owner_of(uint64_t address);
// For reports: whose the address is, where it is none of `asked`'s; else nothing.
std::string describe_elsewhere(const Memory& asked, uint64_t address);
// Throws Failure(1) that names both devices where what a copy takes for the host's is device memory of another device.
void require_no_other_device(Context& context, uint64_t address, const char* what);

}  // namespace softcuda
