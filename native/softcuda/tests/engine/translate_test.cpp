#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

#include "../../exec/operations.h"
#include "../../exec/program.h"
#include "../../exec/translation.h"
#include "harness.h"

// The same kernels on both engines: the same bits in memory.
using namespace harness;
using softcuda::Dim3;
using softcuda::Options;

namespace {

// Both engines on copies of `in`; `run` launches with the arrays' addresses.
template <class T>
void compare(const std::string& what, const std::vector<T>& in, size_t results, const std::function<void(const Array<T>&, const Array<T>&)>& run) {
  const Settings none("none");
  std::vector<T> kept[2];
  for (const bool translated : {false, true}) {
    Options::global().set("engine", translated ? "translated" : "interpreter");
    Array<T> x(in, "in"), y(results, "out");
    for (size_t i = 0; i < results; ++i) y[i] = static_cast<T>(i % 5);
    run(x, y);
    kept[translated].assign(x.data(), x.data() + x.size());
    kept[translated].insert(kept[translated].end(), y.data(), y.data() + y.size());
  }
  for (size_t i = 0; i < kept[0].size(); ++i) {
    if (std::memcmp(&kept[0][i], &kept[1][i], sizeof(T)) == 0) continue;
    std::ostringstream text;
    text.precision(17);
    text << what << ": element " << i << " is " << kept[0][i] << " interpreted and " << kept[1][i] << " translated";
    check::failed(__FILE__, __LINE__, text.str());
    return;
  }
}

// Ordinary numbers, and every kind of special one. Two NaN with different bits must not meet: which of them an addition gives is up to the
// compiler, which may exchange the operands.
std::vector<float> floats(size_t n, bool with_special = true) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float special[] = {0.0f, -0.0f, infinity, -infinity, float_of(0x7fc00001u), float_of(0xffc12345u), 1e-40f, -3e-45f, 3e38f, -89.0f, 88.8f, 1e-30f};
  std::vector<float> v(n);
  for (size_t i = 0; i < n; ++i) {
    v[i] = with_special && i % 7 == 3 ? special[i / 7 % 12] : static_cast<float>(static_cast<int>(i * 2654435761u % 20011) - 10005) * 0.0017f;
  }
  return v;
}

