// The CUDA driver's entry points, through the C interface and real PTX.
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <sstream>
#include <thread>

#include "api.h"

namespace {

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
CU(cuMemAllocManaged, Ptr*, size_t, unsigned);
CU(softcudaNameAllocation, Ptr, const char*);
CU(softcudaSetOption, const char*, const char*);

constexpr int kInvalidValue = 1, kNotInitialized = 3, kInvalidContext = 201, kNoBinary = 209, kInvalidPtx = 218, kInvalidHandle = 400,
              kNotFound = 500, kIllegalAddress = 700, kOutOfResources = 701, kNotSupported = 801, kCaptureUnsupported = 900,
              kCaptureInvalidated = 901, kCaptureUnjoined = 904, kCaptureIsolation = 905, kCaptureImplicit = 906;

std::string ptx() {
  std::ifstream file(KERNELS_PTX);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

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

int launch_scale(void* function, Ptr in, Ptr out, int n, float add, void* stream) {
  void* params[] = {&in, &out, &n, &add};
  return cuLaunchKernel(function, (static_cast<unsigned>(n) + 63) / 64, 1, 1, 64, 1, 1, 0, stream, params, nullptr);
}

TEST(nothing_works_before_init) {
  int count = -1;
  void* context = nullptr;
  CHECK_EQUAL(kNotInitialized, cuDeviceGetCount(&count));
  CHECK_EQUAL(kNotInitialized, cuCtxCreate_v2(&context, 0, 0));
  CHECK_EQUAL(0, cuInit(0));
  Ptr p;
  CHECK_EQUAL(kInvalidContext, cuMemAlloc_v2(&p, 4));
}

TEST(device_describes_itself) {
  int count = 0, device = -1, version = 0, value = 0;
  char name[64] = "";
  size_t bytes = 0;
  CHECK_EQUAL(0, cuDeviceGetCount(&count));
  CHECK_EQUAL(1, count);
  CHECK_EQUAL(0, cuDeviceGet(&device, 0));
  CHECK_EQUAL(101, cuDeviceGet(&device, 1));
  CHECK_EQUAL(0, cuDriverGetVersion(&version));
  CHECK_EQUAL(12060, version);
  CHECK_EQUAL(0, cuDeviceGetName(name, sizeof name, 0));
  CHECK_CONTAINS(name, "SoftCUDA");
  CHECK_EQUAL(0, cuDeviceTotalMem_v2(&bytes, 0));
  CHECK(bytes > 0);
  for (const auto& known : {std::pair<int, int>{75, 8}, {76, 0}, {1, 1024}, {10, 32}, {8, 49152}, {97, 166912}}) {
    CHECK_EQUAL(0, cuDeviceGetAttribute(&value, known.first, 0));
    CHECK_EQUAL(known.second, value);
  }
  CHECK_EQUAL(kInvalidValue, cuDeviceGetAttribute(&value, 100000, 0));
  const char* text = nullptr;
  CHECK_EQUAL(0, cuGetErrorName(700, &text));
  CHECK_CONTAINS(text, "CUDA_ERROR_ILLEGAL_ADDRESS");
  CHECK_EQUAL(kInvalidValue, cuGetErrorName(12345, &text));
}

TEST(contexts_are_stacked_and_primary_is_counted) {
  void *first = nullptr, *second = nullptr, *current = nullptr, *primary = nullptr, *again = nullptr;
  CHECK_EQUAL(0, cuCtxCreate_v2(&first, 0, 0));
  CHECK_EQUAL(0, cuCtxCreate_v2(&second, 0, 0));
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  CHECK(current == second);
  CHECK_EQUAL(0, cuCtxPopCurrent_v2(&current));
  CHECK(current == second);
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  CHECK(current == first);
  CHECK_EQUAL(0, cuCtxDestroy_v2(second));
  CHECK_EQUAL(kInvalidHandle, cuCtxPushCurrent_v2(second));
  CHECK_EQUAL(0, cuDevicePrimaryCtxRetain(&primary, 0));
  CHECK_EQUAL(0, cuDevicePrimaryCtxRetain(&again, 0));
  CHECK(primary == again);
  CHECK_EQUAL(0, cuCtxSetCurrent(primary));
  Ptr p;
  CHECK_EQUAL(0, cuMemAlloc_v2(&p, 1000));
  CHECK_EQUAL(1000, softcudaBytesInUse());
  CHECK_EQUAL(0, cuDevicePrimaryCtxRelease_v2(0));
  CHECK_EQUAL(0, cuDevicePrimaryCtxRelease_v2(0));
  CHECK_EQUAL(0, softcudaBytesInUse());
  CHECK_EQUAL(kInvalidContext, cuDevicePrimaryCtxRelease_v2(0));
  CHECK_EQUAL(709, cuMemAlloc_v2(&p, 4));
  CHECK_EQUAL(0, cuCtxSetCurrent(first));
  CHECK_EQUAL(0, cuCtxDestroy_v2(first));
}

TEST(memory_is_allocated_copied_and_bounded) {
  TestContext context;
  const std::vector<float> values = Random(1).vector(1000);
  DeviceArray<> a(values), b(1000);
  CHECK_EQUAL(8000, softcudaBytesInUse());
  CHECK_EQUAL(0, a.address() % 256);
  CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(b.address(), a.address(), 4000, nullptr));
  CHECK(b.get() == values);
  CHECK_EQUAL(0, cuMemsetD8_v2(b.address(), 0, 4000));
  CHECK_EQUAL(0, cuMemsetD2D32_v2(b.address() + 4, 40, 0x3f800000, 2, 10));
  const std::vector<float> set = b.get();
  CHECK(set[0] == 0.f && set[1] == 1.f && set[2] == 1.f && set[3] == 0.f && set[91] == 1.f && set[101] == 0.f);

  std::vector<float> host(2000);
  CHECK_EQUAL(kInvalidValue, cuMemcpyHtoD_v2(a.address(), host.data(), 4004));
  CHECK_CONTAINS(softcudaLastMessage(), "copy destination");
  CHECK_EQUAL(kInvalidValue, cuMemcpyDtoH_v2(host.data(), a.address() + 8, 3996));
  CHECK_EQUAL(kInvalidValue, cuMemcpyDtoH_v2(host.data(), reinterpret_cast<Ptr>(host.data()), 4));
  CHECK_EQUAL(kInvalidValue, cuMemFree_v2(a.address() + 4));
  CHECK_EQUAL(0, cuCtxSynchronize());

  Ptr base = 0, p = 0;
  size_t size = 0;
  CHECK_EQUAL(0, cuMemGetAddressRange_v2(&base, &size, a.address() + 100));
  CHECK(base == a.address() && size == 4000);
  unsigned type = 0;
  CHECK_EQUAL(0, cuPointerGetAttribute(&type, 2, a.address()));
  CHECK_EQUAL(2, type);
  CHECK_EQUAL(kInvalidValue, cuMemAlloc_v2(&p, 0));
  CHECK_EQUAL(2, cuMemAlloc_v2(&p, size_t{1} << 50));
  CHECK_CONTAINS(softcudaLastMessage(), "1125899906842624 bytes");
}

TEST(pinned_memory_is_read_late_and_pageable_memory_at_the_call) {
  TestContext context;
  void *stream = nullptr, *pinned = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cuMemHostAlloc(&pinned, 4, 0));
  auto* const value = static_cast<float*>(pinned);
  CHECK_EQUAL(0, softcudaBytesInUse());
  Ptr mapped = 0;
  CHECK_EQUAL(0, cuMemHostGetDevicePointer_v2(&mapped, pinned, 0));
  DeviceArray<> a(1), b(1);
  // The device waits in a host function until both sources have changed.
  std::atomic<bool> go{false};
  CHECK_EQUAL(0, cuLaunchHostFunc(stream, [](void* flag) {
    while (!static_cast<std::atomic<bool>*>(flag)->load()) std::this_thread::yield();
  }, &go));
  float pageable = 1.f;
  *value = 1.f;
  CHECK_EQUAL(0, cuMemcpyHtoDAsync_v2(a.address(), &pageable, 4, stream));
  CHECK_EQUAL(0, cuMemcpyHtoDAsync_v2(b.address(), pinned, 4, stream));
  pageable = 2.f;
  *value = 2.f;
  CHECK_EQUAL(600, cuStreamQuery(stream));
  go = true;
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK_EQUAL(0, cuStreamQuery(stream));
  CHECK(a.get()[0] == 1.f);
  CHECK(b.get()[0] == 2.f);
  CHECK_EQUAL(0, cuMemFreeHost(pinned));
  CHECK_EQUAL(kInvalidValue, cuMemFreeHost(pinned));
  CHECK_EQUAL(0, cuStreamDestroy_v2(stream));
  CHECK_EQUAL(kInvalidHandle, cuStreamSynchronize(stream));
}

