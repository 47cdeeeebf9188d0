#include <algorithm>

#include "harness.h"

// Divergence, loops, barriers, exits.
using namespace harness;

TEST("flow: nested branches meet again") {
  Array<uint32_t> in(64), out(64);
  for (uint32_t i = 0; i < 64; ++i) in[i] = i * 7 % 5;
  run(R"(
    mul.wide.u32 %rd3, %r1, 4; add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;
    ld.global.u32 %r2, [%rd4];
    setp.lt.u32 %p1, %r2, 2; @%p1 bra SMALL;
    setp.eq.u32 %p2, %r2, 3; @%p2 bra THREE;
    mov.u32 %r3, 100; bra JOIN;
THREE: mov.u32 %r3, 33; bra JOIN;
SMALL: setp.eq.u32 %p3, %r2, 0; @!%p3 bra ONE;
    mov.u32 %r3, 10; bra JOIN;
ONE: mov.u32 %r3, 11;
JOIN: activemask.b32 %r4; popc.b32 %r4, %r4; shl.b32 %r4, %r4, 16; or.b32 %r3, %r3, %r4;
    st.global.u32 [%rd5], %r3;)",
      in.address(), out.address(), 64);
  const uint32_t wanted[] = {10, 11, 100, 33, 100};
  for (uint32_t i = 0; i < 64; ++i) EQUAL(out[i], wanted[in[i]] | 32u << 16);
}

TEST("flow: loops with a different trip count in each lane") {
  Array<uint32_t> out(96);
  run(R"(
    mov.u32 %r2, 0; mov.u32 %r3, 0;
OUTER: setp.ge.u32 %p1, %r2, %r1; @%p1 bra END;
    mov.u32 %r4, 0;
INNER: add.u32 %r3, %r3, 1; add.u32 %r4, %r4, 1; and.b32 %r5, %r2, 3; setp.lt.u32 %p2, %r4, %r5; @%p2 bra INNER;
    add.u32 %r2, %r2, 1; bra OUTER;
END: mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r3;)",
      0, out.address(), 96);
  for (uint32_t t = 0; t < 96; ++t) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t; ++i) n += std::max(1u, i & 3);
    EQUAL(out[t], n);
  }
}

TEST("flow: guarded instructions change only their lanes") {
  Array<uint32_t> out(64);
  run(R"(
    and.b32 %r2, %r1, 1; setp.eq.u32 %p1, %r2, 0; mov.u32 %r3, 5;
    @%p1 add.u32 %r3, %r3, 10; @!%p1 add.u32 %r3, %r3, 100;
    mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3;
    setp.gt.u32 %p2, %r1, 40; @%p2 exit;
    @%p1 st.global.u32 [%rd3], %r3;)",
      0, out.address(), 64);
  for (uint32_t i = 0; i < 64; ++i) EQUAL(out[i], i % 2 == 0 && i <= 40 ? 15u : 0u);
}

// Lanes arrive at the barrier one after the other through a back edge, while others still have code at higher addresses.
TEST("flow: a barrier reached by a back edge") {
  Array<uint32_t> out(64);
  run(R"(
    mov.u32 %r2, %tid.x; mov.u32 %r3, 0; shl.b32 %r7, %r1, 2; mov.u32 %r8, buffer; add.u32 %r8, %r8, %r7;
HEAD: setp.ne.u32 %p1, %r3, 0; @%p1 bra WAIT;
    add.u32 %r3, %r3, 1; st.shared.u32 [%r8], %r2; and.b32 %r4, %r1, 7;
SPIN: setp.eq.u32 %p2, %r4, 0; @%p2 bra HEAD; sub.u32 %r4, %r4, 1; bra SPIN;
WAIT: bar.sync 0;
    xor.b32 %r5, %r7, 252; mov.u32 %r9, buffer; add.u32 %r5, %r5, %r9; ld.shared.u32 %r6, [%r5];
    mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r6;)",
      0, out.address(), 64, ".shared .align 4 .b8 buffer[256];");
  for (uint32_t i = 0; i < 64; ++i) EQUAL(out[i], 63 - i);
}

