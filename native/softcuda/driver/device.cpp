// Initialisation and what the device says about itself.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "../exec/device_count.h"
#include "../exec/engine.h"
#include "../exec/options.h"
#include "context.h"
#include "devices.h"

namespace softcuda {
namespace {

std::atomic<bool> initialized{false};

// Kernels size their grids by this number; a floor keeps results of small machines the same from one to the next.
int multiprocessors() { return std::max(8, Options::global().processors); }

struct Attribute {
  int id, value;
};

// Values of an A100 unless the software device differs; timing-related ones are nominal.
constexpr Attribute kAttributes[] = {
    {1, kThreadsPerBlock},                                    // MAX_THREADS_PER_BLOCK
    {2, 1024},                                                // MAX_BLOCK_DIM_X
    {3, 1024},                                                // MAX_BLOCK_DIM_Y
    {4, 64},                                                  // MAX_BLOCK_DIM_Z
    {5, 2147483647},                                          // MAX_GRID_DIM_X
    {6, 65535},                                               // MAX_GRID_DIM_Y
    {7, 65535},                                               // MAX_GRID_DIM_Z
    {8, static_cast<int>(kSharedPerBlock)},                   // MAX_SHARED_MEMORY_PER_BLOCK
    {9, 65536},                                               // TOTAL_CONSTANT_MEMORY
    {10, kWarpSize},                                          // WARP_SIZE
    {11, 2147483647},                                         // MAX_PITCH
    {12, kRegistersPerMultiprocessor},                        // MAX_REGISTERS_PER_BLOCK
    {13, 1410000},                                            // CLOCK_RATE, kHz
    {14, 512},                                                // TEXTURE_ALIGNMENT
    {15, 1},                                                  // GPU_OVERLAP
    {18, 0},                                                  // INTEGRATED
    {19, 1},                                                  // CAN_MAP_HOST_MEMORY
    {20, 0},                                                  // COMPUTE_MODE
    {30, 512},                                                // SURFACE_ALIGNMENT
    {31, 1},                                                  // CONCURRENT_KERNELS
    {36, 1215000},                                            // MEMORY_CLOCK_RATE, kHz
    {37, 5120},                                               // GLOBAL_MEMORY_BUS_WIDTH, bits
    {38, 41943040},                                           // L2_CACHE_SIZE
    {39, kThreadsPerMultiprocessor},                          // MAX_THREADS_PER_MULTIPROCESSOR
    {40, 1},                                                  // ASYNC_ENGINE_COUNT
    {41, 1},                                                  // UNIFIED_ADDRESSING
    {51, 32},                                                 // TEXTURE_PITCH_ALIGNMENT
    {75, kCapabilityMajor},                                   // COMPUTE_CAPABILITY_MAJOR
    {76, kCapabilityMinor},                                   // COMPUTE_CAPABILITY_MINOR
    {78, 1},                                                  // STREAM_PRIORITIES_SUPPORTED
    {79, 1},                                                  // GLOBAL_L1_CACHE_SUPPORTED
    {80, 1},                                                  // LOCAL_L1_CACHE_SUPPORTED
    {81, static_cast<int>(kSharedPerMultiprocessor)},         // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    {82, kRegistersPerMultiprocessor},                        // MAX_REGISTERS_PER_MULTIPROCESSOR
    {87, 2},                                                  // SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO
    {90, 0},                                                  // COMPUTE_PREEMPTION_SUPPORTED
    {97, static_cast<int>(kSharedPerBlockOptIn)},             // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    {99, 1},                                                  // HOST_REGISTER_SUPPORTED
    {106, kBlocksPerMultiprocessor},                          // MAX_BLOCKS_PER_MULTIPROCESSOR
    {111, static_cast<int>(kSharedReservedPerBlock)},         // RESERVED_SHARED_MEMORY_PER_BLOCK
};

}  // namespace

bool is_initialized() { return initialized.load(); }

void require_initialized() {
  if (!is_initialized()) throw Failure(kNotInitialized, "cuInit was not called");
}

void require_device(CUdevice device) {
  require_initialized();
  const int last = device_count() - 1;
  if (device >= 0 && device <= last) return;
  throw Failure(kInvalidDevice, (last == 0 ? "there is one device, number 0" : "there are devices 0 to " + std::to_string(last)) + "; asked for " +
                                    std::to_string(device) + " (option devices says how many there are)");
}

}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT CUresult cuInit(unsigned flags) {
  return guarded("cuInit", [&] {
    if (flags != 0) throw Failure(kInvalidValue, "flags must be 0");
    initialized.store(true);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDriverGetVersion(int* version) {
  return guarded("cuDriverGetVersion", [&] {
    require_pointer(version, "version");
    *version = kDriverVersion;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGetCount(int* count) {
  return guarded("cuDeviceGetCount", [&] {
    require_initialized();
    require_pointer(count, "count");
    *count = device_count();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return guarded("cuDeviceGet", [&] {
    require_pointer(device, "device");
    require_device(ordinal);
    *device = ordinal;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return guarded("cuDeviceGetName", [&] {
    require_device(device);
    require_pointer(name, "name");
    const int threads = Options::global().workers;
    const std::string text = "SoftCUDA (" + std::to_string(threads) + (threads == 1 ? " thread, " : " threads, ") + instruction_set() + ")";
    snprintf(name, static_cast<size_t>(std::max(length, 0)), "%s", text.c_str());
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGetUuid(CudaUuid* uuid, CUdevice device) {
  return guarded("cuDeviceGetUuid", [&] {
    require_device(device);
    require_pointer(uuid, "uuid");
    memcpy(uuid->bytes, "SoftCUDA device0", sizeof uuid->bytes);
    uuid->bytes[sizeof uuid->bytes - 1] = "0123456789abcdef"[device];
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGetUuid_v2(CudaUuid* uuid, CUdevice device) { return cuDeviceGetUuid(uuid, device); }

SOFTCUDA_EXPORT CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  return guarded("cuDeviceTotalMem", [&] {
    require_device(device);
    require_pointer(bytes, "bytes");
    *bytes = Device::total_memory();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return guarded("cuDeviceComputeCapability", [&] {
    require_device(device);
    require_pointer(major, "major");
    require_pointer(minor, "minor");
    *major = kCapabilityMajor;
    *minor = kCapabilityMinor;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
  return guarded("cuDeviceGetAttribute", [&] {
    require_device(device);
    require_pointer(value, "value");
    constexpr int kMultiprocessorCount = 16, kBus = 33, kLastAttribute = 147;
    if (attribute < 1 || attribute > kLastAttribute) {
      throw Failure(kInvalidValue, "there is no device attribute " + std::to_string(attribute));
    }
    // What is not listed is a feature (textures, peers, pools, clusters ...) that this device does not have.
    *value = attribute == kMultiprocessorCount ? multiprocessors() : attribute == kBus ? device : 0;
    for (const Attribute& known : kAttributes) {
      if (known.id == attribute) *value = known.value;
    }
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGetPCIBusId(char* text, int length, CUdevice device) {
  return guarded("cuDeviceGetPCIBusId", [&] {
    require_device(device);
    require_pointer(text, "text");
    snprintf(text, static_cast<size_t>(std::max(length, 0)), "0000:%02x:00.0", static_cast<unsigned>(device));
    return kSuccess;
  });
}