TEST(kernels_run_with_both_ways_of_passing_parameters) {
  TestContext context;
  const Kernels kernels;
  const int n = 1000;
  const std::vector<float> values = Random(2).vector(n);
  DeviceArray<> in(values), out(n);
  CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), in.address(), out.address(), n, 0.5f, nullptr));
  std::vector<float> got = out.get();
  bool equal = true;
  for (int i = 0; i < n; ++i) equal &= got[i] == 2.f * values[i] + 0.5f;
  CHECK(equal);

  Ptr factor = 0;
  size_t size = 0;
  CHECK_EQUAL(0, cuModuleGetGlobal_v2(&factor, &size, kernels.module, "factor"));
  CHECK_EQUAL(4, size);
  const float three = 3.f;
  CHECK_EQUAL(0, cuMemcpyHtoD_v2(factor, &three, 4));
  struct {
    Ptr in, out;
    int n;
    float add;
  } packed = {in.address(), out.address(), n, 1.f};
  size_t bytes = sizeof packed;
  void* extra[] = {reinterpret_cast<void*>(1), &packed, reinterpret_cast<void*>(2), &bytes, nullptr};
  CHECK_EQUAL(0, cuLaunchKernel(kernels.function("scale_add"), 16, 1, 1, 64, 1, 1, 0, nullptr, nullptr, extra));
  got = out.get();
  equal = true;
  for (int i = 0; i < n; ++i) equal &= std::fabs(got[i] - (3.f * values[i] + 1.f)) <= 4e-7f;
  CHECK(equal);
  bytes = 8;
  CHECK_EQUAL(kInvalidValue, cuLaunchKernel(kernels.function("scale_add"), 16, 1, 1, 64, 1, 1, 0, nullptr, nullptr, extra));

  DeviceArray<double> four(4);
  char a = -3;
  double b = 1.25;
  short c = 700;
  long long d = 1LL << 40;
  Ptr to = four.address();
  void* params[] = {&a, &b, &c, &d, &to};
  CHECK_EQUAL(0, cuLaunchKernel(kernels.function("pack"), 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr));
  CHECK((four.get() == std::vector<double>{-3, 1.25, 700, 1099511627776.0}));
  void* unknown = nullptr;
  CHECK_EQUAL(kNotFound, cuModuleGetFunction(&unknown, kernels.module, "nothing"));
  CHECK_CONTAINS(softcudaLastMessage(), "scale_add");
}

