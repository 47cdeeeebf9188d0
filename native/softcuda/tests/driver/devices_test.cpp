// Several devices in one process, one thread each: own contexts, memory, streams, events, faults; no device reaches another's memory.
#include <atomic>
#include <thread>

#include "program.h"

CU(cuCtxGetDevice, int*);
CU(cuDeviceCanAccessPeer, int*, int, int);
CU(cuDeviceGetUuid, char*, int);
CU(cuCtxEnablePeerAccess, void*, unsigned);
CU(cuMemcpyPeer, Ptr, void*, Ptr, void*, size_t);
CU(cuMemcpyPeerAsync, Ptr, void*, Ptr, void*, size_t, void*);
CU(cuMemGetInfo_v2, size_t*, size_t*);

namespace {

constexpr int kDevices = 3;

// The primary context of a device, current to this thread.
class OnDevice {
 public:
  explicit OnDevice(int device) : device_(device) {
    CHECK_EQUAL(0, cuDevicePrimaryCtxRetain(&handle_, device));
    use();
  }
  ~OnDevice() {
    CHECK_EQUAL(0, cuDevicePrimaryCtxRelease_v2(device_));
    cuCtxSetCurrent(nullptr);
  }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;
  void use() const { CHECK_EQUAL(0, cuCtxSetCurrent(handle_)); }
  void* handle() const { return handle_; }

