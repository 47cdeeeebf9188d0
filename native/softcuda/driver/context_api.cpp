// Contexts: created, primary, current.
#include <vector>

#include "../exec/options.h"
#include "context.h"
#include "queue.h"
#include "stream.h"

namespace softcuda {
namespace {

thread_local std::vector<std::shared_ptr<Context>> context_stack;

std::mutex primary_mutex;
std::shared_ptr<Context> primary_context;
unsigned primary_count = 0;
unsigned primary_flags = 0;

// A leak is told when everything is freed.
void destroy(Context& context) {
  const std::string leaks = context.destroy();
  if (!leaks.empty()) throw Failure(kUnknown, leaks);
}

void drop_primary() {
  if (primary_context) {
    Handles<Context>::all().remove(primary_context.get());
    primary_count = 0;
    const auto context = std::move(primary_context);
    destroy(*context);
  }
  primary_count = 0;
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
  const auto context = Context::create(flags, false);
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
    current_context();
    *device = 0;
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
    Queue::device().wait_all();
    context->check();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* result, CUdevice device) {
  return guarded("cuDevicePrimaryCtxRetain", [&] {
    require_device(device);
    require_pointer(result, "context");
    std::lock_guard<std::mutex> lock(primary_mutex);
    if (!primary_context) {
      primary_context = Context::create(primary_flags, true);
      Handles<Context>::all().add(primary_context);
    }
    ++primary_count;
    *result = primary_context.get();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return guarded("cuDevicePrimaryCtxRelease", [&] {
    require_device(device);
    std::lock_guard<std::mutex> lock(primary_mutex);
    if (primary_count == 0) throw Failure(kInvalidContext, "the primary context was not retained");
    if (primary_count == 1) drop_primary();
    else --primary_count;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
  return guarded("cuDevicePrimaryCtxReset", [&] {
    require_device(device);
    std::lock_guard<std::mutex> lock(primary_mutex);
    drop_primary();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
  return guarded("cuDevicePrimaryCtxGetState", [&] {
    require_device(device);
    std::lock_guard<std::mutex> lock(primary_mutex);
    if (flags != nullptr) *flags = primary_flags;
    if (active != nullptr) *active = primary_context != nullptr;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned flags) {
  return guarded("cuDevicePrimaryCtxSetFlags", [&] {
    require_device(device);
    std::lock_guard<std::mutex> lock(primary_mutex);
    primary_flags = flags;
    if (primary_context) primary_context->set_flags(flags);
    return kSuccess;
  });
}

// Their names before CUDA 11.
SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxRelease(CUdevice device) { return cuDevicePrimaryCtxRelease_v2(device); }
SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxReset(CUdevice device) { return cuDevicePrimaryCtxReset_v2(device); }
SOFTCUDA_EXPORT CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned flags) { return cuDevicePrimaryCtxSetFlags_v2(device, flags); }
