// Memory: allocation, copies, sets, page-locked memory, leaks.
#include <atomic>
#include <thread>

#include "program.h"

namespace {

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

// What host memory another thread is about to hold counts nowhere.
TEST(threads_allocate_side_by_side) {
  TestContext context;
  void* handle = nullptr;
  CHECK_EQUAL(0, cuCtxGetCurrent(&handle));
  std::atomic<bool> done{false};
  std::thread host([&] {
    CHECK_EQUAL(0, cuCtxSetCurrent(handle));
    while (!done) {
      void* pinned = nullptr;
      CHECK_EQUAL(0, cuMemHostAlloc(&pinned, 4096, 0));
      CHECK_EQUAL(0, cuMemFreeHost(pinned));
    }
  });
  for (int i = 0; i < 20000; i++) {
    Ptr p = 0;
    CHECK_EQUAL(0, cuMemAlloc_v2(&p, 64));
    CHECK_EQUAL(0, cuMemFree_v2(p));
  }
  done = true;
  host.join();
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

TEST(kernels_use_registered_memory_within_its_bounds) {
  const Option check("check", "all", "none");
  std::vector<float> own = Random(2).vector(1000);
  const std::vector<float> before = own;
  Ptr mapped = 0;
  {
    TestContext context;
    const Kernels kernels;
    DeviceArray<> out(900);
    const auto in_use = softcudaBytesInUse();
    CHECK_EQUAL(0, cuMemHostRegister_v2(own.data() + 50, 3600, 0));
    CHECK_EQUAL(712, cuMemHostRegister_v2(own.data() + 949, 8, 0));
    CHECK_EQUAL(kInvalidValue, cuMemHostRegister_v2(reinterpret_cast<void*>(out.address() + 8), 8, 0));
    CHECK_CONTAINS(softcudaLastMessage(), "meet");
    CHECK_EQUAL(0, cuMemHostGetDevicePointer_v2(&mapped, own.data() + 50, 0));
    CHECK_EQUAL(in_use, softcudaBytesInUse());
    int n = 900;
    float add = 1.f;
    Ptr to = out.address();
    void* there[] = {&mapped, &to, &n, &add};
    CHECK_EQUAL(0, cuLaunchKernel(kernels.function("scale_add"), 4, 1, 1, 256, 1, 1, 0, nullptr, there, nullptr));
    const std::vector<float> got = out.get();
    for (int i = 0; i < n; ++i) CHECK(got[i] == 2.f * before[50 + i] + 1.f);
    void* back[] = {&to, &mapped, &n, &add};
    CHECK_EQUAL(0, cuLaunchKernel(kernels.function("scale_add"), 4, 1, 1, 256, 1, 1, 0, nullptr, back, nullptr));
    CHECK_EQUAL(0, cuCtxSynchronize());
    for (int i = 0; i < 1000; ++i) CHECK(own[i] == (i < 50 || i >= 950 ? before[i] : 2.f * got[i - 50] + 1.f));
    CHECK_EQUAL(0, cuMemHostUnregister(own.data() + 50));
    CHECK_EQUAL(713, cuMemHostUnregister(own.data() + 50));
    // It may be registered again, and is no leak.
    CHECK_EQUAL(0, cuMemHostRegister_v2(own.data(), 4000, 0));
    const float first = own[0];
    CHECK_EQUAL(0, cuMemHostUnregister(own.data()));
    CHECK(own[0] == first);
    CHECK_EQUAL(0, cuMemHostRegister_v2(own.data(), 4000, 0));
  }
  TestContext context;
  const Kernels kernels;
  int n = 500;
  CHECK_EQUAL(0, cuMemHostRegister_v2(own.data(), 2000, 0));
  mapped = reinterpret_cast<Ptr>(own.data());
  void* beyond[] = {&mapped, &n};
  CHECK_EQUAL(0, cuLaunchKernel(kernels.function("write_beyond"), 1, 1, 1, 32, 1, 1, 0, nullptr, beyond, nullptr));
  CHECK_EQUAL(700, cuCtxSynchronize());
  CHECK_CONTAINS(softcudaLastMessage(), "registered host memory");
}

TEST(leaks_are_told_when_the_context_is_destroyed) {
  const Option check("check", "leak", "none");
  void *context = nullptr, *stream = nullptr, *pinned = nullptr, *registered = nullptr;
  CHECK_EQUAL(0, cuCtxCreate_v2(&context, 0, 0));
  const Kernels kernels;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 0));
  CHECK_EQUAL(0, cuMemHostAlloc(&pinned, 5000, 0));
  char own[64];
  CHECK_EQUAL(0, cuMemHostRegister_v2(own, sizeof own, 0));
  std::vector<Ptr> pointers(12);
  for (int i = 0; i < 12; ++i) CHECK_EQUAL(0, cuMemAlloc_v2(&pointers[i], 100 * (i + 1)));
  CHECK_EQUAL(0, softcudaNameAllocation(pointers[11] + 8, "net.W3"));
  CHECK_EQUAL(0, cuMemFree_v2(pointers[0]));
  CHECK_EQUAL(999, cuCtxDestroy_v2(context));
  const std::string report = softcudaLastMessage();
  CHECK_CONTAINS(report, "12 allocations of together 12700 bytes");
  CHECK_CONTAINS(report, "1200 bytes of device memory");
  CHECK_CONTAINS(report, "'net.W3'");
  CHECK_CONTAINS(report, "5000 bytes of page-locked memory");
  CHECK_CONTAINS(report, "and 2 smaller ones");
  CHECK_CONTAINS(report, "1 module, 1 stream");
  CHECK(report.find("5000 bytes") < report.find("1200 bytes"));
  CHECK(report.find(" 200 bytes") == std::string::npos);
  // It is destroyed all the same.
  CHECK_EQUAL(0, softcudaBytesInUse());
  CHECK_EQUAL(kInvalidContext, cuCtxDestroy_v2(context));
  CHECK_EQUAL(kInvalidContext, cuStreamSynchronize(stream));
}

