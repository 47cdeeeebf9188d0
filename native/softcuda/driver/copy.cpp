// Copies. Device memory is host memory, so each is a memcpy on the device's thread; the care is about which side may be read when.
#include <cstring>
#include <vector>

#include "context.h"
#include "devices.h"
#include "proc_address.h"
#include "stream.h"

using namespace softcuda;

namespace {

enum class Side { host, device };

// One side of a copy: `rows` pieces, `pitch` bytes apart.
struct Place {
  Side side;
  uint64_t address;
  size_t pitch;
};

void copy_rows(uint64_t to, size_t to_pitch, uint64_t from, size_t from_pitch, size_t width, size_t rows) {
  if (to_pitch == width && from_pitch == width) {
    width *= rows;
    rows = width != 0 ? 1 : 0;
  }
  for (size_t row = 0; row < rows; ++row) {
    memmove(reinterpret_cast<void*>(to + row * to_pitch), reinterpret_cast<const void*>(from + row * from_pitch), width);
  }
}

Touch touch(const Place& place, size_t width, size_t rows, bool write, const char* what) {
  Touch touch;
  const bool whole = place.pitch == width || rows == 1;
  touch.address = place.address;
  touch.width = whole ? width * rows : width;
  touch.pitch = place.pitch;
  touch.rows = whole ? 1 : rows;
  touch.write = write;
  touch.may_be_uninitialised = !write;  // a copy carries such bytes on
  touch.what = what;
  return touch;
}

// Page-locked memory that the driver allocated is known to the checks as device memory is; other host memory is not.
bool is_checked(Context& context, const Place& place) {
  return place.side == Side::device || context.memory().find(place.address, nullptr, nullptr);
}

void require_live(Context& context, const Touch& touch) {
  try {
    context.memory().require(touch.address, extent(touch), touch.what);
  } catch (const Failure& failure) {
    // Found at the call: an invalid argument, which does not make the context fail.
    throw Failure(kInvalidValue, failure.what());
  }
}

bool page_locked(const Context& context, const Place& place, size_t bytes) {
  uint64_t base;
  Context::HostRange range;
  return context.find_host(reinterpret_cast<const void*>(place.address), bytes, &base, &range);
}

// Whether the call returns only when the copy has ended. Page-locked memory is read and written when the device comes to the copy.
bool waits(bool async, const Place& to, bool to_pageable, const Place& from) {
  if (to.side == Side::host) return !async || to_pageable || from.side == Side::host;
  return from.side == Side::host && !async;
}

// What CUDA promises ("API synchronization behavior") and no more. A copy from pageable memory to the device has read it when the call
// returns, but may still be on its way, also in the form without a stream: what runs elsewhere without waiting for the default stream may
// find the old values. Where no order is kept nobody could tell, and it ends at once. A capture keeps the pointers and copies at launch.
CUresult copy(const char* name, CUstream handle, bool async, Place to, Place from, size_t width, size_t rows) {
  const auto stream = Stream::of(handle);
  const auto context = stream->context();
  if (width == 0 || rows == 0) return kSuccess;
  if (rows > 1 && (to.pitch < width || from.pitch < width)) throw Failure(kInvalidValue, "a pitch is smaller than the row");
  if (to.address == 0 || from.address == 0) throw Failure(kInvalidValue, "a null pointer");
  const Touch target = touch(to, width, rows, true, "copy destination"), source = touch(from, width, rows, false, "copy source");
  std::vector<Access> accesses;
  if (is_checked(*context, from)) accesses.push_back(Access{source});
  if (is_checked(*context, to)) accesses.push_back(Access{target});
  for (const Access& access : accesses) require_live(*context, access.touch);
  if (!is_checked(*context, from)) require_no_other_device(*context, from.address, "copy source");
  if (!is_checked(*context, to)) require_no_other_device(*context, to.address, "copy destination");

  const bool capturing = stream->capture_status() != CaptureStatus::none;
  const bool from_pageable = from.side == Side::host && !page_locked(*context, from, extent(source));
  const bool to_pageable = to.side == Side::host && !page_locked(*context, to, extent(target));
  if (from_pageable && to.side == Side::device && !capturing && (async || context->device().queue().ordered())) {
    if (!async) stream->synchronize();
    const auto staging = std::make_shared<std::vector<char>>(width * rows);
    copy_rows(reinterpret_cast<uint64_t>(staging->data()), width, from.address, from.pitch, width, rows);
    stream->submit(make_operation(NodeType::memcpy, name, std::move(accesses), [=](const Execution&) {
      copy_rows(to.address, to.pitch, reinterpret_cast<uint64_t>(staging->data()), width, width, rows);
    }));
    return kSuccess;
  }
  const bool inside = accesses.size() == 2;
  const auto operation = make_operation(NodeType::memcpy, name, std::move(accesses), [=](const Execution& execution) {
    copy_rows(to.address, to.pitch, from.address, from.pitch, width, rows);
    if (inside) execution.context.memory().copied(to.address, to.pitch, from.address, from.pitch, width, rows);
  });
  if (!capturing && waits(async, to, to_pageable, from)) {
    stream->submit_and_wait(operation);
  } else {
    stream->submit(operation);
  }
  return kSuccess;
}

CUresult copy_bytes(const char* name, CUstream stream, bool async, Side to_side, uint64_t to, Side from_side, uint64_t from, size_t bytes) {
  return guarded(name, [&] { return copy(name, stream, async, Place{to_side, to, bytes}, Place{from_side, from, bytes}, bytes, 1); });
}

Side side_of(uint64_t address) {
  uint64_t base;
  size_t size;
  const auto context = current_context();
  const bool device = context->memory().find(address, &base, &size) && !page_locked(*context, Place{Side::host, address, 1}, 1);
  return device ? Side::device : Side::host;
}

CUresult copy_unified(const char* name, CUstream stream, bool async, uint64_t to, uint64_t from, size_t bytes) {
  return guarded(name, [&] {
    return copy(name, stream, async, Place{side_of(to), to, bytes}, Place{side_of(from), from, bytes}, bytes, 1);
  });
}

Place place_of(unsigned type, const void* host, CUdeviceptr device, size_t x, size_t y, size_t pitch, size_t width) {
  if (pitch == 0) pitch = width;
  const size_t offset = y * pitch + x;
  switch (type) {
    case kTypeHost: return Place{Side::host, reinterpret_cast<uint64_t>(host) + offset, pitch};
    case kTypeDevice: return Place{Side::device, device + offset, pitch};
    case kTypeUnified: return Place{side_of(device + offset), device + offset, pitch};
    default: throw Failure(kNotSupported, "CUDA arrays are not supported by SoftCUDA");
  }
}

CUresult copy_2d(const char* name, const CudaMemcpy2D* c, CUstream stream, bool async) {
  return guarded(name, [&] {
    require_pointer(c, "copy");
    const Place to = place_of(c->dstMemoryType, c->dstHost, c->dstDevice, c->dstXInBytes, c->dstY, c->dstPitch, c->WidthInBytes);
    const Place from = place_of(c->srcMemoryType, c->srcHost, c->srcDevice, c->srcXInBytes, c->srcY, c->srcPitch, c->WidthInBytes);
    return copy(name, stream, async, to, from, c->WidthInBytes, c->Height);
  });
}

uint64_t address_of(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

}  // namespace

SOFTCUDA_EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return copy_bytes("cuMemcpyHtoD", nullptr, false, Side::device, to, Side::host, address_of(from), bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return copy_bytes("cuMemcpyDtoH", nullptr, false, Side::host, address_of(to), Side::device, from, bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return copy_bytes("cuMemcpyDtoD", nullptr, false, Side::device, to, Side::device, from, bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return copy_bytes("cuMemcpyHtoDAsync", stream, true, Side::device, to, Side::host, address_of(from), bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_bytes("cuMemcpyDtoHAsync", stream, true, Side::host, address_of(to), Side::device, from, bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_bytes("cuMemcpyDtoDAsync", stream, true, Side::device, to, Side::device, from, bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return copy_unified("cuMemcpy", nullptr, false, to, from, bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_unified("cuMemcpyAsync", stream, true, to, from, bytes);
}

SOFTCUDA_EXPORT CUresult cuMemcpy2D_v2(const CudaMemcpy2D* c) { return copy_2d("cuMemcpy2D", c, nullptr, false); }

SOFTCUDA_EXPORT CUresult cuMemcpy2DUnaligned_v2(const CudaMemcpy2D* c) { return copy_2d("cuMemcpy2DUnaligned", c, nullptr, false); }

SOFTCUDA_EXPORT CUresult cuMemcpy2DAsync_v2(const CudaMemcpy2D* c, CUstream stream) { return copy_2d("cuMemcpy2DAsync", c, stream, true); }

namespace {
const PerThreadForms per_thread_forms{
    SOFTCUDA_PER_THREAD(cuMemcpyHtoD_v2),
    SOFTCUDA_PER_THREAD(cuMemcpyDtoH_v2),
    SOFTCUDA_PER_THREAD(cuMemcpyDtoD_v2),
    SOFTCUDA_PER_THREAD(cuMemcpyHtoDAsync_v2),
    SOFTCUDA_PER_THREAD(cuMemcpyDtoHAsync_v2),
    SOFTCUDA_PER_THREAD(cuMemcpyDtoDAsync_v2),
    SOFTCUDA_PER_THREAD(cuMemcpy),
    SOFTCUDA_PER_THREAD(cuMemcpyAsync),
    SOFTCUDA_PER_THREAD(cuMemcpy2D_v2),
    SOFTCUDA_PER_THREAD(cuMemcpy2DUnaligned_v2),
    SOFTCUDA_PER_THREAD(cuMemcpy2DAsync_v2),
};
}  // namespace
