#include "harness.h"

// The initialisation check, byte by byte.
using namespace softcuda;
using namespace harness;

namespace {

// Device memory as an allocation leaves it.
struct Fresh {
  explicit Fresh(size_t bytes, const char* name) : address(memory().allocate(bytes, name)) {}
  ~Fresh() { memory().release(address); }
  const uint64_t address;
};

void write(uint64_t address, size_t bytes) {
  Touch t;
  t.address = address;
  t.width = bytes;
  t.write = true;
  t.what = "memset";
  memory().touch(t, 0, nullptr);
}

Failure run_on(const std::string& kernel, uint64_t in) {
  Array<int> out(1024, "out");
  return failure_of([&] { launch(wrong_and_right(), kernel, {1, 1, 1}, {64, 1, 1}, Parameters().add(in).add(out)); });
}

}  // namespace

TEST("init: shared memory") {
  const Settings settings("init");
  Array<int> out(64);
  launch(wrong_and_right(), "shared_init__right", {3, 1, 1}, {64, 1, 1}, Parameters().add(out));
  const Failure f = failure_of([&] { launch(wrong_and_right(), "shared_init__wrong", {3, 1, 1}, {64, 1, 1}, Parameters().add(out)); });
  EQUAL(f.result, 719);
  CONTAINS(f.what(), "uninitialised shared memory: load of 4 bytes at 0x44");
  CONTAINS(f.what(), "thread (46,0,0)");
  CONTAINS(f.what(), "68 bytes into the block's 256 bytes of shared memory");
}

TEST("init: global memory, byte by byte") {
  const Settings settings("init");
  Fresh in(64, "in");
  write(in.address, 33);
  write(in.address + 34, 30);
  EQUAL(run_on("global_bytes__right", in.address).result, 0);
  const Failure f = run_on("global_bytes__wrong", in.address);
  EQUAL(f.result, 719);
  CONTAINS(f.what(), "uninitialised global memory: load of 1 bytes");
  CONTAINS(f.what(), "33 bytes into allocation 'in'");

  Fresh quads(1024, "quads");
  write(quads.address, 5 * 16 + 7);
  write(quads.address + 6 * 16, 1024 - 6 * 16);
  EQUAL(run_on("global_quads__right", quads.address).result, 0);
  const Failure quad = run_on("global_quads__wrong", quads.address);
  EQUAL(quad.result, 719);
  CONTAINS(quad.what(), "byte 7 of them was never written");
}

TEST("init: what kernels write, copies and cp.async carry on") {
  const Settings settings("init");
  Fresh a(256, "a"), b(256, "b");
  launch(wrong_and_right(), "shared_init__right", {1, 1, 1}, {64, 1, 1}, Parameters().add(a.address));
  EQUAL(run_on("global_bytes__wrong", a.address).result, 0);
  EQUAL(run_on("global_bytes__wrong", b.address).result, 719);
  memory().copied(b.address, 64, a.address, 64, 32, 4);
  EQUAL(run_on("global_bytes__wrong", b.address).result, 719);
  EQUAL(run_on("global_bytes__wrong", b.address + 128).result, 719);
  memory().copied(b.address, 256, a.address, 256, 256, 1);
  EQUAL(run_on("global_bytes__wrong", b.address).result, 0);
  // A copy of uninitialised bytes makes the target uninitialised again.
  Fresh c(256, "c");
  memory().copied(b.address + 33, 1, c.address, 1, 1, 1);
  EQUAL(run_on("global_bytes__right", b.address).result, 0);
  EQUAL(run_on("global_bytes__wrong", b.address).result, 719);

  Fresh in(1024, "in");
  write(in.address, 36);
  write(in.address + 40, 984);
  EQUAL(run_on("async_init__right", in.address).result, 0);
  const Failure f = run_on("async_init__wrong", in.address);
  EQUAL(f.result, 719);
  CONTAINS(f.what(), "uninitialised shared memory: load of 4 bytes at 0x24");
}

TEST("init: the parts that a library call declares") {
  const Settings settings("init");
  Fresh m(64, "matrix");  // 4 x 4
  for (uint64_t c = 0; c < 4; ++c) write(m.address + 16 * c + 4 * c, 16 - 4 * c);
  Touch t;
  t.address = m.address;
  t.width = 16;
  t.pitch = 16;
  t.rows = 4;
  t.what = "A of spotrf";
  t.part = Touch::From;
  memory().touch(t, 0, nullptr);
  t.part = Touch::UpTo;
  EQUAL(failure_of([&] { memory().touch(t, 0, nullptr); }).result, 719);
  t.part = Touch::All;
  const Failure f = failure_of([&] { memory().touch(t, 0, nullptr); });
  CONTAINS(f.what(), "uninitialised global memory: A of spotrf is read");
  CONTAINS(f.what(), "16 bytes into allocation 'matrix'");
}
