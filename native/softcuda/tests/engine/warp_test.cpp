#include <algorithm>

#include "harness.h"

// Shuffles, votes, matches, reductions; converged, and in halves of a warp.
using namespace harness;

namespace {

// Stores %r3 of each of 32 threads.
std::vector<uint32_t> lanes(const std::string& body) {
  Array<uint32_t> out(32);
  run(body + "\nmul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r3;", 0, out.address(), 32);
  return std::vector<uint32_t>(out.data(), out.data() + 32);
}

}  // namespace

TEST("warp: shuffle modes, segments and the predicate") {
  const std::string store = " selp.u32 %r4, 1000, 0, %p1; add.u32 %r3, %r3, %r4;";
  const auto down = lanes("shfl.sync.down.b32 %r3|%p1, %r1, 3, 31, -1;" + store);
  const auto up = lanes("shfl.sync.up.b32 %r3|%p1, %r1, 5, 0, -1;" + store);
  const auto bfly = lanes("shfl.sync.bfly.b32 %r3|%p1, %r1, 9, 31, 0xffffffff;" + store);
  const auto idx = lanes("shfl.sync.idx.b32 %r3|%p1, %r1, 37, 31, -1;" + store);
  const auto segment = lanes("shfl.sync.down.b32 %r3|%p1, %r1, 4, 6175, -1;" + store);  // width 8: segmask 24, clamp 31
  const auto overlap = lanes("mov.u32 %r3, %r1; shfl.sync.bfly.b32 %r3, %r3, 1, 31, -1;");
  for (uint32_t i = 0; i < 32; ++i) {
    EQUAL(down[i], i + 3 <= 31 ? i + 3 + 1000 : i);
    EQUAL(up[i], i >= 5 ? i - 5 + 1000 : i);
    EQUAL(bfly[i], (i ^ 9) + 1000);
    EQUAL(idx[i], 5u + 1000);
    EQUAL(segment[i], (i & 7) + 4 < 8 ? i + 4 + 1000 : i);
    EQUAL(overlap[i], i ^ 1);
  }
}

TEST("warp: votes, match, redux, activemask") {
  const auto ballot = lanes("and.b32 %r2, %r1, 2; setp.ne.u32 %p1, %r2, 0; vote.sync.ballot.b32 %r3, %p1, -1;");
  const auto any = lanes("setp.eq.u32 %p1, %r1, 9; vote.sync.any.pred %p2, %p1, -1; vote.sync.all.pred %p3, !%p1, -1; vote.sync.uni.pred %p4, %p1, -1;"
                         "selp.u32 %r3, 1, 0, %p2; selp.u32 %r4, 2, 0, %p3; add.u32 %r3, %r3, %r4; selp.u32 %r4, 4, 0, %p4; add.u32 %r3, %r3, %r4;");
  const auto match = lanes("and.b32 %r2, %r1, 7; match.any.sync.b32 %r3, %r2, -1;");
  const auto all = lanes("mov.u32 %r2, 5; match.all.sync.b32 %r3|%p1, %r2, -1; selp.u32 %r3, %r3, 0, %p1;");
  const auto sum = lanes("redux.sync.add.s32 %r3, %r1, -1;");
  const auto least = lanes("sub.s32 %r2, 7, %r1; redux.sync.min.s32 %r3, %r2, -1;");
  for (uint32_t i = 0; i < 32; ++i) {
    EQUAL(ballot[i], 0xccccccccu);
    EQUAL(any[i], 1u);
    EQUAL(match[i], 0x01010101u << (i & 7));
    EQUAL(all[i], 0xffffffffu);
    EQUAL(sum[i], 496u);
    EQUAL(least[i], static_cast<uint32_t>(-24));
  }
}

TEST("warp: two halves shuffle with their own masks at the same instruction") {
  const auto got = lanes(R"(
    and.b32 %r2, %r1, 1; setp.eq.u32 %p1, %r2, 0; mov.u32 %r5, 0xaaaaaaaa; @%p1 mov.u32 %r5, 0x55555555;
    @%p1 bra SKIP;
    mov.u32 %r6, 0;
SLOW: add.u32 %r6, %r6, 1; setp.lt.u32 %p2, %r6, 50; @%p2 bra SLOW;
SKIP: shfl.sync.bfly.b32 %r3, %r1, 2, 31, %r5; redux.sync.add.s32 %r3, %r3, %r5;)");
  for (uint32_t i = 0; i < 32; ++i) EQUAL(got[i], i % 2 ? 256u : 240u);
}

TEST("warp: a full-mask operation waits for lanes that come later") {
  const auto got = lanes(R"(
    and.b32 %r2, %r1, 3; mov.u32 %r6, 0;
LOOP: setp.ge.u32 %p1, %r6, %r2; @%p1 bra GO; add.u32 %r6, %r6, 1; bra LOOP;
GO: shfl.sync.idx.b32 %r3, %r6, 31, 31, -1; vote.sync.ballot.b32 %r4, %p1, -1; popc.b32 %r4, %r4; add.u32 %r3, %r3, %r4;)");
  for (uint32_t i = 0; i < 32; ++i) EQUAL(got[i], 3u + 32u);
}