 private:
  const int device_;
  void* handle_ = nullptr;
};

void expect(int result, int got, const std::vector<const char*>& parts) {
  CHECK_EQUAL(result, got);
  for (const char* const part : parts) CHECK_CONTAINS(softcudaLastMessage(), part);
}

TEST(the_number_is_fixed_before_the_driver_is_initialised) {
  int count = 0;
  CHECK_EQUAL(kNotInitialized, cuDeviceGetCount(&count));
  for (const char* const wrong : {"0", "17", "-1", "two", ""}) expect(kInvalidValue, softcudaSetOption("devices", wrong), {"devices must be 1..16, not"});
  CHECK_EQUAL(0, softcudaSetOption("devices", "2"));
  CHECK_EQUAL(0, softcudaSetOption("devices", std::to_string(kDevices).c_str()));
  CHECK_EQUAL(0, cuInit(0));
  CHECK_EQUAL(0, cuDeviceGetCount(&count));
  CHECK_EQUAL(kDevices, count);
  expect(kInvalidValue, softcudaSetOption("devices", "4"), {"devices=4 comes too late", "with 3", "before cuInit"});
  CHECK_EQUAL(0, softcudaSetOption("devices", std::to_string(kDevices).c_str()));
}

TEST(devices_differ) {
  int device = -1, can = -1;
  char first[16], second[16];
  expect(101, cuDeviceGet(&device, kDevices), {"devices 0 to 2", "asked for 3"});
  expect(101, cuDeviceGet(&device, -1), {"asked for -1"});
  CHECK_EQUAL(0, cuDeviceGetUuid(first, 0));
  CHECK_EQUAL(0, cuDeviceGetUuid(second, 2));
  CHECK(memcmp(first, second, sizeof first) != 0);
  CHECK_EQUAL(0, cuDeviceCanAccessPeer(&can, 0, 1));
  CHECK_EQUAL(0, can);
  const OnDevice zero(0), two(2), again(2);
  CHECK(zero.handle() != two.handle() && two.handle() == again.handle());
  CHECK_EQUAL(0, cuCtxGetDevice(&device));
  CHECK_EQUAL(2, device);
  expect(217, cuCtxEnablePeerAccess(zero.handle(), 0), {"device 2 does not reach the memory of device 0"});
}

TEST(each_device_counts_its_own_memory) {
  const OnDevice zero(0), one(1);
  size_t all = 0, total[2] = {}, before[2] = {}, after[2] = {}, freed = 0;
  CHECK_EQUAL(0, cuDeviceTotalMem_v2(&all, 1));
  Ptr pointer = 0;
  zero.use();
  CHECK_EQUAL(0, cuMemGetInfo_v2(&before[0], &total[0]));
  one.use();
  CHECK_EQUAL(0, cuMemGetInfo_v2(&before[1], &total[1]));
  CHECK_EQUAL(all, total[1]);
  CHECK_EQUAL(total[0], total[1]);
  // A third of the host's memory is no device's limit here: small pieces, which never look at the host's, are counted too.
  expect(2, cuMemAlloc_v2(&pointer, total[1] + 1), {"are free on device 1"});
  const unsigned long long held = softcudaBytesInUse();
  CHECK_EQUAL(0, cuMemAlloc_v2(&pointer, 64 << 20));
  CHECK_EQUAL(held + (64 << 20), softcudaBytesInUse());
  CHECK_EQUAL(0, cuMemGetInfo_v2(&after[1], nullptr));
  CHECK(after[1] <= total[1] - (64 << 20));
  int device = -1;
  void* context = nullptr;
  zero.use();
  // Addresses are unified: any device's thread may ask whose one is.
  CHECK_EQUAL(0, cuPointerGetAttribute(&device, 9, pointer));
  CHECK_EQUAL(1, device);
  CHECK_EQUAL(0, cuPointerGetAttribute(&context, 1, pointer));
  CHECK(context == one.handle());
  expect(kInvalidValue, cuMemFree_v2(pointer), {"memory of device 1, which device 0 does not reach"});
  one.use();
  CHECK_EQUAL(0, cuMemFree_v2(pointer));
  CHECK_EQUAL(held, softcudaBytesInUse());
}

TEST(a_foreign_pointer_is_found) {
  const Option option("check", "memory", "none");
  const OnDevice zero(0), one(1);
  zero.use();
  const DeviceArray<> theirs(std::vector<float>(64, 1.f));
  CHECK_EQUAL(0, softcudaNameAllocation(theirs.address(), "weights of rank 0"));
  void* theirStream = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&theirStream, 1));
  one.use();
  {
    const Kernels kernels;
    const DeviceArray<> mine(std::vector<float>(64, 2.f));
    float host[64];
    const auto both = {"weights of rank 0", "memory of device 0, which device 1 does not reach", "cuMemcpyPeer"};
    expect(kInvalidValue, cuMemcpyDtoD_v2(mine.address(), theirs.address(), 256), both);
    expect(kInvalidValue, cuMemcpy(mine.address(), theirs.address(), 256), both);
    expect(kInvalidValue, cuMemcpy(theirs.address(), mine.address(), 256), both);
    expect(kInvalidValue, cuMemcpyDtoH_v2(host, theirs.address(), 256), both);
    expect(kInvalidValue, cuMemcpyHtoD_v2(theirs.address(), host, 256), both);
    expect(kInvalidValue, cuMemcpyDtoH_v2(theirs.pointer(), mine.address(), 256), both);
    expect(kInvalidValue, cuMemsetD8_v2(theirs.address(), 0, 256), both);
    CHECK_EQUAL(kInvalidHandle, cuStreamSynchronize(theirStream));
    CHECK_EQUAL(kInvalidHandle, launch_scale(kernels.function("scale_add"), mine.address(), mine.address(), 64, 0.f, theirStream));
    CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), theirs.address(), mine.address(), 64, 0.f, nullptr));
    expect(kIllegalAddress, cuStreamSynchronize(nullptr), {"device 1, scale_add", "weights of rank 0", "memory of device 0, which device 1 does not reach"});
  }
  // Device 1 has failed, device 0 has not.
  zero.use();
  CHECK_EQUAL(0, cuStreamSynchronize(theirStream));
  CHECK(theirs.get() == std::vector<float>(64, 1.f));
  CHECK_EQUAL(0, cuStreamDestroy_v2(theirStream));
}

