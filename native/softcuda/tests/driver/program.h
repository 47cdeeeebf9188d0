#pragma once
// The driver's entry points that the tests call, and the kernels of kernels.cu.
#include <fstream>
#include <sstream>

#include "api.h"

CU(cuDeviceGet, int*, int);
CU(cuDeviceGetCount, int*);
CU(cuDeviceGetName, char*, int, int);
CU(cuDeviceGetAttribute, int*, int, int);
CU(cuDeviceTotalMem_v2, size_t*, int);
CU(cuDriverGetVersion, int*);
CU(cuDevicePrimaryCtxRetain, void**, int);
CU(cuDevicePrimaryCtxRelease_v2, int);
CU(cuCtxSetCurrent, void*);
CU(cuCtxGetCurrent, void**);
CU(cuCtxPopCurrent_v2, void**);
CU(cuCtxPushCurrent_v2, void*);
CU(cuGetErrorName, int, const char**);
CU(cuMemGetAddressRange_v2, Ptr*, size_t*, Ptr);
CU(cuMemHostAlloc, void**, size_t, unsigned);
CU(cuMemFreeHost, void*);
CU(cuMemHostGetDevicePointer_v2, Ptr*, void*, unsigned);
CU(cuMemcpyHtoDAsync_v2, Ptr, const void*, size_t, void*);
CU(cuMemcpyDtoHAsync_v2, void*, Ptr, size_t, void*);
CU(cuMemcpyDtoDAsync_v2, Ptr, Ptr, size_t, void*);
CU(cuMemcpyDtoD_v2, Ptr, Ptr, size_t);
CU(cuMemcpy, Ptr, Ptr, size_t);
CU(cuMemsetD32Async, Ptr, unsigned, size_t, void*);
CU(cuMemsetD8_v2, Ptr, unsigned char, size_t);
CU(cuMemsetD2D32_v2, Ptr, size_t, unsigned, size_t, size_t);
CU(cuPointerGetAttribute, void*, int, Ptr);
CU(cuModuleLoadData, void**, const void*);
CU(cuModuleUnload, void*);
CU(cuModuleGetFunction, void**, void*, const char*);
CU(cuModuleGetGlobal_v2, Ptr*, size_t*, void*, const char*);
CU(cuFuncGetAttribute, int*, int, void*);
CU(cuFuncSetAttribute, void*, int, int);
CU(cuOccupancyMaxActiveBlocksPerMultiprocessor, int*, void*, int, size_t);
CU(cuLaunchKernel, void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
CU(cuLaunchHostFunc, void*, void (*)(void*), void*);
CU(cuStreamGetCtx, void*, void**);
CU(cuStreamQuery, void*);
CU(cuStreamWaitEvent, void*, void*, unsigned);
CU(cuStreamIsCapturing, void*, int*);
CU(cuEventCreate, void**, unsigned);
CU(cuEventDestroy_v2, void*);
CU(cuEventRecord, void*, void*);
CU(cuEventQuery, void*);
CU(cuEventSynchronize, void*);
CU(cuEventElapsedTime, float*, void*, void*);
CU(cuGraphGetEdges, void*, void**, void**, size_t*);
CU(cuGraphNodeGetType, void*, int*);
CU(cuGraphCreate, void**, unsigned);
CU(cuMemAllocManaged, Ptr*, size_t, unsigned);
CU(cuMemHostRegister_v2, void*, size_t, unsigned);
CU(cuMemHostUnregister, void*);
CU(cuMemsetD32_v2, Ptr, unsigned, size_t);
CU(cuDevicePrimaryCtxReset_v2, int);
CU(cuStreamAddCallback, void*, void (*)(void*, int, void*), void*, unsigned);
CU(softcudaNameAllocation, Ptr, const char*);
CU(softcudaSetOption, const char*, const char*);

// CUDA_MEMCPY2D.
struct Copy2D {
  size_t from_x, from_y;
  unsigned from_type;
  const void* from_host;
  Ptr from_device;
  void* from_array;
  size_t from_pitch, to_x, to_y;
  unsigned to_type;
  void* to_host;
  Ptr to_device;
  void* to_array;
  size_t to_pitch, width, height;
};
constexpr unsigned kHost = 1, kDevice = 2;  // memory types
CU(cuMemcpy2D_v2, const Copy2D*);

constexpr int kInvalidValue = 1, kNotInitialized = 3, kInvalidContext = 201, kNoBinary = 209, kInvalidPtx = 218, kInvalidHandle = 400,
              kNotFound = 500, kIllegalAddress = 700, kOutOfResources = 701, kNotSupported = 801, kCaptureUnsupported = 900,
              kCaptureInvalidated = 901, kCaptureUnjoined = 904, kCaptureIsolation = 905, kCaptureImplicit = 906, kCapturedEvent = 907;

inline std::string ptx() {
  std::ifstream file(KERNELS_PTX);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// An option for the time of a test.
class Option {
 public:
  Option(const char* name, const std::string& value, const char* after) : name_(name), after_(after) {
    CHECK_EQUAL(0, softcudaSetOption(name, value.c_str()));
  }
  ~Option() { CHECK_EQUAL(0, softcudaSetOption(name_, after_)); }
  Option(const Option&) = delete;
  Option& operator=(const Option&) = delete;

 private:
  const char *const name_, *const after_;
};

struct Kernels {
  void* module = nullptr;
  Kernels() {
    CHECK_EQUAL(0, cuModuleLoadData(&module, ptx().c_str()));
    if (module == nullptr) printf("%s\n", softcudaLastMessage());
  }
  void* function(const char* name) const {
    void* found = nullptr;
    CHECK_EQUAL(0, cuModuleGetFunction(&found, module, name));
    return found;
  }
};

inline int launch_scale(void* function, Ptr in, Ptr out, int n, float add, void* stream) {
  void* params[] = {&in, &out, &n, &add};
  return cuLaunchKernel(function, (static_cast<unsigned>(n) + 63) / 64, 1, 1, 64, 1, 1, 0, stream, params, nullptr);
}
