#include "harness.h"

// Address spaces, vectors, atomics, asynchronous copies.
using namespace harness;

TEST("memory: vectors, sub-word elements and strides") {
  Array<uint32_t> in(64 * 8), out(64 * 8);
  for (uint32_t i = 0; i < in.size(); ++i) in[i] = i * 2654435761u;
  run(R"(
    mul.wide.u32 %rd3, %r1, 32; add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;
    ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd4]; st.global.v4.u32 [%rd5], {%r5, %r4, %r3, %r2};
    ld.global.v2.u32 {%r6, %r7}, [%rd4+16]; st.global.v2.u32 [%rd5+16], {%r7, %r6};
    ld.global.s8 %r8, [%rd4+24]; ld.global.u16 %rs1, [%rd4+26]; st.global.u8 [%rd5+24], %r8; st.global.u16 [%rd5+26], %rs1;
    ld.global.v4.u8 {%rs2, %rs3, %rs4, %rs5}, [%rd4+28]; st.global.v4.u8 [%rd5+28], {%rs5, %rs4, %rs3, %rs2};)",
      in.address(), out.address(), 64);
  for (uint32_t t = 0; t < 64; ++t) {
    const uint32_t *x = &in[t * 8], *y = &out[t * 8];
    for (int k = 0; k < 4; ++k) EQUAL(y[k], x[3 - k]);
    EQUAL(y[4], x[5]);
    EQUAL(y[5], x[4]);
    EQUAL(y[6], (x[6] & 0xff) | (x[6] & 0xffff0000));
    EQUAL(y[7], __builtin_bswap32(x[7]));
  }
}

TEST("memory: 64-bit registers with narrower elements") {
  Array<int32_t> in(32);
  Array<int64_t> out(64);
  for (int i = 0; i < 32; ++i) in[static_cast<size_t>(i)] = i - 16;
  run(R"(
    mul.wide.u32 %rd3, %r1, 4; add.s64 %rd4, %rd1, %rd3; mul.wide.u32 %rd3, %r1, 16; add.s64 %rd5, %rd2, %rd3;
    ld.global.s32 %rd6, [%rd4]; st.global.u64 [%rd5], %rd6; ld.global.u32 %rd6, [%rd4]; st.global.u64 [%rd5+8], %rd6;)",
      in.address(), out.address(), 32);
  for (int i = 0; i < 32; ++i) {
    EQUAL(out[static_cast<size_t>(2 * i)], i - 16);
    EQUAL(out[static_cast<size_t>(2 * i + 1)], static_cast<int64_t>(static_cast<uint32_t>(i - 16)));
  }
}

TEST("memory: static, dynamic, local and generic addresses") {
  const Settings settings("memory");  // two blocks write the same
  const auto module = load(entry(R"(
    shl.b32 %r2, %r1, 2; mov.u32 %r3, fixed; add.u32 %r3, %r3, %r2; mov.u32 %r4, growing; add.u32 %r4, %r4, %r2;
    st.shared.u32 [%r3], %r1; mul.lo.u32 %r5, %r1, 3; st.shared.u32 [%r4], %r5; bar.sync 0;
    cvt.u64.u32 %rd3, %r3; cvta.shared.u64 %rd4, %rd3; ld.u32 %r6, [%rd4];
    .local .align 8 .b8 depot[16];
    mov.u64 %rd5, depot; cvta.local.u64 %rd6, %rd5; add.u64 %rd7, %rd5, 4; st.local.u32 [%rd7], %r5; ld.u32 %r7, [%rd6+4];
    ld.shared.u32 %r8, [growing]; isspacep.shared %p1, %rd4; isspacep.global %p2, %rd2; isspacep.global %p3, %rd6;
    add.u32 %r6, %r6, %r7; add.u32 %r6, %r6, %r8; selp.u32 %r9, 1000, 0, %p1; add.u32 %r6, %r6, %r9;
    selp.u32 %r9, 10000, 0, %p2; add.u32 %r6, %r6, %r9; selp.u32 %r9, 100000, 0, %p3; add.u32 %r6, %r6, %r9;
    mul.wide.u32 %rd8, %r1, 4; add.s64 %rd8, %rd2, %rd8; st.global.u32 [%rd8], %r6;)",
                                 ".extern .shared .align 16 .b8 growing[];\n.shared .align 4 .b8 fixed[260];"));
  EQUAL(module->kernel("k")->static_shared(), 260u);
  Array<uint32_t> out(64);
  launch(*module, "k", {3, 1, 1}, {64, 1, 1}, Parameters().add(uint64_t{0}).add(out), 256);
  for (uint32_t i = 0; i < 64; ++i) EQUAL(out[i], i + 3 * i + 1000 + 10000);
}

