#include <cstdio>
#include <fstream>

#include "../../exec/print.h"
#include "harness.h"

// printf of kernels.
using namespace harness;

namespace {

// Arguments as a compiler lays them out in memory.
class Block : public softcuda::PrintSource {
 public:
  template <class T>
  Block& add(T v) {
    bytes_.resize((bytes_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T));
    const auto* p = reinterpret_cast<const char*>(&v);
    bytes_.insert(bytes_.end(), p, p + sizeof(T));
    return *this;
  }
  void read(size_t offset, void* to, size_t bytes) const override {
    CHECK(offset + bytes <= bytes_.size());
    std::memcpy(to, bytes_.data() + offset, bytes);
  }
  std::string text(uint64_t address) const override { return reinterpret_cast<const char*>(address); }

 private:
  std::vector<char> bytes_;
};

std::string formatted(const std::string& format, const Block& block, int wanted) {
  int n = 0;
  std::string text = softcuda::format_print(format, block, n);
  EQUAL(n, wanted);
  return text;
}

// What is printed while `body` runs, through the destination of option printf.
std::string printed(const std::function<void()>& body) {
  const std::string file = std::string(PTX_FOLDER) + "/printed-" + std::to_string(reinterpret_cast<uintptr_t>(&body) & 0xffffff) + ".txt";
  std::remove(file.c_str());
  softcuda::Prints::all().flush();
  const std::string old = softcuda::Options::global().printf;
  softcuda::Options::global().set("printf", file);
  body();
  softcuda::Prints::all().flush();
  softcuda::Options::global().set("printf", old);
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::remove(file.c_str());
  return text;
}

}  // namespace

TEST("print: conversions, widths, and the arguments' places") {
  EQUAL(formatted("%d|%5d|%-5d|%+d|%05d|% d", Block().add(-3).add(7).add(7).add(7).add(7).add(7), 6), "-3|    7|7    |+7|00007| 7");
  EQUAL(formatted("%u %x %X %#x %o", Block().add(~0u).add(255u).add(255u).add(255u).add(8u), 5), "4294967295 ff FF 0xff 10");
  EQUAL(formatted("%d %lld %d %llu", Block().add(1).add(-5000000000ll).add(2).add(~0ull), 4), "1 -5000000000 2 18446744073709551615");
  EQUAL(formatted("%ld %lu %hd %hhd", Block().add(int64_t{-1}).add(uint64_t{1} << 40).add(70000).add(300), 4), "-1 1099511627776 4464 44");
  EQUAL(formatted("%d %f %.3f %8.2f %e %g", Block().add(1).add(1.5).add(2.0 / 3).add(3.14159).add(1e10).add(1e-10), 6), "1 1.500000 0.667     3.14 1.000000e+10 1e-10");
  EQUAL(formatted("%f %f %g", Block().add(__builtin_inf()).add(-__builtin_inf()).add(-0.0), 3), "inf -inf -0");
  EQUAL(formatted("%c%c %s|%6s|%.2s|%p", Block().add(int{'a'}).add(int{'b'}).add("text").add("ab").add("abc").add(uint64_t{4096}), 6), "ab text|    ab|ab|0x1000");
  EQUAL(formatted("%*d|%-*d|%.*f", Block().add(4).add(1).add(4).add(2).add(1).add(2.25), 6), "   1|2   |2.2");
  EQUAL(formatted("%.*f|%.*d|%*.*f|%.*s", Block().add(-1).add(2.25).add(-4).add(7).add(-8).add(-2).add(1.5).add(-1).add("all"), 9), "2.250000|7|1.500000|all");
  EQUAL(formatted("100%% %%d %", Block(), 0), "100% %d %");
  EQUAL(formatted("%q %", Block(), 0), "%q %");
  EQUAL(formatted("%500d", Block().add(1), 1), std::string(499, ' ') + "1");
}

TEST("print: at most 32 arguments are converted, as CUDA says") {
  std::string format, wanted;
  Block block;
  for (int i = 0; i < 34; ++i) {
    format += "%d ";
    wanted += i < 32 ? std::to_string(i) + " " : "%d ";
    block.add(i);
  }
  EQUAL(formatted(format, block, 32), wanted);
}

TEST("print: lanes in order, each line whole; the result is the number of arguments") {
  Array<int> y(64);
  const std::string text = printed([&] { launch(calls(), "print", {1, 1, 1}, {3, 1, 1}, Parameters().add(y).add(2)); });
  EQUAL(text, "0 text  1.50 12345678901 z ff %|-3  |\n1 text  1.50 12345678901 z ff %|-3  |\n");
  EQUAL(y[0], 7);
  EQUAL(y[2], 0);
}

TEST("print: no format is -1, and a string that is nowhere is a fault") {
  Array<int> y(1);
  const std::string declaration = ".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 a);\n";
  run("call (%r2), vprintf, (0, 0); st.global.u32 [%rd2], %r2;", 0, y.address(), 1, declaration);
  EQUAL(y[0], -1);
  const auto f = failure_of([&] { run("call (%r2), vprintf, (16, 0);", 0, 0, 1, declaration); });
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "a string of the device runtime's is at 0x10, which is a null pointer");
  const auto g = failure_of([&] { run("mov.u64 %rd3, format; call (%r2), vprintf, (%rd3, 0);", 0, 0, 1, declaration + ".global .b8 format[3] = {37, 100, 0};\n"); });
  EQUAL(g.result, 700);
  CONTAINS(g.what(), "an argument of printf is at 0x0");
}

TEST("print: the buffer keeps the newest") {
  softcuda::Prints& prints = softcuda::Prints::all();
  prints.flush();
  prints.set_capacity(10);
  const std::string text = printed([&] {
    for (const char* line : {"one\n", "two\n", "three\n", "four\n"}) prints.append(line);
  });
  prints.set_capacity(size_t{1} << 20);
  EQUAL(text, "four\n");
}
