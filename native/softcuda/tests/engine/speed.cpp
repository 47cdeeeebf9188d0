#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <sstream>

#include "../../exec/engine.h"
#include "../../exec/translation.h"

// What the engines reach, as ratios taken in one run: the interpreter, translated code, and the same work as a plain loop of C++
// compiled with -O3, on the same memory; then the interpreter with each check. engine_speed [FOLDER_OF_THE_PROJECTS_PTX [LIBRARY_OF_ITS_TRANSLATIONS]]
using namespace softcuda;

namespace {

constexpr int kRows = 1000, kColumns = 1000, kStride = 1024, kRounds = 7;

struct Packed {
  std::vector<unsigned char> bytes;
  template <class T>
  Packed& add(T v) {
    const size_t at = (bytes.size() + alignof(T) - 1) / alignof(T) * alignof(T);
    bytes.resize(at + sizeof(T));
    std::memcpy(bytes.data() + at, &v, sizeof(T));
    return *this;
  }
  Packed& matrix(const float* m) { return add(m).add(kStride); }
  // A table of kernels/groups.cuh with one group; `members` begin with its first block.
  Packed& group(const Packed& members) {
    constexpr int most = 32;
    add(1).add(0);
    const size_t begin = bytes.size(), item = (members.bytes.size() + 7) / 8 * 8;
    bytes.insert(bytes.end(), members.bytes.begin(), members.bytes.end());
    bytes.resize(begin + most * item);
    return *this;
  }
};

// Of this thread's processor, so that a machine with other work disturbs less.
double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double seconds(const std::function<void()>& work) {
  const double begin = now();
  work();
  return now() - begin;
}

struct Case {
  std::string kernel;
  Dim3 grid;
  Packed parameters;
  double elements;
  std::function<void()> loop;  // the same in C++, or none
  double flops = 0;
};

std::unique_ptr<Module> load(const std::string& path, Memory& memory) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path);
  const std::string ptx = text.str();
  return Module::load(ptx.data(), ptx.size(), memory);
}

double run(const LaunchConfig& launch, const char* engine, Memory& memory) {
  Options::global().set("engine", engine);
  return seconds([&] { execute(launch, memory); });
}

void measure(const Module& module, const Case& c, Memory& memory) {
  LaunchConfig launch;
  launch.kernel = module.kernel(c.kernel);
  if (!launch.kernel) throw std::runtime_error("no kernel " + c.kernel);
  launch.grid = c.grid;
  launch.block = {256, 1, 1};
  launch.params = c.parameters.bytes;
  const bool translated = !launch.kernel->program().translated.empty();
  double best[3] = {1e9, 1e9, 1e9};
  for (int round = 0; round < kRounds; ++round) {
    best[0] = std::min(best[0], run(launch, "interpreter", memory));
    if (translated) best[1] = std::min(best[1], run(launch, "translated", memory));
    if (c.loop) best[2] = std::min(best[2], seconds(c.loop));
  }
  std::printf("%-30s %8.3f", c.kernel.c_str(), 1e9 * best[0] / c.elements);
  if (translated) std::printf(" %8.3f %7.2f", 1e9 * best[1] / c.elements, best[0] / best[1]);
  else std::printf(" %8s %7s", "-", "-");
  const double mine = translated ? best[1] : best[0];
  if (c.loop) std::printf(" %8.3f %7.2f", 1e9 * best[2] / c.elements, mine / best[2]);
  if (c.flops > 0) std::printf("   %.1f GFLOP/s interpreted, %.1f translated", 1e-9 * c.flops / best[0], translated ? 1e-9 * c.flops / best[1] : 0.0);
  std::printf("\n");
}

// f(i) for all elements of a matrix with padded rows.
template <class F>
std::function<void()> over(F f) {
  return [f] {
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kColumns; ++j) f(i * kStride + j);
    }
  };
}
template <class F>
std::function<void()> over_lower(F f) {
  return [f] {
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j <= i; ++j) f(i * kStride + j);
    }
  };
}