TEST(launch_limits_are_those_of_cuda) {
  TestContext context;
  const Kernels kernels;
  DeviceArray<> out(16);
  void* const function = kernels.function("shared_sum");
  Ptr to = out.address();
  void* params[] = {&to};
  const auto launch = [&](unsigned grid, unsigned block_x, unsigned block_z, unsigned shared) {
    return cuLaunchKernel(function, grid, 1, 1, block_x, 1, block_z, shared, nullptr, params, nullptr);
  };
  CHECK_EQUAL(0, launch(16, 256, 1, 1024));
  CHECK(out.get()[15] == 5559680.f);
  CHECK_EQUAL(kInvalidValue, launch(0, 256, 1, 1024));
  CHECK_EQUAL(kInvalidValue, launch(1, 2048, 1, 1024));
  CHECK_EQUAL(kInvalidValue, launch(1, 1, 65, 1024));
  CHECK_EQUAL(kInvalidValue, launch(1, 32, 64, 1024));
  CHECK_EQUAL(kOutOfResources, launch(1, 512, 1, 1024));
  CHECK_EQUAL(kInvalidValue, launch(1, 256, 1, 49 * 1024));
  CHECK_CONTAINS(softcudaLastMessage(), "MAX_DYNAMIC_SHARED_SIZE_BYTES");
  CHECK_EQUAL(kInvalidValue, cuFuncSetAttribute(function, 8, 164 * 1024));
  CHECK_EQUAL(0, cuFuncSetAttribute(function, 8, 100 * 1024));
  CHECK_EQUAL(0, launch(1, 256, 1, 100 * 1024));
  int value = 0;
  CHECK_EQUAL(0, cuFuncGetAttribute(&value, 8, function));
  CHECK_EQUAL(100 * 1024, value);
  CHECK_EQUAL(0, cuFuncGetAttribute(&value, 0, function));
  CHECK_EQUAL(256, value);
  CHECK_EQUAL(0, cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 256, 81 * 1024));
  CHECK_EQUAL(2, value);
  CHECK_EQUAL(0, cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 256, 0));
  CHECK_EQUAL(8, value);
  CHECK_EQUAL(0, cuCtxSynchronize());
}

