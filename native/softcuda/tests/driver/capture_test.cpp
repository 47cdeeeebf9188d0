// What a capture in progress refuses: always, and with option "capture" = "device".
#include <functional>
#include <thread>

#include "libraries.h"
#include "program.h"

namespace {

CU(cuThreadExchangeStreamCaptureMode, int*);

constexpr int kGlobal = 0, kOwnThread = 1, kRelaxed = 2, kWrongThread = 908;
constexpr int kSolverExecutionFailed = 6;

void* new_stream() {
  void* stream = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  return stream;
}

// The result of `call` while `stream` captures; checks how the capture ends: usable, or invalidated.
template <class Body>
void during_capture(void* stream, int mode, int wanted, Body&& call) {
  void* graph = nullptr;
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, mode));
  CHECK_EQUAL(wanted, call());
  CHECK_EQUAL(wanted == 0 ? 0 : kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
  if (graph != nullptr) CHECK_EQUAL(0, cuGraphDestroy(graph));
}

// The spotrf of a 4 x 4 identity.
struct Factorisation {
  void* solver = nullptr;
  DeviceArray<> a{identity()}, work{64};
  DeviceArray<int> info{1};

  explicit Factorisation(void* stream) {
    CHECK_EQUAL(0, cusolverDnCreate(&solver));
    CHECK_EQUAL(0, cusolverDnSetStream(solver, stream));
  }
  ~Factorisation() { CHECK_EQUAL(0, cusolverDnDestroy(solver)); }
  static std::vector<float> identity() {
    std::vector<float> values(16, 0.f);
    for (size_t i = 0; i < 4; ++i) values[i * 5] = 1.f;
    return values;
  }
  int factor() const { return cusolverDnSpotrf(solver, 0, 4, a.pointer(), 4, work.pointer(), 64, info.pointer()); }
  int invert() const { return cusolverDnSpotri(solver, 0, 4, a.pointer(), 4, work.pointer(), 64, info.pointer()); }
};

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

TEST(what_would_wait_or_allocate_is_refused_while_capturing) {
  TestContext context;
  const Kernels kernels;
  void *stream = nullptr, *other = nullptr, *event = nullptr, *graph = nullptr, *pinned = nullptr, *module = nullptr, *kept = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cuStreamCreate(&other, 1));
  CHECK_EQUAL(0, cuEventCreate(&event, 0));
  CHECK_EQUAL(0, cuEventRecord(event, other));
  CHECK_EQUAL(0, cuMemHostAlloc(&kept, 64, 0));
  DeviceArray<> x(64);
  float host = 0.f;
  Ptr p = 0;
  const std::string text = ptx();
  const struct {
    const char* what;
    std::function<int()> call;
  } refused[] = {
      {"cuMemAlloc", [&] { return cuMemAlloc_v2(&p, 4); }},
      {"cuMemFree", [&] { return cuMemFree_v2(x.address()); }},
      {"cuMemHostAlloc", [&] { return cuMemHostAlloc(&pinned, 4, 0); }},
      {"cuMemFreeHost", [&] { return cuMemFreeHost(kept); }},
      {"cuModuleLoadData", [&] { return cuModuleLoadData(&module, text.c_str()); }},
      {"cuModuleUnload", [&] { return cuModuleUnload(kernels.module); }},
      {"cuCtxSynchronize", [&] { return cuCtxSynchronize(); }},
      {"cuStreamSynchronize", [&] { return cuStreamSynchronize(stream); }},
      {"cuStreamSynchronize of another", [&] { return cuStreamSynchronize(other); }},
      {"cuStreamQuery", [&] { return cuStreamQuery(stream); }},
      {"cuStreamQuery of another", [&] { return cuStreamQuery(other); }},
      {"cuEventQuery", [&] { return cuEventQuery(event); }},
      {"cuEventSynchronize", [&] { return cuEventSynchronize(event); }},
      {"cuMemcpyHtoD", [&] { return cuMemcpyHtoD_v2(x.address(), &host, 4); }},
      {"cuMemcpyDtoH", [&] { return cuMemcpyDtoH_v2(&host, x.address(), 4); }},
      {"cuStreamAddCallback", [&] { return cuStreamAddCallback(stream, [](void*, int, void*) {}, nullptr, 0); }},
  };
  for (const auto& call : refused) {
    CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
    const int result = call.call();
    if (result != kCaptureUnsupported) printf("%s returned %d\n", call.what, result);
    CHECK_EQUAL(kCaptureUnsupported, result);
    CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
    CHECK(graph == nullptr);
  }
  // An event that was recorded in the capture, and work after the capture is spoilt.
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(0, cuEventRecord(event, stream));
  CHECK_EQUAL(kCapturedEvent, cuEventQuery(event));
  CHECK_EQUAL(kCapturedEvent, cuEventSynchronize(event));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(kCaptureUnsupported, cuMemAlloc_v2(&p, 4));
  CHECK_EQUAL(kCaptureInvalidated, cuMemsetD32Async(x.address(), 0, 64, stream));
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
  // All is as before.
  CHECK_EQUAL(0, cuMemFreeHost(kept));
  CHECK_EQUAL(0, cuCtxSynchronize());
}