std::string text_of(const std::string& file) {
  std::ifstream in(std::string(PTX_FOLDER) + "/" + file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

// The translator looks at the table for AVX2 only. On a processor without AVX-512 this compares that table with itself.
TEST("translated: files and types of operations are those of every instruction set") {
  const softcuda::Operations narrow = softcuda::narrow_operations();
  CHECK(narrow.size() == softcuda::operations().size());
  for (const auto& [key, operation] : softcuda::operations()) {
    const auto same = narrow.find(key);
    CHECK(same != narrow.end());
    if (same == narrow.end()) continue;
    CHECK(same->second.file == operation.file && same->second.type == operation.type && same->second.signature == operation.signature);
  }
}

TEST("translated: element-wise kernels, whole and partial warps") {
  for (const int n : {1, 31, 32, 33, 250, 4096, 10007}) {
    const auto size = static_cast<size_t>(n);
    for (const uint32_t threads : {32u, 100u, 256u}) {
      const Dim3 grid{(static_cast<uint32_t>(n) + threads - 1) / threads, 1, 1}, block{threads, 1, 1};
      compare<float>("saxpy", floats(size), size, [&](const auto& x, const auto& y) {
        launch(kernels(), "saxpy", grid, block, Parameters().add(0.5f).add(x).add(y).add(n));
      });
      compare<float>("mathematics", floats(size), 16 * size, [&](const auto& x, const auto& y) {
        launch(kernels(), "mathematics", grid, block, Parameters().add(x).add(y).add(n));
      });
      compare<float>("tanh4", floats(4 * size), 4 * size, [&](const auto& x, const auto& y) {
        launch(kernels(), "tanh4", grid, block, Parameters().add(x).add(y).add(n));
      });
    }
  }
}

TEST("translated: products, shuffles, shared memory") {
  compare<float>("sgemm", floats(256 * 72 + 72 * 128, false), 256 * 128, [](const auto& x, const auto& y) {
    launch(kernels(), "sgemm", {1, 2, 1}, {256, 1, 1}, Parameters().add(x.address()).add(x.address() + 4 * 256 * 72).add(y).add(256).add(128).add(72));
  });
  for (const uint32_t threads : {32u, 256u, 1024u}) {
    compare<float>("block_sum", floats(12345, false), 7, [&](const auto& x, const auto& y) {
      launch(kernels(), "block_sum", {7, 1, 1}, {threads, 1, 1}, Parameters().add(x).add(12345).add(y));
    });
  }
  for (const int rows : {31, 64, 65}) {
    compare<float>("transpose", floats(static_cast<size_t>(rows) * 77), static_cast<size_t>(rows) * 77, [&](const auto& x, const auto& y) {
      launch(kernels(), "transpose", {3, static_cast<uint32_t>(rows + 31) / 32, 1}, {32, 8, 1}, Parameters().add(x).add(y).add(rows).add(77), 32 * 33 * 4);
    });
  }
}

TEST("translated: divergent branches, tables, local arrays, 64-bit integers") {
  struct Rule {
    float weight;
    int8_t kind;
    int16_t offset;
    double bias;
    int table[5];
  };
  const Rule rule{0.5f, -3, 7, 0.25, {1, 2, 3, 4, 5}};
  std::vector<double> in(1000);
  for (size_t i = 0; i < in.size(); ++i) {
    const int64_t v = static_cast<int64_t>(i * 0x9e3779b97f4a7c15u) >> (i % 50);
    std::memcpy(&in[i], &v, sizeof v);
  }
  compare<double>("rules", in, in.size(), [&](const auto& x, const auto& y) {
    launch(kernels(), "rules", {4, 1, 1}, {256, 1, 1}, Parameters().add(rule).add(x).add(y).add(1000));
  });
}

TEST("translated: blocks that wait for others") {
  const Settings none("none");
  for (const char* engine : {"interpreter", "translated"}) {
    Options::global().set("engine", engine);
    const int n = 10000;
    Array<int> x(n), partial(40), out(1);
    for (int i = 0; i < n; ++i) x[static_cast<size_t>(i)] = i % 23 - 5;
    int wanted = 0;
    for (int i = 0; i < n; ++i) wanted += x[static_cast<size_t>(i)];
    launch(kernels(), "last_block_sum", {40, 1, 1}, {256, 1, 1}, Parameters().add(x).add(n).add(partial).add(out));
    EQUAL(out[0], wanted);
  }
}

TEST("translated: only the PTX that was translated") {
  const std::string ptx = text_of("kernels.ptx");
  const auto same = load("// another first line\n" + ptx);
  CHECK(!same->kernel("saxpy")->program().translated.empty());
  // saxpy with another instruction: an interpreter's kernel.
  const size_t at = ptx.find("fma.rn.f32", ptx.find(".entry saxpy"));
  CHECK(at != std::string::npos);
  std::string other = ptx;
  other.replace(at, 10, "fma.rz.f32");
  const auto changed = load(other);
  CHECK(changed->kernel("saxpy")->program().translated.empty());
  CHECK(!changed->kernel("sgemm")->program().translated.empty());
  Settings none("none");
  Options::global().set("engine", "translated");
  Array<float> x(32), y(32);
  const auto go = [&] { launch(*changed, "saxpy", {1, 1, 1}, {32, 1, 1}, Parameters().add(0.5f).add(x).add(y).add(32)); };
  EQUAL(failure_of(go).result, softcuda::kInvalidValue);
  CHECK(std::string(failure_of(go).what()).find("kernel saxpy cannot run translated") != std::string::npos);
  Options::global().set("engine", "auto");
  go();
}

TEST("translated: never with checks or a seed") {
  Array<float> x(32), y(32);
  const auto go = [&] { launch(kernels(), "saxpy", {1, 1, 1}, {32, 1, 1}, Parameters().add(0.5f).add(x).add(y).add(32)); };
  for (const uint64_t seed : {uint64_t{0}, uint64_t{5}}) {
    Settings settings(seed == 0 ? "memory" : "none", seed);
    Options::global().set("engine", "translated");
    CHECK(std::string(failure_of(go).what()).find("checks, counters or a seed are set") != std::string::npos);
  }
}

TEST("translated: a library that is none") {
  EQUAL(failure_of([] { softcuda::add_translations("/nowhere/none.so"); }).result, softcuda::kNotFound);
}

TEST("translated: a library that is not whole") {
  std::ifstream in(TRANSLATED_KERNELS, std::ios::binary);
  std::ostringstream whole;
  whole << in.rdbuf();
  const std::string bytes = whole.str();
  CHECK(bytes.size() > 10000);
  // A name of its own: these tests run several times beside one another.
  const std::string path = std::string(PTX_FOLDER) + "/cut_short_" + std::to_string(getpid()) + ".so";
  for (const size_t size : {size_t{0}, size_t{40}, size_t{5000}, bytes.size() / 2, bytes.size() - 1}) {
    std::ofstream(path, std::ios::binary) << bytes.substr(0, size);
    const auto failure = failure_of([&] { softcuda::add_translations(path); });
    EQUAL(failure.result, softcuda::kNotFound);
    CHECK(std::string(failure.what()).find("is cut short: " + std::to_string(size) + " of ") != std::string::npos);
  }
  std::remove(path.c_str());
}

TEST("translated: a library of another layout") {
  const auto failure = failure_of([] { softcuda::add_translations(OTHER_LAYOUT); });
  EQUAL(failure.result, softcuda::kNotFound);
  CHECK(std::string(failure.what()).find("was built for another version of the engine") != std::string::npos);
}
