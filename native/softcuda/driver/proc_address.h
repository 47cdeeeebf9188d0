#pragma once
// What cuGetProcAddress hands out, and the forms of entry points for which the null stream is the calling thread's own.
#include <initializer_list>

#include "cuda_abi.h"

namespace softcuda {

// An exported symbol and the CUDA version since which its base name stands for it (versions.txt).
struct VersionedSymbol {
  const char* base;
  int version;
  const char* symbol;
  void* address;
};
extern const VersionedSymbol kVersionedSymbols[];
extern const size_t kVersionedSymbolCount;

// While one lives, the null stream is the calling thread's stream.
class PerThreadDefaultStream {
 public:
  PerThreadDefaultStream() : before_(on_) { on_ = true; }
  ~PerThreadDefaultStream() { on_ = before_; }
  PerThreadDefaultStream(const PerThreadDefaultStream&) = delete;
  PerThreadDefaultStream& operator=(const PerThreadDefaultStream&) = delete;
  static bool on() { return on_; }

 private:
  static thread_local bool on_;
  const bool before_;
};

template <auto F>
struct PerThreadForm;
template <class... Arguments, CUresult (*F)(Arguments...)>
struct PerThreadForm<F> {
  static CUresult call(Arguments... arguments) {
    const PerThreadDefaultStream scope;
    return F(arguments...);
  }
};

// A static object adds forms to those that cuGetProcAddress knows.
struct PerThreadForms {
  struct Form {
    void* plain;
    void* per_thread;
  };
  PerThreadForms(std::initializer_list<Form> forms);
};

}  // namespace softcuda

// An entry point that takes a stream, for PerThreadForms.
#define SOFTCUDA_PER_THREAD(name) \
  softcuda::PerThreadForms::Form { reinterpret_cast<void*>(&name), reinterpret_cast<void*>(&softcuda::PerThreadForm<&name>::call) }
