#include <sys/resource.h>

#include <stdexcept>

#include "harness.h"

// Everything that goes wrong must say what, where and which value.
using namespace harness;

namespace {

std::string load_error(const std::string& body, const std::string& declarations = "") {
  const auto failure = failure_of([&] { load(entry(body, declarations)); });
  EQUAL(failure.result, 218);
  return failure.what();
}

const char* const store = "mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3;\n";

}  // namespace

TEST("error: unknown instructions and modifiers name themselves and their line") {
  CONTAINS(load_error("frobnicate.f32 %f1, %f2;"), "'frobnicate.f32' is not known");
  CONTAINS(load_error("frobnicate.f32 %f1, %f2;"), "PTX line 11");
  CONTAINS(load_error("add.rq.f32 %f1, %f2, %f3;"), "'add.rq.f32'");
  CONTAINS(load_error("ld.global.sideways.f32 %f1, [%rd1];"), "'ld.global.sideways.f32'");
  CONTAINS(load_error("wgmma.fence.sync.aligned;"), "'wgmma.fence.sync.aligned'");
  CONTAINS(load_error("call.uni f, (%r1);"), "call.uni");
  CONTAINS(load_error("fma.rn.f32 %f1, %f2, %f3;"), "has 3 operands");
  CONTAINS(load_error("add.s32 %r1, %r99, %r2;"), "unknown register '%r99'");
  CONTAINS(load_error("bra NOWHERE;"), "unknown label 'NOWHERE'");
  CONTAINS(load_error("add.s32 %r1, %r2, %p1;"), "wrong kind");
  CONTAINS(load_error("mov.u32 %r1, %nonsense;"), "unknown register '%nonsense'");
  CONTAINS(load_error("ld.param.u64 %rd1, [k_b+8];"), "beyond the parameters");
}

TEST("error: malformed text") {
  for (const char* text : {"x", ".version", ".visible .entry k(", ".visible .entry k() { add", ".global .u32 a[", "/* no end", ".entry k() { mov.u32 %r1, 0f12; }",
                           ".entry k() { .reg .b32 %r<99999999>; }", ".file \"", ".entry k() { { { }", ".global .align 3 .u32 a;"}) {
    const int result = failure_of([&] { load(text); }).result;
    CHECK(result == 218 || (result == 0 && std::string(text) == ".version"));
  }
  EQUAL(failure_of([] { load(""); }).result, 0);
}

TEST("error: numbers, offsets and sizes that overflow") {
  CONTAINS(load_error("ld.param.u32 %r1, [k_a+18446744073709551612];"), "beyond the parameters");
  CONTAINS(load_error("ld.param.u32 %r1, [k_a-4];"), "beyond the parameters");
  CONTAINS(load_error("mov.u64 %rd1, 18446744073709551616;"), "more than 64 bits");
  CONTAINS(load_error("ld.shared.u32 %r1, [tile+9223372036854775807];", ".shared .u32 pad; .shared .u32 tile;"), "displacement");
  CONTAINS(load_error("ld.shared.u32 %r1, [%r2+8589934592];"), "displacement");
  CONTAINS(load_error("cp.async.ca.shared.global [%r2+8589934592], [%rd1], 4;"), "displacement");
  CONTAINS(load_error("cp.async.wait_group -1;"), "number of groups");
  CONTAINS(load_error("", ".global .b8 a[1099511627776];"), "module variables");
  CONTAINS(load_error("", ".global .b8 a[1099511627776] = {1};"), "module variables");
  CONTAINS(load_error("", ".global .b8 a[1099511627777];"), "too large");
  CONTAINS(load_error("mov.u32 %r1, a;", ".shared .b8 a[300000];"), "shared memory");
  EQUAL(failure_of([] { load(entry("", ".shared .b8 a[300000];")); }).result, 0);  // the kernel does not use it
  CONTAINS(load_error(".local .b8 stack[1048576];"), "local memory");
  CONTAINS(failure_of([] { load(".entry big(.param .b8 p[40000]) {}"); }).what(), "parameters");
  CONTAINS(load_error(".reg .b32 %q<1000001>;"), "too many registers");
  EQUAL(failure_of([] { load(entry("mov.u64 %rd1, -9223372036854775808; ld.global.u32 %r1, [%rd1-9223372036854775808];")); }).result, 0);
}