void measure_tests(float* const* m, Memory& memory) {
  const auto module = load(std::string(PTX_FOLDER) + "/kernels.ptx", memory);
  const int n = 512, quads = 1 << 18;
  float *x = m[0], *y = m[1], *z = m[2];
  const double flops = 2.0 * n * n * n;
  measure(*module, {"sgemm", {4, 4, 1}, Packed().add(x).add(y).add(z).add(n).add(n).add(n), flops / 2, nullptr, flops}, memory);
  const auto each = [](auto f) {
    return [f] {
      for (int i = 0; i < 4 * (1 << 18); ++i) f(i);
    };
  };
  measure(*module, {"saxpy", {4 * quads / 256, 1, 1}, Packed().add(0.5f).add(x).add(y).add(4 * quads), 4.0 * quads, each([=](int i) { y[i] = 0.5f * x[i] + y[i]; })}, memory);
  measure(*module, {"scale4", {quads / 256, 1, 1}, Packed().add(x).add(y).add(0.5f).add(quads), 4.0 * quads, each([=](int i) { y[i] = 0.5f * x[i]; })}, memory);
  measure(*module, {"tanh4", {quads / 256, 1, 1}, Packed().add(x).add(y).add(quads), 4.0 * quads, each([=](int i) { y[i] = std::tanh(x[i]); })}, memory);
}

void measure_checks(float* const* m, Memory& memory) {
  const auto module = load(std::string(PTX_FOLDER) + "/kernels.ptx", memory);
  const int n = 512, quads = 1 << 18;
  const auto time = [&](const char* kernel, Dim3 grid, const Packed& parameters) {
    LaunchConfig launch;
    launch.kernel = module->kernel(kernel);
    launch.grid = grid;
    launch.block = {256, 1, 1};
    launch.params = parameters.bytes;
    double best = 1e9;
    for (int round = 0; round < 3; ++round) best = std::min(best, run(launch, "interpreter", memory));
    return best;
  };
  for (const char* check : {"none", "memory", "memory,init", "race", "barrier", "all"}) {
    Options::global().set("check", check);
    const double product = time("sgemm", {4, 4, 1}, Packed().add(m[0]).add(m[1]).add(m[2]).add(n).add(n).add(n));
    const double scale = time("scale4", {quads / 256, 1, 1}, Packed().add(m[0]).add(m[1]).add(0.5f).add(quads));
    std::printf("check %-12s sgemm %6.2f GFLOP/s   scale4 %6.2f ns/float\n", check, 2e-9 * n * n * n / product, 1e9 * scale / (4 * quads));
  }
  Options::global().set("check", "none");
}