TEST(a_fault_stays_with_its_device) {
  const Option option("check", "memory", "none");
  const OnDevice zero(0);
  const Kernels kernels;
  const DeviceArray<> x(std::vector<float>(64, 1.f)), y(64);
  {
    const OnDevice one(1);
    const Kernels others;
    CHECK_EQUAL(0, launch_scale(others.function("scale_add"), 8, 8, 1, 0.f, nullptr));
    CHECK_EQUAL(kIllegalAddress, cuStreamSynchronize(nullptr));
    void* event = nullptr;
    CHECK_EQUAL(kIllegalAddress, cuEventCreate(&event, 0));
    zero.use();
    CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), x.address(), y.address(), 64, 1.f, nullptr));
    CHECK(y.get() == std::vector<float>(64, 3.f));
    one.use();
    CHECK_EQUAL(kIllegalAddress, cuCtxSynchronize());
  }
  const OnDevice anew(1);  // its context was the fault's, and is gone
  CHECK_EQUAL(0, cuCtxSynchronize());
  zero.use();
}

TEST(leaks_are_told_of_the_device_that_has_them) {
  const Option option("check", "leak", "none");
  const OnDevice zero(0);
  const DeviceArray<> kept(16);
  void* context = nullptr;
  Ptr lost = 0;
  CHECK_EQUAL(0, cuDevicePrimaryCtxRetain(&context, 1));
  CHECK_EQUAL(0, cuCtxSetCurrent(context));
  CHECK_EQUAL(0, cuMemAlloc_v2(&lost, 48));
  expect(999, cuDevicePrimaryCtxRelease_v2(1), {"leak: 1 allocation of together 48 bytes", "the context of device 1"});
  zero.use();
}

TEST(peers_copy_through_the_host) {
  const Option option("check", "memory,init,race", "none");
  const OnDevice zero(0), one(1);
  zero.use();
  const DeviceArray<> from(std::vector<float>(1000, 3.f)), unwritten(1000);
  const Kernels kernels;
  one.use();
  const DeviceArray<> to(1000), out(1000);
  const Kernels others;
  void* stream = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  zero.use();
  CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), from.address(), from.address(), 1000, 1.f, nullptr));
  one.use();
  CHECK_EQUAL(0, cuMemcpyPeer(to.address(), one.handle(), from.address(), zero.handle(), 4000));
  CHECK_EQUAL(0, launch_scale(others.function("scale_add"), to.address(), out.address(), 1000, 0.f, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK(out.get() == std::vector<float>(1000, 14.f));
  expect(kInvalidValue, cuMemcpyPeer(to.address(), one.handle(), to.address(), zero.handle(), 4000), {"copy source", "memory of device 1, which device 0 does not reach"});
  expect(kInvalidValue, cuMemcpyPeer(to.address(), one.handle(), from.address(), zero.handle(), 4004), {"copy source: 4004 bytes"});
  CHECK_EQUAL(kInvalidContext, cuMemcpyPeer(to.address(), stream, from.address(), zero.handle(), 4000));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(kCaptureUnsupported, cuMemcpyPeerAsync(to.address(), one.handle(), from.address(), zero.handle(), 4000, stream));
  void* graph = nullptr;
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuMemcpyPeerAsync(to.address(), one.handle(), from.address(), zero.handle(), 4000, stream));
  CHECK(to.get() == std::vector<float>(1000, 7.f));
  // What nobody wrote there, nobody has written here.
  CHECK_EQUAL(0, cuMemcpyPeer(to.address(), one.handle(), unwritten.address(), zero.handle(), 4000));
  CHECK_EQUAL(0, launch_scale(others.function("scale_add"), to.address(), out.address(), 1000, 0.f, nullptr));
  expect(719, cuStreamSynchronize(nullptr), {"uninitialised global memory"});
  zero.use();
}

