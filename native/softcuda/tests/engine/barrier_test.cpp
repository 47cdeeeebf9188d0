#include "harness.h"

// The barrier check, under every order.
using namespace softcuda;
using namespace harness;

namespace {

std::string both(const std::string& name, uint32_t threads) {
  std::string report;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const Settings settings("barrier", seed);
    Array<int> out(64);
    launch(wrong_and_right(), name + "__right", {2, 1, 1}, {threads, 1, 1}, Parameters().add(out));
    const Failure f = failure_of([&] { launch(wrong_and_right(), name + "__wrong", {2, 1, 1}, {threads, 1, 1}, Parameters().add(out)); });
    EQUAL_AT(f.result, 719, name);
    report = f.what();
  }
  return report;
}

}  // namespace

TEST("barrier: threads that have ended never come") { CONTAINS(both("early_exit", 64), "24 of the block's 64 threads have ended"); }

TEST("barrier: one barrier for all threads") { CONTAINS(both("two_barriers", 64), "wait at different barrier instructions"); }

TEST("barrier: shuffles and votes with wrong masks") {
  CONTAINS(both("shuffle_mask", 32), "not in its own member mask 0xfffffff7");
  CONTAINS(both("shuffle_inactive", 32), "which does not take part (lanes here: 0xffff");
  CONTAINS(both("vote_masks", 32), "the member masks must be equal");
}
