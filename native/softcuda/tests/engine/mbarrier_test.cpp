#include "harness.h"

// Barriers in shared memory: what they count, what they order, and how they are misused.
using namespace softcuda;
using namespace harness;

namespace {

const std::string kShared = ".shared .align 8 .b64 bar; .shared .align 8 .b32 word[128];";
// Thread 0 makes the barrier for all threads of the block.
const std::string kInit = "mov.u32 %r9, %ntid.x; setp.eq.u32 %p7, %r1, 0; @%p7 mbarrier.init.shared.b64 [bar], %r9; bar.sync 0;\n";
const std::string kWait = "WAIT: mbarrier.test_wait.shared.b64 %p1, [bar], %rd3; @!%p1 bra WAIT;\n";
const std::string kMine = "shl.b32 %r2, %r1, 2; mov.u32 %r3, word; add.u32 %r2, %r3, %r2;\n";
// The word of thread n - 1 - i to b[i].
const std::string kOther = "sub.u32 %r4, %r9, %r1; sub.u32 %r4, %r4, 1; shl.b32 %r4, %r4, 2; add.u32 %r4, %r3, %r4; ld.shared.u32 %r5, [%r4];\n"
                           "mul.wide.u32 %rd4, %r1, 4; add.u64 %rd4, %rd2, %rd4; st.global.u32 [%rd4], %r5;\n";

Failure failure(const std::string& body, uint32_t threads, uint64_t seed = 0) {
  const Settings settings("all", seed);
  Array<uint32_t> a(128, "a"), b(128, "b");
  return failure_of([&] { run(body, a.address(), b.address(), threads, kShared); });
}

std::vector<uint32_t> results(const std::string& body, uint32_t threads) {
  Array<uint32_t> a(128, "a"), b(128, "b");
  run(body, a.address(), b.address(), threads, kShared);
  return {b.data(), b.data() + 128};
}

}  // namespace

TEST("mbarrier: arrival and wait order the block's accesses, in every order of warps") {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const Settings settings("all", seed);
    const auto b = results(kInit + kMine + "st.shared.u32 [%r2], %r1; mbarrier.arrive.shared.b64 %rd3, [bar];\n" + kWait + kOther, 128);
    for (uint32_t i = 0; i < 128; ++i) EQUAL_AT(b[i], 127 - i, "seed " + std::to_string(seed));
  }
}

TEST("mbarrier: a read without the wait, or before the arrival, is a race") {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const Failure early = failure(kInit + kMine + "st.shared.u32 [%r2], %r1; mbarrier.arrive.shared.b64 %rd3, [bar];\n" + kOther, 128, seed);
    EQUAL(early.result, 719);
    CHECK(std::string(early.what()).find("race in shared memory") != std::string::npos ||
          std::string(early.what()).find("uninitialised shared memory") != std::string::npos);
    const Failure late = failure(kInit + kMine + "mbarrier.arrive.shared.b64 %rd3, [bar]; st.shared.u32 [%r2], %r1;\n" + kWait + kOther, 128, seed);
    EQUAL(late.result, 719);
  }
}