TEST("warp: bar.warp.sync of two branches meet, exited lanes do not block") {
  const auto got = lanes(R"(
    setp.ge.u32 %p1, %r1, 24; @%p1 exit;
    mov.u32 %r3, 1; setp.lt.u32 %p2, %r1, 12; @%p2 bra LOW;
    bar.warp.sync -1; add.u32 %r3, %r3, 1; bra END;
LOW: bar.warp.sync -1; add.u32 %r3, %r3, 2;
END:)");
  for (uint32_t i = 0; i < 24; ++i) EQUAL(got[i], i < 12 ? 3u : 2u);
  for (uint32_t i = 24; i < 32; ++i) EQUAL(got[i], 0u);
}

TEST("warp: partial warps") {
  Array<uint32_t> out(40);
  run(R"(
    activemask.b32 %r2; popc.b32 %r2, %r2; vote.sync.ballot.b32 %r3, 1, -1; popc.b32 %r3, %r3; shl.b32 %r3, %r3, 8; or.b32 %r2, %r2, %r3;
    mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r2;)",
      0, out.address(), 40);
  for (uint32_t i = 0; i < 40; ++i) EQUAL(out[i], i < 32 ? 32u | 32u << 8 : 8u | 8u << 8);
}

TEST("warp: shuffles within parts of a warp, with an amount a lane") {
  const auto width8 = [](uint32_t i, uint32_t j) { return (i & 24) | (j & 7); };
  const auto idx = lanes("add.u32 %r2, %r1, 3; shfl.sync.idx.b32 %r3, %r1, %r2, 6175, -1;");
  const auto up = lanes("and.b32 %r2, %r1, 3; shfl.sync.up.b32 %r3|%p1, %r1, %r2, 6144, -1; selp.u32 %r4, 1000, 0, %p1; add.u32 %r3, %r3, %r4;");
  const auto bfly = lanes("shfl.sync.bfly.b32 %r3, %r1, 5, 6175, -1;");
  for (uint32_t i = 0; i < 32; ++i) {
    EQUAL(idx[i], width8(i, i + 3));
    EQUAL(up[i], (i & 7) >= (i & 3) ? i - (i & 3) + 1000 : i);
    EQUAL(bfly[i], i ^ 5);
  }
}

TEST("warp: every reduction, matches of 64 bits, a match that fails") {
  const auto reduce = [](const std::string& what) { return lanes("mul.lo.u32 %r2, %r1, 0x9e3779b9; redux.sync." + what + " %r3, %r2, -1;")[5]; };
  uint32_t sum = 0, least = ~0u, most = 0, both = ~0u, either = 0, differ = 0;
  int32_t low = INT32_MAX, high = INT32_MIN;
  for (uint32_t i = 0; i < 32; ++i) {
    const uint32_t v = i * 0x9e3779b9u;
    sum += v;
    least = std::min(least, v);
    most = std::max(most, v);
    low = std::min(low, static_cast<int32_t>(v));
    high = std::max(high, static_cast<int32_t>(v));
    both &= v;
    either |= v;
    differ ^= v;
  }
  EQUAL(reduce("add.u32"), sum);
  EQUAL(reduce("min.u32"), least);
  EQUAL(reduce("max.u32"), most);
  EQUAL(reduce("min.s32"), static_cast<uint32_t>(low));
  EQUAL(reduce("max.s32"), static_cast<uint32_t>(high));
  EQUAL(reduce("and.b32"), both);
  EQUAL(reduce("or.b32"), either);
  EQUAL(reduce("xor.b32"), differ);
  const auto match = lanes("and.b32 %r2, %r1, 1; cvt.u64.u32 %rd4, %r2; shl.b64 %rd4, %rd4, 40; match.any.sync.b64 %r3, %rd4, -1;");
  const auto all = lanes("setp.eq.u32 %p2, %r1, 9; selp.u32 %r2, 1, 0, %p2; match.all.sync.b32 %r3|%p1, %r2, -1; selp.u32 %r4, 1, 0, %p1; or.b32 %r3, %r3, %r4;");
  const auto vote = lanes("setp.gt.u32 %p1, %r1, 40; vote.sync.any.pred %p2, %p1, -1; vote.sync.uni.pred %p3, %p1, -1; vote.sync.all.pred %p4, !%p1, -1;"
                          "selp.u32 %r3, 1, 0, %p2; selp.u32 %r4, 2, 0, %p3; or.b32 %r3, %r3, %r4; selp.u32 %r4, 4, 0, %p4; or.b32 %r3, %r3, %r4;");
  for (uint32_t i = 0; i < 32; ++i) {
    EQUAL(match[i], i % 2 ? 0xaaaaaaaau : 0x55555555u);
    EQUAL(all[i], 0u);
    EQUAL(vote[i], 6u);
  }
}
