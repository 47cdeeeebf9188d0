#include <cstdlib>

#include "../../count/launches.h"
#include "../../count/path.h"
#include "../../count/report.h"
#include "../../count/roofline.h"
#include "harness.h"

// The counters, beside numbers worked out by hand.
using namespace softcuda;
using namespace harness;

namespace {

// Switches counting on, into nothing that is written: the tests read the counters themselves.
class Counting {
 public:
  explicit Counting(uint64_t seed = 0, int workers = 2) : settings_("none", seed) {
    Options::global().count = "stderr";
    Options::global().workers = workers;
    reset_counters();
  }
  ~Counting() { reset_counters(); }

 private:
  const Settings settings_;
};

// Counters of `body` run by one block of `threads` on two arrays.
Counters count_body(const std::string& body, uint32_t threads, const std::string& declarations = "") {
  const Counting counting;
  Array<uint32_t> a(8192), b(8192);
  run(body, a.address(), b.address(), threads, declarations);
  return counters_of("k");
}

// The last launch's longest chain of dependent steps.
double last_longest() {
  const std::string report = launches_report();
  const std::string head = report.substr(0, report.find('\n')), last = report.substr(report.rfind('\n', report.size() - 2) + 1);
  std::string name, value;
  for (size_t h = 0, l = 0; name != "longest_clocks"; h += name.size() + 1, l += value.size() + 1) {
    name = head.substr(h, head.find(',', h) - h);
    value = last.substr(l, last.find(',', l) - l);
  }
  return std::atof(value.c_str());
}

// That of `body`, run by one block.
double longest(const std::string& body, uint32_t threads = 32, const std::string& declarations = "") {
  const Counting counting(0, 1);
  Options::global().count = "none.launches.csv";
  Array<uint32_t> a(64), b(64);
  a[0] = 0;
  run(body, a.address(), b.address(), threads, declarations);
  return last_longest();
}

std::string repeated(int times, const std::string& text) {
  std::string all;
  for (int k = 0; k < times; ++k) all += text;
  return all;
}

uint64_t warps(const Counters& c, InstructionClass k) { return c.warp_instructions[static_cast<int>(k)]; }

Counters sgemm(int n, uint64_t seed, int workers) {
  const Counting counting(seed, workers);
  const size_t elements = static_cast<size_t>(n) * static_cast<size_t>(n);
  Array<float> a(elements), b(elements), c(elements);
  const uint32_t tiles = static_cast<uint32_t>(n) / 128;
  launch(kernels(), "sgemm", {tiles, tiles, 1}, {256, 1, 1}, Parameters().add(a).add(b).add(c).add(n).add(n).add(n));
  return counters_of("sgemm");
}

}  // namespace

TEST("count: coalesced, strided, broadcast and unaligned accesses") {
  // Address of thread t: base + t * step.
  const auto load = [](const std::string& step, const std::string& instruction) {
    return count_body("mul.wide.u32 %rd3, %r1, " + step + "; add.s64 %rd4, %rd1, %rd3;\n" + instruction, 32).load;
  };
  const auto side_by_side = load("4", "ld.global.u32 %r2, [%rd4];");
  EQUAL(side_by_side.requests, uint64_t{1});
  EQUAL(side_by_side.requested_bytes, uint64_t{128});
  EQUAL(side_by_side.unique_bytes, uint64_t{128});
  EQUAL(side_by_side.sectors, uint64_t{4});
  EQUAL(side_by_side.lines, uint64_t{1});
  const auto strided = load("128", "ld.global.u32 %r2, [%rd4];");
  EQUAL(strided.sectors, uint64_t{32});
  EQUAL(strided.lines, uint64_t{32});
  const auto broadcast = load("0", "ld.global.u32 %r2, [%rd4];");
  EQUAL(broadcast.requested_bytes, uint64_t{128});
  EQUAL(broadcast.unique_bytes, uint64_t{4});
  EQUAL(broadcast.sectors, uint64_t{1});
  const auto quads = load("16", "ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd4];");
  EQUAL(quads.requested_bytes, uint64_t{512});
  EQUAL(quads.sectors, uint64_t{16});
  const auto shifted = load("4", "ld.global.u32 %r2, [%rd4+4];");
  EQUAL(shifted.sectors, uint64_t{5});
  EQUAL(shifted.lines, uint64_t{2});
}

TEST("count: stores, atomics and the least possible traffic") {
  const Counters c = count_body(
      "mul.wide.u32 %rd3, %r1, 4; add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;\n"
      "ld.global.u32 %r2, [%rd4]; ld.global.u32 %r3, [%rd4]; st.global.u32 [%rd5], %r2; red.global.add.u32 [%rd2], %r3;",
      64);
  EQUAL(c.load.requests, uint64_t{6});  // the atomic operation reads too
  EQUAL(c.store.requests, uint64_t{4});
  EQUAL(c.least_read_bytes, uint64_t{64 * 4 + 4});  // read twice, counted once
  EQUAL(c.least_written_bytes, uint64_t{64 * 4});   // the word of the atomic operation is among them
  EQUAL(warps(c, InstructionClass::Atomic), uint64_t{2});
  EQUAL(warps(c, InstructionClass::StoreGlobal), uint64_t{2});
  EQUAL(c.blocks, uint64_t{1});
  EQUAL(c.threads, uint64_t{64});
}

