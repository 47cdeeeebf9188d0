// Launches and their errors.
#include <cmath>

#include "program.h"

namespace {

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

TEST(errors_of_kernels_have_cuda_s_codes_and_a_report) {
  const Option check("check", "memory", "none");
  constexpr int kIllegalInstruction = 715, kMisaligned = 716;
  const struct {
    const char* kernel;
    int code;
    bool at_query;
  } cases[] = {{"read_null", kIllegalAddress, false}, {"read_misaligned", kMisaligned, true}, {"stop", kIllegalInstruction, false}};
  for (const auto& c : cases) {
    TestContext context;
    const Kernels kernels;
    DeviceArray<> x(8);
    void *stream = nullptr, *event = nullptr;
    CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
    CHECK_EQUAL(0, cuEventCreate(&event, 0));
    Ptr to = x.address();
    void* params[] = {&to};
    CHECK_EQUAL(0, cuLaunchKernel(kernels.function(c.kernel), 1, 1, 1, 32, 1, 1, 0, stream, params, nullptr));
    const int recorded = cuEventRecord(event, stream);
    CHECK(recorded == 0 || recorded == c.code);
    // What waits next says it, whatever that is.
    if (c.at_query) {
      int result = 600;
      while (result == 600) result = cuStreamQuery(stream);
      CHECK_EQUAL(c.code, result);
    } else {
      CHECK_EQUAL(c.code, cuEventSynchronize(event));
    }
    CHECK_CONTAINS(softcudaLastMessage(), c.kernel);
    CHECK_CONTAINS(softcudaLastMessage(), "kernels.cu");
    float value;
    CHECK_EQUAL(c.code, cuMemcpyDtoH_v2(&value, x.address(), 4));
    CHECK_CONTAINS(softcudaLastMessage(), c.kernel);
  }
}

}  // namespace

int main() { return run_all(); }