TEST(events_have_times_and_order) {
  TestContext context;
  void *stream = nullptr, *other = nullptr, *start = nullptr, *end = nullptr, *untimed = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 0));
  CHECK_EQUAL(0, cuStreamCreate(&other, 0));
  CHECK_EQUAL(0, cuEventCreate(&start, 0));
  CHECK_EQUAL(0, cuEventCreate(&end, 0));
  CHECK_EQUAL(0, cuEventCreate(&untimed, 2));
  float milliseconds = -1.f;
  CHECK_EQUAL(kInvalidHandle, cuEventElapsedTime(&milliseconds, start, end));
  CHECK_EQUAL(0, cuEventQuery(start));
  CHECK_EQUAL(0, cuEventRecord(start, stream));
  CHECK_EQUAL(0, cuLaunchHostFunc(stream, [](void*) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }, nullptr));
  CHECK_EQUAL(0, cuEventRecord(end, stream));
  CHECK_EQUAL(600, cuEventElapsedTime(&milliseconds, start, end));
  CHECK_EQUAL(600, cuEventQuery(end));
  CHECK_EQUAL(0, cuStreamWaitEvent(other, end, 0));
  CHECK_EQUAL(0, cuStreamSynchronize(other));
  CHECK_EQUAL(0, cuEventQuery(end));
  CHECK_EQUAL(0, cuEventSynchronize(end));
  CHECK_EQUAL(0, cuEventElapsedTime(&milliseconds, start, end));
  CHECK(milliseconds >= 20.f && milliseconds < 2000.f);
  CHECK_EQUAL(0, cuEventRecord(untimed, stream));
  CHECK_EQUAL(0, cuEventSynchronize(untimed));
  CHECK_EQUAL(kInvalidHandle, cuEventElapsedTime(&milliseconds, start, untimed));
  CHECK_EQUAL(0, cuEventDestroy_v2(untimed));
  CHECK_EQUAL(kInvalidHandle, cuEventQuery(untimed));
}

