#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "../../exec/engine.h"

// Prints what the engine reaches: a tiled product and element-wise kernels, with and without memory checks.
using namespace softcuda;

namespace {

struct Packed {
  std::vector<unsigned char> bytes;
  template <class T>
  Packed& add(T v) {
    const size_t at = (bytes.size() + alignof(T) - 1) / alignof(T) * alignof(T);
    bytes.resize(at + sizeof(T));
    std::memcpy(bytes.data() + at, &v, sizeof(T));
    return *this;
  }
};

double seconds(const Module& module, const char* kernel, Dim3 grid, const Packed& parameters, Memory& memory) {
  LaunchConfig launch;
  launch.kernel = module.kernel(kernel);
  launch.grid = grid;
  launch.block = {256, 1, 1};
  launch.params = parameters.bytes;
  double best = 1e9;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    execute(launch, memory);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

}  // namespace

int main() {
  std::ifstream file(PTX_FOLDER "/kernels.ptx");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string ptx = text.str();
  Memory memory;
  const auto module = Module::load(ptx.data(), ptx.size(), memory);
  const int n = 512, elements = 1 << 18;
  uint64_t p[3];
  for (auto& a : p) {
    a = memory.allocate(16 * elements);
    for (int i = 0; i < 4 * elements; ++i) reinterpret_cast<float*>(a)[i] = static_cast<float>(i % 7) - 3.1f;
  }
  std::printf("%s, %d workers\n", instruction_set(), Options::global().workers);
  for (const char* check : {"none", "memory", "memory,init", "race", "barrier", "all"}) {
    Options::global().set("check", check);
    const double product = seconds(*module, "sgemm", {4, 4, 1}, Packed().add(p[0]).add(p[1]).add(p[2]).add(n).add(n).add(n), memory);
    const double scale = seconds(*module, "scale4", {elements / 256, 1, 1}, Packed().add(p[0]).add(p[1]).add(2.0f).add(elements), memory);
    const double tanh = seconds(*module, "tanh4", {elements / 256, 1, 1}, Packed().add(p[0]).add(p[1]).add(elements), memory);
    std::printf("check %-12s sgemm %.2f GFLOP/s   scale4 %.2f ns/float   tanh4 %.2f ns/float\n", check, 2e-9 * n * n * n / product,
                1e9 * scale / (4 * elements), 1e9 * tanh / (4 * elements));
  }
  for (const uint64_t a : p) memory.release(a);
  return 0;
}