TEST("error: operands of the wrong kind") {
  CONTAINS(load_error("add.s32 %r1, !%r2, %r3;"), "'!' needs a predicate");
  CONTAINS(load_error("add.s32 %r1, %r2+4, %r3;"), "offset");
  CONTAINS(load_error("add.s32 %r1|%r2, %r3;"), "takes no '|'");
  CONTAINS(load_error("selp.b32 %r1, %r2, %r3, 0f3F800000;"), "expected a predicate");
  CONTAINS(load_error("mov.u32 %r1, g;", ".global .u32 g;"), "needs 64 bits");
  CONTAINS(load_error("ld.shared.u32 %r1, [g];", ".global .u32 g;"), "another address space");
  CONTAINS(load_error("ld.local.u32 %r1, [s];", ".shared .u32 s;"), "another address space");
  CONTAINS(load_error("ld.global.u32 %r1, [e];", ".extern .global .u32 e;"), "unknown symbol 'e'");
}

TEST("error: what is defined twice or cannot have a value") {
  CONTAINS(load_error("", ".global .u64 a[4] = {0, 0, 0, a}; .global .u32 a;"), "'a' is defined twice");
  CONTAINS(load_error("", ".shared .u32 a; .global .u32 a;"), "'a' is defined twice");
  CONTAINS(load_error(".local .u32 a; .local .u32 a;"), "'a' is defined twice");
  CONTAINS(load_error("", ".entry k() {}"), "entry 'k' is defined twice");
  CONTAINS(load_error("L: L:"), "'L' is defined twice");
  CONTAINS(load_error("t: .branchtargets t; t: .branchtargets t;"), "'t' is defined twice");
  CONTAINS(load_error(".reg .b64 %p1; .reg .b64 %p1;"), "register '%p1' is declared twice");
  CONTAINS(load_error("", ".shared .u32 a = 1;"), "initial value");
  CONTAINS(load_error("", ".global .f64 a = 0f3F800000;"), "wrong width");
}

TEST("error: declarations that hide others, and decimal fractions") {
  EQUAL(evaluate("mov.f32 %d, 0.5;", {0})[0], bits_of(0.5f));
  EQUAL(evaluate("mov.f64 %D, 12.375;", {0})[0], bits_of(12.375));
  EQUAL(evaluate("{ .reg .b32 %a<20>, %b; mov.b32 %a12, 7; mov.b32 %b, 2; add.s32 %d, %a12, %b; } add.s32 %d, %d, %a;", {5})[0], 14u);
  // ".align" behind ".ptr" is the alignment of what is pointed to.
  const auto module = load(".entry k(.param .u32 a, .param .u64 .ptr .global .align 64 b, .param .u64 .ptr .align 1 c) {}");
  EQUAL(module->kernel("k")->params()[1].offset, 8u);
  EQUAL(module->kernel("k")->params()[2].offset, 16u);
}

namespace {

std::string repeated(const std::string& text, size_t bytes, bool numbered = false) {
  std::string s;
  for (size_t i = 0; s.size() < bytes; ++i) s += numbered ? text.substr(0, text.find('#')) + std::to_string(i) + text.substr(text.find('#') + 1) : text;
  return s;
}

}  // namespace

// 100 KB of each are loaded or refused in moderate time and memory: far below a second each, some hundred MB.
TEST("error: texts whose work grows faster than their length") {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const size_t n = 100000;
  softcuda::Memory apart;  // that thousands of freed variables are not what later reports find
  const auto outcome = [&](const std::string& text) { return std::string(failure_of([&] { softcuda::Module::load(text.data(), text.size(), apart); }).what()); };
  const auto accepted = [&](const std::string& text) { EQUAL(outcome(text), "no failure"); };
  const auto refused = [&](const std::string& text, const char* why) { CONTAINS(outcome(text), why); };
  accepted(entry(repeated(".reg .b32 %x#_<1000000>;", n, true)));
  accepted(repeated(".entry k#(){}", n / 2, true) + repeated(".file 1 \"x\"", n / 2));
  accepted(repeated(".global .b8 v#;", n / 2, true) + repeated(".entry k#(){}", n / 2, true));
  accepted(repeated(".shared .b8 v#;", n / 2, true) + repeated(".entry k#(){.reg .b32 r; mov.b32 r,v0;}", n / 2, true));
  accepted(repeated(".func f#{ret;}", n / 4, true) + repeated(".entry k#(){call f0;}", n / 4, true));
  // Each function calls the one before: the kernel has all of them. And all call one another in a circle.
  std::string deeper = ".func f0{ret;}", circle = ".func f0;";
  for (size_t i = 1; deeper.size() < n; ++i) deeper += ".func f" + std::to_string(i) + "{call f" + std::to_string(i - 1) + ";}";
  const size_t functions = 1500;
  for (size_t i = 1; i < functions; ++i) circle += ".func f" + std::to_string(i) + "{call f" + std::to_string(i - 1) + ";}";
  circle += ".func f0{call f" + std::to_string(functions - 1) + ";}";
  accepted(deeper + ".entry k(){call f9;}");
  accepted(deeper + ".entry k(){call f1500;}");
  accepted(circle + ".entry k(){call f7;}");
  // Tables of pointers: each kernel has each function that it could mean.
  accepted(repeated(".func g#{ret;}", n / 50, true) + ".global .u64 t = g0;" + repeated(".entry e#(){.reg .b64 p; call p, q; q: .callprototype _;}", n / 50, true));
  refused(entry("t: .branchtargets " + repeated("L,", n / 2) + "L;" + repeated("brx.idx %r1,t;", n / 2) + "L:"), "entries together");
  // Every block jumps back to the one before: liveness moves one block a pass.
  accepted(entry("L: " + repeated("@%p1 bra L;", n)));
  std::string back = "bra E; B0: add.s32 %r2, %r1, 1;";
  for (size_t i = 1; back.size() < n; ++i) back += "B" + std::to_string(i) + ": mov.u32 %r3, " + std::to_string(i) + "; @%p1 bra B" + std::to_string(i - 1) + ";";
  accepted(entry(back + "E:"));
  // Moves written last to first: one chain of copies.
  std::string chain = ".reg .b32 %c<9999>;";
  for (size_t i = 3000; i-- > 0;) chain += "mov.b32 %c" + std::to_string(i + 1) + ",%c" + std::to_string(i) + ";";
  accepted(entry(chain + "mov.b32 %c0, 1;"));
  std::string live = ".reg .b32 %c<9999>; L:";
  for (size_t i = 0; i < 4000; ++i) live += "add.s32 %c" + std::to_string(i) + ",%c" + std::to_string(i) + ",1;";
  accepted(entry(live + "bra L;"));
  refused(entry(repeated("mov.b64 %rd1, #;", 20 * n, true)), "is too large");
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_utime.tv_sec - before.ru_utime.tv_sec < 60);
  CHECK(after.ru_maxrss < 3 << 20);  // KB
}

