// The checks of races and initialisation with the driver's part: what streams, events, the host and graphs order, and what copies and
// library calls read and write.
#include <functional>

#include "libraries.h"
#include "program.h"

namespace {

constexpr int kRace = 719;

// Two streams and an array that both use.
struct Scene {
  TestContext context;
  const Kernels kernels;
  void *first = nullptr, *second = nullptr, *event = nullptr;
  DeviceArray<> x{std::vector<float>(64, 1.f)}, y{std::vector<float>(64, 0.f)};
  explicit Scene(unsigned flags = 1) {
    CHECK_EQUAL(0, cuStreamCreate(&first, flags));
    CHECK_EQUAL(0, cuStreamCreate(&second, flags));
    CHECK_EQUAL(0, cuEventCreate(&event, 2));
    CHECK_EQUAL(0, softcudaNameAllocation(x.address(), "shared.x"));
    CHECK_EQUAL(0, cuCtxSynchronize());
  }
  int scale(Ptr in, Ptr out, void* stream) const { return launch_scale(kernels.function("scale_add"), in, out, 64, 1.f, stream); }
  void order() const {
    CHECK_EQUAL(0, cuEventRecord(event, first));
    CHECK_EQUAL(0, cuStreamWaitEvent(second, event, 0));
  }
};

// Runs the body, then says how the context ends: without and with what orders the two streams.
void check_race(const char* reported, const std::function<int(Scene&)>& first, const std::function<int(Scene&)>& second) {
  for (const char* seed : {"0", "1", "2"}) {
    const Option with_seed("seed", seed, "0");
    for (int ordered = 0; ordered < 3; ++ordered) {
      Scene scene;
      CHECK_EQUAL(0, first(scene));
      if (ordered == 1) scene.order();
      if (ordered == 2) CHECK_EQUAL(0, cuStreamSynchronize(scene.first));
      const int result = second(scene);
      CHECK(result == 0 || result == kRace);
      CHECK_EQUAL(ordered == 0 ? kRace : 0, cuCtxSynchronize());
      if (ordered == 0) {
        CHECK_CONTAINS(softcudaLastMessage(), "race");
        CHECK_CONTAINS(softcudaLastMessage(), "shared.x");
        CHECK_CONTAINS(softcudaLastMessage(), reported);
      } else if (cuCtxSynchronize() != 0) {
        printf("%s\n", softcudaLastMessage());
      }
    }
  }
}

TEST(operations_of_unordered_streams_race) {
  const Option check("check", "race", "none");
  const auto kernel_writes = [](Scene& s) { return s.scale(s.y.address(), s.x.address(), s.first); };
  check_race("scale_add", kernel_writes, [](Scene& s) { return s.scale(s.x.address(), s.y.address(), s.second); });
  check_race("scale_add", kernel_writes, [](Scene& s) { return cuMemcpyDtoDAsync_v2(s.y.address() + 128, s.x.address(), 128, s.second); });
  check_race("cuMemsetD32Async", [](Scene& s) { return cuMemsetD32Async(s.x.address(), 0, 64, s.first); },
             [](Scene& s) { return s.scale(s.x.address(), s.y.address(), s.second); });
  check_race("cuMemcpyDtoHAsync", [](Scene& s) {
    void* p = nullptr;
    CHECK_EQUAL(0, cuMemHostAlloc(&p, 256, 0));
    return cuMemcpyDtoHAsync_v2(p, s.x.address(), 256, s.first);
  }, [](Scene& s) { return s.scale(s.y.address(), s.x.address(), s.second); });
}

TEST(memory_that_a_library_outside_reads_or_writes_is_looked_at) {
  const Option check("check", "race", "none");
  const auto kernel_writes = [](Scene& s) { return s.scale(s.y.address(), s.x.address(), s.first); };
  check_race("scale_add", kernel_writes, [](Scene& s) { return softcudaOutside(s.second, "an exchange", s.x.address(), 256, 0); });
  check_race("an exchange", [](Scene& s) { return softcudaOutside(s.first, "an exchange", s.x.address(), 256, 1); },
             [](Scene& s) { return s.scale(s.x.address(), s.y.address(), s.second); });
  const Option init("check", "memory,init", "none");
  Scene scene;
  DeviceArray<> fresh(64);
  CHECK_EQUAL(0, softcudaOutside(scene.first, "an exchange", fresh.address(), 128, 1));
  CHECK_EQUAL(0, softcudaOutside(scene.first, "an exchange", fresh.address(), 128, 0));
  CHECK_EQUAL(0, cuStreamSynchronize(scene.first));
  softcudaOutside(scene.first, "an exchange", fresh.address(), 256, 0);
  CHECK_EQUAL(kRace, cuStreamSynchronize(scene.first));
  CHECK_CONTAINS(softcudaLastMessage(), "what goes outside is read");
  CHECK_CONTAINS(softcudaLastMessage(), "128 bytes into");
}

TEST(a_library_outside_keeps_within_an_allocation) {
  const Option check("check", "memory", "none");
  Scene scene;
  softcudaOutside(scene.first, "an exchange", scene.x.address() + 4, 256, 1);
  CHECK_EQUAL(700, cuStreamSynchronize(scene.first));
  CHECK_CONTAINS(softcudaLastMessage(), "what comes from outside");
}

TEST(library_calls_race_by_what_they_touch) {
  const Option check("check", "race", "none");
  for (const int uplo : {0, 1}) {
    Scene scene;
    void* handle = nullptr;
    CHECK_EQUAL(0, cublasCreate_v2(&handle));
    const float one = 1.f, zero = 0.f;
    // Two calls that write different triangles without the diagonal in common would not race; these share it.
    CHECK_EQUAL(0, cublasSetStream_v2(handle, scene.first));
    CHECK_EQUAL(0, cublasSsyrk_v2(handle, uplo, 0, 8, 1, &one, scene.y.pointer(), 8, &zero, scene.x.pointer(), 8));
    CHECK_EQUAL(0, cublasSetStream_v2(handle, scene.second));
    cublasSsyrk_v2(handle, 1 - uplo, 0, 8, 1, &one, scene.y.pointer(), 8, &zero, scene.x.pointer(), 8);
    CHECK_EQUAL(kRace, cuCtxSynchronize());
    CHECK_CONTAINS(softcudaLastMessage(), "cublasSsyrk on stream");
    CHECK_CONTAINS(softcudaLastMessage(), "C is written");
    CHECK_EQUAL(0, cublasDestroy_v2(handle));
  }
}

TEST(the_default_stream_and_blocking_streams_do_not_race) {
  const Option check("check", "race", "none");
  for (const unsigned flags : {0u, 1u}) {
    Scene scene(flags);
    CHECK_EQUAL(0, cuMemsetD32_v2(scene.x.address(), 0, 64));
    const int result = scene.scale(scene.x.address(), scene.x.address(), scene.first);
    CHECK(result == 0 || result == kRace);
    CHECK_EQUAL(flags == 0 ? 0 : kRace, cuCtxSynchronize());
    if (flags != 0) CHECK_CONTAINS(softcudaLastMessage(), "cuMemsetD32 on the default stream");
  }
}

// The copy may still be on its way when the call returns: see "API synchronization behavior" in CUDA's documentation.
TEST(an_upload_races_with_streams_that_do_not_wait_for_it) {
  const Option check("check", "race", "none");
  for (const char* seed : {"0", "1", "2"}) {
    const Option with_seed("seed", seed, "0");
    for (const bool waited : {false, true}) {
      for (const unsigned flags : {0u, 1u}) {
        Scene scene(flags);
        const std::vector<float> values(64, 2.f);
        CHECK_EQUAL(0, cuMemcpyHtoD_v2(scene.x.address(), values.data(), 256));
        if (waited) CHECK_EQUAL(0, cuStreamSynchronize(nullptr));
        const int result = scene.scale(scene.x.address(), scene.y.address(), scene.first);
        CHECK(result == 0 || result == kRace);
        const bool races = flags != 0 && !waited;
        CHECK_EQUAL(races ? kRace : 0, cuCtxSynchronize());
        if (races) CHECK_CONTAINS(softcudaLastMessage(), "cuMemcpyHtoD");
      }
    }
  }
}

TEST(parallel_nodes_of_a_graph_race) {
  const Option check("check", "race", "none");
  for (const char* seed : {"0", "3"}) {
    const Option with_seed("seed", seed, "0");
    for (const bool ordered : {false, true}) {
      Scene scene;
      void *graph = nullptr, *exec = nullptr, *join = nullptr;
      CHECK_EQUAL(0, cuEventCreate(&join, 2));
      CHECK_EQUAL(0, cuStreamBeginCapture_v2(scene.first, 0));
      CHECK_EQUAL(0, cuMemsetD32Async(scene.y.address(), 0, 64, scene.first));
      scene.order();
      CHECK_EQUAL(0, scene.scale(scene.y.address(), scene.x.address(), scene.first));
      if (ordered) scene.order();
      CHECK_EQUAL(0, cuMemsetD32Async(scene.x.address(), 0, 64, scene.second));
      CHECK_EQUAL(0, cuEventRecord(join, scene.second));
      CHECK_EQUAL(0, cuStreamWaitEvent(scene.first, join, 0));
      CHECK_EQUAL(0, cuStreamEndCapture(scene.first, &graph));
      CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
      for (int launch = 0; launch < 2; ++launch) {
        const int result = cuGraphLaunch(exec, scene.first);
        CHECK(result == 0 || result == kRace);
      }
      CHECK_EQUAL(ordered ? 0 : kRace, cuCtxSynchronize());
      if (!ordered) CHECK_CONTAINS(softcudaLastMessage(), "(a graph's node) on stream");
    }
  }
}

TEST(copies_carry_uninitialised_bytes_on) {
  const Option check("check", "init", "none");
  for (const bool initialised : {false, true}) {
    Scene scene;
    DeviceArray<> fresh(64), copy(64);
    if (initialised) CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(fresh.address() + 128, scene.x.address(), 128, nullptr));
    CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(copy.address(), fresh.address(), 256, nullptr));
    CHECK_EQUAL(0, cuCtxSynchronize());
    void* function = scene.kernels.function("scale_add");
    const int result = launch_scale(function, copy.address() + 128, scene.y.address(), 32, 1.f, nullptr);
    CHECK(result == 0 || result == kRace);
    CHECK_EQUAL(initialised ? 0 : kRace, cuCtxSynchronize());
    if (!initialised) CHECK_CONTAINS(softcudaLastMessage(), "uninitialised");
  }
}