TEST("memory: module variables with initial values and pointers") {
  const auto module = load(entry(R"(
    ld.const.u32 %r2, [table+8]; mov.u64 %rd3, pointer; ld.global.u64 %rd4, [%rd3]; ld.global.u32 %r3, [%rd4]; ld.global.u32 %r4, [number];
    add.u32 %r2, %r2, %r3; add.u32 %r2, %r2, %r4; st.global.u32 [%rd2], %r2;)",
                                 ".const .align 4 .u32 table[4] = {1, 2, 30, 4};\n.global .align 4 .u32 number = 500;\n"
                                 ".global .align 4 .b8 bytes[8] = {0, 0, 0, 0, 7};\n.global .align 8 .u64 pointer = generic(bytes)+4;"));
  Array<uint32_t> out(1);
  launch(*module, "k", {1, 1, 1}, {1, 1, 1}, Parameters().add(uint64_t{0}).add(out));
  EQUAL(out[0], 537u);
  uint64_t address = 0;
  size_t size = 0;
  CHECK(module->global("table", &address, &size));
  EQUAL(size, 16u);
  EQUAL(address % 256, 0u);
  CHECK(!module->global("nothing", nullptr, nullptr));
}

TEST("memory: parameters of every size, and structures") {
  const std::string ptx =
      ".version 9.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u8 a, .param .u16 b, .param .align 8 .b8 s[24], .param .u64 out)\n{\n"
      ".reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .b16 %rs<4>;\n"
      "ld.param.s8 %rs1, [a]; ld.param.u16 %rs2, [b]; ld.param.u32 %r1, [s+4]; ld.param.u64 %rd1, [out];\n"
      "cvt.s32.s16 %r2, %rs1; cvt.u32.u16 %r3, %rs2; mov.u64 %rd2, s; mov.u32 %r5, %tid.x; mul.wide.u32 %rd3, %r5, 4; add.s64 %rd4, %rd2, %rd3;\n"
      "ld.param.u32 %r4, [%rd4+8]; add.s32 %r4, %r4, %r1; add.s32 %r4, %r4, %r2; add.s32 %r4, %r4, %r3; add.s64 %rd1, %rd1, %rd3; st.global.u32 [%rd1], %r4; ret;\n}\n";
  const auto module = load(ptx);
  const auto& params = module->kernel("k")->params();
  EQUAL(params.size(), 4u);
  EQUAL(params[1].offset, 2u);
  EQUAL(params[2].offset, 8u);
  EQUAL(params[3].offset, 32u);
  EQUAL(module->kernel("k")->param_bytes(), 40u);
  struct {
    uint32_t v[6];
  } s = {{1, 20, 300, 4000, 50000, 600000}};
  Array<uint32_t> out(4);
  launch(*module, "k", {1, 1, 1}, {4, 1, 1}, Parameters().add(int8_t{-1}).add(uint16_t{7}).add(uint32_t{0}).add(s).add(out));
  for (uint32_t i = 0; i < 4; ++i) EQUAL(out[i], s.v[2 + i] + 20 - 1 + 7);
}