TEST("flow: barriers inside divergent branches, with exited threads") {
  const Settings settings("memory");  // works, although the barrier check forbids it
  Array<uint32_t> out(96);
  // Threads >= 80 leave at once; the two halves of each warp stop at different bar.sync 0 instructions.
  run(R"(
    setp.ge.u32 %p1, %r1, 80; @%p1 exit;
    and.b32 %r2, %r1, 31; setp.lt.u32 %p2, %r2, 16; mov.u32 %r9, counter;
    @%p2 bra LOW;
    atom.shared.add.u32 %r3, [%r9], 1; bar.sync 0; bra JOIN;
LOW: atom.shared.add.u32 %r3, [%r9], 100; bar.sync 0;
JOIN: ld.shared.u32 %r4, [%r9]; mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r4;)",
      0, out.address(), 96, ".shared .align 4 .u32 counter;");
  // Shared memory begins undefined: compare differences only through one value for all.
  for (uint32_t i = 1; i < 80; ++i) EQUAL(out[i], out[0]);
  EQUAL(out[80], 0u);
}

TEST("flow: named barriers with counts, and arrive") {
  Array<uint32_t> out(128);
  // Warps 0 and 1 exchange through barrier 1; warps 2 (producer, arrives) and 3 (consumer) use barrier 2.
  run(R"(
    shl.b32 %r2, %r1, 2; mov.u32 %r3, buffer; add.u32 %r4, %r3, %r2; shr.u32 %r5, %r1, 5;
    setp.ge.u32 %p1, %r5, 2; @%p1 bra SECOND;
    st.shared.u32 [%r4], %r1; bar.sync 1, 64; xor.b32 %r6, %r2, 128; add.u32 %r6, %r6, %r3; ld.shared.u32 %r7, [%r6]; bra STORE;
SECOND: setp.eq.u32 %p2, %r5, 3; @%p2 bra CONSUMER;
    mov.u32 %r8, 0;
DELAY: add.u32 %r8, %r8, 1; setp.lt.u32 %p3, %r8, 10000; @%p3 bra DELAY;
    st.shared.u32 [%r4], %r1; bar.arrive 2, 64; mov.u32 %r7, 7; bra STORE;
CONSUMER: bar.sync 2, 64; ld.shared.u32 %r7, [%r4-128];
STORE: mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r7;)",
      0, out.address(), 128, ".shared .align 4 .b8 buffer[512];");
  for (uint32_t i = 0; i < 64; ++i) EQUAL(out[i], i ^ 32);
  for (uint32_t i = 64; i < 96; ++i) EQUAL(out[i], 7u);
  for (uint32_t i = 96; i < 128; ++i) EQUAL(out[i], i - 32);
}

TEST("flow: bar.red") {
  Array<uint32_t> out(80 * 3);
  run(R"(
    setp.lt.u32 %p1, %r1, 50; bar.red.popc.u32 %r2, 0, %p1; bar.red.and.pred %p2, 0, %p1; bar.red.or.pred %p3, 0, !%p1;
    selp.u32 %r3, 1, 0, %p2; selp.u32 %r4, 1, 0, %p3;
    mul.wide.u32 %rd3, %r1, 12; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r2; st.global.u32 [%rd3+4], %r3; st.global.u32 [%rd3+8], %r4;)",
      0, out.address(), 80);
  for (uint32_t i = 0; i < 80; ++i) {
    EQUAL(out[3 * i], 50u);
    EQUAL(out[3 * i + 1], 0u);
    EQUAL(out[3 * i + 2], 1u);
  }
}

TEST("flow: indexed branches") {
  Array<uint32_t> out(32);
  run(R"(
    and.b32 %r2, %r1, 3;
TABLE: .branchtargets A, B, C, A;
    brx.idx %r2, TABLE;
A: mov.u32 %r3, 1; bra END;
B: mov.u32 %r3, 2; bra END;
C: mov.u32 %r3, 3;
END: mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r3;)",
      0, out.address(), 32);
  const uint32_t wanted[] = {1, 2, 3, 1};
  for (uint32_t i = 0; i < 32; ++i) EQUAL(out[i], wanted[i % 4]);
}

