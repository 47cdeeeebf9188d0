// The device that a thread's calls are for.
#include <mutex>

#include "../exec/device_count.h"
#include "call.h"

namespace softcuda {

namespace {

// What cudaSetDevice chose last on this thread.
int& chosen_device() {
  thread_local int device = 0;
  return device;
}

// Makes the device's primary context current. It is retained once, for good: the runtime's users do not release it. cudaDeviceReset ends it,
// and then it is retained again.
jint use_primary(int device) {
  static std::mutex mutex;
  static bool retained[kMostDevices] = {};
  const std::lock_guard<std::mutex> lock(mutex);
  CUcontext context = nullptr;
  unsigned flags = 0;
  int active = 0;
  if (const jint result = cuDevicePrimaryCtxGetState(device, &flags, &active)) return result;
  const bool again = retained[device] && active != 0;
  if (const jint result = cuDevicePrimaryCtxRetain(&context, device)) return result;
  retained[device] = true;
  const jint result = cuCtxSetCurrent(context);
  if (again) cuDevicePrimaryCtxRelease_v2(device);
  return result;
}

}  // namespace

jint require_context() {
  if (const jint result = cuInit(0)) return result;
  CUcontext context = nullptr;
  if (const jint result = cuCtxGetCurrent(&context)) return result;
  return context != nullptr ? 0 : use_primary(chosen_device());
}

jint check_device(jint device) {
  int count = 0;
  if (const jint result = cuInit(0)) return result;
  if (const jint result = cuDeviceGetCount(&count)) return result;
  return device < 0 || device >= count ? kInvalidDeviceError : 0;
}

jint current_device(int* device) {
  CUcontext context = nullptr;
  *device = chosen_device();
  if (cuCtxGetCurrent(&context) != 0 || context == nullptr) return 0;
  return cuCtxGetDevice(device);
}

jint set_device(jint device) {
  if (const jint result = check_device(device)) return result;
  chosen_device() = device;
  CUcontext context = nullptr;
  int current = 0;
  if (const jint result = cuCtxGetCurrent(&context)) return result;
  if (context == nullptr) return use_primary(device);
  if (const jint result = cuCtxGetDevice(&current)) return result;
  return current == device ? 0 : use_primary(device);
}

}  // namespace softcuda