TEST(a_device_captures_no_solver) {
  TestContext context;
  void* const stream = new_stream();
  const Factorisation f(stream);
  for (const int mode : {kGlobal, kOwnThread, kRelaxed}) {
    during_capture(stream, mode, 0, [&] { return f.factor(); });
    const Option device("capture", "device", "any");
    during_capture(stream, mode, kSolverExecutionFailed, [&] { return f.factor(); });
    CHECK_CONTAINS(softcudaLastMessage(), "cuStreamEndCapture");
    during_capture(stream, mode, kSolverExecutionFailed, [&] { return f.invert(); });
    CHECK_EQUAL(0, f.factor());
    CHECK_EQUAL(0, cuStreamSynchronize(stream));
    CHECK_EQUAL(0, f.info.get()[0]);
  }
}

TEST(a_device_says_which_call_it_does_not_capture) {
  TestContext context;
  void *const stream = new_stream(), *graph = nullptr;
  const Factorisation f(stream);
  const Option device("capture", "device", "any");
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, kRelaxed));
  CHECK_EQUAL(kSolverExecutionFailed, f.factor());
  CHECK_CONTAINS(softcudaLastMessage(), "cusolverDnSpotrf is not allowed on a stream that captures");
  int status = 0;
  CHECK_EQUAL(0, cuStreamIsCapturing(stream, &status));
  CHECK_EQUAL(2, status);
  CHECK_EQUAL(kCaptureInvalidated, cuMemsetD32Async(f.a.address(), 0, 1, stream));
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &graph));
}

TEST(a_device_creates_no_library_handle_during_a_capture) {
  TestContext context;
  void *const stream = new_stream(), *handle = nullptr;
  const Option device("capture", "device", "any");
  during_capture(stream, kRelaxed, 0, [&] { return cublasCreate_v2(&handle); });
  CHECK_EQUAL(0, cublasDestroy_v2(handle));
  during_capture(stream, kGlobal, 3, [&] { return cublasCreate_v2(&handle); });
  during_capture(stream, kGlobal, kSolverExecutionFailed, [&] { return cusolverDnCreate(&handle); });
}

