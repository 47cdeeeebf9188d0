#include "../../exec/spin.h"
#include "harness.h"

// Runs that never end are found, on one thread and on several; long ones are left alone.
using namespace softcuda;
using namespace harness;

namespace {

Failure run(const std::string& kernel, uint32_t blocks, uint32_t threads) {
  Array<int> flag(1, "flag"), out(256, "out");
  return failure_of([&] { launch(wrong_and_right(), kernel, {blocks, 1, 1}, {threads, 1, 1}, Parameters().add(flag).add(out)); });
}

void both(const std::string& name, uint32_t blocks, uint32_t threads) {
  for (const uint64_t seed : {0, 1, 2}) {
    for (const int workers : {1, 3}) {
      const Settings settings("none", seed);
      Options::global().workers = workers;
      const Failure good = run(name + "__right", blocks, threads);
      EQUAL_AT(good.result, 0, good.what());
      const Failure bad = run(name + "__wrong", blocks, threads);
      EQUAL_AT(bad.result, 719, name);
      CONTAINS(bad.what(), "deadlock: no thread of the block can go on");
      CONTAINS(bad.what(), "kernel " + name + "__wrong, block (");
    }
  }
}

}  // namespace

TEST("deadlock: a flag that nobody sets") {
  both("spin", 1, 64);
  both("spin_asleep", 5, 64);
}

TEST("deadlock: a lock that is not given back") {
  both("lock", 4, 32);
  // The atomic operation comes from a header of CUDA; what helps is where it was called.
  const Settings settings("none");
  CONTAINS(run("lock__wrong", 4, 32).what(), "/checks.cu:");
  CONTAINS(run("lock__wrong", 4, 32).what(), "\n    inlined at ");
}

TEST("deadlock: who was stuck before a change is not therefore stuck after it") {
  Deadlock deadlock;
  deadlock.begin_work(2);
  uint64_t one = 0, other = 0;
  const uint64_t before = deadlock.changes();
  deadlock.changed();
  const uint64_t after = deadlock.changes();
  CHECK(!deadlock.all_stuck(after, one));
  CHECK(!deadlock.all_stuck(before, other));
  CHECK(!deadlock.all_stuck(after, one));
  CHECK(deadlock.all_stuck(after, other));
  CHECK(deadlock.all_stuck(after, one));
}

// Whichever worker takes the block that sets the flag, and however late it begins.
TEST("deadlock: a worker that has not begun is waited for") {
  const Settings settings("none");
  Options::global().workers = 3;
  for (int i = 0; i < 2000; ++i) {
    const Failure f = run("spin_asleep__right", 3, 64);
    EQUAL_AT(f.result, 0, f.what());
  }
}

TEST("deadlock: long work is none") {
  const Settings settings("none");
  EQUAL(run("long_work", 2, 64).result, 0);
}