TEST("error: impossible launches") {
  const auto module = load(entry(""));
  const auto result = [&](softcuda::Dim3 grid, softcuda::Dim3 block, uint32_t shared) {
    return failure_of([&] { launch(*module, "k", grid, block, Parameters().add(uint64_t{0}).add(uint64_t{0}), shared); }).result;
  };
  EQUAL(result({0, 1, 1}, {1, 1, 1}, 0), 1);
  EQUAL(result({1, 70000, 1}, {1, 1, 1}, 0), 1);
  EQUAL(result({1, 1, 1}, {1025, 1, 1}, 0), 1);
  EQUAL(result({1, 1, 1}, {1, 1, 65}, 0), 1);
  EQUAL(result({1, 1, 1}, {32, 1, 1}, 1 << 20), 1);
  EQUAL(failure_of([&] { launch(*module, "k", {1, 1, 1}, {1, 1, 1}, Parameters()); }).result, 1);
  EQUAL(failure_of([&] { launch(*module, "none", {1, 1, 1}, {1, 1, 1}, Parameters()); }).result, 1);
  CONTAINS(failure_of([] { launch(kernels(), "saxpy", {1, 1, 1}, {512, 1, 1}, Parameters()); }).what(), "compiled for at most 256");
}

TEST("error: out of bounds, with the whole report") {
  const Settings settings("memory");
  Array<float> x(100, "x of the test"), y(100, "y of the test");
  const auto failure = failure_of([&] { launch(kernels(), "saxpy", {1, 1, 1}, {128, 1, 1}, Parameters().add(2.0f).add(x).add(y).add(128)); });
  EQUAL(failure.result, 700);
  const std::string text = failure.what();
  CONTAINS(text, "illegal address: load of 4 bytes at 0x");
  CONTAINS(text, "kernel saxpy, block (0,0,0), thread (100,0,0)");
  CONTAINS(text, "ld.global");
  CONTAINS(text, "PTX line ");
  CONTAINS(text, "kernels.cu:");
  CONTAINS(text, "0 bytes beyond the end of allocation '");
  CONTAINS(text, " of the test' (400 bytes at 0x");
  CONTAINS(text, "27 more lanes");
}

