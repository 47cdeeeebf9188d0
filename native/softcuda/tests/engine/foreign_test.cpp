#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <numeric>
#include <sstream>

#include "../../exec/print.h"
#include "harness.h"

// PTX of other producers: the files of ../foreign, and what nvcc makes of calls.cu, cub.cu and groups.cu without inlining. With the
// environment variable KRONGAUSS_FOREIGN another folder of the former; with KRONGAUSS_FOREIGN_TABLE the rows of the table in ../../README.md
// are printed.
using namespace harness;

namespace {

// Empty when there is no such file.
std::string read(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : "";
}

void row(const std::string& producer, const std::string& kernel, const std::string& outcome) {
  if (std::getenv("KRONGAUSS_FOREIGN_TABLE")) std::printf("| %s | `%s` | %s |\n", producer.c_str(), kernel.c_str(), outcome.c_str());
}

using Body = std::function<void(const softcuda::Module&, const std::string& kernel)>;

void kernel_of(const softcuda::Module& module, const std::string& producer, const std::string& kernel, const Body& body) {
  const auto failure = failure_of([&] {
    module.require_kernel(kernel);
    body(module, kernel);
  });
  EQUAL_AT(failure.result, 0, producer + ", " + kernel + ": " + failure.what());
  row(producer, kernel, failure.result == 0 ? "runs" : failure.what());
}

// A file of ../foreign; its first line says who made it.
void foreign(const std::string& name, const std::string& kernel, const Body& body) {
  const char* folder = std::getenv("KRONGAUSS_FOREIGN");
  const std::string text = read(std::string(folder ? folder : FOREIGN_FOLDER) + "/" + name + ".ptx");
  if (text.empty() && folder) return row(name, kernel, "the compiler was not there");
  CHECK(text.compare(0, 3, "// ") == 0);
  kernel_of(*load(text), text.substr(3, text.find(':') - 3), kernel, body);
}

void nvcc(const std::string& form, const std::string& source, const std::string& kernel, const Body& body) {
  const std::string text = read(std::string(PTX_FOLDER) + "/nvcc-" + form + "-" + source + ".ptx");
  if (text.empty()) {
    std::printf("nvcc -%s %s.cu: NOT RUN, this toolkit lacks the headers\n", form.c_str(), source.c_str());
    return;
  }
  kernel_of(*load(text), "nvcc -" + form, kernel, body);
}

int gcd(int a, int b) { return b == 0 ? a : gcd(b, a % b); }

void classes(const softcuda::Module& module, const std::string& kernel) {
  Array<float> y(40);
  const int n = 4;
  launch(module, kernel, {1, 1, 1}, {40, 1, 1}, Parameters().add(y).add(n));
  for (int i = 0; i < 40; ++i) {
    const auto v = [&](float x) { return (i % 2 ? static_cast<float>(i + n) * x : x) + 3 + static_cast<float>(n + 1); };
    EQUAL(y[static_cast<size_t>(i)], v(v(2)) + static_cast<float>(gcd(12, i)));
  }
}

void shapes(const softcuda::Module& module, const std::string& kernel) {
  Array<int> y(1);
  launch(module, kernel, {1, 1, 1}, {1, 1, 1}, Parameters().add(y).add(9));
  EQUAL(y[0], (9 + 5) + (9 + 2 + 7));
}

void triton_calls(const softcuda::Module& module, const std::string& kernel) {
  Array<float> x(32), y(32);
  for (size_t i = 0; i < 32; ++i) x[i] = static_cast<float>(i) + 2;
  const std::string old = softcuda::Options::global().printf;
  softcuda::Prints::all().flush();
  softcuda::Options::global().set("printf", "none");
  launch(module, kernel, {1, 1, 1}, {32, 1, 1}, Parameters().add(x).add(y).add(30).add(uint64_t{0}).add(uint64_t{0}));
  softcuda::Prints::all().flush();
  softcuda::Options::global().set("printf", old);
  for (size_t i = 0; i < 32; ++i) EQUAL(y[i], i < 30 ? x[i] * (2 * (2 * 2.0f + 1) + 3) : 0);
}

Body on_integers(uint32_t threads, size_t n, const std::function<void(std::vector<int>&)>& model) {
  return [=](const softcuda::Module& module, const std::string& kernel) {
    Array<int> y(n);
    std::vector<int> wanted(n);
    for (size_t i = 0; i < n; ++i) wanted[i] = y[i] = static_cast<int>(i * 2654435761u >> 7) % 1000 - 300;
    model(wanted);
    launch(module, kernel, {1, 1, 1}, {threads, 1, 1}, Parameters().add(y));
    for (size_t i = 0; i < n; ++i) EQUAL_AT(y[i], wanted[i], kernel + ", element " + std::to_string(i));
  };
}

}  // namespace

