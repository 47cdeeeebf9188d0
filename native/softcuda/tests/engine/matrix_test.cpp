#include <cmath>
#include <random>

#include "harness.h"
#include "matrix_model.h"

// mma: the places of the fragments and the rounding of each profile.
using namespace harness;
using namespace matrix_model;
using softcuda::MatrixProfile;

namespace {

class Profile {
 public:
  explicit Profile(MatrixProfile p) : old_(softcuda::Options::global().mma) { softcuda::Options::global().mma = p; }
  ~Profile() { softcuda::Options::global().mma = old_; }

 private:
  MatrixProfile old_;
};

// Runs each problem in a block of its own; results are bits.
std::vector<std::vector<uint32_t>> multiply(const Form& f, const std::vector<Problem>& problems, const std::string& before = "") {
  const int a = 2 * f.b_registers(), b = f.b_registers(), c = f.c_registers(), words = a + b + c;
  std::string ptx = ".version 9.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
                    ".reg .pred %p<4>; .reg .b32 %r<24>; .reg .b32 %x<4>; .reg .b64 %rd<8>;\n"
                    "ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out]; mov.u32 %x1, %tid.x; mov.u32 %x2, %ctaid.x; mad.lo.u32 %x2, %x2, 32, %x1;\n"
                    "mul.wide.u32 %rd3, %x2, " + std::to_string(4 * words) + "; add.u64 %rd1, %rd1, %rd3; mul.wide.u32 %rd3, %x2, 16; add.u64 %rd2, %rd2, %rd3;\n";
  for (int i = 0; i < words; ++i) ptx += "ld.global.b32 %r" + std::to_string(i) + ", [%rd1+" + std::to_string(4 * i) + "];\n";
  ptx += before + f.opcode() + " " + list("%r", a + b, c) + ", " + list("%r", 0, a) + ", " + list("%r", a, b) + ", " + list("%r", a + b, c) + ";\n";
  for (int i = 0; i < c; ++i) ptx += "st.global.b32 [%rd2+" + std::to_string(4 * i) + "], %r" + std::to_string(a + b + i) + ";\n";
  const auto module = load(ptx + "ret;\n}\n");
  Array<uint32_t> in(problems.size() * 32 * static_cast<size_t>(words)), out(problems.size() * 32 * 4);
  const int n = f.per_register();
  for (size_t p = 0; p < problems.size(); ++p) {
    for (int lane = 0; lane < 32; ++lane) {
      uint32_t* w = &in[(p * 32 + static_cast<size_t>(lane)) * static_cast<size_t>(words)];
      for (int i = 0; i < a * n; ++i) w[i / n] |= problems[p].a[a_row(f, lane, i)][a_column(f, lane, i)] << (16 * (i % n));
      for (int i = 0; i < b * n; ++i) w[a + i / n] |= problems[p].b[b_row(f, lane, i)][lane / 4] << (16 * (i % n));
      for (int i = 0; i < 4; ++i) {
        const uint32_t v = problems[p].c[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2];
        if (f.half) w[a + b + i / 2] |= v << (16 * (i % 2));
        else w[a + b + i] = v;
      }
    }
  }
  launch(*module, "k", {static_cast<uint32_t>(problems.size()), 1, 1}, {32, 1, 1}, Parameters().add(in).add(out));
  std::vector<std::vector<uint32_t>> results(problems.size(), std::vector<uint32_t>(128));
  for (size_t p = 0; p < problems.size(); ++p) {
    for (int lane = 0; lane < 32; ++lane) {
      const uint32_t* w = &out[(p * 32 + static_cast<size_t>(lane)) * 4];
      for (int i = 0; i < 4; ++i) {
        const uint32_t v = f.half ? w[i / 2] >> (16 * (i % 2)) & 0xffff : w[i];
        results[p][static_cast<size_t>((lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2)] = v;
      }
    }
  }
  return results;
}

void compare(const Form& f, MatrixProfile profile, const std::vector<Problem>& problems, const char* what) {
  const Profile chosen(profile);
  const auto got = multiply(f, problems);
  for (size_t p = 0; p < problems.size(); ++p) {
    for (int i = 0; i < 128; ++i) {
      const uint32_t want = element(f, softcuda::matrix_rounding(f.input), problems[p], i / 8, i % 8);
      if (got[p][static_cast<size_t>(i)] == want) continue;
      std::ostringstream note;
      note << std::hex << f.opcode() << " profile " << static_cast<int>(profile) << ", " << what << ", problem " << std::dec << p << " [" << i / 8 << "][" << i % 8 << "]";
      EQUAL_AT(got[p][static_cast<size_t>(i)], want, note.str());
    }
  }
}

// Bits with an exponent of bias + [-spread, spread].
std::vector<Problem> random_problems(const Form& f, size_t n, int spread, uint32_t seed) {
  std::mt19937 random(seed);
  const auto number = [&](int fraction, int bias, int sign_bit, int reach) {
    const int field = std::max(0, std::min(2 * bias, bias - reach + static_cast<int>(random() % static_cast<uint32_t>(2 * reach + 1))));
    return (random() & 1) << sign_bit | static_cast<uint32_t>(field) << fraction | (random() & ((1u << fraction) - 1));
  };
  std::vector<Problem> problems(n);
  const int sign_bit = f.input == softcuda::kTf32 ? 18 : 15;
  for (auto& p : problems) {
    for (auto& row : p.a) {
      for (auto& x : row) x = number(f.fraction(), f.bias(), sign_bit, spread) << f.low_bits() | (random() & ((1u << f.low_bits()) - 1));
    }
    for (auto& row : p.b) {
      for (auto& x : row) x = number(f.fraction(), f.bias(), sign_bit, spread) << f.low_bits();
    }
    for (auto& row : p.c) {
      for (auto& x : row) x = f.half ? number(10, 15, 15, spread) : number(23, 127, 31, 2 * spread);
    }
    // Some zeros, of both signs.
    for (int i = 0; i < 40; ++i) p.a[random() % 16][random() % 16] = (random() & 1) << (sign_bit + f.low_bits());
  }
  return problems;
}

const MatrixProfile profiles[] = {MatrixProfile::A100, MatrixProfile::H100, MatrixProfile::Worst};

// d[0][0] of one row times one column.
uint32_t dot(const Form& f, const std::vector<uint32_t>& a, const std::vector<uint32_t>& b, uint32_t c) {
  std::vector<Problem> p(1);
  for (size_t k = 0; k < a.size(); ++k) {
    p[0].a[0][k] = a[k];
    p[0].b[k][0] = b[k];
  }
  p[0].c[0][0] = c;
  return multiply(f, p)[0][0];
}

}  // namespace

TEST("matrix: small integers, exact: every element is in its place") {
  for (const auto& f : forms) {
    std::vector<Problem> p(1);
    const auto bits = [&](int v) {
      const uint32_t u = bits_of(static_cast<float>(v));
      return f.input == softcuda::kTf32 ? u : f.input == softcuda::kBf16 ? u >> 16 : v == 0 ? 0u : (u >> 31) << 15 | (((u >> 23 & 0xff) - 112) << 10) | (u >> 13 & 0x3ff);
    };
    int wanted[16][8] = {};
    const auto a = [](int i, int k) { return (7 * i + 3 * k) % 11 - 5; };
    const auto b = [](int k, int j) { return (5 * k + 2 * j) % 7 - 3; };
    for (int i = 0; i < 16; ++i) {
      for (int j = 0; j < 8; ++j) {
        for (int k = 0; k < f.k; ++k) {
          p[0].a[i][k] = bits(a(i, k));
          p[0].b[k][j] = bits(b(k, j));
          wanted[i][j] += a(i, k) * b(k, j);
        }
        p[0].c[i][j] = f.half ? 0 : bits_of(static_cast<float>(8 * i + j));
        if (!f.half) wanted[i][j] += 8 * i + j;
      }
    }
    const auto got = multiply(f, p);
    for (int i = 0; i < 128; ++i) {
      const uint32_t v = got[0][static_cast<size_t>(i)];
      const int w = wanted[i / 8][i % 8];
      const double x = f.half ? (v & 0x8000 ? -1 : 1) * std::ldexp((v & 0x3ff) + (v & 0x7c00 ? 1024 : 0), static_cast<int>(std::max(1u, v >> 10 & 31)) - 25) : float_of(v);
      EQUAL_AT(x, w, f.opcode());
    }
  }
}

TEST("matrix: every form and profile against the model, near and far exponents, subnormal and huge numbers") {
  for (const auto& f : forms) {
    for (const auto profile : profiles) {
      compare(f, profile, random_problems(f, 40, 2, 1), "near");
      compare(f, profile, random_problems(f, 40, 14, 2), "far");
      compare(f, profile, random_problems(f, 40, f.bias(), 3), "all exponents");
      auto tiny = random_problems(f, 40, 1, 4);  // around the least exponents: subnormal sums
      for (auto& p : tiny) {
        for (auto& row : p.a) {
          for (auto& x : row) x &= f.input == softcuda::kTf32 ? 0x807fffffu : f.input == softcuda::kBf16 ? 0x807fu : 0x83ffu;
        }
        for (auto& row : p.c) {
          for (auto& x : row) x &= f.half ? 0x83ffu : 0x807fffffu;
        }
      }
      compare(f, profile, tiny, "subnormal");
      auto wide = random_problems(f, 10, 0, 5);  // the sum needs every bit there is
      for (auto& p : wide) {
        for (auto& row : p.a) {
          for (auto& x : row) x |= f.input == softcuda::kBf16 ? 0x7fu : 0x3ffu << f.low_bits();
        }
        for (auto& row : p.b) {
          for (auto& x : row) x |= f.input == softcuda::kBf16 ? 0x7fu : 0x3ffu << f.low_bits();
        }
      }
      compare(f, profile, wide, "largest significands");
      const uint32_t sign = f.input == softcuda::kTf32 ? 0x80000000u : 0x8000u;
      for (auto& p : wide) {
        for (auto& row : p.a) {
          for (auto& x : row) x &= ~sign;
        }
        for (auto& row : p.b) {
          for (auto& x : row) x &= ~sign;
        }
      }
      compare(f, profile, wide, "largest significands, one sign");
    }
  }
}

// ops/ordinary.cpp takes numbers up to certain exponents, ops/matrix.cpp those beyond: around the least and the greatest of each.
TEST("matrix: tf32 at the ends of the exponents of ordinary numbers") {
  const auto shift = [](uint32_t x, int exponents) {
    const int field = std::max(1, std::min(254, static_cast<int>(x >> 23 & 0xff) + exponents));
    return x << 1 == 0 ? x : (x & 0x807fffffu) | static_cast<uint32_t>(field) << 23;
  };
  for (const Form& f : {forms[0], forms[1]}) {
    for (const auto profile : profiles) {
      uint32_t seed = 20;
      for (const int product : {-128, -124, -120, 76, 80, 100}) {  // its exponent
        for (const int of_a : {-120, -60, 0, 70}) {
          if (std::abs(product - of_a) > 124) continue;
          auto problems = random_problems(f, 12, 3, ++seed);
          for (size_t i = 0; i < problems.size(); ++i) {
            auto& p = problems[i];
            for (auto& row : p.a) for (auto& x : row) x = shift(x, of_a);
            for (auto& row : p.b) for (auto& x : row) x = shift(x, product - of_a);
            for (auto& row : p.c) for (auto& x : row) x = i % 3 == 0 ? x & 0x80000000u : shift(x, product);
          }
          compare(f, profile, problems, "ends");
        }
      }
    }
  }
}

TEST("matrix: infinities and NaN") {
  for (const auto& f : forms) {
    auto problems = random_problems(f, 20, 3, 7);
    std::mt19937 random(8);
    const uint32_t infinity = f.input == softcuda::kTf32 ? 0x7f800000u : f.input == softcuda::kBf16 ? 0x7f80u : 0x7c00u;
    const uint32_t sign = f.input == softcuda::kTf32 ? 0x80000000u : 0x8000u, c_infinity = f.half ? 0x7c00u : 0x7f800000u;
    for (auto& p : problems) {
      p.a[random() % 16][random() % 4] = infinity;
      p.a[random() % 16][random() % 4] = infinity | sign;
      p.b[random() % 4][random() % 8] = infinity | (random() & 1 ? sign : 0u);
      p.a[random() % 16][random() % 4] = infinity | infinity >> 1;
      p.c[random() % 16][random() % 8] = c_infinity;
      p.c[random() % 16][random() % 8] = c_infinity | (f.half ? 0x8000u : 0x80000000u);
      p.c[random() % 16][random() % 8] = c_infinity | 1;
      p.b[random() % 4][random() % 8] = 0;
    }
    for (const auto profile : profiles) compare(f, profile, problems, "specials");
  }
}

// What the devices themselves gave: the first rows of the data published with arXiv 2512.07004.
TEST("matrix: results measured on an A100 and an H100") {
  const std::vector<uint32_t> a = {0x3f7aa000, 0x3f87c000, 0xbea68000, 0x3fbf0000}, b = {0x3f194000, 0xbf26a000, 0x3ed7e000, 0x3e9d8000};
  const std::vector<uint32_t> x = {0x3f7a, 0x3f87, 0xbea6, 0x3fbf, 0xbf3d, 0x3ead, 0x3f80, 0x3fe8, 0x3f62, 0x3f5d, 0xbf8c, 0x3eb3, 0x3cf1, 0x3e9c, 0x3f86, 0x3f59};
  const std::vector<uint32_t> y = {0x3f19, 0xbf26, 0x3ed7, 0x3e9d, 0xbff3, 0x3ef2, 0xbfc1, 0xbf90, 0x3dbf, 0xbf31, 0xbf52, 0x400e, 0xbc71, 0x401e, 0x3e1c, 0xbea4};
  const std::vector<uint32_t> x8(x.begin(), x.begin() + 8), y8(y.begin(), y.begin() + 8);
  {
    const Profile a100(MatrixProfile::A100);
    EQUAL(dot(forms[0], a, b, 0x3efe7b25), 0x3f36f7deu);
    EQUAL(dot(forms[2], x8, y8, 0x3e8e06ad), 0xbfbe56d5u);
  }
  const Profile h100(MatrixProfile::H100);
  EQUAL(dot(forms[0], a, b, 0x3f795773), 0x3f9888dfu);
  EQUAL(dot(forms[3], x, y, 0x3f342579), 0x3f3cc4ddu);
}

// Each of the extra bits, and a sum that grows when its accumulator shrinks (PeerJ CS 7:e330, section 3.4).
TEST("matrix: the profiles differ where they should") {
  const Form& f = forms[4];
  const std::vector<uint32_t> quarter_ulp(8, 0x0c00), small(8, 0x0800), smaller(8, 0x0400);  // 2^-12, 2^-13, 2^-14
  {
    const Profile worst(MatrixProfile::Worst);
    EQUAL(dot(f, quarter_ulp, quarter_ulp, 0x3f800000), 0x3f800000u);  // 8 products of half an ulp are lost
  }
  {
    const Profile a100(MatrixProfile::A100);
    EQUAL(dot(f, quarter_ulp, quarter_ulp, 0x3f800000), 0x3f800004u);
    EQUAL(dot(f, quarter_ulp, small, 0x3f800000), 0x3f800000u);
    EQUAL(dot(f, quarter_ulp, small, 0x3f7fffff), 0x3f800001u);
  }
  const Profile h100(MatrixProfile::H100);
  EQUAL(dot(f, quarter_ulp, small, 0x3f800000), 0x3f800002u);
  EQUAL(dot(f, quarter_ulp, smaller, 0x3f800000), 0x3f800000u);
  EQUAL(dot(forms[5], std::vector<uint32_t>(16, 0x0c00), std::vector<uint32_t>(16, 0x0400), 0x3f7fffff), 0x3f800001u);
}

TEST("matrix: tf32 ignores the lower 13 bits") {
  EQUAL(dot(forms[1], {0x3f801fff}, {0x3f801fff}, 0), 0x3f800000u);
}

TEST("matrix: lanes that come later are waited for; a guard that holds for all is a branch") {
  const auto problems = random_problems(forms[1], 4, 4, 9);
  const auto got = multiply(forms[1], problems, R"(
    and.b32 %x3, %x1, 3; setp.ge.u32 %p1, %x3, 2;
LOOP: @%p1 bra GO; add.u32 %x3, %x3, 1; setp.ge.u32 %p1, %x3, 3; bra LOOP;
GO: setp.lt.u32 %p2, %x1, 32; @%p2 )");
  for (size_t p = 0; p < problems.size(); ++p) {
    for (int i = 0; i < 128; ++i) EQUAL(got[p][static_cast<size_t>(i)], element(forms[1], softcuda::matrix_rounding(softcuda::kTf32), problems[p], i / 8, i % 8));
  }
}

// Lanes of one half that wait for each other on the way come too.
TEST("matrix: lanes that meet in groups before are waited for") {
  const auto problems = random_problems(forms[3], 2, 4, 10);
  const auto got = multiply(forms[3], problems, R"(
    setp.ge.u32 %p1, %x1, 16; @%p1 bra GO;
    and.b32 %x3, %x1, 7; setp.eq.u32 %p2, %x3, 0; @%p2 bra MEET;
LOOP: add.u32 %x3, %x3, 1; setp.lt.u32 %p3, %x3, 9; @%p3 bra LOOP;
MEET: bar.warp.sync 0xffff;
GO: )");
  for (size_t p = 0; p < problems.size(); ++p) {
    for (int i = 0; i < 128; ++i) EQUAL(got[p][static_cast<size_t>(i)], element(forms[3], softcuda::matrix_rounding(softcuda::kBf16), problems[p], i / 8, i % 8));
  }
}
