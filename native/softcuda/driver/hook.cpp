#include "hook.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "../count/report.h"
#include "../exec/device_count.h"
#include "../exec/engine.h"
#include "devices.h"
#include "graph.h"
#include "module.h"
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

// The operation that the device's thread runs, where that is a library call.
thread_local const Execution* current_execution = nullptr;

Access access_of(const SoftcudaRange& range) {
  Access access;
  access.touch.address = range.address;
  access.touch.width = range.width;
  access.touch.pitch = range.pitch;
  access.touch.rows = range.rows;
  access.touch.part = range.part == SOFTCUDA_UP_TO ? Touch::UpTo : range.part == SOFTCUDA_FROM ? Touch::From : Touch::All;
  access.touch.write = range.write != 0;
  access.touch.what = range.what;
  access.unless_zero = range.unless_zero;
  return access;
}

// The failure that the running library call reported, on the thread that runs it.
std::optional<Failure>& reported_failure() {
  thread_local std::optional<Failure> failure;
  return failure;
}

}  // namespace

SOFTCUDA_HOOK int softcudaEnqueueCall(void* stream, const char* name, void (*run)(void*), void* argument, void (*destroy)(void*),
                                      const SoftcudaRange* ranges, size_t range_count) {
  return guarded(name, [&] {
    const auto owned = std::make_shared<Argument>(argument, destroy);
    std::vector<Access> declared;
    declared.reserve(range_count);
    for (size_t i = 0; i < range_count; ++i) declared.push_back(access_of(ranges[i]));
    Stream::of(stream)->submit(make_operation(NodeType::kernel, name, std::move(declared), [owned, run](const Execution& execution) {
      reported_failure().reset();
      current_execution = &execution;
      run(owned->get());
      current_execution = nullptr;
      if (reported_failure()) throw Failure(*reported_failure());
    }));
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaRefuseCaptured(void* stream, const char* name) {
  return guarded("softcudaRefuseCaptured", [&] {
    if (Options::global().capture_as_device) Stream::of(stream)->require_not_capturing(name);
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaRefuseDuringCapture(const char* name) {
  return guarded("softcudaRefuseDuringCapture", [&] {
    if (Options::global().capture_as_device) require_no_capture(name);
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaTouch(const SoftcudaRange* ranges, size_t range_count) {
  return guarded("softcudaTouch", [&] {
    if (current_execution == nullptr) throw Failure(kInvalidValue, "softcudaTouch is for a library call that runs");
    try {
      for (size_t i = 0; i < range_count; ++i) {
        const Access access = access_of(ranges[i]);
        if (access.unless_zero != nullptr && *access.unless_zero == 0.f) continue;
        if (extent(access.touch) != 0) current_execution->context.memory().touch(access.touch, current_execution->number, current_execution->order);
      }
    } catch (const Failure& failure) {
      reported_failure().emplace(failure);
      throw;
    }
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaOutside(void* stream, const char* name, uint64_t address, size_t bytes, int write) {
  return guarded(name, [&] {
    const char* const what = write != 0 ? "what comes from outside" : "what goes outside";
    const SoftcudaRange range{address, bytes, 0, 1, SOFTCUDA_ALL, write, nullptr, what};
    Stream::of(stream)->submit(make_operation(NodeType::kernel, name, {access_of(range)}, [](const Execution&) {}));
    return kSuccess;
  });
}

SOFTCUDA_HOOK void softcudaFail(int result, const char* message) { reported_failure().emplace(result, message); }

SOFTCUDA_HOOK int softcudaCurrentDevice(int* device) {
  return guarded("softcudaCurrentDevice", [&] {
    *device = current_context()->device().ordinal();
    return kSuccess;
  });
}

SOFTCUDA_HOOK int softcudaProcessors(void) { return Options::global().processors; }

SOFTCUDA_HOOK int softcudaSetOption(const char* name, const char* value) {
  return guarded("softcudaSetOption", [&] {
    require_pointer(name, "name");
    require_pointer(value, "value");
    try {
      if (strcmp(name, "devices") == 0 && is_initialized() && value != std::to_string(device_count())) {
        throw Failure(kInvalidValue, "devices=" + std::string(value) + " comes too late: the driver was initialised with " +
                                         std::to_string(device_count()) + "; set it before cuInit");
      }
      Device::set_option(name, value);
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

SOFTCUDA_HOOK unsigned long long softcudaCalls(const char* prefix) { return prefix == nullptr ? 0 : calls_of_all(prefix); }

SOFTCUDA_HOOK unsigned long long softcudaObjects(const char* kind) {
  unsigned long long objects = 0;
  const auto count = [&](const char* known, size_t live) {
    if (kind != nullptr && strcmp(kind, known) == 0) objects += live;
  };
  count(Context::kKind, Handles<Context>::all().size());
  count(Stream::kKind, Handles<Stream>::all().size());
  count(Event::kKind, Handles<Event>::all().size());
  count(LoadedModule::kKind, Handles<LoadedModule>::all().size());
  count(Function::kKind, Handles<Function>::all().size());
  count(Graph::kKind, Handles<Graph>::all().size());
  count(GraphExec::kKind, Handles<GraphExec>::all().size());
  return objects;
}

SOFTCUDA_HOOK int softcudaNameAllocation(uint64_t address, const char* name) {
  return guarded("softcudaNameAllocation", [&] {
    require_pointer(name, "name");
    current_context()->set_name(address, name);
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
