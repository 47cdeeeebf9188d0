#pragma once
// What every method of the runtime API does: find a context, run, keep the last error.
#include <exception>

#include "../driver/entry_points.h"
#include "java.h"

#define JCUDA(name, ...) extern "C" JNIEXPORT jint JNICALL Java_jcuda_runtime_JCuda_##name##Native(JNIEnv* env, jclass, ##__VA_ARGS__)

namespace softcuda {

constexpr int kRuntimeVersion = 12060;
constexpr jint kInvalidValueError = 1, kInvalidDeviceError = 101, kUnsupportedError = 801;

// The thread's last error, as cudaGetLastError gives it.
jint& last_error();

// The current context, or else the primary one of the thread's device, which becomes current.
jint require_context();
// cudaErrorInvalidDevice unless there is such a device.
jint check_device(jint device);
// The current context's device, or else the thread's.
jint current_device(int* device);
// Makes it the thread's: a context of this device becomes current, unless one is.
jint set_device(jint device);

// `body` returns a CUresult: the numbers of the two APIs are the same. A Java exception that is pending goes to the caller.
template <class Body>
jint without_context(Body&& body) {
  constexpr jint kNotReady = 600;
  jint result = kInvalidValueError;
  try {
    result = body();
  } catch (const JavaFailure&) {
    return result;
  } catch (const std::exception&) {
    result = 2;  // memory for a copy of a Java array
  }
  if (result != 0 && result != kNotReady) last_error() = result;
  return result;
}

template <class Body>
jint call(Body&& body) {
  return without_context([&] {
    const jint result = require_context();
    return result != 0 ? result : body();
  });
}

}  // namespace softcuda
