// Allocation: device memory, page-locked host memory, and what is known about a pointer.
#include "context.h"
#include "devices.h"
#include "stream.h"

using namespace softcuda;

namespace {

CUresult allocate_host(void** pointer, size_t bytes, unsigned flags) {
  require_pointer(pointer, "pointer");
  const auto context = current_context();
  require_no_capture("allocating host memory");
  *pointer = context->allocate_host(bytes, flags);
  return kSuccess;
}

enum PointerAttribute : int { kContext = 1, kMemoryType = 2, kDevicePointer = 3, kHostPointer = 4, kIsManaged = 8, kOrdinal = 9, kRangeStart = 11, kRangeSize = 12, kMapped = 13 };

// Throws CUDA_ERROR_INVALID_VALUE for a pointer that the driver does not know, as CUDA does.
void pointer_attribute(void* data, int attribute, CUdeviceptr pointer) {
  const auto current = current_context();
  const auto owner = current->memory().find(pointer, nullptr, nullptr) ? current : owner_of(pointer);
  const auto context = owner != nullptr ? owner : current;
  uint64_t base = 0;
  size_t size = 0;
  Context::HostRange host{};
  const bool is_host = context->find_host(reinterpret_cast<const void*>(pointer), 1, &base, &host);
  if (is_host) {
    size = host.bytes;
  } else if (!context->memory().find(pointer, &base, &size)) {
    throw Failure(kInvalidValue, "the driver does not know this pointer: " + context->memory().describe(pointer));
  }
  switch (attribute) {
    case kContext: *static_cast<CUcontext*>(data) = context.get(); break;
    case kMemoryType: *static_cast<unsigned*>(data) = is_host ? kTypeHost : kTypeDevice; break;
    case kDevicePointer: *static_cast<CUdeviceptr*>(data) = pointer; break;
    case kHostPointer:
      if (!is_host) throw Failure(kInvalidValue, "device memory has no host pointer");
      *static_cast<CUdeviceptr*>(data) = pointer;
      break;
    case kIsManaged: *static_cast<unsigned*>(data) = 0; break;
    case kOrdinal: *static_cast<int*>(data) = context->device().ordinal(); break;
    case kRangeStart: *static_cast<CUdeviceptr*>(data) = base; break;
    case kRangeSize: *static_cast<size_t*>(data) = size; break;
    case kMapped: *static_cast<unsigned*>(data) = 1; break;
    default: throw Failure(kNotSupported, "pointer attribute " + std::to_string(attribute));
  }
}

}  // namespace

SOFTCUDA_EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* pointer, size_t bytes) {
  return guarded("cuMemAlloc", [&] {
    require_pointer(pointer, "pointer");
    const auto context = current_context();
    require_no_capture("cuMemAlloc");
    *pointer = context->allocate_device(bytes);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemAllocPitch_v2(CUdeviceptr* pointer, size_t* pitch, size_t width, size_t height, unsigned element) {
  return guarded("cuMemAllocPitch", [&] {
    require_pointer(pointer, "pointer");
    require_pointer(pitch, "pitch");
    if (element != 4 && element != 8 && element != 16) throw Failure(kInvalidValue, "the element size is 4, 8 or 16");
    const auto context = current_context();
    require_no_capture("cuMemAllocPitch");
    constexpr size_t kPitchAlignment = 512;
    const size_t rounded = (width + kPitchAlignment - 1) / kPitchAlignment * kPitchAlignment;
    *pointer = context->allocate_device(rounded * height);
    *pitch = rounded;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemFree_v2(CUdeviceptr pointer) {
  return guarded("cuMemFree", [&] {
    const auto context = current_context();
    if (pointer == 0) return kSuccess;
    require_no_capture("cuMemFree");
    // Work that uses the memory may be queued: freeing waits for it, as on a GPU.
    context->device().queue().wait_all();
    context->free_device(pointer);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  return guarded("cuMemGetInfo", [&] {
    const auto context = current_context();
    if (free != nullptr) *free = context->device().free_memory();
    if (total != nullptr) *total = Device::total_memory();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* size, CUdeviceptr pointer) {
  return guarded("cuMemGetAddressRange", [&] {
    uint64_t found_base;
    size_t found_size;
    const auto context = current_context();
    if (!context->memory().find(pointer, &found_base, &found_size)) {
      throw Failure(kNotFound, context->memory().describe(pointer));
    }
    if (base != nullptr) *base = found_base;
    if (size != nullptr) *size = found_size;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemHostAlloc(void** pointer, size_t bytes, unsigned flags) {
  return guarded("cuMemHostAlloc", [&] { return allocate_host(pointer, bytes, flags); });
}

SOFTCUDA_EXPORT CUresult cuMemAllocHost_v2(void** pointer, size_t bytes) {
  return guarded("cuMemAllocHost", [&] { return allocate_host(pointer, bytes, 0); });
}

SOFTCUDA_EXPORT CUresult cuMemFreeHost(void* pointer) {
  return guarded("cuMemFreeHost", [&] {
    const auto context = current_context();
    if (pointer == nullptr) return kSuccess;
    require_no_capture("cuMemFreeHost");
    context->device().queue().wait_all();
    context->free_host(pointer);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemHostRegister_v2(void* pointer, size_t bytes, unsigned flags) {
  return guarded("cuMemHostRegister", [&] {
    require_pointer(pointer, "pointer");
    if (bytes == 0) throw Failure(kInvalidValue, "zero bytes");
    const auto context = current_context();
    require_no_capture("cuMemHostRegister");
    context->register_host(pointer, bytes, flags);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemHostUnregister(void* pointer) {
  return guarded("cuMemHostUnregister", [&] {
    require_pointer(pointer, "pointer");
    const auto context = current_context();
    require_no_capture("cuMemHostUnregister");
    context->device().queue().wait_all();
    context->unregister_host(pointer);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* result, void* pointer, unsigned flags) {
  return guarded("cuMemHostGetDevicePointer", [&] {
    require_pointer(result, "result");
    if (flags != 0) throw Failure(kInvalidValue, "flags must be 0");
    uint64_t base;
    Context::HostRange range;
    if (!current_context()->find_host(pointer, 1, &base, &range)) throw Failure(kInvalidValue, "not page-locked memory");
    *result = reinterpret_cast<CUdeviceptr>(pointer);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemHostGetFlags(unsigned* flags, void* pointer) {
  return guarded("cuMemHostGetFlags", [&] {
    require_pointer(flags, "flags");
    uint64_t base;
    Context::HostRange range;
    if (!current_context()->find_host(pointer, 1, &base, &range)) throw Failure(kInvalidValue, "not page-locked memory");
    *flags = range.flags;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuPointerGetAttribute(void* data, int attribute, CUdeviceptr pointer) {
  return guarded("cuPointerGetAttribute", [&] {
    require_pointer(data, "data");
    pointer_attribute(data, attribute, pointer);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuPointerGetAttributes(unsigned count, int* attributes, void** data, CUdeviceptr pointer) {
  return guarded("cuPointerGetAttributes", [&] {
    require_pointer(attributes, "attributes");
    require_pointer(data, "data");
    for (unsigned i = 0; i < count; ++i) pointer_attribute(data[i], attributes[i], pointer);
    return kSuccess;
  });
}