TEST("error: misaligned, null, host, freed and shared addresses") {
  const Settings settings("memory");
  Array<float> out(64, "out");
  float host[64] = {};
  const auto fail = [&](const std::string& body, uint64_t b, uint32_t threads = 32) { return failure_of([&] { run(store + body, 0, b, threads, ".shared .align 16 .b8 tile[64];"); }); };
  auto f = fail("st.global.u32 [%rd3+2], %r1;", out.address());
  EQUAL(f.result, 716);
  CONTAINS(f.what(), "misaligned address: store of 4 bytes");
  f = fail("ld.global.v4.f32 {%f1,%f2,%f3,%f4}, [%rd3];", out.address());
  EQUAL(f.result, 716);
  CONTAINS(f.what(), "thread (1,0,0)");
  f = fail("ld.global.f32 %f1, [%rd3];", 0);
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "a null pointer");
  // What a pointer is that was read from an allocation nobody wrote to: no sentinel.
  f = fail("mov.u64 %rd3, -1; ld.global.u8 %r2, [%rd3];", 0);
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "0xffffffffffffffff");
  f = fail("ld.global.f32 %f1, [%rd3];", reinterpret_cast<uint64_t>(host));
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "host pointer");
  // Within the 256 bytes that nothing else lies in: further on there may be another allocation, or a freed one.
  f = fail("red.global.add.f32 [%rd3+384], 0f3F800000;", out.address());
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "128 bytes beyond the end of allocation 'out'");
  const uint64_t gone = memory().allocate(4096, "gone");
  memory().release(gone);
  f = fail("ld.global.f32 %f1, [%rd3];", gone);
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "allocation 'gone' (4096 bytes");
  CONTAINS(f.what(), "which was freed");
  f = fail("shl.b32 %r2, %r1, 2; mov.u32 %r4, tile; add.u32 %r2, %r2, %r4; ld.shared.u32 %r3, [%r2];", out.address());
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "out-of-bounds load of 4 bytes in shared memory");
  CONTAINS(f.what(), "thread (16,0,0)");
  CONTAINS(f.what(), "holds 64 bytes");
  f = fail("ld.shared.u64 %rd4, [tile+4];", out.address());
  EQUAL(f.result, 716);
}

TEST("error: only lanes that run are checked") {
  const Settings settings("memory");
  Array<uint32_t> out(10, "out");
  run(std::string(store) + "setp.lt.u32 %p1, %r1, 10; @%p1 st.global.u32 [%rd3], %r1;", 0, out.address(), 64);
  for (uint32_t i = 0; i < 10; ++i) EQUAL(out[i], i);
}

TEST("error: trap, deadlock, bad barrier; and the engine goes on afterwards") {
  auto f = failure_of([] { run("setp.eq.u32 %p1, %r1, 5; @%p1 trap;", 0, 0, 64); });
  EQUAL(f.result, 715);
  CONTAINS(f.what(), "thread (5,0,0)");
  f = failure_of([] { run("setp.lt.u32 %p1, %r1, 40; @%p1 bra SKIP; bar.sync 0; bra END; SKIP: bar.sync 1; END:", 0, 0, 64); });
  EQUAL(f.result, 719);
  CONTAINS(f.what(), "deadlock");
  CONTAINS(f.what(), "bar.sync");
  f = failure_of([] { run("setp.lt.u32 %p1, %r1, 4; @%p1 shfl.sync.idx.b32 %r2, %r1, 0, 31, -1; bar.sync 0;", 0, 0, 32); });
  EQUAL(f.result, 719);
  CONTAINS(f.what(), "other members do not come");
  f = failure_of([] { run("mov.u32 %r2, 16; bar.sync %r2;", 0, 0, 32); });
  EQUAL(f.result, 719);
  Array<uint32_t> out(32);
  run(std::string(store) + "st.global.u32 [%rd3], %r1;", 0, out.address(), 32);
  EQUAL(out[31], 31u);
}

TEST("error: a failing block stops blocks that wait for it") {
  const Settings settings("memory");  // blocks in their natural order
  const int old = softcuda::Options::global().workers;
  softcuda::Options::global().workers = 2;
  Array<uint32_t> flag(1);
  const auto module = load(entry(R"(
    mov.u32 %r2, %ctaid.x; setp.eq.u32 %p1, %r2, 0; @%p1 trap;
SPIN: ld.volatile.global.u32 %r3, [%rd1]; setp.eq.u32 %p2, %r3, 0; @%p2 bra SPIN;)"));
  EQUAL(failure_of([&] { launch(*module, "k", {2, 1, 1}, {32, 1, 1}, Parameters().add(flag).add(uint64_t{0})); }).result, 715);
  softcuda::Options::global().workers = old;
}

TEST("error: options") {
  softcuda::Options options;
  options.set("check", "memory");
  CHECK(options.check_memory);
  options.set("check", "none");
  CHECK(!options.check_memory);
  options.set("workers", "3");
  EQUAL(options.workers, 3);
  for (const auto& bad : {std::make_pair("check", "memroy"), std::make_pair("workers", "0"), std::make_pair("workers", "two"), std::make_pair("colour", "red")}) {
    bool thrown = false;
    try {
      options.set(bad.first, bad.second);
    } catch (const std::invalid_argument&) {
      thrown = true;
    }
    CHECK(thrown);
  }
}