void measure_project(const std::string& folder, float* const* m, Memory& memory) {
  const Dim3 grid{kRows / 8, 1, 1};
  const double all = kRows * kColumns, lower = 0.5 * kRows * (kRows + 1);
  float *a = m[0], *b = m[1], *c = m[2], *d = m[3], *scalar = m[4];
  scalar[0] = 0.01f;
  const auto step = reinterpret_cast<int*>(scalar + 32);
  step[0] = 3;
  const auto one = [&](const char* file, Case k) { measure(*load(folder + "/" + file + ".ptx", memory), k, memory); };
  scalar[48] = 0;  // of reduce_dot, the blocks that have arrived
  const uint64_t null = 0;
  const Packed pair = Packed().add(0).add(kRows).add(kColumns).add(kColumns).add(a).add(b).add(kStride).add(kStride);
  one("update", {"update_f32", grid, Packed().group(pair).add(scalar).add(null), all, over([=](int i) { a[i] += 0.01f * b[i]; })});
  const Packed factor = Packed().add(0).add(kRows).add(kColumns).add(0.9f).add(a).add(b).add(kStride).add(kStride);
  one("average", {"average_f32__lower", grid, Packed().group(factor).add(null), lower,
                  over_lower([=](int i) { b[i] = 0.9f * b[i] + 0.1f * a[i]; })});
  one("epilogue", {"epilogue_f32__forward", grid, Packed().matrix(a).matrix(b).matrix(c).add(kRows).add(kColumns).add(kColumns).add(1).add(0.0f), all,
                   over([=](int i) {
                     const float t = std::tanh(a[i]);
                     b[i] = t;
                     c[i] = 1 - t * t;
                   })});
  one("epilogue", {"epilogue_f32__scale_rows", grid, Packed().matrix(a).matrix(b).add(kRows).add(kColumns).add(kColumns).add(1), all,
                   over([=](int i) { a[i] *= b[i]; })});
  one("epilogue", {"epilogue_f32__hadamard_lower", grid, Packed().matrix(a).matrix(b).add(kRows).add(kColumns), lower,
                   over_lower([=](int i) { a[i] *= b[i]; })});
  for (int i = 0; i < kRows * kStride; ++i) a[i] = static_cast<float>(i % 7) - 3.1f;
  one("epilogue", {"epilogue_f32__mirror", {16, 16, 1}, Packed().matrix(a).add(kRows).add(kColumns), lower, [=] {
                     for (int i = 0; i < kRows; ++i) {
                       for (int j = 0; j < i; ++j) a[j * kStride + i] = a[i * kStride + j];
                     }
                   }});
  one("adam", {"adam_f32", grid,
               Packed().matrix(a).matrix(b).matrix(c).matrix(d).add(kRows).add(kColumns).add(kColumns).add(0.1f).add(0.001f).add(-0.1053605f).add(-0.0010005f)
                   .add(1e-8f).add(scalar).add(step).add(null), all,
               over([=](int i) {
                 c[i] += 0.1f * (b[i] - c[i]);
                 d[i] += 0.001f * (b[i] * b[i] - d[i]);
                 a[i] -= 0.01f * c[i] / (std::sqrt(d[i]) + 1e-8f);
               })});
  one("reduce", {"reduce_dot_f32", grid, Packed().group(pair).add(scalar + 64).add(scalar + 48).add(0).add(kRows / 8).add(scalar + 62), all, [=] {
                   float sum[16] = {};  // as many as the compiler needs to make vectors
                   for (int i = 0; i < kRows; ++i) {
                     for (int j = 0; j + 16 <= kColumns; j += 16) {
                       for (int k = 0; k < 16; ++k) sum[k] += a[i * kStride + j + k] * b[i * kStride + j + k];
                     }
                   }
                   scalar[63] = sum[0] + sum[15];
                 }});
  one("loss", {"loss_evaluate_f32__bernoulli", grid, Packed().matrix(a).matrix(b).matrix(c).add(scalar + 1024).add(kRows).add(kColumns).add(kColumns), all, [=] {
                 for (int i = 0; i < kRows; ++i) {
                   float sum = 0;
                   for (int j = 0; j < kColumns; ++j) {
                     const float h = a[i * kStride + j], t = b[i * kStride + j], e = std::exp(-std::fabs(h));
                     sum += std::fmax(h, 0.0f) - h * t + std::log1p(e);
                     c[i * kStride + j] = (h < 0 ? e / (1 + e) : 1 / (1 + e)) - t;
                   }
                   scalar[1024 + i] = sum;
                 }
               }});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Options::global().set("workers", "1");
    Options::global().set("check", "none");
    if (argc > 2) add_translations(argv[2]);
    if (access(TRANSLATED_KERNELS, R_OK) == 0) add_translations(TRANSLATED_KERNELS);
    Memory memory;
    std::vector<float*> m;
    for (int k = 0; k < 5; ++k) {
      const size_t n = 1 << 20;
      m.push_back(reinterpret_cast<float*>(memory.allocate(4 * n)));
      for (size_t i = 0; i < n; ++i) m[static_cast<size_t>(k)][i] = static_cast<float>((i + static_cast<size_t>(k)) % 7) - (k == 3 ? 0.0f : 3.1f);
    }
    std::printf("%s, one worker; ns an element\n%-30s %8s %8s %7s %8s %7s\n", instruction_set(), "kernel", "interp.", "transl.", "gain", "loop", "to loop");
    measure_tests(m.data(), memory);
    if (argc > 1) measure_project(argv[1], m.data(), memory);
    measure_checks(m.data(), memory);
    for (float* p : m) memory.release(reinterpret_cast<uint64_t>(p));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "engine_speed: %s\n", e.what());
    return 1;
  }
}