// With random orders, too: the wait must not hold up what the event itself waits for.
TEST(events_order_devices) {
  for (const char* const seed : {"0", "1", "2", "3"}) {
    const Option option("seed", seed, "0");
    const OnDevice zero(0), one(1);
    void *events[2] = {}, *streams[2] = {};
    std::atomic<int> seen{0};
    one.use();
    CHECK_EQUAL(0, cuStreamCreate(&streams[1], 1));
    CHECK_EQUAL(0, cuEventCreate(&events[1], 0));
    zero.use();
    CHECK_EQUAL(0, cuStreamCreate(&streams[0], 1));
    CHECK_EQUAL(0, cuEventCreate(&events[0], 0));
    CHECK_EQUAL(0, cuLaunchHostFunc(streams[0], [](void* p) {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      *static_cast<std::atomic<int>*>(p) = 1;
    }, &seen));
    CHECK_EQUAL(kInvalidHandle, cuEventRecord(events[1], streams[0]));
    CHECK_EQUAL(0, cuEventRecord(events[0], streams[0]));
    one.use();
    CHECK_EQUAL(0, cuStreamWaitEvent(streams[1], events[0], 0));
    CHECK_EQUAL(0, cuLaunchHostFunc(streams[1], [](void* p) { *static_cast<std::atomic<int>*>(p) += 1; }, &seen));
    CHECK_EQUAL(0, cuEventRecord(events[1], streams[1]));
    CHECK_EQUAL(0, cuEventSynchronize(events[1]));
    CHECK_EQUAL(2, seen.load());
    float time = 0.f;
    expect(kInvalidHandle, cuEventElapsedTime(&time, events[0], events[1]), {"of device 0 and of device 1"});
  }
}

// A thread a device, all at once, each with its own stream of launches, copies and faults of the checks: what one does, no other sees.
TEST(threads_work_side_by_side) {
  for (const char* const check : {"none", "memory,init,race"}) {
    const Option option("check", check, "none");
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int device = 0; device < kDevices; ++device) {
      threads.emplace_back([&, device] {
        void *context = nullptr, *module = nullptr, *function = nullptr, *stream = nullptr;
        Ptr x = 0, grown = 0;
        const std::string text = ptx();
        std::vector<float> values(256, static_cast<float>(device)), got(256);
        bool ok = cuDevicePrimaryCtxRetain(&context, device) == 0 && cuCtxSetCurrent(context) == 0 && cuModuleLoadData(&module, text.c_str()) == 0 &&
                  cuModuleGetFunction(&function, module, "scale_add") == 0 && cuStreamCreate(&stream, 1) == 0 && cuMemAlloc_v2(&x, 1024) == 0;
        ok = ok && cuMemcpyHtoDAsync_v2(x, values.data(), 1024, stream) == 0;
        float wanted = static_cast<float>(device);
        for (int i = 0; ok && i < 50; ++i) {
          const float add = static_cast<float>(-device);
          ok = launch_scale(function, x, x, 256, add, stream) == 0 && cuMemAlloc_v2(&grown, 4096) == 0 && cuMemFree_v2(grown) == 0;
          wanted = 2.f * wanted + add;
        }
        ok = ok && cuMemcpyDtoHAsync_v2(got.data(), x, 1024, stream) == 0 && cuStreamSynchronize(stream) == 0;
        ok = ok && got == std::vector<float>(256, wanted) && cuMemFree_v2(x) == 0 && cuStreamDestroy_v2(stream) == 0 && cuModuleUnload(module) == 0;
        // The text of a failure is the thread's that had it.
        for (int i = 0; ok && i < 50; ++i) {
          const Ptr nowhere = static_cast<Ptr>(device + 1) * 4096;
          ok = cuMemFree_v2(nowhere) == kInvalidValue;
          const std::string said = softcudaLastMessage();
          const Ptr elsewhere = static_cast<Ptr>(device + 1) * 4096 + 1;
          ok = ok && cuMemcpyDtoD_v2(elsewhere, elsewhere, 7 + static_cast<size_t>(device)) == kInvalidValue && said.find("cuMemFree") != std::string::npos &&
               std::string(softcudaLastMessage()).find(std::to_string(7 + device) + " bytes") != std::string::npos;
        }
        ok = cuDevicePrimaryCtxRelease_v2(device) == 0 && ok;
        if (!ok) printf("device %d: %s\n", device, softcudaLastMessage());
        right += ok ? 1 : 0;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK_EQUAL(kDevices, right.load());
  }
}

}  // namespace

int main() { return run_all(); }