TEST("mbarrier: counts, states and phases") {
  // One thread: 3 arrivals expected; two of noComplete, the last ends the phase; then one has dropped.
  const std::string body =
      "mbarrier.init.shared.b64 [bar], 3; mbarrier.arrive.noComplete.shared.b64 %rd3, [bar], 2; mbarrier.pending_count.b64 %r2, %rd3;\n"
      "st.global.u32 [%rd2], %r2; mbarrier.test_wait.shared.b64 %p1, [bar], %rd3; selp.u32 %r3, 1, 0, %p1; st.global.u32 [%rd2+4], %r3;\n"
      "mbarrier.arrive_drop.shared.b64 %rd4, [bar]; mbarrier.pending_count.b64 %r2, %rd4; st.global.u32 [%rd2+8], %r2;\n"
      "mbarrier.test_wait.shared.b64 %p1, [bar], %rd3; selp.u32 %r3, 1, 0, %p1; st.global.u32 [%rd2+12], %r3;\n"
      "mbarrier.test_wait.parity.shared.b64 %p1, [bar], 0; selp.u32 %r3, 1, 0, %p1; st.global.u32 [%rd2+16], %r3;\n"
      "mbarrier.test_wait.parity.shared.b64 %p1, [bar], 1; selp.u32 %r3, 1, 0, %p1; st.global.u32 [%rd2+20], %r3;\n"
      "mbarrier.arrive.shared::cta.b64 _, [bar]; cvta.shared.u64 %rd5, 0; mov.u64 %rd6, bar; cvta.shared.u64 %rd6, %rd6;\n"
      "mbarrier.arrive.release.cta.b64 %rd3, [%rd6]; mbarrier.pending_count.b64 %r2, %rd3; st.global.u32 [%rd2+24], %r2;\n"
      "mbarrier.test_wait.parity.acquire.cta.shared.b64 %p1, [bar], 1; selp.u32 %r3, 1, 0, %p1; st.global.u32 [%rd2+28], %r3;\n"
      "mbarrier.inval.shared.b64 [bar];";
  const auto b = results(body, 1);
  const uint32_t wanted[8] = {3, 0, 1, 1, 1, 0, 1, 1};
  for (size_t i = 0; i < 8; ++i) EQUAL_AT(b[i], wanted[i], "result " + std::to_string(i));
}

TEST("mbarrier: misuse is a fault that names the cause") {
  const struct {
    const char* body;
    const char* says;
  } all[] = {{"mov.u32 %r2, 0; mbarrier.init.shared.b64 [bar], %r2;", "an mbarrier's count must be 1 to 1048575"},
             {"mov.u32 %r2, 1048576; mbarrier.init.shared.b64 [bar], %r2;", "an mbarrier's count must be 1 to 1048575"},
             {"mbarrier.init.shared.b64 [bar], 2; mbarrier.arrive.noComplete.shared.b64 %rd3, [bar], 3;", "more arrivals at an mbarrier"},
             {"mbarrier.init.shared.b64 [bar], 2; mbarrier.arrive.noComplete.shared.b64 %rd3, [bar], 2;", "with .noComplete at an mbarrier completes its phase"},
             {"mbarrier.arrive.shared.b64 %rd3, [bar];", "uninitialised shared memory"}};
  for (const auto& c : all) {
    const Failure f = failure(c.body, 1);
    EQUAL_AT(f.result, 719, c.body);
    CONTAINS(f.what(), c.says);
  }
}

TEST("mbarrier: a wait for an arrival that never comes is found") {
  const Failure f = failure(kInit + "setp.ne.u32 %p2, %r1, 5; @%p2 mbarrier.arrive.shared.b64 %rd3, [bar]; @!%p2 bra DONE;\n" + kWait + "DONE:", 64);
  EQUAL(f.result, 719);
}

TEST("mbarrier: copies arrive when they have ended") {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    const Settings settings("all", seed);
    Array<uint32_t> a(128, "a"), b(128, "b");
    for (uint32_t i = 0; i < 128; ++i) a[i] = 7 * i;
    const std::string copy = kInit + kMine + "mul.wide.u32 %rd4, %r1, 4; add.u64 %rd4, %rd1, %rd4; cp.async.ca.shared.global [%r2], [%rd4], 4;\n";
    run(copy + "cp.async.mbarrier.arrive.noinc.shared.b64 [bar];\n"
               "WAIT: mbarrier.test_wait.parity.shared.b64 %p1, [bar], 0; @!%p1 bra WAIT;\n" + kOther, a.address(), b.address(), 128, kShared);
    for (uint32_t i = 0; i < 128; ++i) EQUAL(b[i], 7 * (127 - i));
    // Without .noinc the thread's own arrival is still to come.
    run(copy + "cp.async.mbarrier.arrive.shared.b64 [bar]; mbarrier.arrive.shared.b64 %rd3, [bar];\n" + kWait + kOther, a.address(), b.address(), 128, kShared);
    for (uint32_t i = 0; i < 128; ++i) EQUAL(b[i], 7 * (127 - i));
  }
}
