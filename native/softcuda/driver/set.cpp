// Memory sets of 1, 2 and 4 byte values. Like a GPU's, none of them waits, but for the form without a stream on page-locked memory.
#include <algorithm>
#include <cstring>

#include "context.h"
#include "proc_address.h"
#include "stream.h"

using namespace softcuda;

namespace {

template <class T>
CUresult set(const char* name, CUstream handle, bool async, CUdeviceptr to, size_t pitch, T value, size_t width, size_t rows) {
  return guarded(name, [&] {
    const auto stream = Stream::of(handle);
    if (width == 0 || rows == 0) return +kSuccess;
    if (to % sizeof(T) != 0) throw Failure(kInvalidValue, "the address is not aligned to the element");
    if (rows > 1 && (pitch < width * sizeof(T) || pitch % sizeof(T) != 0)) throw Failure(kInvalidValue, "the pitch is too small or not aligned");
    Touch range;
    range.address = to;
    range.width = width * sizeof(T);
    range.pitch = pitch;
    range.rows = rows;
    range.write = true;
    range.what = "memset destination";
    try {
      stream->context()->memory().require(to, extent(range), range.what);
    } catch (const Failure& failure) {
      throw Failure(kInvalidValue, failure.what());
    }
    const auto operation = make_operation(NodeType::memset, name, {Access{range}}, [=](const Execution&) {
      for (size_t row = 0; row < rows; ++row) {
        auto* const first = reinterpret_cast<T*>(to + row * pitch);
        if (value == 0) {
          memset(first, 0, width * sizeof(T));
        } else {
          std::fill_n(first, width, value);
        }
      }
    });
    uint64_t base;
    Context::HostRange host;
    if (!async && stream->context()->find_host(reinterpret_cast<const void*>(to), extent(range), &base, &host)) {
      stream->submit_and_wait(operation);
    } else {
      stream->submit(operation);
    }
    return +kSuccess;
  });
}

}  // namespace

SOFTCUDA_EXPORT CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) {
  return set("cuMemsetD8", nullptr, false, to, 0, value, count, 1);
}

SOFTCUDA_EXPORT CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t count) {
  return set("cuMemsetD16", nullptr, false, to, 0, value, count, 1);
}

SOFTCUDA_EXPORT CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t count) {
  return set("cuMemsetD32", nullptr, false, to, 0, value, count, 1);
}

SOFTCUDA_EXPORT CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
  return set("cuMemsetD8Async", stream, true, to, 0, value, count, 1);
}

SOFTCUDA_EXPORT CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUstream stream) {
  return set("cuMemsetD16Async", stream, true, to, 0, value, count, 1);
}

SOFTCUDA_EXPORT CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream stream) {
  return set("cuMemsetD32Async", stream, true, to, 0, value, count, 1);
}

SOFTCUDA_EXPORT CUresult cuMemsetD2D8_v2(CUdeviceptr to, size_t pitch, unsigned char value, size_t width, size_t height) {
  return set("cuMemsetD2D8", nullptr, false, to, pitch, value, width, height);
}

SOFTCUDA_EXPORT CUresult cuMemsetD2D16_v2(CUdeviceptr to, size_t pitch, unsigned short value, size_t width, size_t height) {
  return set("cuMemsetD2D16", nullptr, false, to, pitch, value, width, height);
}

SOFTCUDA_EXPORT CUresult cuMemsetD2D32_v2(CUdeviceptr to, size_t pitch, unsigned value, size_t width, size_t height) {
  return set("cuMemsetD2D32", nullptr, false, to, pitch, value, width, height);
}

SOFTCUDA_EXPORT CUresult cuMemsetD2D8Async(CUdeviceptr to, size_t pitch, unsigned char value, size_t width, size_t height, CUstream stream) {
  return set("cuMemsetD2D8Async", stream, true, to, pitch, value, width, height);
}

SOFTCUDA_EXPORT CUresult cuMemsetD2D16Async(CUdeviceptr to, size_t pitch, unsigned short value, size_t width, size_t height, CUstream stream) {
  return set("cuMemsetD2D16Async", stream, true, to, pitch, value, width, height);
}

SOFTCUDA_EXPORT CUresult cuMemsetD2D32Async(CUdeviceptr to, size_t pitch, unsigned value, size_t width, size_t height, CUstream stream) {
  return set("cuMemsetD2D32Async", stream, true, to, pitch, value, width, height);
}

namespace {
const PerThreadForms per_thread_forms{
    SOFTCUDA_PER_THREAD(cuMemsetD8_v2),
    SOFTCUDA_PER_THREAD(cuMemsetD16_v2),
    SOFTCUDA_PER_THREAD(cuMemsetD32_v2),
    SOFTCUDA_PER_THREAD(cuMemsetD8Async),
    SOFTCUDA_PER_THREAD(cuMemsetD16Async),
    SOFTCUDA_PER_THREAD(cuMemsetD32Async),
    SOFTCUDA_PER_THREAD(cuMemsetD2D8_v2),
    SOFTCUDA_PER_THREAD(cuMemsetD2D16_v2),
    SOFTCUDA_PER_THREAD(cuMemsetD2D32_v2),
    SOFTCUDA_PER_THREAD(cuMemsetD2D8Async),
    SOFTCUDA_PER_THREAD(cuMemsetD2D16Async),
    SOFTCUDA_PER_THREAD(cuMemsetD2D32Async),
};
}  // namespace
