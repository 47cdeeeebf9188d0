#include "operations.h"

#include <cstdlib>
#include <cstring>

namespace softcuda {

// A build for one machine, and one with sanitizers, has one compilation of the operations.
#if defined SOFTCUDA_ONLY_V3
constexpr bool kHasV3 = true, kHasV4 = false;
#elif defined SOFTCUDA_ONLY_V4
constexpr bool kHasV3 = false, kHasV4 = true;
#else
constexpr bool kHasV3 = true, kHasV4 = true;
#endif

#ifndef SOFTCUDA_ONLY_V4
namespace v3 {
void add_all(const Registrar&);
void run_warp(Warp*);
}
#endif
#ifndef SOFTCUDA_ONLY_V3
namespace v4 {
void add_all(const Registrar&);
void run_warp(Warp*);
}
#endif
#ifdef SOFTCUDA_ONLY_V3
namespace v4 = v3;
#elif defined SOFTCUDA_ONLY_V4
namespace v3 = v4;
#endif

namespace {

constexpr const char* kBuildBoth = "; native/build --for any-machine (bench/run --build any-machine, or mvn) builds for AVX2 and AVX-512";

// KRONGAUSS_SOFTCUDA_VECTORS=avx2 keeps a wider processor on the narrower operations, for tests.
bool wide_vectors() {
  const char* wish = std::getenv("KRONGAUSS_SOFTCUDA_VECTORS");
  if (wish && std::strcmp(wish, "avx2") != 0 && std::strcmp(wish, "avx512") != 0) {
    throw Failure(kLaunchFailed, std::string("KRONGAUSS_SOFTCUDA_VECTORS must be avx2 or avx512, not '") + wish + "'");
  }
  const bool narrowed = wish && std::strcmp(wish, "avx2") == 0;
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (kHasV3) return kHasV4 && wide && !narrowed;
  if (!wide) throw Failure(kLaunchFailed, std::string("this SoftCUDA was built for a machine with AVX-512, which this one has not") + kBuildBoth);
  if (narrowed) throw Failure(kLaunchFailed, std::string("KRONGAUSS_SOFTCUDA_VECTORS is avx2, and this SoftCUDA was built for AVX-512 alone") + kBuildBoth);
  return true;
}

bool narrow_vectors() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

// "... add(...) [with M = softcuda::v3::Map1<softcuda::v3::{anonymous}::Neg<float, 0>, float, float>]" to "Map1<Neg<float, 0>, float, float>".
std::string type_name(const char* pretty) {
  if (!pretty) return "";
  std::string s = pretty;
  const size_t begin = s.find("M = ");
  if (begin == std::string::npos) return "";
  s = s.substr(begin + 4, s.size() - begin - 5);
  for (const char* scope : {"softcuda::", "v3::", "v4::", "{anonymous}::", "(anonymous namespace)::", "<unnamed>::"}) {
    for (size_t at; (at = s.find(scope)) != std::string::npos;) s.erase(at, std::strlen(scope));
  }
  return s;
}

void insert(Operations& table, const std::string& key, const Operation& operation) {
  const size_t open = key.find('{');
  if (open == std::string::npos) {
    table[key] = operation;
    table[key].key = key;
    return;
  }
  const size_t close = key.find('}', open);
  for (size_t begin = open + 1; begin <= close;) {
    size_t end = key.find('|', begin);
    if (end == std::string::npos || end > close) end = close;
    insert(table, key.substr(0, open) + key.substr(begin, end - begin) + key.substr(close + 1), operation);
    begin = end + 1;
  }
}

void add(void* table, const char* key, const char* signature, Full full, Masked masked, const char* file, const char* type) {
  std::string name = file ? file : "";
  name.erase(0, name.rfind('/') + 1);
  insert(*static_cast<Operations*>(table), key, Operation{"", signature, full, masked, name, type_name(type)});
}

Operations build() {
  if (!narrow_vectors()) throw Failure(kLaunchFailed, "the software device needs a processor with AVX2, FMA and BMI2 (x86-64-v3)");
  if (!wide_vectors()) return narrow_operations();
  Operations table;
  v4::add_all({add, &table});
  return table;
}

}  // namespace

Operations narrow_operations() {
  Operations table;
  v3::add_all({add, &table});
  return table;
}

const char* instruction_set() { return wide_vectors() ? "avx512" : "avx2"; }

RunWarp warp_runner() {
  static const RunWarp runner = wide_vectors() ? v4::run_warp : v3::run_warp;
  return runner;
}

const Operations& operations() {
  static const Operations table = build();
  return table;
}

const Operation* find_operation(const std::string& key) {
  const auto found = operations().find(key);
  return found == operations().end() ? nullptr : &found->second;
}

}  // namespace softcuda
