// Contexts: created, primary, current.
#include <array>
#include <vector>

#include "../exec/device_count.h"
#include "../exec/options.h"
#include "context.h"
#include "devices.h"
#include "stream.h"

namespace softcuda {
namespace {

thread_local std::vector<std::shared_ptr<Context>> context_stack;

// The primary context of each device, and how often it was retained.
struct Primary {
  std::mutex mutex;
  std::shared_ptr<Context> context;
  unsigned count = 0, flags = 0;
};

// Leaked on purpose: other threads may still call in while the process runs its static destructors.
Primary& primary_of(CUdevice device) {
  require_device(device);
  static auto* const all = new std::array<Primary, kMostDevices>;
  return all->at(static_cast<size_t>(device));
}

// A leak is told when everything is freed.
void destroy(Context& context) {
  const std::string leaks = context.destroy();
  if (!leaks.empty()) throw Failure(kUnknown, leaks);
}

// With its lock held.
void drop(Primary& primary) {
  primary.count = 0;
  if (primary.context == nullptr) return;
  Handles<Context>::all().remove(primary.context.get());
  const auto context = std::move(primary.context);
  destroy(*context);
}

// CUDA says invalid context of what is none, or none any more.
std::shared_ptr<Context> live_context(CUcontext handle) {
  if (auto context = Handles<Context>::all().find(handle)) return context;
  throw Failure(kInvalidContext, "not a live context: it was destroyed, or its last owner has released it");
}

std::shared_ptr<Context> context_or_current(CUcontext handle) {
  return handle == nullptr ? current_context() : live_context(handle);
}

CUresult create(CUcontext* result, unsigned flags, CUdevice device) {
  require_device(device);
  require_pointer(result, "context");
  const auto context = Context::create(Device::get(device), flags, false);
  *result = Handles<Context>::all().add(context);
  context_stack.push_back(context);
  return kSuccess;
}

}  // namespace

std::shared_ptr<Context> current_context_or_null() { return context_stack.empty() ? nullptr : context_stack.back(); }

std::shared_ptr<Context> current_context() {
  require_initialized();
  if (context_stack.empty() || context_stack.back() == nullptr) {
    throw Failure(kInvalidContext, "no context is current on this thread: cuCtxSetCurrent or cuCtxCreate first");
  }
  context_stack.back()->check();
  return context_stack.back();
}

}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT CUresult cuCtxCreate_v2(CUcontext* result, unsigned flags, CUdevice device) {
  return guarded("cuCtxCreate", [&] { return create(result, flags, device); });
}

SOFTCUDA_EXPORT CUresult cuCtxCreate_v3(CUcontext* result, void*, int, unsigned flags, CUdevice device) {
  return guarded("cuCtxCreate", [&] { return create(result, flags, device); });
}

SOFTCUDA_EXPORT CUresult cuCtxDestroy_v2(CUcontext handle) {
  return guarded("cuCtxDestroy", [&] {
    const auto found = live_context(handle);
    if (found->primary()) throw Failure(kInvalidContext, "the primary context is released, not destroyed");
    const auto context = Handles<Context>::all().remove(handle);
    if (!context_stack.empty() && context_stack.back() == context) context_stack.pop_back();
    destroy(*context);
    return kSuccess;
  });
}

// Since CUDA 12.5: parameters for affinity and green contexts, of which there are none here.
SOFTCUDA_EXPORT CUresult cuCtxCreate_v4(CUcontext* result, void* parameters, unsigned flags, CUdevice device) {
  return guarded("cuCtxCreate", [&] {
    if (parameters != nullptr) throw Failure(kNotSupported, "parameters of cuCtxCreate");
    return create(result, flags, device);
  });
}

