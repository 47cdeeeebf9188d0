// A fault that lasts as long as the process, as CUDA says of a GPU. A program of its own: nothing works afterwards.
#include "program.h"

namespace {

TEST(a_fault_stops_the_process_where_it_is_asked_to) {
  CHECK_EQUAL(0, cuInit(0));
  CHECK_EQUAL(0, softcudaSetOption("fault", "process"));
  CHECK_EQUAL(kInvalidValue, softcudaSetOption("fault", "never"));
  void *context = nullptr, *other = nullptr, *current = nullptr, *stream = nullptr;
  CHECK_EQUAL(0, cuCtxCreate_v2(&other, 0, 0));
  CHECK_EQUAL(0, cuCtxCreate_v2(&context, 0, 0));
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  const Kernels kernels;
  CHECK_EQUAL(0, softcudaSetOption("check", "memory"));
  CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), 8, 8, 1, 1.f, stream));
  CHECK_EQUAL(kIllegalAddress, cuStreamSynchronize(stream));
  // Another context, a new one, and what only gives back.
  Ptr p = 0;
  CHECK_EQUAL(0, cuCtxSetCurrent(other));
  CHECK_EQUAL(kIllegalAddress, cuMemAlloc_v2(&p, 4));
  CHECK_CONTAINS(softcudaLastMessage(), "scale_add");
  CHECK_EQUAL(kIllegalAddress, cuCtxCreate_v2(&context, 0, 0));
  CHECK_EQUAL(kIllegalAddress, cuDevicePrimaryCtxRetain(&context, 0));
  CHECK_EQUAL(kIllegalAddress, cuStreamDestroy_v2(stream));
  CHECK_EQUAL(kIllegalAddress, cuCtxDestroy_v2(other));
  // Questions are answered.
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  CHECK(current == other);
  int device = -1;
  CHECK_EQUAL(0, cuDeviceGet(&device, 0));
  const char* text = nullptr;
  CHECK_EQUAL(0, cuGetErrorName(700, &text));
}

}  // namespace

int main() { return run_all(); }
