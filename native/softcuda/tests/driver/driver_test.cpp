// The driver: what works before anything, the device, contexts, options, threads.
#include <atomic>
#include <thread>

#include "program.h"

namespace {

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
  CHECK_EQUAL(13000, version);
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
  CHECK_EQUAL(kInvalidContext, cuCtxPushCurrent_v2(second));
  CHECK_EQUAL(kInvalidContext, cuCtxSetCurrent(second));
  CHECK_EQUAL(kInvalidContext, cuCtxDestroy_v2(second));
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

TEST(streams_and_events_belong_to_their_context) {
  void *first = nullptr, *second = nullptr, *stream = nullptr, *event = nullptr, *owner = nullptr;
  CHECK_EQUAL(0, cuCtxCreate_v2(&first, 0, 0));
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cuCtxCreate_v2(&second, 0, 0));
  CHECK_EQUAL(0, cuEventCreate(&event, 0));
  CHECK_EQUAL(0, cuStreamGetCtx(stream, &owner));
  CHECK(owner == first);
  CHECK_EQUAL(0, cuStreamGetCtx(nullptr, &owner));
  CHECK(owner == second);
  CHECK_EQUAL(kInvalidHandle, cuStreamSynchronize(stream));
  CHECK_EQUAL(0, cuCtxPushCurrent_v2(first));
  CHECK_EQUAL(kInvalidHandle, cuEventRecord(event, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK_EQUAL(0, cuCtxPopCurrent_v2(&owner));
  CHECK_EQUAL(0, cuCtxDestroy_v2(second));
  CHECK_EQUAL(0, cuCtxDestroy_v2(first));
  CHECK_EQUAL(kInvalidHandle, cuStreamGetCtx(stream, &owner));
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