TEST(module_variables_and_objects_are_no_leaks) {
  const Option check("check", "leak", "none");
  void *context = nullptr, *stream = nullptr;
  CHECK_EQUAL(0, cuCtxCreate_v2(&context, 0, 0));
  const Kernels kernels;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 0));
  { DeviceArray<> x(10); }
  CHECK_EQUAL(0, cuCtxDestroy_v2(context));
}

TEST(the_primary_context_is_checked_for_leaks_too) {
  const Option check("check", "all", "none");
  for (const bool reset : {false, true}) {
    void* primary = nullptr;
    Ptr p = 0;
    CHECK_EQUAL(0, cuDevicePrimaryCtxRetain(&primary, 0));
    CHECK_EQUAL(0, cuCtxSetCurrent(primary));
    CHECK_EQUAL(0, cuMemAlloc_v2(&p, 64));
    CHECK_EQUAL(999, reset ? cuDevicePrimaryCtxReset_v2(0) : cuDevicePrimaryCtxRelease_v2(0));
    CHECK_CONTAINS(softcudaLastMessage(), "1 allocation of together 64 bytes");
    CHECK_EQUAL(kInvalidContext, cuDevicePrimaryCtxRelease_v2(0));
    CHECK_EQUAL(0, cuCtxSetCurrent(nullptr));
  }
}

TEST(without_the_check_leaks_are_silent) {
  void* context = nullptr;
  Ptr p = 0;
  CHECK_EQUAL(0, cuCtxCreate_v2(&context, 0, 0));
  CHECK_EQUAL(0, cuMemAlloc_v2(&p, 64));
  CHECK_EQUAL(0, cuCtxDestroy_v2(context));
}

}  // namespace

int main() { return run_all(); }
