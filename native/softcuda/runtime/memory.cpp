// Memory, copies and memsets.
#include "call.h"

using namespace softcuda;

namespace {

enum Kind : jint { kHostToHost = 0, kHostToDevice = 1, kDeviceToHost = 2, kDeviceToDevice = 3, kDefault = 4 };

// One copy of `rows` rows of `width` bytes. Without a stream the synchronous forms.
struct Copy {
  uint64_t to, to_pitch, from, from_pitch;
  size_t width, rows;
  jint kind;
};

bool host_side(jint kind, bool destination) { return kind == kHostToHost || kind == (destination ? kDeviceToHost : kHostToDevice); }

jint run(const Copy& c, void* stream, bool async) {
  if (c.kind < kHostToHost || c.kind > kDefault) return 21;  // cudaErrorInvalidMemcpyDirection
  if (c.rows == 1 && c.kind == kDeviceToDevice) return async ? cuMemcpyDtoDAsync_v2(c.to, c.from, c.width, stream) : cuMemcpyDtoD_v2(c.to, c.from, c.width);
  CudaMemcpy2D copy{};
  const unsigned unified = kTypeUnified;
  const auto type = [&](bool destination) { return c.kind == kDefault ? unified : host_side(c.kind, destination) ? +kTypeHost : +kTypeDevice; };
  copy.srcMemoryType = type(false);
  copy.srcHost = reinterpret_cast<const void*>(c.from);
  copy.srcDevice = c.from;
  copy.srcPitch = c.from_pitch;
  copy.dstMemoryType = type(true);
  copy.dstHost = reinterpret_cast<void*>(c.to);
  copy.dstDevice = c.to;
  copy.dstPitch = c.to_pitch;
  copy.WidthInBytes = c.width;
  copy.Height = c.rows;
  return async ? cuMemcpy2DAsync_v2(&copy, stream) : cuMemcpy2D_v2(&copy);
}

jint copy(JNIEnv* env, jobject to, size_t to_pitch, jobject from, size_t from_pitch, size_t width, size_t rows, jint kind, void* stream, bool async) {
  if (width == 0 || rows == 0) return 0;
  if (width > to_pitch || width > from_pitch) return 12;  // cudaErrorInvalidPitchValue
  const Place source(env, from, (rows - 1) * from_pitch + width, false), target(env, to, (rows - 1) * to_pitch + width, true);
  if (!source.valid() || !target.valid()) return kInvalidValueError;
  return run(Copy{target.address(), to_pitch, source.address(), from_pitch, width, rows, kind}, stream, async);
}

// The elements of a memset: one byte each, as the runtime has it.
jint set(JNIEnv* env, jobject to, size_t pitch, jint value, size_t width, size_t rows, void* stream) {
  const Place target(env, to, 0, false);
  const auto byte = static_cast<unsigned char>(value);
  if (rows == 1) return cuMemsetD8Async(target.address(), byte, width, stream);
  return cuMemsetD2D8Async(target.address(), pitch, byte, width, rows, stream);
}

jint allocate_host(JNIEnv* env, jobject pointer, jlong bytes, unsigned flags) {
  if (pointer == nullptr || bytes < 0) return kInvalidValueError;
  void* memory = nullptr;
  const jint result = cuMemHostAlloc(&memory, static_cast<size_t>(bytes), flags);
  if (result == 0) set_host_pointer(env, pointer, memory, static_cast<size_t>(bytes));
  return result;
}

}  // namespace

JCUDA(cudaMalloc, jobject pointer, jlong bytes) {
  return call([&] {
    if (pointer == nullptr || bytes < 0) return kInvalidValueError;
    CUdeviceptr memory = 0;
    // Nothing is asked of the driver for no bytes: null, as the runtime gives.
    const jint result = bytes == 0 ? 0 : cuMemAlloc_v2(&memory, static_cast<size_t>(bytes));
    if (result == 0) set_pointer(env, pointer, memory);
    return result;
  });
}

JCUDA(cudaMallocPitch, jobject pointer, jlongArray pitch, jlong width, jlong height) {
  return call([&] {
    if (pointer == nullptr || pitch == nullptr || width < 0 || height < 0) return kInvalidValueError;
    CUdeviceptr memory = 0;
    size_t bytes = 0;
    const jint result = cuMemAllocPitch_v2(&memory, &bytes, static_cast<size_t>(width), static_cast<size_t>(height), 4);
    if (result != 0) return result;
    set_pointer(env, pointer, memory);
    return put(env, pitch, static_cast<jlong>(bytes)) ? 0 : kInvalidValueError;
  });
}

JCUDA(cudaFree, jobject pointer) {
  return call([&] { return cuMemFree_v2(Place(env, pointer, 0, false).address()); });
}

JCUDA(cudaMallocHost, jobject pointer, jlong bytes) {
  return call([&] { return allocate_host(env, pointer, bytes, 0); });
}

JCUDA(cudaHostAlloc, jobject pointer, jlong bytes, jint flags) {
  return call([&] { return allocate_host(env, pointer, bytes, static_cast<unsigned>(flags)); });
}

