#pragma once
// The built libraries as a program sees them: names looked up at run time, by the folder that the build gives.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "check.h"

inline void* open_library(const char* name) {
  const std::string path = std::string(KRONGAUSS_LIB) + "/" + name;
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  return library;
}

template <class F>
F* find(const char* library, const char* name) {
  void* const address = dlsym(open_library(library), name);
  if (address == nullptr) {
    fprintf(stderr, "%s has no %s\n", library, name);
    exit(1);
  }
  return reinterpret_cast<F*>(address);
}

#define CU(name, ...) static auto* const name = find<int(__VA_ARGS__)>("libcuda.so.1", #name)
using Ptr = unsigned long long;

CU(cuInit, unsigned);
CU(cuCtxCreate_v2, void**, unsigned, int);
CU(cuCtxDestroy_v2, void*);
CU(cuCtxSynchronize);
CU(cuMemAlloc_v2, Ptr*, size_t);
CU(cuMemFree_v2, Ptr);
CU(cuMemcpyHtoD_v2, Ptr, const void*, size_t);
CU(cuMemcpyDtoH_v2, void*, Ptr, size_t);
CU(cuStreamCreate, void**, unsigned);
CU(cuStreamDestroy_v2, void*);
CU(cuStreamSynchronize, void*);
CU(cuStreamBeginCapture_v2, void*, int);
CU(cuStreamEndCapture, void*, void**);
CU(cuGraphInstantiateWithFlags, void**, void*, unsigned long long);
CU(cuGraphLaunch, void*, void*);
CU(cuGraphDestroy, void*);
CU(cuGraphExecDestroy, void*);
CU(cuGraphGetNodes, void*, void**, size_t*);
static auto* const softcudaLastMessage = find<const char*()>("libcuda.so.1", "softcudaLastMessage");
static auto* const softcudaOutside = find<int(void*, const char*, uint64_t, size_t, int)>("libcuda.so.1", "softcudaOutside");
static auto* const softcudaBytesInUse = find<unsigned long long()>("libcuda.so.1", "softcudaBytesInUse");

// A context for one test.
class TestContext {
 public:
  TestContext() {
    cuInit(0);
    CHECK_EQUAL(0, cuCtxCreate_v2(&handle_, 0, 0));
  }
  ~TestContext() {
    if (handle_ != nullptr) destroy();
  }
  TestContext(const TestContext&) = delete;
  TestContext& operator=(const TestContext&) = delete;
  void destroy() {
    CHECK_EQUAL(0, cuCtxDestroy_v2(handle_));
    handle_ = nullptr;
  }

 private:
  void* handle_ = nullptr;
};

// An array in device memory, of floats unless said otherwise.
template <class T = float>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count) : count_(count) { CHECK_EQUAL(0, cuMemAlloc_v2(&address_, (count == 0 ? 1 : count) * sizeof(T))); }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) { set(values); }
  ~DeviceArray() { cuMemFree_v2(address_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  Ptr address() const { return address_; }
  T* pointer(size_t offset = 0) const { return reinterpret_cast<T*>(address_) + offset; }
  void set(const std::vector<T>& values) {
    CHECK_EQUAL(0, cuMemcpyHtoD_v2(address_, values.data(), values.size() * sizeof(T)));
    CHECK_EQUAL(0, cuStreamSynchronize(nullptr));  // the copy may still be on its way
  }
  std::vector<T> get() const {
    std::vector<T> values(count_);
    CHECK_EQUAL(0, cuMemcpyDtoH_v2(values.data(), address_, count_ * sizeof(T)));
    return values;
  }

 private:
  const size_t count_;
  Ptr address_ = 0;
};

// A repeatable sequence of floats in -1 .. 1.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435769u + 1) {}
  float next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<float>(static_cast<int32_t>(state_ >> 32)) / 2147483648.f;
  }
  std::vector<float> vector(size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = next();
    return values;
  }

 private:
  uint64_t state_;
};
