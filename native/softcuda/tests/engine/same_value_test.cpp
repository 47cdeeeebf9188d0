#include "harness.h"

// Stores of the same value that nothing orders: let pass, or with the check `same` a report of their own. Other values stay a race.
using namespace softcuda;
using namespace harness;

namespace {

// Every thread of the block stores `value` at the same place, of shared or global memory.
Failure store(const std::string& checks, const std::string& value, const std::string& to, uint64_t seed = 0, const std::string& type = "u32") {
  const Settings settings(checks, seed);
  Array<uint64_t> a(4, "a"), b(4, "b");
  const std::string body = "mov.u32 %r3, 1; cvt.u64.u32 %rd3, " + value + "; mov.u32 %r2, " + value + ";\n" +
                           (to == "shared" ? "st.shared." + type + " [s], " : "st.global." + type + " [%rd1], ") +
                           (type == "u64" ? "%rd3;" : type == "v2.u32" ? "{%r3, %r2};" : "%r2;");
  return failure_of([&] { run(body, a.address(), b.address(), 128, ".shared .align 16 .b8 s[64];"); });
}

}  // namespace

TEST("same: threads that store one value to one word are let pass unless that is asked for") {
  for (const char* to : {"shared", "global"}) {
    for (const char* type : {"u32", "u64", "u8", "u16", "v2.u32"}) {
      for (uint64_t seed = 0; seed < 3; ++seed) {
        const std::string note = std::string(to) + " " + type + " seed " + std::to_string(seed);
        EQUAL_AT(store("all", "%ntid.x", to, seed, type).result, 0, note);
        const Failure asked = store("all,same", "%ntid.x", to, seed, type);
        EQUAL_AT(asked.result, 719, note);
        CONTAINS(asked.what(), std::string("same value stored twice in ") + to + " memory");
        CONTAINS(asked.what(), "write of the same value");
        CONTAINS(asked.what(), "leave 'same' out of the checks where that is meant");
      }
    }
  }
}

TEST("same: different values to one word stay a race") {
  for (const char* checks : {"race", "all", "same", "all,same"}) {
    for (const char* to : {"shared", "global"}) {
      for (const char* type : {"u32", "u64", "u16", "v2.u32"}) {
        const Failure f = store(checks, "%tid.x", to, 0, type);
        EQUAL_AT(f.result, 719, std::string(checks) + " " + to + " " + type);
        CONTAINS(f.what(), std::string("race in ") + to + " memory: store");
      }
    }
  }
}

TEST("same: a store over a read, an atomic or a copy is no second store") {
  const Settings settings("race");
  Array<uint32_t> a(4, "a"), b(4, "b");
  const auto fails = [&](const std::string& body) {
    return failure_of([&] { run(body, a.address(), b.address(), 64, ".shared .align 16 .b8 s[64];"); }).result;
  };
  EQUAL(fails("ld.global.u32 %r2, [%rd1]; st.global.u32 [%rd1], %r2;"), 719);
  EQUAL(fails("setp.lt.u32 %p1, %r1, 32; @%p1 atom.global.exch.b32 %r2, [%rd1], 0; @!%p1 st.global.u32 [%rd1], 0;"), 719);
  EQUAL(fails("setp.eq.u32 %p1, %r1, 0; @%p1 st.shared.u32 [s], 5; setp.eq.u32 %p2, %r1, 40; @%p2 ld.shared.u32 %r3, [s];"), 719);
}

TEST("same: the option says what it may be") {
  Options options;
  options.set("check", "same");
  CHECK(options.check_same && options.check_race && !options.check_memory);
  options.set("check", "all");
  CHECK(!options.check_same && options.check_race);
  options.set("check", "all,same");
  CHECK(options.check_same && options.check_leak);
}
