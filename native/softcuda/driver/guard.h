#pragma once
#include <string>
#include <utility>

#include "../exec/failure.h"
#include "calls.h"
#include "cuda_abi.h"

namespace softcuda {

// Keeps the long text of the last failure for softcudaLastMessage().
void set_last_message(const std::string& text);
std::string last_message();

// Translates the exception being handled into a CUresult and keeps its text. No exception may cross the C interface.
int result_of_current_exception(const char* entry_point) noexcept;

// With option fault=process: the failure that all later calls return. The first one stays.
void fail_process(int result, const std::string& message);
// Throws it, but for calls that touch no device.
void check_process(const char* entry_point);

// The body of every entry point: counts the call and returns its CUresult.
template <class Body>
int guarded(const char* entry_point, Body&& body) noexcept {
  try {
    calls_of(entry_point).fetch_add(1, std::memory_order_relaxed);
    check_process(entry_point);
    return std::forward<Body>(body)();
  } catch (...) {
    return result_of_current_exception(entry_point);
  }
}

template <class T>
void require_pointer(T* pointer, const char* name) {
  if (pointer == nullptr) throw Failure(kInvalidValue, std::string(name) + " is a null pointer");
}

}  // namespace softcuda