TEST(a_captured_graph_repeats_its_work) {
  TestContext context;
  const Kernels kernels;
  void *stream = nullptr, *graph = nullptr, *exec = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  DeviceArray<> x(64), y(64);
  x.set(std::vector<float>(64, 1.f));
  void* const function = kernels.function("scale_add");
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  int status = 0;
  CHECK_EQUAL(0, cuStreamIsCapturing(stream, &status));
  CHECK_EQUAL(1, status);
  CHECK_EQUAL(0, launch_scale(function, x.address(), y.address(), 64, 1.f, stream));
  CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(x.address(), y.address(), 256, stream));
  CHECK_EQUAL(0, cuMemsetD32Async(y.address(), 0, 64, stream));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK(x.get()[0] == 1.f);
  size_t count = 0, edges = 0;
  CHECK_EQUAL(0, cuGraphGetNodes(graph, nullptr, &count));
  CHECK_EQUAL(3, count);
  CHECK_EQUAL(0, cuGraphGetEdges(graph, nullptr, nullptr, &edges));
  CHECK_EQUAL(2, edges);
  std::vector<void*> nodes(count);
  CHECK_EQUAL(0, cuGraphGetNodes(graph, nodes.data(), &count));
  for (int i = 0; i < 3; ++i) {
    int type = -1;
    CHECK_EQUAL(0, cuGraphNodeGetType(nodes[i], &type));
    CHECK_EQUAL(i, type);
  }
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
  CHECK_EQUAL(0, cuGraphDestroy(graph));
  for (int i = 0; i < 3; ++i) CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(0, cuGraphExecDestroy(exec));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK(x.get()[63] == 15.f);
  CHECK(y.get()[0] == 0.f);
}

TEST(capture_forks_and_joins_through_events) {
  TestContext context;
  void *stream = nullptr, *other = nullptr, *fork = nullptr, *join = nullptr, *graph = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cuStreamCreate(&other, 1));
  CHECK_EQUAL(0, cuEventCreate(&fork, 2));
  CHECK_EQUAL(0, cuEventCreate(&join, 2));
  DeviceArray<> x(64), y(64);
  const auto capture = [&](bool joined) {
    CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
    CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 0, 64, stream));
    CHECK_EQUAL(0, cuEventRecord(fork, stream));
    CHECK_EQUAL(0, cuStreamWaitEvent(other, fork, 0));
    CHECK_EQUAL(0, cuMemsetD32Async(y.address(), 0, 64, other));
    CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 1, 64, stream));
    CHECK_EQUAL(0, cuEventRecord(join, other));
    if (joined) CHECK_EQUAL(0, cuStreamWaitEvent(stream, join, 0));
    CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 2, 64, stream));
    return cuStreamEndCapture(stream, &graph);
  };
  CHECK_EQUAL(0, capture(true));
  size_t nodes = 0, edges = 0;
  CHECK_EQUAL(0, cuGraphGetNodes(graph, nullptr, &nodes));
  CHECK_EQUAL(0, cuGraphGetEdges(graph, nullptr, nullptr, &edges));
  CHECK_EQUAL(4, nodes);
  CHECK_EQUAL(4, edges);
  CHECK_EQUAL(0, cuGraphDestroy(graph));
  CHECK_EQUAL(kCaptureUnjoined, capture(false));
  CHECK(graph == nullptr);
  CHECK_EQUAL(0, cuStreamSynchronize(other));
}