TEST("memory: atomics in global and shared memory") {
  Array<uint32_t> out(16);
  out[1] = 0xffffffffu;
  out[5] = 3;
  const auto module = load(entry(R"(
    atom.global.add.u32 %r2, [%rd2], 1; red.global.min.u32 [%rd2+4], %r1; red.global.max.s32 [%rd2+8], %r1; mov.f32 %f1, 0f3F000000;
    red.global.add.f32 [%rd2+12], %f1; atom.global.inc.u32 %r3, [%rd2+16], 9; atom.global.cas.b32 %r4, [%rd2+20], 3, 8;
    setp.eq.u32 %p1, %r4, 3; @%p1 red.global.add.u32 [%rd2+24], 1; shl.b32 %r5, 1, %r1; red.global.or.b32 [%rd2+28], %r5;
    cvt.u64.u32 %rd3, %r1; atom.global.add.u64 %rd4, [%rd2+32], %rd3; red.global.xor.b32 [%rd2+40], %r1;
    mov.u32 %r6, shared_word; setp.eq.u32 %p2, %r1, 0; @%p2 st.shared.u32 [%r6], 0; bar.sync 0; atom.shared.add.u32 %r7, [%r6], 2; bar.sync 0;
    ld.shared.u32 %r8, [%r6]; @%p2 red.global.add.u32 [%rd2+44], %r8; atom.global.exch.b32 %r9, [%rd2+48], 77; red.relaxed.gpu.global.dec.u32 [%rd2+52], 5;)",
                                 ".shared .align 4 .u32 shared_word;"));
  launch(*module, "k", {10, 1, 1}, {64, 1, 1}, Parameters().add(uint64_t{0}).add(out));
  EQUAL(out[0], 640u);
  EQUAL(out[1], 0u);
  EQUAL(out[2], 63u);
  EQUAL(float_of(out[3]), 320.0f);
  EQUAL(out[4], 0u);
  EQUAL(out[5], 8u);
  EQUAL(out[6], 1u);
  EQUAL(out[7], 0xffffffffu);
  EQUAL(*reinterpret_cast<uint64_t*>(&out[8]), 20160u);
  EQUAL(out[10], 0u);
  EQUAL(out[11], 1280u);
  EQUAL(out[12], 77u);
  EQUAL(out[13], 2u);
}

TEST("memory: cp.async lands at its wait, group by group, and fills with zeros") {
  const Settings settings("memory");  // looks at bytes before their wait
  Array<uint32_t> in(32 * 8), out(32 * 4);
  for (uint32_t i = 0; i < in.size(); ++i) in[i] = i + 1;
  run(R"(
    shl.b32 %r2, %r1, 4; mov.u32 %r3, tile; add.u32 %r3, %r3, %r2; st.shared.u32 [%r3], 99; st.shared.u32 [%r3+512], 99;
    mul.wide.u32 %rd3, %r1, 16; add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;
    cp.async.cg.shared.global [%r3], [%rd4], 16; cp.async.commit_group;
    mov.u32 %r4, 8; cp.async.ca.shared.global [%r3+512], [%rd4+512], 16, %r4; cp.async.commit_group;
    ld.shared.u32 %r5, [%r3];
    cp.async.wait_group 1; ld.shared.u32 %r6, [%r3]; ld.shared.u32 %r7, [%r3+512];
    cp.async.wait_all; ld.shared.v4.u32 {%r8, %r9, %r10, %r11}, [%r3+512];
    add.u32 %r10, %r10, %r11; add.u32 %r8, %r8, %r9; add.u32 %r8, %r8, %r10; st.global.v4.u32 [%rd5], {%r5, %r6, %r7, %r8};)",
      in.address(), out.address(), 32, ".shared .align 16 .b8 tile[1024];");
  for (uint32_t i = 0; i < 32; ++i) {
    EQUAL(out[4 * i], 99u);
    EQUAL(out[4 * i + 1], in[4 * i]);
    EQUAL(out[4 * i + 2], 99u);
    EQUAL(out[4 * i + 3], in[128 + 4 * i] + in[128 + 4 * i + 1]);
  }
}

TEST("memory: allocations are aligned, poisoned and counted") {
  softcuda::Memory memory;
  const uint64_t a = memory.allocate(100, "first"), b = memory.allocate(4096);
  EQUAL(a % 256, 0u);
  EQUAL(*reinterpret_cast<uint32_t*>(b), 0xffffffffu);
  EQUAL(memory.bytes_in_use(), 4196u);
  EQUAL(memory.live_allocations(), 2u);
  uint64_t base = 0;
  size_t size = 0;
  CHECK(memory.find(a + 99, &base, &size) && base == a && size == 100);
  CHECK(!memory.find(a + 100, &base, &size));
  EQUAL(failure_of([&] { memory.require(a + 90, 11, "copy"); }).result, 700);
  CONTAINS(failure_of([&] { memory.require(a + 164, 4, "copy"); }).what(), "64 bytes beyond the end of allocation 'first'");
  memory.release(a);
  CONTAINS(memory.describe(a + 4), "freed");
  CONTAINS(failure_of([&] { memory.release(a); }).what(), "freed twice");
  EQUAL(failure_of([&] { memory.release(b + 4); }).result, 1);
  EQUAL(failure_of([&] { memory.allocate(size_t{1} << 62); }).result, 2);
  memory.release(b);
  EQUAL(memory.bytes_in_use(), 0u);
}