// One lane spins on a flag that another lane of the same warp sets later.
TEST("flow: lanes that spin let others go on") {
  Array<uint32_t> flag(1), out(32);
  run(R"(
    setp.eq.u32 %p1, %r1, 31; @%p1 bra SET;
SPIN: ld.acquire.gpu.global.u32 %r2, [%rd1]; setp.eq.u32 %p2, %r2, 0; @%p2 bra SPIN;
    bra END;
SET: mov.u32 %r2, 9; st.release.gpu.global.u32 [%rd1], %r2;
END: mul.wide.u32 %rd3, %r1, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r2;)",
      flag.address(), out.address(), 32);
  for (uint32_t i = 0; i < 32; ++i) EQUAL(out[i], 9u);
}

TEST("flow: warps and blocks that wait for others") {
  const Settings settings("memory");  // blocks in their natural order
  // Block b waits for block b - 1, and in each block warp 0 waits for warp 1.
  const auto module = load(entry(R"(
    mov.u32 %r2, %ctaid.x; mul.wide.u32 %rd3, %r2, 4; add.s64 %rd4, %rd1, %rd3;
    setp.ge.u32 %p1, %r1, 32; @%p1 bra SECOND;
WAIT: nanosleep.u32 20; ld.volatile.global.u32 %r3, [%rd4]; setp.eq.u32 %p2, %r3, 0; @%p2 bra WAIT;
    bra END;
SECOND: setp.eq.u32 %p3, %r2, 0; @%p3 bra SET;
CHAIN: ld.acquire.gpu.global.u32 %r3, [%rd4+-4]; setp.eq.u32 %p2, %r3, 0; @%p2 bra CHAIN;
SET: add.u32 %r4, %r2, 1; st.release.gpu.global.u32 [%rd4], %r4;
END:)"));
  for (const int workers : {1, 2}) {
    const int old = softcuda::Options::global().workers;
    softcuda::Options::global().workers = workers;
    Array<uint32_t> flags(20);
    launch(*module, "k", {20, 1, 1}, {64, 1, 1}, Parameters().add(flags).add(uint64_t{0}));
    for (uint32_t i = 0; i < 20; ++i) EQUAL(flags[i], i + 1);
    softcuda::Options::global().workers = old;
  }
}

TEST("flow: three-dimensional grids and blocks") {
  const auto module = load(entry(R"(
    mov.u32 %r2, %tid.y; mov.u32 %r3, %tid.z; mov.u32 %r4, %ntid.x; mov.u32 %r5, %ntid.y; mov.u32 %r6, %ntid.z;
    mov.u32 %r7, %ctaid.x; mov.u32 %r8, %ctaid.y; mov.u32 %r9, %ctaid.z; mov.u32 %r10, %nctaid.x; mov.u32 %r11, %nctaid.y;
    mad.lo.u32 %r12, %r3, %r5, %r2; mad.lo.u32 %r12, %r12, %r4, %r1;
    mad.lo.u32 %r13, %r9, %r11, %r8; mad.lo.u32 %r13, %r13, %r10, %r7;
    mul.lo.u32 %r14, %r4, %r5; mul.lo.u32 %r14, %r14, %r6; mad.lo.u32 %r15, %r13, %r14, %r12;
    mul.wide.u32 %rd3, %r15, 4; add.s64 %rd3, %rd2, %rd3; add.u32 %r15, %r15, 1; red.global.add.u32 [%rd3], %r15;)"));
  const uint32_t n = 3 * 4 * 5 * 7 * 3 * 2;
  Array<uint32_t> out(n);
  launch(*module, "k", {3, 4, 5}, {7, 3, 2}, Parameters().add(uint64_t{0}).add(out));
  for (uint32_t i = 0; i < n; ++i) EQUAL(out[i], i + 1);
}
