#include "hook.h"

#include <algorithm>
#include <optional>

#include "../count/report.h"
#include "../exec/engine.h"
#include "stream.h"

#define SOFTCUDA_HOOK __attribute__((visibility("default")))

using namespace softcuda;

namespace {

// Owns a library call's argument: destroyed with the last operation that could run it.
class Argument {
 public:
  Argument(void* value, void (*destroy)(void*)) : value_(value), destroy_(destroy) {}
  ~Argument() {
    if (destroy_ != nullptr) destroy_(value_);
  }
  Argument(const Argument&) = delete;
  Argument& operator=(const Argument&) = delete;
  void* get() const { return value_; }

 private:
  void* const value_;
  void (*const destroy_)(void*);
};

// The failure that the running library call reported. Library calls run one at a time, on the device's thread.
std::optional<Failure>& reported_failure() {
  static auto* const failure = new std::optional<Failure>;
  return *failure;
}

}  // namespace

SOFTCUDA_HOOK int softcudaEnqueueCall(void* stream, const char* name, void (*run)(void*), void* argument, void (*destroy)(void*),
                                      const SoftcudaRange* ranges, size_t range_count) {
  return guarded(name, [&] {
    const auto owned = std::make_shared<Argument>(argument, destroy);
    std::vector<Range> declared;
    declared.reserve(range_count);
    for (size_t i = 0; i < range_count; ++i) {
      const SoftcudaRange& r = ranges[i];
      declared.push_back(Range{r.address, r.width, r.pitch, r.rows, r.write != 0, r.what});
    }
    Stream::of(stream)->submit(make_operation(NodeType::kernel, name, std::move(declared), [owned, run](Context&) {
      reported_failure().reset();
      run(owned->get());
      if (reported_failure()) throw Failure(*reported_failure());
    }));
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaEnqueue(void* stream, void (*run)(void*), void* argument, void (*destroy)(void*)) {
  return softcudaEnqueueCall(stream, "library call", run, argument, destroy, nullptr, 0);
}

SOFTCUDA_HOOK void softcudaFail(int result, const char* message) { reported_failure().emplace(result, message); }

SOFTCUDA_HOOK int softcudaRequire(uint64_t address, size_t bytes, const char* what) {
  return guarded("softcudaRequire", [&] {
    current_context()->memory().require(address, bytes, what);
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaSetOption(const char* name, const char* value) {
  return guarded("softcudaSetOption", [&] {
    require_pointer(name, "name");
    require_pointer(value, "value");
    try {
      Options::global().set(name, value);
    } catch (const std::invalid_argument& error) {
      throw Failure(kInvalidValue, error.what());
    }
    return kSuccess;
  });
}

SOFTCUDA_HOOK const char* softcudaLastMessage(void) {
  thread_local std::string copy;
  copy = last_message();
  return copy.c_str();
}

SOFTCUDA_HOOK void softcudaSetLastMessage(const char* text) { set_last_message(text); }

SOFTCUDA_HOOK unsigned long long softcudaBytesInUse(void) {
  unsigned long long bytes = 0;
  for (const auto& context : Handles<Context>::all().snapshot()) bytes += context->device_bytes();
  return bytes;
}

SOFTCUDA_HOOK int softcudaNameAllocation(uint64_t address, const char* name) {
  return guarded("softcudaNameAllocation", [&] {
    require_pointer(name, "name");
    current_context()->memory().set_name(address, name);
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaReport(void) {
  return guarded("softcudaReport", [&] {
    report_counters();
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaResetCounters(void) {
  return guarded("softcudaResetCounters", [&] {
    reset_counters();
    return kSuccess;
  });
}
