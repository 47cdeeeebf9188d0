#include "harness.h"
#include "matrix_model.h"

// ldmatrix and movmatrix, and what the operations on fragments of matrices refuse, mma among them.
using namespace harness;
using namespace matrix_model;

TEST("matrix: a warp that is not whole is an error") {
  const Settings settings("barrier");
  const std::string mma = "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%r2,%r3,%r4,%r5}, {%r6,%r7,%r8,%r9}, {%r10,%r11}, {%r2,%r3,%r4,%r5};";
  const auto fails = [](const std::string& body, uint32_t threads) {
    const auto f = failure_of([&] { run(body, 0, 0, threads, ".shared .align 16 .b8 tile[512];"); });
    EQUAL(f.result, 719);
    CONTAINS(f.what(), "without all 32 lanes");
    return std::string(f.what());
  };
  CONTAINS(fails("setp.lt.u32 %p1, %r1, 16; @%p1 " + mma, 32), "mma.sync");
  fails(mma, 20);
  fails("setp.gt.u32 %p1, %r1, 3; @%p1 ret; " + mma, 32);
  fails("setp.lt.u32 %p1, %r1, 16; @!%p1 bra A; bar.sync 0; bra B; A: " + mma + " B:", 32);
  // The other half waits for this one at a shuffle: nobody can go on.
  const auto stuck = failure_of([&] { run("setp.lt.u32 %p1, %r1, 16; @%p1 bra A; shfl.sync.idx.b32 %r2, %r1, 0, 31, -1; bra B; A: " + mma + " B:", 0, 0, 32); });
  EQUAL(stuck.result, 719);
  CONTAINS(stuck.what(), "mma.sync");
  CONTAINS(fails("mov.u32 %r2, tile; setp.lt.u32 %p1, %r1, 8; @%p1 ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r3}, [%r2];", 32), "ldmatrix.sync");
}

TEST("matrix: ldmatrix and movmatrix") {
  for (const int n : {1, 2, 4}) {
    for (const bool transposed : {false, true}) {
      for (const char* space : {".shared", ".shared::cta", ""}) {
        // tile[i] = i; matrix j's row i begins at 16 * (8 j + 7 - i): rows come from anywhere.
        const std::string to = list("%r", 10, n);
        std::string body = "mov.u32 %r2, tile; mul.lo.u32 %r3, %r1, 16; add.u32 %r3, %r2, %r3; mul.lo.u32 %r4, %r1, 0x00080008; add.u32 %r4, %r4, 0x00010000;\n"
                           "st.shared.b32 [%r3], %r4; add.u32 %r5, %r4, 0x00020002; st.shared.b32 [%r3+4], %r5; add.u32 %r5, %r4, 0x00040004;\n"
                           "st.shared.b32 [%r3+8], %r5; add.u32 %r5, %r4, 0x00060006; st.shared.b32 [%r3+12], %r5; bar.sync 0;\n"
                           "xor.b32 %r6, %r1, 7; shl.b32 %r6, %r6, 4; add.u32 %r6, %r2, %r6; sub.u32 %r6, %r6, 32; cvt.u64.u32 %rd5, %r6; cvta.shared.u64 %rd5, %rd5;\n";
        body += "ldmatrix.sync.aligned.m8n8.x" + std::to_string(n) + (transposed ? ".trans" : "") + space + ".b16 " + to + ", [" + (*space ? "%r6" : "%rd5") + "+32];\n";
        body += "mul.wide.u32 %rd3, %r1, 16; add.u64 %rd3, %rd2, %rd3;\n";
        for (int j = 0; j < n; ++j) body += "st.global.b32 [%rd3+" + std::to_string(4 * j) + "], %r" + std::to_string(10 + j) + ";\n";
        Array<uint32_t> out(32 * 4);
        run(body, 0, out.address(), 32, ".shared .align 16 .b8 tile[512];");
        for (uint32_t lane = 0; lane < 32; ++lane) {
          for (uint32_t j = 0; j < static_cast<uint32_t>(n); ++j) {
            const auto at = [&](uint32_t row, uint32_t column) { return (8 * j + 7 - row) * 8 + column; };
            const uint32_t g = lane / 4, t = 2 * (lane % 4);
            const uint32_t want = transposed ? at(t, g) | at(t + 1, g) << 16 : at(g, t) | at(g, t + 1) << 16;
            EQUAL_AT(out[4 * lane + j], want, body);
          }
        }
      }
    }
  }
  Array<uint32_t> out(32);
  run("mul.lo.u32 %r2, %r1, 0x00020002; add.u32 %r2, %r2, 0x00010000; movmatrix.sync.aligned.m8n8.trans.b16 %r2, %r2;\n"
      "mul.wide.u32 %rd3, %r1, 4; add.u64 %rd3, %rd2, %rd3; st.global.b32 [%rd3], %r2;", 0, out.address(), 32);
  for (uint32_t lane = 0; lane < 32; ++lane) {
    const uint32_t g = lane / 4, t = 2 * (lane % 4);
    EQUAL(out[lane], (t * 8 + g) | ((t + 1) * 8 + g) << 16);
  }
}

