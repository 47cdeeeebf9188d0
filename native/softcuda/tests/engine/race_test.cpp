#include "harness.h"

// The race check: every wrong kernel of checks.cu is found under every order, and no right one raises anything.
using namespace softcuda;
using namespace harness;

namespace {

constexpr int kSeeds = 4;

// Runs name__right and name__wrong on `parameters`; gives the report of the wrong one.
template <class Launch>
std::string both(const std::string& name, Launch run) {
  std::string report;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Settings settings("memory,race,barrier", seed);
    const Failure good = failure_of([&] { run(name + "__right"); });
    EQUAL_AT(good.result, 0, name + " is right, seed " + std::to_string(seed) + ": " + good.what());
    const Failure bad = failure_of([&] { run(name + "__wrong"); });
    EQUAL_AT(bad.result, 719, name + " is wrong, seed " + std::to_string(seed) + ": " + bad.what());
    if (seed == 0) report = bad.what();
  }
  return report;
}

std::string both_on_one_array(const std::string& name, uint32_t blocks, uint32_t threads) {
  return both(name, [&](const std::string& kernel) {
    Array<int> out(1024, "out");
    launch(wrong_and_right(), kernel, {blocks, 1, 1}, {threads, 1, 1}, Parameters().add(out));
  });
}

std::string both_with_input(const std::string& name) {
  return both(name, [&](const std::string& kernel) {
    Array<int> in(1024, "in"), out(1024, "out");
    launch(wrong_and_right(), kernel, {1, 1, 1}, {64, 1, 1}, Parameters().add(in).add(out));
  });
}

// A chain of blocks with one fault in it.
Failure chain(const std::string& kernel, uint64_t seed) {
  const Settings settings("all", seed);
  Array<int> out(64 * 12, "out"), flags(12, "flags"), ticket(1, "ticket");
  return failure_of([&] {
    launch(wrong_and_right(), kernel, {12, 1, 1}, {64, 1, 1}, Parameters().add(out).add(flags).add(ticket));
    for (int k = 0; k < 12; ++k) EQUAL(out[static_cast<size_t>(64 * k + 5)], k + 1);
  });
}

// An order of operations made by hand: what each follows.
class Handmade : public Order {
 public:
  explicit Handmade(bool follows) : follows_(follows) {}
  bool follows(uint32_t) const override { return follows_; }
  std::string describe(uint32_t operation) const override { return "operation " + std::to_string(operation); }

 private:
  const bool follows_;
};

void launch_as(uint32_t number, const Order& order, const std::string& kernel, const Parameters& parameters) {
  LaunchConfig config;
  config.kernel = wrong_and_right().kernel(kernel);
  config.block = {64, 1, 1};
  config.params = parameters.bytes();
  config.operation = number;
  config.order = &order;
  execute(config, memory());
}

}  // namespace

TEST("race: shared memory") {
  const std::string report = both_on_one_array("missing_barrier", 1, 64);
  CONTAINS(report, "race in shared memory: store of 4 bytes");
  CONTAINS(report, "kernel missing_barrier__wrong, block (0,0,0), thread (");
  CONTAINS(report, "checks.cu:");
  CONTAINS(report, "the other access: read by thread (");
  CONTAINS(report, "of the same block\n  instruction ld.shared.");
  both_on_one_array("missing_trailing_barrier", 1, 64);
  both_on_one_array("missing_warp_sync", 1, 32);
  both_on_one_array("shuffle_is_no_barrier", 1, 32);
  both_on_one_array("partial_warp_sync", 1, 32);
  both_on_one_array("bytes_side_by_side", 1, 64);
  both_on_one_array("same_store", 1, 32);
}

TEST("race: barriers with arrivals order as the waiting ones do") {
  const Settings settings("all");
  Array<int> out(32, "out");
  launch(wrong_and_right(), "named_barrier__right", {1, 1, 1}, {64, 1, 1}, Parameters().add(out));
  EQUAL(out[31], 31);
  EQUAL(failure_of([&] { launch(wrong_and_right(), "named_barrier__wrong", {1, 1, 1}, {64, 1, 1}, Parameters().add(out)); }).result, 719);
}

