#include <algorithm>
#include "harness.h"

#include <fstream>

namespace harness {

using namespace softcuda;

Memory& memory() {
  static Memory m;
  return m;
}

std::unique_ptr<Module> load(const std::string& ptx) { return Module::load(ptx.data(), ptx.size(), memory()); }

void launch(const Module& module, const std::string& kernel, Dim3 grid, Dim3 block, const Parameters& parameters, uint32_t dynamic_shared) {
  LaunchConfig config;
  config.kernel = module.kernel(kernel);
  config.grid = grid;
  config.block = block;
  config.dynamic_shared = dynamic_shared;
  config.params = parameters.bytes();
  execute(config, memory());
}

std::unique_ptr<Module> load_file(const std::string& name) {
  std::ifstream file(PTX_FOLDER "/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return load(text.str());
}

const Module& kernels() {
  static const std::unique_ptr<Module> module = load_file("kernels.ptx");
  return *module;
}

const Module& calls() {
  static const std::unique_ptr<Module> module = load_file("calls.ptx");
  return *module;
}

const Module& wrong_and_right() {
  static const std::unique_ptr<Module> module = load_file("checks.ptx");
  return *module;
}

std::string entry(const std::string& body, const std::string& declarations) {
  return ".version 9.0\n.target sm_80\n.address_size 64\n" + declarations +
         "\n.visible .entry k(.param .u64 k_a, .param .u64 k_b)\n{\n"
         ".reg .pred %p<8>; .reg .b32 %r<32>; .reg .b64 %rd<32>; .reg .f32 %f<32>; .reg .f64 %fd<16>; .reg .b16 %rs<16>;\n"
         "ld.param.u64 %rd1, [k_a];\nld.param.u64 %rd2, [k_b];\nmov.u32 %r1, %tid.x;\n" +
         body + "\nret;\n}\n";
}

void run(const std::string& body, uint64_t a, uint64_t b, uint32_t threads, const std::string& declarations) {
  const auto module = load(entry(body, declarations));
  launch(*module, "k", {1, 1, 1}, {threads, 1, 1}, Parameters().add(a).add(b));
}

Failure failure_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Failure& failure) {
    return failure;
  }
  return Failure(0, "no failure");
}

std::vector<uint64_t> evaluate(const std::string& body, const std::vector<uint64_t>& a, const std::vector<uint64_t>& b, const std::vector<uint64_t>& c) {
  const std::string ptx =
      ".version 9.0\n.target sm_80\n.address_size 64\n"
      ".visible .entry k(.param .u64 in, .param .u64 out, .param .u32 step)\n{\n"
      ".reg .pred %p, %q, %skip; .reg .b32 %a, %b, %c, %d, %t, %s, %lane; .reg .b64 %A, %B, %C, %D, %in, %out, %o; .reg .b16 %h, %g;\n"
      "ld.param.u64 %in, [in]; ld.param.u64 %out, [out]; ld.param.u32 %s, [step];\n"
      "mov.u32 %t, %tid.x; mad.wide.u32 %in, %t, 24, %in; mad.wide.u32 %out, %t, 8, %out;\n"
      "ld.global.u64 %A, [%in]; ld.global.u64 %B, [%in+8]; ld.global.u64 %C, [%in+16];\n"
      "cvt.u32.u64 %a, %A; cvt.u32.u64 %b, %B; cvt.u32.u64 %c, %C;\n"
      "mov.b64 %D, 0x123456789abcdef0; mov.b32 %d, 0;\n"
      "and.b32 %lane, %t, %s; setp.ne.u32 %skip, %lane, 0; @%skip bra DONE;\n" +
      body +
      (body.find("%D") == std::string::npos ? "\ncvt.u64.u32 %D, %d;\n" : "\n") + "DONE:\nst.global.u64 [%out], %D;\nret;\n}\n";
  const auto module = load(ptx);
  std::vector<uint64_t> results;
  for (size_t begin = 0; begin < a.size(); begin += 64) {
    const size_t n = std::min<size_t>(64, a.size() - begin);
    Array<uint64_t> in(64 * 3, "in"), out(64, "out");
    for (size_t i = 0; i < n; ++i) {
      in[3 * i] = a[begin + i];
      in[3 * i + 1] = begin + i < b.size() ? b[begin + i] : 0;
      in[3 * i + 2] = begin + i < c.size() ? c[begin + i] : 0;
    }
    launch(*module, "k", {1, 1, 1}, {64, 1, 1}, Parameters().add(in).add(out).add(uint32_t{0}));
    std::vector<uint64_t> all(out.data(), out.data() + n);
    launch(*module, "k", {1, 1, 1}, {64, 1, 1}, Parameters().add(in).add(out).add(uint32_t{1}));
    for (size_t i = 0; i < n; ++i) EQUAL_AT(out[i], i % 2 ? 0x123456789abcdef0u : all[i], "masked lanes of " + body);
    results.insert(results.end(), all.begin(), all.end());
  }
  return results;
}

}  // namespace harness