TEST("matrix: ldmatrix is checked row by row, for the lanes that hold an address") {
  const auto fails = [](const char* check, const std::string& body) {
    const Settings settings(check);
    const auto f = failure_of([&] { run(body, 0, 0, 32, ".shared .align 16 .b8 tile[256];"); });
    CONTAINS(f.what(), "ldmatrix.sync.aligned.m8n8.x2.shared.b16");
    return f;
  };
  const std::string load = "ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r10, %r11}, [%r3];", rows = "mov.u32 %r4, 0; mov.u32 %r2, tile; shl.b32 %r3, %r1, 4; add.u32 %r3, %r2, %r3;";
  const std::string store = "st.shared.v4.b32 [%r3], {%r4, %r4, %r4, %r4};";
  auto f = fails("memory", rows + "add.u32 %r3, %r3, 16;" + load);
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "thread (15,0,0)");
  CONTAINS(f.what(), "out-of-bounds load of 16 bytes in shared memory");
  f = fails("memory", rows + "setp.eq.u32 %p1, %r1, 9; @%p1 sub.u32 %r3, %r3, 8;" + load);
  EQUAL(f.result, 716);
  CONTAINS(f.what(), "thread (9,0,0)");
  f = fails("init", rows + "setp.lt.u32 %p1, %r1, 12; @%p1 " + store + " bar.sync 0;" + load);
  CONTAINS(f.what(), "uninitialised shared memory");
  CONTAINS(f.what(), "thread (12,0,0)");
  // Each lane reads the row that its neighbour wrote: a barrier is missing.
  f = fails("race", "setp.lt.u32 %p1, %r1, 16;" + rows + "@%p1 " + store + "xor.b32 %r3, %r3, 16; " + load);
  CONTAINS(f.what(), "race in shared memory");
  const Settings settings("all");
  run("setp.lt.u32 %p1, %r1, 16;" + rows + "@%p1 " + store + "bar.warp.sync -1; xor.b32 %r3, %r3, 16; " + load, 0, 0, 32, ".shared .align 16 .b8 tile[256];");
}

TEST("matrix: other shapes and types are errors that name the instruction") {
  const auto error = [](const std::string& body) {
    const auto f = failure_of([&] { load(entry(body)); });
    EQUAL(f.result, 218);
    return std::string(f.what());
  };
  CONTAINS(error("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f32 {%fd1,%fd2}, {%fd3}, {%fd4}, {%f1,%f2};"), "'mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f32' is not known");
  CONTAINS(error("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1,%f2,%f3}, {%r1,%r2,%r3,%r4}, {%r5,%r6}, {%f1,%f2,%f3,%f4};"), "has a vector of 3 registers where 4 belong");
  CONTAINS(error("ldmatrix.sync.aligned.m8n8.x3.shared.b16 {%r1,%r2,%r3}, [%r4];"), "'ldmatrix.sync.aligned.m8n8.x3.shared.b16' is not known");
}