TEST("race: cp.async") {
  CONTAINS(both_with_input("async_wait"), "cp.async still under way");
  CONTAINS(both_with_input("async_group"), "cp.async still under way");
  CONTAINS(both_with_input("async_barrier"), "the other access: read by thread (");
  CONTAINS(both_with_input("async_overwrite"), "instruction cp.async.cg.shared.global");
}

TEST("race: global memory between blocks") {
  const std::string report = both_on_one_array("blocks_write_one_place", 8, 32);
  CONTAINS(report, "race in global memory: store of 4 bytes");
  CONTAINS(report, "0 bytes into allocation 'out'");
  CONTAINS(report, "of block (");
  both_on_one_array("atomic_and_plain", 3, 32);
}

TEST("race: flags order, if they release, acquire and reach far enough") {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Failure good = chain("chain__right", seed);
    EQUAL_AT(good.result, 0, good.what());
    for (const char* fault : {"relaxed_store", "block_scope", "relaxed_load", "no_wait", "no_barrier_before", "no_barrier_after"}) {
      EQUAL_AT(chain(std::string("chain__") + fault, seed).result, 719, fault);
    }
    const Settings settings("all", seed);
    for (const bool right : {true, false}) {
      Array<int> data(1, "data"), flag(1, "flag"), out(1, "out");
      const Failure f = failure_of([&] {
        launch(wrong_and_right(), right ? "fences__right" : "fences__wrong", {2, 1, 1}, {32, 1, 1}, Parameters().add(data).add(flag).add(out));
      });
      EQUAL_AT(f.result, right ? 0 : 719, f.what());
    }
  }
}

TEST("race: launches, copies and library calls that nothing orders") {
  const Settings settings("all");
  const Handmade in_order(true), beside(false);
  Array<int> out(1024, "out");
  const auto writes = Parameters().add(out);
  launch_as(1, in_order, "missing_barrier__right", writes);
  launch_as(2, in_order, "missing_barrier__right", writes);
  const Failure two = failure_of([&] { launch_as(3, beside, "missing_barrier__right", writes); });
  EQUAL(two.result, 719);
  CONTAINS(two.what(), "the other access: write by operation 2");
  CONTAINS(two.what(), "no event, stream order or synchronisation orders the two");

  Touch read;
  read.address = out.address() + 4 * 60;
  read.width = 8;
  read.what = "the source of a copy";
  memory().touch(read, 4, &in_order);
  CONTAINS(failure_of([&] { memory().touch(read, 5, &beside); }).what(), "race in global memory: the source of a copy is read");
  CONTAINS(failure_of([&] { launch_as(6, beside, "missing_barrier__right", writes); }).what(), "the other access: ");

  // Pieces that lie between those of the other do not touch.
  Array<int> matrix(1024, "matrix");
  Touch left;
  left.address = matrix.address();
  left.width = 16;
  left.pitch = 64;
  left.rows = 8;
  left.write = true;
  left.what = "left";
  Touch right = left;
  right.address += 32;
  memory().touch(left, 7, &beside);
  memory().touch(right, 8, &beside);
  right.address -= 20;
  EQUAL(failure_of([&] { memory().touch(right, 9, &beside); }).result, 719);

  // Nor do the two triangles of a matrix, without its diagonal in one of them.
  Array<int> square(16, "square");
  Touch upper;
  upper.address = square.address();
  upper.width = upper.pitch = 16;
  upper.rows = 4;
  upper.write = true;
  upper.part = Touch::UpTo;
  upper.what = "upper";
  Touch below = upper;
  below.address += 4;  // element (r, r + 1) and above
  below.width = 12;
  below.rows = 3;
  below.part = Touch::From;
  memory().touch(upper, 10, &beside);
  memory().touch(below, 11, &beside);
  below.address -= 4;  // now with the diagonal
  EQUAL(failure_of([&] { memory().touch(below, 12, &beside); }).result, 719);
}
