#pragma once
// The part of CUDA's binary interface that the driver implements, declared here so that building needs no CUDA toolkit.
// Names, order and sizes follow cuda.h of CUDA 12; the values are fixed by that ABI.
#include <cstddef>
#include <cstdint>

#define SOFTCUDA_EXPORT extern "C" __attribute__((visibility("default")))

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = void*;
using CUmodule = void*;
using CUfunction = void*;
using CUstream = void*;
using CUevent = void*;
using CUgraph = void*;
using CUgraphNode = void*;
using CUgraphExec = void*;
using CUhostFn = void (*)(void*);
using CUstreamCallback = void (*)(CUstream, CUresult, void*);

namespace softcuda {

enum CudaResult : int {
  kSuccess = 0,
  kNotInitialized = 3,
  kDeinitialized = 4,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kNoBinaryForGpu = 209,
  kUnsupportedLimit = 215,
  kPeerAccessUnsupported = 217,
  kFileNotFound = 301,
  kOperatingSystem = 304,
  kInvalidHandle = 400,
  kNotReady = 600,
  kPeerAccessNotEnabled = 705,
  kPrimaryContextActive = 708,
  kContextIsDestroyed = 709,
  kHostMemoryAlreadyRegistered = 712,
  kHostMemoryNotRegistered = 713,
  kNotPermitted = 800,
  kNotSupported = 801,
  kCaptureUnsupported = 900,
  kCaptureInvalidated = 901,
  kCaptureMerge = 902,
  kCaptureUnmatched = 903,
  kCaptureUnjoined = 904,
  kCaptureIsolation = 905,
  kCaptureImplicit = 906,
  kCapturedEvent = 907,
  kCaptureWrongThread = 908,
  kUnknown = 999
};

struct CudaUuid {
  char bytes[16];
};

enum CudaMemoryType : unsigned { kTypeHost = 1, kTypeDevice = 2, kTypeArray = 3, kTypeUnified = 4 };

struct CudaMemcpy2D {
  size_t srcXInBytes, srcY;
  unsigned srcMemoryType;
  const void* srcHost;
  CUdeviceptr srcDevice;
  void* srcArray;
  size_t srcPitch;
  size_t dstXInBytes, dstY;
  unsigned dstMemoryType;
  void* dstHost;
  CUdeviceptr dstDevice;
  void* dstArray;
  size_t dstPitch;
  size_t WidthInBytes, Height;
};
static_assert(sizeof(CudaMemcpy2D) == 128, "the layout of CUDA_MEMCPY2D");

// What the launch parameter `extra` holds: pairs of a key and a value, closed by kLaunchEnd.
enum : uintptr_t { kLaunchEnd = 0, kLaunchBufferPointer = 1, kLaunchBufferSize = 2 };

// Of the device that is reported: an A100 (compute capability 8.0).
constexpr int kCapabilityMajor = 8, kCapabilityMinor = 0;
constexpr int kDriverVersion = 13000;
constexpr size_t kSharedPerBlock = 48 * 1024;
constexpr size_t kSharedPerBlockOptIn = 163 * 1024;
constexpr size_t kSharedPerMultiprocessor = 164 * 1024;
constexpr size_t kSharedReservedPerBlock = 1024;
constexpr int kRegistersPerMultiprocessor = 65536;
constexpr int kThreadsPerBlock = 1024;
constexpr int kThreadsPerMultiprocessor = 2048;
constexpr int kBlocksPerMultiprocessor = 32;
constexpr int kWarpSize = 32;

}  // namespace softcuda