SOFTCUDA_EXPORT CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  return guarded("cuCtxPushCurrent", [&] {
    context_stack.push_back(live_context(handle));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxPopCurrent_v2(CUcontext* handle) {
  return guarded("cuCtxPopCurrent", [&] {
    if (context_stack.empty()) throw Failure(kInvalidContext, "no context is current on this thread");
    if (handle != nullptr) *handle = context_stack.back().get();
    context_stack.pop_back();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxSetCurrent(CUcontext handle) {
  return guarded("cuCtxSetCurrent", [&] {
    const auto context = handle == nullptr ? nullptr : live_context(handle);
    if (!context_stack.empty()) context_stack.pop_back();
    if (context) context_stack.push_back(context);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetCurrent(CUcontext* handle) {
  return guarded("cuCtxGetCurrent", [&] {
    require_initialized();
    require_pointer(handle, "context");
    *handle = current_context_or_null().get();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetDevice(CUdevice* device) {
  return guarded("cuCtxGetDevice", [&] {
    require_pointer(device, "device");
    *device = current_context()->device().ordinal();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetFlags(unsigned* flags) {
  return guarded("cuCtxGetFlags", [&] {
    require_pointer(flags, "flags");
    *flags = current_context()->flags();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetId(CUcontext handle, unsigned long long* id) {
  return guarded("cuCtxGetId", [&] {
    require_pointer(id, "id");
    *id = context_or_current(handle)->id();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetApiVersion(CUcontext handle, unsigned* version) {
  return guarded("cuCtxGetApiVersion", [&] {
    require_pointer(version, "version");
    context_or_current(handle);
    *version = 3020;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetLimit(size_t* value, int limit) {
  return guarded("cuCtxGetLimit", [&] {
    require_pointer(value, "value");
    current_context();
    if (limit < 0 || limit >= Context::kLimits) throw Failure(kUnsupportedLimit, "no such limit");
    *value = current_context()->limit(limit);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxSetLimit(int limit, size_t value) {
  return guarded("cuCtxSetLimit", [&] {
    const auto context = current_context();
    if (limit < 0 || limit >= Context::kLimits) throw Failure(kUnsupportedLimit, "no such limit");
    context->set_limit(limit, value);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetCacheConfig(int* config) {
  return guarded("cuCtxGetCacheConfig", [&] {
    require_pointer(config, "config");
    current_context();
    *config = 0;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxSetCacheConfig(int) {
  return guarded("cuCtxSetCacheConfig", [&] {
    current_context();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return guarded("cuCtxGetStreamPriorityRange", [&] {
    current_context();
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = -5;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxSynchronize() {
  return guarded("cuCtxSynchronize", [&] {
    const auto context = current_context();
    require_no_capture("cuCtxSynchronize");
    if (Options::global().capture_as_device) require_no_capture_in(*context, "cuCtxSynchronize");
    context->device().queue().wait_all();
    context->check();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* result, CUdevice device) {
  return guarded("cuDevicePrimaryCtxRetain", [&] {
    Primary& primary = primary_of(device);
    require_pointer(result, "context");
    std::lock_guard<std::mutex> lock(primary.mutex);
    if (!primary.context) {
      primary.context = Context::create(Device::get(device), primary.flags, true);
      Handles<Context>::all().add(primary.context);
    }
    ++primary.count;
    *result = primary.context.get();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return guarded("cuDevicePrimaryCtxRelease", [&] {
    Primary& primary = primary_of(device);
    std::lock_guard<std::mutex> lock(primary.mutex);
    if (primary.count == 0) throw Failure(kInvalidContext, "the primary context was not retained");
    if (primary.count == 1) drop(primary);
    else --primary.count;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
  return guarded("cuDevicePrimaryCtxReset", [&] {
    Primary& primary = primary_of(device);
    std::lock_guard<std::mutex> lock(primary.mutex);
    drop(primary);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
  return guarded("cuDevicePrimaryCtxGetState", [&] {
    Primary& primary = primary_of(device);
    std::lock_guard<std::mutex> lock(primary.mutex);
    if (flags != nullptr) *flags = primary.flags;
    if (active != nullptr) *active = primary.context != nullptr;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned flags) {
  return guarded("cuDevicePrimaryCtxSetFlags", [&] {
    Primary& primary = primary_of(device);
    std::lock_guard<std::mutex> lock(primary.mutex);
    primary.flags = flags;
    if (primary.context) primary.context->set_flags(flags);
    return kSuccess;
  });
}

// Their names before CUDA 11.
SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxRelease(CUdevice device) { return cuDevicePrimaryCtxRelease_v2(device); }
SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxReset(CUdevice device) { return cuDevicePrimaryCtxReset_v2(device); }
SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned flags) { return cuDevicePrimaryCtxSetFlags_v2(device, flags); }