TEST("foreign: clang, with and without optimisation") {
  foreign("clang-O0", "classes", classes);
  foreign("clang-O2", "classes", classes);
}

TEST("foreign: rustc, with and without optimisation") {
  foreign("rustc-O0", "shapes", shapes);
  foreign("rustc-O3", "shapes", shapes);
}

TEST("foreign: Triton") { foreign("triton", "calls", triton_calls); }

TEST("foreign: nvcc's debug code") {
  const auto each = [](const std::function<int(int)>& f) {
    return on_integers(64, 64, [f](std::vector<int>& v) {
      for (int& x : v) x = f(x);
    });
  };
  nvcc("G", "calls", "call_nested", each([](int a) { return 3 * a + a * a; }));
  nvcc("G", "calls", "call_struct", on_integers(64, 64, [](std::vector<int>& v) {
         for (int i = 0; i < 64; ++i) v[static_cast<size_t>(i)] = i % 5 + i + 3;
       }));
  // Lanes are in functions of other widths at once, in orders of which some once went wrong.
  for (const uint64_t seed : {0, 2, 15, 24, 28, 33}) {
    const Settings settings("memory", seed);
    nvcc("G", "calls", "call_virtual", on_integers(64, 64, [](std::vector<int>& v) {
           for (int i = 0; i < 64; ++i) {
             const int b = i % 3 == 0 ? i * i + 1 + 6 : 50;
             v[static_cast<size_t>(i)] = b + i * i + 2;
           }
         }));
  }
  nvcc("G", "calls", "recurse", on_integers(64, 64, [](std::vector<int>& v) {
         int f[13] = {0, 1};
         for (int k = 2; k < 13; ++k) f[k] = f[k - 1] + f[k - 2];
         for (size_t i = 0; i < 64; ++i) v[i] = f[i % 13];
       }));
  // Its registers include some that no operation names any more.
  nvcc("G", "calls", "recurse_ackermann", on_integers(64, 64, [](std::vector<int>& v) {
         for (size_t i = 0; i < 64; ++i) v[i] = 2 * static_cast<int>(i % 6) + 3;
       }));
}

TEST("foreign: nvcc's functions of any number of arguments, with and without optimisation") {
  const auto variadic = on_integers(64, 64, [](std::vector<int>& v) {
    for (int i = 0; i < 64; ++i) v[static_cast<size_t>(i)] = i + 14 + i + (i % 2 == 0 ? 3 * i + 3 : static_cast<int>(2 + 0.5 * i + 2.0 * 7));
  });
  foreign("nvcc-G", "variadic", variadic);
  foreign("nvcc-O3", "variadic", variadic);
}

TEST("foreign: the system's shared memory lies behind the block's own, and is 0 at first") {
  const auto reserved = [](const softcuda::Module& module, const std::string& kernel) {
    for (const int dynamic : {0, 1000}) {
      const int own = dynamic == 0 ? 40 : 48 + dynamic, begin = (own + 127) / 128 * 128;
      Array<int> y(8);
      // Two blocks, of which the second one finds what the first one left.
      launch(module, kernel, {2, 1, 1}, {64, 1, 1}, Parameters().add(y), static_cast<uint32_t>(dynamic));
      const int wanted[8] = {begin, begin + 288, begin + 1024, begin, begin, own, 6 * 55 + 10, 10};
      for (size_t i = 0; i < 8; ++i) EQUAL_AT(y[i], wanted[i], "value " + std::to_string(i));
    }
  };
  foreign("nvcc-G", "reserved", reserved);
  foreign("nvcc-O3", "reserved", reserved);
}

TEST("foreign: cooperative groups wider than a warp") {
  for (const char* form : {"O3", "G"}) {
    nvcc(form, "groups", "tiles", on_integers(256, 256, [](std::vector<int>& v) {
           for (size_t t = 0; t < 2; ++t) {
             const auto first = v.begin() + static_cast<std::ptrdiff_t>(128 * t);
             const int sum = std::accumulate(first, first + 128, 0) + 32 * (4 * 128 * static_cast<int>(t) + 6);
             std::fill(first, first + 128, sum);
           }
         }));
  }
}

TEST("foreign: block algorithms of CUB, inlined and as calls") {
  for (const char* form : {"O3", "G"}) {
    nvcc(form, "cub", "block_reduce", on_integers(128, 128, [](std::vector<int>& v) { v[0] = std::accumulate(v.begin(), v.end(), 0); }));
    nvcc(form, "cub", "block_scan", on_integers(128, 128, [](std::vector<int>& v) {
           int sum = 0;
           for (int& x : v) {
             const int next = sum + x;
             x = sum;
             sum = next;
           }
         }));
    nvcc(form, "cub", "block_sort", on_integers(128, 512, [](std::vector<int>& v) { std::sort(v.begin(), v.end()); }));
  }
}