JCUDA(cudaFreeHost, jobject pointer) {
  return call([&] { return pointer == nullptr ? 0 : cuMemFreeHost(handle_of(env, pointer)); });
}

JCUDA(cudaHostRegister, jobject pointer, jlong bytes, jint flags) {
  return call([&] {
    return cuMemHostRegister_v2(reinterpret_cast<void*>(Place(env, pointer, 0, false).address()), static_cast<size_t>(bytes), static_cast<unsigned>(flags));
  });
}

JCUDA(cudaHostUnregister, jobject pointer) {
  return call([&] { return cuMemHostUnregister(reinterpret_cast<void*>(Place(env, pointer, 0, false).address())); });
}

JCUDA(cudaHostGetDevicePointer, jobject device, jobject host, jint flags) {
  return call([&] {
    if (device == nullptr) return kInvalidValueError;
    CUdeviceptr memory = 0;
    const jint result = cuMemHostGetDevicePointer_v2(&memory, reinterpret_cast<void*>(Place(env, host, 0, false).address()), static_cast<unsigned>(flags));
    if (result == 0) set_pointer(env, device, memory);
    return result;
  });
}

JCUDA(cudaMemGetInfo, jlongArray free, jlongArray total) {
  return call([&] {
    size_t free_bytes = 0, total_bytes = 0;
    const jint result = cuMemGetInfo_v2(&free_bytes, &total_bytes);
    if (result != 0) return result;
    return put(env, free, static_cast<jlong>(free_bytes)) && put(env, total, static_cast<jlong>(total_bytes)) ? 0 : kInvalidValueError;
  });
}

JCUDA(cudaMemcpy, jobject to, jobject from, jlong bytes, jint kind) {
  const auto n = static_cast<size_t>(bytes);
  return call([&] { return copy(env, to, n, from, n, n, 1, kind, nullptr, false); });
}

JCUDA(cudaMemcpyAsync, jobject to, jobject from, jlong bytes, jint kind, jobject stream) {
  const auto n = static_cast<size_t>(bytes);
  return call([&] { return copy(env, to, n, from, n, n, 1, kind, handle_of(env, stream), true); });
}

JCUDA(cudaMemcpy2D, jobject to, jlong to_pitch, jobject from, jlong from_pitch, jlong width, jlong height, jint kind) {
  return call([&] {
    return copy(env, to, static_cast<size_t>(to_pitch), from, static_cast<size_t>(from_pitch), static_cast<size_t>(width), static_cast<size_t>(height), kind,
                nullptr, false);
  });
}

JCUDA(cudaMemcpy2DAsync, jobject to, jlong to_pitch, jobject from, jlong from_pitch, jlong width, jlong height, jint kind, jobject stream) {
  return call([&] {
    return copy(env, to, static_cast<size_t>(to_pitch), from, static_cast<size_t>(from_pitch), static_cast<size_t>(width), static_cast<size_t>(height), kind,
                handle_of(env, stream), true);
  });
}

JCUDA(cudaMemset, jobject to, jint value, jlong bytes) {
  return call([&] { return set(env, to, 0, value, static_cast<size_t>(bytes), 1, nullptr); });
}

JCUDA(cudaMemsetAsync, jobject to, jint value, jlong bytes, jobject stream) {
  return call([&] { return set(env, to, 0, value, static_cast<size_t>(bytes), 1, handle_of(env, stream)); });
}

JCUDA(cudaMemset2D, jobject to, jlong pitch, jint value, jlong width, jlong height) {
  return call([&] { return set(env, to, static_cast<size_t>(pitch), value, static_cast<size_t>(width), static_cast<size_t>(height), nullptr); });
}

JCUDA(cudaMemset2DAsync, jobject to, jlong pitch, jint value, jlong width, jlong height, jobject stream) {
  return call([&] { return set(env, to, static_cast<size_t>(pitch), value, static_cast<size_t>(width), static_cast<size_t>(height), handle_of(env, stream)); });
}

JCUDA(cudaPointerGetAttributes, jobject attributes, jobject pointer) {
  return call([&] {
    if (attributes == nullptr) return kInvalidValueError;
    constexpr int kMemoryType = 2;  // CU_POINTER_ATTRIBUTE_MEMORY_TYPE; host is 1 and device 2 for the runtime too
    const uint64_t address = Place(env, pointer, 0, false).address();
    unsigned type = 0;
    if (cuPointerGetAttribute(&type, kMemoryType, address) != 0) type = 0;  // cudaMemoryTypeUnregistered: no failure since CUDA 11
    for (const char* name : {"memoryType", "type"}) set_int(env, attributes, name, static_cast<jint>(type));
    set_int(env, attributes, "device", type == 0 ? -2 : 0);  // cudaInvalidDeviceId
    set_int(env, attributes, "isManaged", 0);
    const jobject on_device = get_object(env, attributes, "devicePointer", "Ljcuda/Pointer;"), on_host = get_object(env, attributes, "hostPointer", "Ljcuda/Pointer;");
    if (on_device != nullptr) set_pointer(env, on_device, type == 0 ? 0 : address);
    if (on_host != nullptr) set_pointer(env, on_host, type == kTypeDevice ? 0 : address);
    return 0;
  });
}
