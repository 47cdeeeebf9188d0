#include <algorithm>
#include <cmath>
#include <functional>

#include "harness.h"

// Calls of device functions (calls.cu), against the same in C++.
using namespace harness;

namespace {

// Runs a kernel on `threads` values 0, 1, 2 ... and compares them with the model of each thread.
void same(const std::string& kernel, uint32_t threads, const std::function<int(int)>& model) {
  Array<int> y(threads);
  for (uint32_t i = 0; i < threads; ++i) y[i] = static_cast<int>(i);
  launch(calls(), kernel, {1, 1, 1}, {threads, 1, 1}, Parameters().add(y));
  for (uint32_t i = 0; i < threads; ++i) EQUAL_AT(y[i], model(static_cast<int>(i)), kernel + ", thread " + std::to_string(i));
}

int nested(int a) { return 3 * a + a * a; }
int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
int odd(int n);
int even(int n) { return n == 0 ? 1 : odd(n - 1) + 1; }
int odd(int n) { return n == 0 ? 100 : even(n - 1) + 2; }
int chain(int depth, int* outer) {
  int mine[3] = {depth, depth * 2, outer ? outer[1] : 7};
  if (depth == 0) return mine[2];
  const int below = chain(depth - 1, mine);
  if (outer) outer[0] += below;
  return below + mine[0] + mine[1] + mine[2];
}

}  // namespace

TEST("call: nested, in loops, structs by value") {
  for (const uint32_t threads : {1u, 31u, 32u, 33u, 128u}) {
    same("call_nested", threads, nested);
    same("call_loop", threads, [](int i) {
      int s = 0;
      for (int k = 0; k < i; ++k) s += k * k;
      return s;
    });
    same("call_struct", threads, [](int i) { return i % 5 + i + 3; });
  }
}

TEST("call: in divergent code, and the warp is whole again behind it") {
  for (const uint32_t threads : {5u, 32u, 45u}) {
    same("call_divergent", threads, [&](int i) {
      const int v = i % 4 == 0 ? nested(i) : i % 4 == 1 ? nested(i + 1) : i % 4 == 2 ? 7 * i : i;
      return v + 1000 * std::min(32, static_cast<int>(threads) - i / 32 * 32);
    });
  }
}

TEST("call: barriers, shared and local memory, and operations of the warp in a function") {
  const auto neighbour = [](const std::vector<int>& v, int i) {
    const auto at = [&](int k) { return v[static_cast<size_t>((i + k) % static_cast<int>(v.size()))]; };
    return at(v[static_cast<size_t>(i)] & 3) + at(3);
  };
  for (const uint32_t threads : {32u, 40u, 128u}) {
    std::vector<int> first(threads), second(threads);
    for (uint32_t i = 0; i < threads; ++i) first[i] = static_cast<int>(i);
    for (uint32_t i = 0; i < threads; ++i) second[i] = neighbour(first, static_cast<int>(i));
    same("call_barrier", threads, [&](int i) { return neighbour(second, i); });
  }
  same("call_warp", 32, [](int i) { return 496 + (i ^ 1); });
}

TEST("call: through pointers, of a table and of virtual functions") {
  same("call_pointer", 64, [](int i) { return i % 2 ? 3 * i : i + 3; });
  same("call_virtual", 64, [](int i) {
    const auto square = [](int side, int x) { return side * side + x; };
    const int b = i % 3 == 0 ? square(i, 1) + square(2, 2) : square(7, 1);
    return b + square(i, 2);
  });
}

TEST("call: a function's value is the same in every kernel and passes through the host") {
  uint64_t table = 0;
  CHECK(calls().global("operations", &table, nullptr));
  Array<int> y(32);
  const auto* values = reinterpret_cast<const uint64_t*>(table);
  for (int k = 0; k < 2; ++k) {
    launch(calls(), "call_given", {1, 1, 1}, {32, 1, 1}, Parameters().add(y).add(values[k]));
    for (int i = 0; i < 32; ++i) EQUAL(y[static_cast<size_t>(i)], k == 0 ? i + 3 : 3 * i);
  }
}

TEST("call: recursion, with registers, local memory and structs of each activation") {
  for (const uint32_t threads : {1u, 32u, 70u}) {
    same("recurse", threads, [](int i) { return fibonacci(i % 13); });
    same("recurse_ackermann", threads, [](int i) { return 2 * (i % 6) + 3; });
    same("recurse_mutually", threads, even);
    same("recurse_locals", threads, [](int i) { return chain(i % 9, nullptr); });
    same("recurse_struct", threads, [](int i) {
      int a[5] = {1, 2, 3, 4, 5};
      std::vector<int> added;
      for (int n = i % 11; n > 0; --n) {
        a[n % 5] += n;
        added.push_back(a[n % 5]);
      }
      int d = 0;
      for (const int v : added) d += v;
      return d * 100 + a[2];
    });
  }
  const size_t n = 40, threads = 37;
  Array<int> y(n * threads);
  std::vector<int> wanted;
  for (size_t i = 0; i < n * threads; ++i) wanted.push_back(y[i] = static_cast<int>(i * 2654435761u >> 9) % 500);
  launch(calls(), "recurse_sort", {1, 1, 1}, {threads, 1, 1}, Parameters().add(y).add(static_cast<int>(n)));
  for (size_t t = 0; t < threads; ++t) {
    const auto begin = wanted.begin() + static_cast<std::ptrdiff_t>(t * n);
    std::sort(begin, begin + static_cast<std::ptrdiff_t>(n));
  }
  for (size_t i = 0; i < n * threads; ++i) EQUAL(y[i], wanted[i]);
}