TEST(capture_refuses_what_cuda_refuses) {
  TestContext context;
  void *stream = nullptr, *blocking = nullptr, *graph = nullptr, *event = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cuStreamCreate(&blocking, 0));
  CHECK_EQUAL(0, cuEventCreate(&event, 0));
  DeviceArray<> x(64);
  Ptr p;
  CHECK_EQUAL(kCaptureUnsupported, cuStreamBeginCapture_v2(nullptr, 0));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(kCaptureUnsupported, cuMemAlloc_v2(&p, 4));
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(kCaptureUnsupported, cuStreamSynchronize(stream));
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(blocking, 0));
  CHECK_EQUAL(kCaptureImplicit, cuMemsetD32Async(x.address(), 0, 64, nullptr));
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(blocking, &graph));
  CHECK_EQUAL(0, cuEventRecord(event, stream));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(kCaptureIsolation, cuStreamWaitEvent(stream, event, 0));
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 2));
  CHECK_EQUAL(0, cuMemAlloc_v2(&p, 4));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuMemFree_v2(p));
  CHECK_EQUAL(kInvalidValue, cuStreamEndCapture(stream, &graph));
}

TEST(a_kernel_out_of_bounds_is_a_sticky_error_with_a_report) {
  CHECK_EQUAL(0, softcudaSetOption("check", "memory"));
  TestContext context;
  const Kernels kernels;
  void* const function = kernels.function("write_beyond");
  DeviceArray<> out(1024);
  CHECK_EQUAL(0, softcudaNameAllocation(out.address(), "the target"));
  Ptr to = out.address();
  int n = 1024;
  void* params[] = {&to, &n};
  CHECK_EQUAL(0, cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, params, nullptr));
  CHECK_EQUAL(kIllegalAddress, cuCtxSynchronize());
  const std::string message = softcudaLastMessage();
  CHECK_CONTAINS(message, "write_beyond");
  CHECK_CONTAINS(message, "the target");
  CHECK_EQUAL(kIllegalAddress, cuCtxSynchronize());
  CHECK_EQUAL(kIllegalAddress, cuMemAlloc_v2(&to, 4));
  CHECK_EQUAL(kIllegalAddress, cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, params, nullptr));
  CHECK(message == softcudaLastMessage());
  context.destroy();
  TestContext next;
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK_EQUAL(0, softcudaSetOption("check", "none"));
}

TEST(bad_images_and_options_are_explained) {
  TestContext context;
  void* module = nullptr;
  CHECK_EQUAL(kInvalidPtx, cuModuleLoadData(&module, "this is no PTX"));
  CHECK_EQUAL(kNoBinary, cuModuleLoadData(&module, "\x7f" "ELF and more"));
  CHECK_CONTAINS(softcudaLastMessage(), "cubin");
  CHECK_EQUAL(kInvalidValue, softcudaSetOption("nonsense", "1"));
}

TEST(a_missing_entry_point_says_so) {
  TestContext context;
  Ptr p = 0;
  CHECK_EQUAL(kNotSupported, cuMemAllocManaged(&p, 4, 1));
  CHECK_CONTAINS(softcudaLastMessage(), "cuMemAllocManaged");
  CHECK_EQUAL(0, cuCtxSynchronize());
}

TEST(many_threads_launch_at_once) {
  TestContext context;
  const Kernels kernels;
  void* const function = kernels.function("scale_add");
  void* current = nullptr;
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      cuCtxSetCurrent(current);
      void* stream = nullptr;
      Ptr x = 0;
      if (cuStreamCreate(&stream, 1) != 0 || cuMemAlloc_v2(&x, 256) != 0) ++wrong;
      for (int i = 0; i < 200; ++i) {
        std::vector<float> values(64, static_cast<float>(t + i)), got(64);
        if (cuMemcpyHtoDAsync_v2(x, values.data(), 256, stream) != 0) ++wrong;
        if (launch_scale(function, x, x, 64, 1.f, stream) != 0) ++wrong;
        if (cuMemcpyDtoHAsync_v2(got.data(), x, 256, stream) != 0) ++wrong;
        if (got[63] != 2.f * static_cast<float>(t + i) + 1.f) ++wrong;
      }
      if (cuMemFree_v2(x) != 0 || cuStreamDestroy_v2(stream) != 0) ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_EQUAL(0, wrong.load());
}

}  // namespace

int main() { return run_all(); }
