#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "../../exec/engine.h"
#include "check.h"

// Running kernels from tests.
namespace harness {

softcuda::Memory& memory();

// Device memory that is freed with the object.
template <class T>
class Array {
 public:
  explicit Array(size_t n, const char* name = "array") : address_(memory().allocate(n * sizeof(T), name)), n_(n) {
    std::memset(data(), 0, n * sizeof(T));
    memory().initialise(address_, n * sizeof(T));
  }
  explicit Array(const std::vector<T>& v, const char* name = "array") : Array(v.size(), name) { std::memcpy(data(), v.data(), v.size() * sizeof(T)); }
  ~Array() { memory().release(address_); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  uint64_t address() const { return address_; }
  T* data() const { return reinterpret_cast<T*>(address_); }
  T& operator[](size_t i) const { return data()[i]; }
  size_t size() const { return n_; }

 private:
  uint64_t address_;
  size_t n_;
};

class Parameters {
 public:
  template <class T>
  Parameters& add(T v) {
    const size_t at = (bytes_.size() + alignof(T) - 1) / alignof(T) * alignof(T);
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &v, sizeof(T));
    return *this;
  }
  template <class T>
  Parameters& add(const Array<T>& a) {
    return add(a.address());
  }
  const std::vector<unsigned char>& bytes() const { return bytes_; }

 private:
  std::vector<unsigned char> bytes_;
};

std::unique_ptr<softcuda::Module> load(const std::string& ptx);
// A file of the tests' own folder of PTX.
std::unique_ptr<softcuda::Module> load_file(const std::string& name);
void launch(const softcuda::Module& module, const std::string& kernel, softcuda::Dim3 grid, softcuda::Dim3 block, const Parameters& parameters,
            uint32_t dynamic_shared = 0);
// The kernels of kernels.cu, of calls.cu, and of checks.cu.
const softcuda::Module& kernels();
const softcuda::Module& calls();
const softcuda::Module& wrong_and_right();

// Wraps a body into an entry k(a, b) with `.reg` %r, %rd, %f, %fd, %p, %rs; a and b are pointers in %rd1 and %rd2,
// %r1 = tid.x.
std::string entry(const std::string& body, const std::string& declarations = "");
// Loads `entry(body)` and runs one block of `threads` on the two arrays.
void run(const std::string& body, uint64_t a, uint64_t b, uint32_t threads, const std::string& declarations = "");
// The failure that run() or load() gives; result 0 when there is none.
softcuda::Failure failure_of(const std::function<void()>& f);

// Changes the settings for a scope.
class Settings {
 public:
  explicit Settings(const std::string& checks, uint64_t seed = 0) : old_(softcuda::Options::global()) {
    softcuda::Options::global().set("check", checks);
    softcuda::Options::global().set("seed", std::to_string(seed));
  }
  ~Settings() { softcuda::Options::global() = old_; }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

 private:
  softcuda::Options old_;
};

// One instruction on 64 threads, both with all lanes and with every second one. In the body %a %b %c (32 bits) and
// %A %B %C (64 bits) are the inputs, %d or %D is the result; %p %q are predicates. Missing inputs are 0.
std::vector<uint64_t> evaluate(const std::string& body, const std::vector<uint64_t>& a, const std::vector<uint64_t>& b = {},
                               const std::vector<uint64_t>& c = {});

inline uint32_t bits_of(float f) {
  uint32_t u;
  std::memcpy(&u, &f, sizeof u);
  return u;
}
inline uint64_t bits_of(double f) {
  uint64_t u;
  std::memcpy(&u, &f, sizeof u);
  return u;
}
inline float float_of(uint64_t v) {
  const auto u = static_cast<uint32_t>(v);
  float f;
  std::memcpy(&f, &u, sizeof f);
  return f;
}
inline double double_of(uint64_t u) {
  double f;
  std::memcpy(&f, &u, sizeof f);
  return f;
}

}  // namespace harness