TEST("count: bank conflicts") {
  const auto stride = [](int words, const std::string& vector) {
    return count_body("mul.lo.s32 %r2, %r1, " + std::to_string(4 * words) + "; mov.u32 %r3, s; add.s32 %r4, %r3, %r2;\n" + vector, 32,
                      ".shared .align 16 .b8 s[8192];");
  };
  const auto one = [&](int words) { return stride(words, "st.shared.u32 [%r4], %r1;").shared_wavefronts; };
  EQUAL(one(1), uint64_t{1});
  EQUAL(one(2), uint64_t{2});
  EQUAL(one(4), uint64_t{4});
  EQUAL(one(32), uint64_t{32});
  EQUAL(one(33), uint64_t{1});
  EQUAL(one(0), uint64_t{1});
  const Counters quads = stride(4, "st.shared.v4.u32 [%r4], {%r1, %r1, %r1, %r1};");
  EQUAL(quads.shared_wavefronts, uint64_t{4});
  EQUAL(quads.shared_ideal_wavefronts, uint64_t{4});
  EQUAL(quads.bank_conflicts(), uint64_t{0});
  EQUAL(stride(2, "st.shared.v2.u32 [%r4], {%r1, %r1};").shared_wavefronts, uint64_t{2});
  EQUAL(stride(32, "st.shared.u32 [%r4], %r1;").bank_conflicts(), uint64_t{31});
}

TEST("count: divergence, guards and flops") {
  const Counters c = count_body(
      "cvt.rn.f32.u32 %f1, %r1; setp.lt.u32 %p1, %r1, 8; @%p1 bra LOW;\n"
      "mul.f32 %f2, %f1, %f1; bra DONE;\nLOW: fma.rn.f32 %f2, %f1, %f1, %f1;\n"
      "DONE: setp.lt.u32 %p2, %r1, 4; @%p2 add.f32 %f2, %f2, %f1; ex2.approx.f32 %f3, %f2;",
      32);
  EQUAL(c.branches, uint64_t{1});
  EQUAL(c.divergent_branches, uint64_t{1});
  EQUAL(c.flops_f32, uint64_t{24 + 2 * 8 + 4});
  EQUAL(c.special, uint64_t{32});
  EQUAL(warps(c, InstructionClass::Float32), uint64_t{3});
  EQUAL(c.thread_instructions[static_cast<int>(InstructionClass::Special)], uint64_t{32});
  CHECK(c.divergence() > 0.05 && c.divergence() < 0.5);
}

TEST("count: tensor cores") {
  const Counters c = count_body(
      "mov.b32 %f1, 0f3F800000; mov.b32 %r2, %f1;\n"
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f2, %f3, %f4, %f5}, {%r2, %r2, %r2, %r2}, {%r2, %r2}, {%f1, %f1, %f1, %f1};",
      64);
  EQUAL(warps(c, InstructionClass::Matrix), uint64_t{2});
  EQUAL(c.flops_matrix_tf32, uint64_t{2 * 2 * 16 * 8 * 8});
}

TEST("count: a product has 2 M N K flops, whoever runs it in whatever order") {
  const Counters c = sgemm(256, 0, 1);
  EQUAL(c.flops_f32, uint64_t{2} * 256 * 256 * 256);
  EQUAL(c.least_read_bytes, uint64_t{2 * 4 * 256 * 256});
  EQUAL(c.least_written_bytes, uint64_t{4 * 256 * 256});
  CHECK(c.moved_bytes() >= c.least_bytes());
  CHECK(sgemm(256, 0, 3) == c);
  CHECK(sgemm(256, 1, 2) == c);
  CHECK(sgemm(256, 7, 2) == c);
}

TEST("count: reports and the estimate") {
  const Counting counting;
  Array<float> x(1024), y(1024);
  for (int repeat = 0; repeat < 3; ++repeat) launch(kernels(), "saxpy", {4, 1, 1}, {256, 1, 1}, Parameters().add(2.0f).add(x).add(y).add(1000));
  const Counters c = counters_of("saxpy");
  EQUAL(c.launches, uint64_t{3});
  CONTAINS(csv_report(), "\nsaxpy,3,12,");
  CONTAINS(json_report(), "\"kernel\": \"saxpy\", \"launches\": 3");
  CONTAINS(text_report(), "a lower bound, not a measurement");
  // 10^9 bytes each way cost an H100 at least 2 * 10^9 / 3.35e12 seconds, and more on an RTX 4090.
  Counters big;
  big.blocks = 132 * 128;
  big.least_read_bytes = big.least_written_bytes = 1000000000;
  const Estimate h100 = estimate(big, model_of(Gpu::H100)), rtx = estimate(big, model_of(Gpu::Rtx4090));
  CHECK(h100.limit == Limit::Dram);
  CHECK(h100.seconds > 2e9 / 3.35e12 && h100.seconds < 1.02 * 2e9 / 3.35e12);
  CHECK(rtx.seconds > 3 * h100.seconds);
}