// The calls that CUDA names potentially unsafe.
TEST(the_mode_of_a_capture_decides_what_it_refuses) {
  TestContext context;
  void *const stream = new_stream(), *const other = new_stream(), *event = nullptr;
  CHECK_EQUAL(0, cuEventCreate(&event, 0));
  CHECK_EQUAL(0, cuEventRecord(event, other));
  DeviceArray<> x(4);
  float host[4] = {};
  const auto image = ptx();
  const std::vector<std::function<int()>> unsafe = {
      [] {
        Ptr p = 0;
        const int result = cuMemAlloc_v2(&p, 4);
        return p == 0 ? result : cuMemFree_v2(p);
      },
      [] {
        void* p = nullptr;
        const int result = cuMemHostAlloc(&p, 4, 0);
        return p == nullptr ? result : cuMemFreeHost(p);
      },
      [&] { return cuMemcpyHtoD_v2(x.address(), host, 16); },
      [&] { return cuMemcpyDtoH_v2(host, x.address(), 16); },
      [&] { return cuEventQuery(event); },
      [&] { return cuEventSynchronize(event); },
      [&] { return cuStreamSynchronize(other); },
      [&] {
        void* module = nullptr;
        const int result = cuModuleLoadData(&module, image.c_str());
        return module == nullptr ? result : cuModuleUnload(module);
      },
  };
  CHECK_EQUAL(0, cuStreamSynchronize(other));
  for (const auto& call : unsafe) {
    during_capture(stream, kGlobal, kCaptureUnsupported, call);
    during_capture(stream, kOwnThread, kCaptureUnsupported, call);
    during_capture(stream, kRelaxed, 0, call);
  }
}

TEST(a_thread_may_leave_the_captures_of_others_alone) {
  TestContext context;
  void *const stream = new_stream(), *current = nullptr;
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  // A call of another thread, whose own mode is `theirs`.
  const auto elsewhere = [&](int theirs) {
    return [&, theirs] {
      int result = -1;
      std::thread([&] {
        int mode = theirs;
        CHECK_EQUAL(0, cuCtxSetCurrent(current));
        CHECK_EQUAL(0, cuThreadExchangeStreamCaptureMode(&mode));
        CHECK_EQUAL(kGlobal, mode);
        Ptr p = 0;
        result = cuMemAlloc_v2(&p, 4);
        if (p != 0) CHECK_EQUAL(0, cuMemFree_v2(p));
      }).join();
      return result;
    };
  };
  during_capture(stream, kGlobal, kCaptureUnsupported, elsewhere(kGlobal));
  during_capture(stream, kGlobal, 0, elsewhere(kOwnThread));
  during_capture(stream, kGlobal, 0, elsewhere(kRelaxed));
  during_capture(stream, kOwnThread, 0, elsewhere(kGlobal));
  int mode = 3;
  CHECK_EQUAL(kInvalidValue, cuThreadExchangeStreamCaptureMode(&mode));
}

TEST(a_device_synchronises_no_context_that_captures) {
  TestContext context;
  void* const stream = new_stream();
  during_capture(stream, kRelaxed, 0, [] { return cuCtxSynchronize(); });
  const Option device("capture", "device", "any");
  during_capture(stream, kRelaxed, kCaptureUnsupported, [] { return cuCtxSynchronize(); });
}

TEST(the_thread_that_began_a_capture_ends_it) {
  TestContext context;
  void *const stream = new_stream(), *current = nullptr, *graph = nullptr;
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  const auto end_elsewhere = [&](int wanted) {
    std::thread([&] {
      CHECK_EQUAL(0, cuCtxSetCurrent(current));
      CHECK_EQUAL(wanted, cuStreamEndCapture(stream, &graph));
    }).join();
  };
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, kOwnThread));
  end_elsewhere(kWrongThread);
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, kRelaxed));
  end_elsewhere(0);
}

TEST(a_captured_event_has_no_time) {
  TestContext context;
  void *const stream = new_stream(), *graph = nullptr, *first = nullptr, *last = nullptr;
  CHECK_EQUAL(0, cuEventCreate(&first, 0));
  CHECK_EQUAL(0, cuEventCreate(&last, 0));
  for (void* const event : {first, last}) CHECK_EQUAL(0, cuEventRecord(event, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, kRelaxed));
  CHECK_EQUAL(0, cuEventRecord(last, stream));
  float milliseconds = 0.f;
  CHECK_EQUAL(kCapturedEvent, cuEventElapsedTime(&milliseconds, first, last));
  CHECK_EQUAL(kCapturedEvent, cuEventQuery(last));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
}

TEST(unknown_values_are_refused) {
  TestContext context;
  CHECK_EQUAL(kInvalidValue, softcudaSetOption("capture", "gpu"));
  CHECK_CONTAINS(softcudaLastMessage(), "any or device");
}

}  // namespace

int main() { return run_all(); }