TEST(library_calls_initialise_and_need_their_triangle_only) {
  const Option check("check", "init", "none");
  for (const int uplo : {0, 1}) {
    Scene scene;
    void* handle = nullptr;
    CHECK_EQUAL(0, cublasCreate_v2(&handle));
    DeviceArray<> c(64), d(64);
    const float one = 1.f, zero = 0.f;
    CHECK_EQUAL(0, cublasSsyrk_v2(handle, uplo, 0, 8, 1, &one, scene.x.pointer(), 8, &zero, c.pointer(), 8));
    CHECK_EQUAL(0, cublasSsymm_v2(handle, 0, uplo, 8, 8, &one, c.pointer(), 8, scene.x.pointer(), 8, &zero, d.pointer(), 8));
    CHECK_EQUAL(0, cuCtxSynchronize());
    if (cuCtxSynchronize() != 0) printf("%s\n", softcudaLastMessage());
    cublasSgemm_v2(handle, 0, 0, 8, 8, 8, &one, c.pointer(), 8, scene.x.pointer(), 8, &zero, d.pointer(), 8);
    CHECK_EQUAL(kRace, cuCtxSynchronize());
    CHECK_CONTAINS(softcudaLastMessage(), "cublasSgemm");
    CHECK_CONTAINS(softcudaLastMessage(), "A is read");
    CHECK_EQUAL(0, cublasDestroy_v2(handle));
  }
}

TEST(page_locked_memory_is_the_host_s_to_write) {
  const Option check("check", "all", "none");
  Scene scene;
  void* pinned = nullptr;
  CHECK_EQUAL(0, cuMemHostAlloc(&pinned, 256, 0));
  for (int i = 0; i < 64; ++i) static_cast<float*>(pinned)[i] = 2.f;
  Ptr mapped = 0;
  CHECK_EQUAL(0, cuMemHostGetDevicePointer_v2(&mapped, pinned, 0));
  CHECK_EQUAL(0, scene.scale(mapped, scene.x.address(), scene.first));
  CHECK_EQUAL(0, cuMemcpyDtoHAsync_v2(pinned, scene.x.address(), 256, scene.first));
  CHECK_EQUAL(0, cuStreamSynchronize(scene.first));
  CHECK(static_cast<float*>(pinned)[63] == 5.f);
  CHECK_EQUAL(0, cuMemFreeHost(pinned));
}

}  // namespace

int main() { return run_all(); }