TEST("count: the longest chain of dependent steps") {
  const std::string store = "st.global.f32 [%rd2], %f1;";
  // What waits for itself takes its latency each time; what does not takes a clock of its warp.
  const double short_chain = longest(repeated(16, "fma.rn.f32 %f1, %f1, %f1, %f2;\n") + store);
  const double long_chain = longest(repeated(80, "fma.rn.f32 %f1, %f1, %f1, %f2;\n") + store);
  EQUAL(long_chain - short_chain, 64.0 * static_cast<double>(latencies.arithmetic));
  const double apart = longest(repeated(64, "fma.rn.f32 %f3, %f1, %f1, %f2;\n") + repeated(16, "fma.rn.f32 %f1, %f1, %f1, %f2;\n") + store);
  EQUAL(apart, short_chain + 64);
  const std::string idle = repeated(640, "fma.rn.f32 %f3, %f1, %f1, %f2;\n");
  const double all_apart = longest(idle);
  CHECK(all_apart >= 640 && all_apart < 660);
  EQUAL(longest(idle, 64), all_apart);
  // A barrier waits for what a warp issues before it.
  const double before = longest(repeated(64, "fma.rn.f32 %f3, %f1, %f1, %f2;\n") + "bar.sync 0;\n" + store);
  EQUAL(before, longest("bar.sync 0;\n" + store) + 64);
  // A pipe that one block fills: 64 warps' worth of FP32 on 128 lanes.
  const double busy = longest(repeated(64, "fma.rn.f32 %f3, %f1, %f1, %f2;\n"), 1024);
  CHECK(busy >= 32.0 * 64 / 4 && busy < 1.2 * 32.0 * 64 / 4);
  // Loads of memory that follow each other, and barriers.
  const std::string load = "ld.global.u32 %r2, [%rd4]; cvt.u64.u32 %rd5, %r2; add.s64 %rd4, %rd1, %rd5;\n";
  const double loads = longest("mov.u64 %rd4, %rd1;\n" + repeated(3, load)) - longest("mov.u64 %rd4, %rd1;\n" + repeated(2, load));
  CHECK(loads >= static_cast<double>(latencies.global) && loads < static_cast<double>(latencies.global) + 20);
  const double barriers = longest(repeated(5, "bar.sync 0;\n"), 64) - longest(repeated(3, "bar.sync 0;\n"), 64);
  CHECK(barriers >= 2.0 * static_cast<double>(latencies.barrier) && barriers < 2.0 * static_cast<double>(latencies.barrier) + 4);
}

TEST("count: a block that waits for a flag goes on behind the one that sets it") {
  // Block 0 computes, block 1 waits for it and computes as long: one after the other. Without the wait they run side by side.
  const auto both = [](bool waits) {
    const Counting counting(0, 1);
    Options::global().count = "none.launches.csv";
    Array<uint32_t> a(64), b(64);
    const std::string look = waits ? "LOOK: ld.acquire.gpu.global.u32 %r2, [%rd1]; setp.eq.u32 %p2, %r2, 0; @%p2 bra LOOK;\n" : "";
    const std::string work = repeated(400, "fma.rn.f32 %f1, %f1, %f1, %f2;\n");
    const auto module = load(entry("mov.u32 %r3, %ctaid.x; setp.eq.u32 %p1, %r3, 0; @%p1 bra WORK;\n" + look + "WORK:\n" + work +
                   "st.global.f32 [%rd2], %f1; @!%p1 bra DONE; mov.u32 %r4, 1; st.release.gpu.global.u32 [%rd1], %r4;\nDONE:", ""));
    launch(*module, "k", {2, 1, 1}, {1, 1, 1}, Parameters().add(a.address()).add(b.address()));
    return last_longest();
  };
  const double alone = both(false), after = both(true), work = 400 * static_cast<double>(latencies.arithmetic);
  CHECK(alone >= work && alone < 1.5 * work);
  CHECK(after >= alone + work && after < alone + work + 4 * static_cast<double>(latencies.global));
}

TEST("count: launches are listed one by one, in their order") {
  const Counting counting(0, 1);
  Options::global().count = "none.launches.csv";
  Array<float> x(1024), y(1024);
  for (const uint32_t blocks : {4u, 1u}) launch(kernels(), "saxpy", {blocks, 1, 1}, {256, 1, 1}, Parameters().add(2.0f).add(x).add(y).add(1000));
  const std::string report = launches_report();
  const size_t first = report.find("\nsaxpy,256,1,4,1024,"), second = report.find("\nsaxpy,256,1,1,256,");
  CHECK(first != std::string::npos && second != std::string::npos && first < second);
  CONTAINS(report, ",issue_us,fp32_us,");
  reset_counters();
  CHECK(launches_report().find("saxpy") == std::string::npos);
}