TEST("call: arrays on the stack whose size is known at run time") {
  Array<int> y(40);
  const int n = 20;
  launch(calls(), "stack_array", {1, 1, 1}, {40, 1, 1}, Parameters().add(y).add(n));
  for (int i = 0; i < 40; ++i) EQUAL(y[static_cast<size_t>(i)], 190 * (1 + 2 + 3));
}

TEST("call: a power in double precision, within the two units in the last place that CUDA promises") {
  for (const double exponent : {0.5, -0.5, 1.5, 3.0, -20.25}) {
    Array<double> y(64);
    for (size_t i = 0; i < 64; ++i) y[i] = 0.125 + 0.37 * static_cast<double>(i);
    launch(calls(), "power", {1, 1, 1}, {64, 1, 1}, Parameters().add(y).add(exponent));
    for (size_t i = 0; i < 64; ++i) {
      const double wanted = std::pow(0.125 + 0.37 * static_cast<double>(i), exponent);
      // One more for the C library's own error.
      CHECK(std::abs(y[i] - wanted) <= 3 * std::abs(std::nextafter(wanted, 0) - wanted));
    }
  }
}

TEST("call: malloc and free of kernels, and a heap that is full") {
  const size_t heap = 8 << 20;
  Array<uint64_t> y(256);
  launch(calls(), "heap", {4, 1, 1}, {64, 1, 1}, Parameters().add(y).add(100));
  for (size_t i = 0; i < 256; ++i) EQUAL(y[i], 3u);
  const size_t before = memory().live_allocations();
  for (int round = 0; round < 3; ++round) launch(calls(), "heap", {1, 1, 1}, {1, 1, 1}, Parameters().add(y).add(static_cast<int>(heap - 16)));
  EQUAL(y[0], 3u);
  EQUAL(memory().live_allocations(), before);
  launch(calls(), "heap", {1, 1, 1}, {1, 1, 1}, Parameters().add(y).add(static_cast<int>(heap + 1)));
  EQUAL(y[0], 0u);
}

TEST("call: a block that the host has no memory for takes nothing of the heap") {
  const size_t most = size_t{1} << 42;
  EQUAL(failure_of([&] { memory().allocate_in_kernel(most / 2, most, "too much"); }).result, 2);
  const uint64_t block = memory().allocate_in_kernel(1000, 2000, "enough");
  CHECK(block != 0);
  EQUAL(memory().release_in_kernel(block), "");
}

// What nvcc does not write, and PTX allows.
TEST("call: registers and numbers as arguments, register parameters, guards, aliases, nested names") {
  Array<uint32_t> y(32);
  const std::string function =
      ".func (.reg .b32 r) twice(.reg .b32 a) { add.u32 r, a, a; ret; }\n"
      ".func (.param .b32 r) same(.param .b32 a) { .reg .b32 %r<2>; ld.param.b32 %r1, [a]; st.param.b32 [r], %r1; ret; }\n"
      ".func bump(.param .b64 p) { .reg .b64 %rd<2>; .reg .b32 %r<2>; ld.param.b64 %rd1, [p]; ld.global.u32 %r1, [%rd1]; add.u32 %r1, %r1, 1; st.global.u32 [%rd1], %r1; ret; }\n"
      ".func (.param .align 8 .b8 r[12]) three(.param .b32 a, .param .align 2 .b8 b[6]) { .reg .b64 %rd<2>; .reg .b32 %r<4>; ld.param.b32 %r1, [a];\n"
      " mov.b64 %rd1, b; ld.local.u16 %r2, [%rd1+2]; ld.param.u16 %r3, [b+4]; st.param.b32 [r], %r1; st.param.b32 [r+4], %r2; st.param.b32 [r+8], %r3; }\n"
      ".alias other, bump;\n";
  run(R"(
    mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3;
    call (%r2), twice, (%r1); call.uni (%r3), same, (1000); add.u32 %r2, %r2, %r3;
    { .param .b32 p; .param .b32 q; st.param.b32 [p], 5; { .param .b32 p; st.param.b32 [p], 70000; call (q), same, (p); } ld.param.b32 %r4, [q]; add.u32 %r2, %r2, %r4;
      call (q), same, (p); ld.param.b32 %r4, [q]; add.u32 %r2, %r2, %r4; }
    { .param .align 2 .b8 b[6]; .param .align 8 .b8 r[12]; mov.b16 %rs1, 3; st.param.b16 [b+2], %rs1; st.param.b16 [b+4], 40000; call (r), three, (%r1, b);
      ld.param.b32 %r5, [r]; ld.param.b32 %r6, [r+4]; ld.param.b32 %r7, [r+8]; add.u32 %r2, %r2, %r5; add.u32 %r2, %r2, %r6; add.u32 %r2, %r2, %r7; }
    st.global.u32 [%rd3], %r2;
    setp.lt.u32 %p1, %r1, 9; @%p1 call bump, (%rd3); @!%p1 call other, (%rd3); @!%p1 call other, (%rd3);)",
      0, y.address(), 32, function);
  for (uint32_t i = 0; i < 32; ++i) EQUAL(y[i], 2 * i + 1000 + 70000 + 5 + i + 3 + 40000 + (i < 9 ? 1 : 2));
}

TEST("call: exit in a function ends the thread; the others go on") {
  const Settings settings("memory");  // works, although the barrier check forbids it
  Array<uint32_t> y(64);
  const std::string function = ".func leave(.param .b32 a) { .reg .b32 %r<2>; .reg .pred %p<2>; ld.param.b32 %r1, [a]; setp.gt.u32 %p1, %r1, 40; @%p1 exit; bar.sync 0; ret; }\n";
  run("mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; call leave, (%r1); st.global.u32 [%rd3], 1;", 0, y.address(), 64, function);
  for (uint32_t i = 0; i < 64; ++i) EQUAL(y[i], i > 40 ? 0u : 1u);
}
