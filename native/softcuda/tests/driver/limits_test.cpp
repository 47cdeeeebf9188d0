// What cuCtxSetLimit changes: the buffer of printf, the heap of malloc in kernels, the stack of a thread.
#include <cstdio>

#include "program.h"

CU(cuCtxGetLimit, size_t*, int);
CU(cuCtxSetLimit, int, size_t);

namespace {

constexpr int kStack = 0, kPrintf = 1, kHeap = 2, kUnsupportedLimit = 215;

size_t limit(int which) {
  size_t value = 0;
  CHECK_EQUAL(0, cuCtxGetLimit(&value, which));
  return value;
}

int launch_one(void* function, Ptr y, long long n) {
  void* params[] = {&y, &n};
  return cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr);
}

std::string contents(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(limits_are_known_and_kept) {
  const TestContext context;
  const size_t wanted[7] = {1024, 1048576, 8388608, 2, 2048, 64, 0};
  for (int k = 0; k < 7; ++k) CHECK_EQUAL(wanted[k], limit(k));
  CHECK_EQUAL(0, cuCtxSetLimit(kStack, 4096));
  CHECK_EQUAL(4096, limit(kStack));
  CHECK_EQUAL(kInvalidValue, cuCtxSetLimit(kStack, size_t{1} << 30));
  CHECK_CONTAINS(softcudaLastMessage(), "a stack of 1073741824 bytes a thread is more than");
  CHECK_EQUAL(4096, limit(kStack));
  size_t value = 0;
  for (const int none : {-1, 7}) {
    CHECK_EQUAL(kUnsupportedLimit, cuCtxSetLimit(none, 1));
    CHECK_EQUAL(kUnsupportedLimit, cuCtxGetLimit(&value, none));
  }
  CHECK_EQUAL(kInvalidValue, cuCtxGetLimit(nullptr, kStack));
}

TEST(printf_writes_what_its_buffer_holds_when_the_host_waits) {
  const TestContext context;
  const Kernels kernels;
  const std::string file = std::string(KERNELS_PTX) + ".printed";
  std::remove(file.c_str());
  const Option to("printf", file, "stdout");
  CHECK_EQUAL(0, launch_one(kernels.function("print_lines"), 0, 3));
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK(contents(file) == "line 0: 0.50\nline 1: 1.500000\nline 2: 2.50\n");
  std::remove(file.c_str());
  CHECK_EQUAL(0, cuCtxSetLimit(kPrintf, 30));
  CHECK_EQUAL(30, limit(kPrintf));
  CHECK_EQUAL(0, launch_one(kernels.function("print_lines"), 0, 5));
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK(contents(file) == "line 3: 3.500000\nline 4: 4.50\n");
  CHECK_EQUAL(0, cuCtxSetLimit(kPrintf, 1 << 20));
  std::remove(file.c_str());
}

TEST(malloc_of_kernels_has_the_heap_that_was_said) {
  const TestContext context;
  const Kernels kernels;
  void* const allocate = kernels.function("allocate");
  Ptr y = 0;
  int got = -1;
  CHECK_EQUAL(0, cuMemAlloc_v2(&y, sizeof got));
  const auto room_for = [&](long long bytes) {
    CHECK_EQUAL(0, launch_one(allocate, y, bytes));
    CHECK_EQUAL(0, cuMemcpyDtoH_v2(&got, y, sizeof got));
    return got;
  };
  CHECK_EQUAL(1, room_for(4 << 20));
  CHECK_EQUAL(0, room_for(16 << 20));
  CHECK_EQUAL(0, cuCtxSetLimit(kHeap, size_t{32} << 20));
  CHECK_EQUAL(1, room_for(16 << 20));
  CHECK_EQUAL(0, cuCtxSetLimit(kHeap, 1 << 20));
  CHECK_EQUAL(0, room_for(4 << 20));
  CHECK_EQUAL(1, room_for(1 << 19));
  CHECK_EQUAL(0, cuMemFree_v2(y));
}

TEST(a_block_that_the_host_has_no_memory_for_is_an_error) {
  const TestContext context;
  const Kernels kernels;
  void* const allocate = kernels.function("allocate");
  Ptr y = 0;
  CHECK_EQUAL(0, cuMemAlloc_v2(&y, 4));
  CHECK_EQUAL(0, cuCtxSetLimit(kHeap, size_t{1} << 42));
  CHECK_EQUAL(0, launch_one(allocate, y, 3LL << 40));
  CHECK(cuCtxSynchronize() != 0);
  CHECK_CONTAINS(softcudaLastMessage(), "too large");
}

}  // namespace

int main() { return run_all(); }
