#include <cmath>
#include <random>

#include "../../exec/matrix_profile.h"
#include "harness.h"

// mma, ldmatrix and movmatrix: the places of the fragments and the rounding of each profile.
using namespace harness;
using softcuda::MatrixInput;
using softcuda::MatrixProfile;

namespace {

class Profile {
 public:
  explicit Profile(MatrixProfile p) : old_(softcuda::Options::global().mma) { softcuda::Options::global().mma = p; }
  ~Profile() { softcuda::Options::global().mma = old_; }

 private:
  MatrixProfile old_;
};

struct Form {
  const char* name;
  MatrixInput input;
  int k;
  bool half;  // accumulator
  int per_register() const { return input == softcuda::kTf32 ? 1 : 2; }
  int b_registers() const { return k / (4 * per_register()); }
  int fraction() const { return input == softcuda::kBf16 ? 7 : 10; }
  int bias() const { return input == softcuda::kF16 ? 15 : 127; }
  int low_bits() const { return input == softcuda::kTf32 ? 13 : 0; }
  int c_registers() const { return half ? 2 : 4; }
  std::string opcode() const {
    const std::string c = half ? "f16" : "f32";
    return "mma.sync.aligned.m16n8k" + std::to_string(k) + ".row.col." + c + "." + name + "." + name + "." + c;
  }
};

const Form forms[] = {{"tf32", softcuda::kTf32, 4, false}, {"tf32", softcuda::kTf32, 8, false}, {"bf16", softcuda::kBf16, 8, false},
                      {"bf16", softcuda::kBf16, 16, false}, {"f16", softcuda::kF16, 8, false},  {"f16", softcuda::kF16, 16, false},
                      {"f16", softcuda::kF16, 8, true},     {"f16", softcuda::kF16, 16, true}};

// One product: elements as their bits.
struct Problem {
  uint32_t a[16][16] = {}, b[16][8] = {}, c[16][8] = {};
};

// The formulas of the PTX ISA, "Matrix Fragments for mma": element i of a lane.
int a_row(const Form& f, int lane, int i) {
  const int register_of = i / f.per_register();
  return lane / 4 + (register_of % 2 ? 8 : 0);
}
int a_column(const Form& f, int lane, int i) {
  const int n = f.per_register(), register_of = i / n;
  return lane % 4 * n + i % n + (register_of >= 2 ? 4 * n : 0);
}
int b_row(const Form& f, int lane, int i) {
  const int n = f.per_register();
  return lane % 4 * n + i % n + i / n * 4 * n;
}

std::string list(const char* prefix, int first, int n) {
  std::string s = "{";
  for (int i = 0; i < n; ++i) s += (i ? ", " : "") + std::string(prefix) + std::to_string(first + i);
  return s + "}";
}

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

// ---- the model, one element at a time ----

struct Number {
  bool negative, nan, infinite;
  int64_t significand;  // value = significand * 2^(exponent - fraction)
  int exponent, fraction;
};

Number decode(uint32_t bits, int fraction, int bias, int sign_bit) {
  const uint32_t field = bits >> fraction & static_cast<uint32_t>(2 * bias + 1), low = bits & ((1u << fraction) - 1);
  const bool odd = field == static_cast<uint32_t>(2 * bias + 1);
  return {(bits >> sign_bit & 1) != 0, odd && low != 0, odd && low == 0, field ? low | int64_t{1} << fraction : low, static_cast<int>(field ? field : 1) - bias, fraction};
}

// magnitude * 2^scale to bits of a format.
uint32_t round(unsigned __int128 magnitude, int scale, bool negative, bool half) {
  const int fraction = half ? 10 : 23, least = half ? -14 : -126, most = half ? 15 : 127;
  const uint32_t sign = negative ? (half ? 0x8000u : 0x80000000u) : 0u, infinity = half ? 0x7c00u : 0x7f800000u;
  int top = -1;
  for (int i = 0; i < 128; ++i) {
    if (magnitude >> i & 1) top = i;
  }
  if (top < 0) return 0;
  const int exponent = std::max(scale + top, least);
  const int cut = exponent - fraction - scale;  // bits to drop
  uint64_t q;
  if (cut <= 0) {
    q = static_cast<uint64_t>(magnitude << -cut);
  } else if (cut > 100) {
    q = 0;
  } else {
    q = static_cast<uint64_t>(magnitude >> cut);
    const unsigned __int128 rest = magnitude & ((static_cast<unsigned __int128>(1) << cut) - 1), tie = static_cast<unsigned __int128>(1) << (cut - 1);
    if (half && (rest > tie || (rest == tie && q % 2))) ++q;
  }
  const uint64_t bits = (static_cast<uint64_t>(exponent - least) << fraction) + q;
  if (exponent > most || bits >= infinity) return sign | infinity;
  return sign | static_cast<uint32_t>(bits);
}

uint32_t element(const Form& f, const softcuda::MatrixRounding& rounding, const Problem& p, int row, int column) {
  uint32_t c = p.c[row][column];
  for (int k0 = 0; k0 < f.k; k0 += std::min(rounding.terms, f.k)) {
    std::vector<Number> terms = {f.half ? decode(c, 10, 15, 15) : decode(c, 23, 127, 31)};
    bool nan = terms[0].nan, up = terms[0].infinite && !terms[0].negative, down = terms[0].infinite && terms[0].negative;
    for (int k = k0; k < k0 + std::min(rounding.terms, f.k); ++k) {
      const int sign_bit = 31 - (f.input == softcuda::kTf32 ? 13 : 16);
      const Number a = decode(p.a[row][k] >> f.low_bits(), f.fraction(), f.bias(), sign_bit);
      const Number b = decode(p.b[k][column] >> f.low_bits(), f.fraction(), f.bias(), sign_bit);
      const bool negative = a.negative != b.negative;
      if (a.nan || b.nan || (a.infinite && b.significand == 0) || (b.infinite && a.significand == 0)) nan = true;
      else if (a.infinite || b.infinite) (negative ? down : up) = true;
      else terms.push_back({negative, false, false, a.significand * b.significand, a.exponent + b.exponent, 2 * f.fraction()});
    }
    if (nan || (up && down)) return f.half ? 0x7fff : 0x7fffffff;
    if (up || down) {
      c = (f.half ? 0x7c00u : 0x7f800000u) | (down ? (f.half ? 0x8000u : 0x80000000u) : 0u);
      // Later blocks may still turn it into NaN.
      continue;
    }
    int top = rounding.floor;
    for (const auto& t : terms) {
      if (t.significand) top = std::max(top, t.exponent);
    }
    const int scale = top - 23 - rounding.extra;
    __int128 sum = 0;
    for (const auto& t : terms) {
      const int shift = t.exponent - t.fraction - scale;
      const __int128 v = shift >= 0 ? static_cast<__int128>(t.significand) << shift : shift < -63 ? 0 : t.significand >> -shift;
      sum += t.negative ? -v : v;
    }
    c = round(static_cast<unsigned __int128>(sum < 0 ? -sum : sum), scale, sum < 0, f.half);
  }
  return c;
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

TEST("matrix: a warp that is not whole is an error") {
  const Settings settings("memory");
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

TEST("matrix: other shapes and types are errors that name the instruction") {
  const auto error = [](const std::string& body) {
    const auto f = failure_of([&] { load(entry(body)); });
    EQUAL(f.result, 218);
    return std::string(f.what());
  };
  CONTAINS(error("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%fd1,%fd2}, {%fd3}, {%fd4}, {%fd1,%fd2};"), "'mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64' is not known");
  CONTAINS(error("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1,%f2,%f3}, {%r1,%r2,%r3,%r4}, {%r5,%r6}, {%f1,%f2,%f3,%f4};"), "has a vector of 3 registers where 4 belong");
  CONTAINS(error("ldmatrix.sync.aligned.m8n8.x3.shared.b16 {%r1,%r2,%r3}, [%r4];"), "'ldmatrix.sync.aligned.m8n8.x3.shared.b16' is not known");
}
