#pragma once
// What the sample programs share: the CUDA interface of SoftCUDA, looked up in the library that the command line names,
// and the loop over the seeds.
#include <dlfcn.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace sample {

using Pointer = unsigned long long;

// Something was found: a failure of a call, or a wrong result.
struct Stopped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void* library = nullptr;

template <class... Arguments>
class Function {
 public:
  explicit Function(const char* name) : name_(name) {}
  void operator()(Arguments... arguments) {
    if (address_ == nullptr) {
      address_ = reinterpret_cast<int (*)(Arguments...)>(dlsym(library, name_));
      if (address_ == nullptr) throw std::runtime_error(std::string("the library has no ") + name_);
    }
    const int result = address_(arguments...);
    if (result == 0) return;
    const auto message = reinterpret_cast<const char* (*)()>(dlsym(library, "softcudaLastMessage"));
    throw Stopped(std::string(name_) + " failed: error " + std::to_string(result) + "\n" + message());
  }

 private:
  const char* const name_;
  int (*address_)(Arguments...) = nullptr;
};

#define SAMPLE_CU(name, symbol, ...) inline Function<__VA_ARGS__> name(symbol)
SAMPLE_CU(init, "cuInit", unsigned);
SAMPLE_CU(set_option, "softcudaSetOption", const char*, const char*);
SAMPLE_CU(create_context, "cuCtxCreate_v2", void**, unsigned, int);
SAMPLE_CU(destroy_context, "cuCtxDestroy_v2", void*);
SAMPLE_CU(synchronise, "cuCtxSynchronize");
SAMPLE_CU(load_module, "cuModuleLoadData", void**, const void*);
SAMPLE_CU(get_function, "cuModuleGetFunction", void**, void*, const char*);
SAMPLE_CU(allocate, "cuMemAlloc_v2", Pointer*, size_t);
SAMPLE_CU(release, "cuMemFree_v2", Pointer);
SAMPLE_CU(copy_in, "cuMemcpyHtoD_v2", Pointer, const void*, size_t);
SAMPLE_CU(copy_out, "cuMemcpyDtoH_v2", void*, Pointer, size_t);
SAMPLE_CU(fill, "cuMemsetD8_v2", Pointer, unsigned char, size_t);
SAMPLE_CU(create_stream, "cuStreamCreate", void**, unsigned);
SAMPLE_CU(wait_for, "cuStreamSynchronize", void*);
SAMPLE_CU(create_event, "cuEventCreate", void**, unsigned);
SAMPLE_CU(record_event, "cuEventRecord", void*, void*);
SAMPLE_CU(wait_event, "cuStreamWaitEvent", void*, void*, unsigned);
SAMPLE_CU(launch_kernel, "cuLaunchKernel", void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*,
          void**, void**);
#undef SAMPLE_CU

struct Options {
  std::string ptx, folder, check = "all";
  int seeds = 1;
};

// One run: a context with the sample's kernels. What is created lives as long as the context.
class Run {
 public:
  Run(const std::string& ptx, int seed) : seed_(seed) {
    create_context(&context_, 0, 0);
    load_module(&module_, ptx.c_str());
  }
  ~Run() {
    try {
      destroy_context(context_);
    } catch (const Stopped&) {
      // of a context that has failed: that failure is the one to report
    }
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Device memory that nobody has written.
  template <class T>
  Pointer empty(size_t count) {
    Pointer p = 0;
    allocate(&p, count * sizeof(T));
    arrays_.push_back(p);
    return p;
  }
  template <class T>
  Pointer array(const std::vector<T>& values) {
    const Pointer p = empty<T>(values.size());
    copy_in(p, values.data(), values.size() * sizeof(T));
    wait_for(nullptr);  // it may still be on its way
    return p;
  }
  template <class T>
  std::vector<T> download(Pointer p, size_t count) {
    std::vector<T> values(count);
    copy_out(values.data(), p, count * sizeof(T));
    return values;
  }
  void* stream() {
    void* s = nullptr;
    create_stream(&s, 1);  // not ordered with the default stream
    return s;
  }
  void* event() {
    void* e = nullptr;
    create_event(&e, 0);
    return e;
  }
  template <class... Arguments>
  void launch(void* stream, const char* kernel, unsigned grid_x, unsigned grid_y, unsigned threads, Arguments... arguments) {
    void* function = nullptr;
    get_function(&function, module_, kernel);
    void* parameters[] = {&arguments...};
    launch_kernel(function, grid_x, grid_y, 1, threads, 1, 1, 0, stream, parameters, nullptr);
  }
  // Uniform in -1 .. 1 and the same in every run.
  std::vector<float> random(size_t count) {
    std::vector<float> values(count);
    for (float& value : values) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      value = static_cast<float>(static_cast<int32_t>(state_ >> 32)) / 2147483648.f;
    }
    return values;
  }
  // To be called when all is done.
  void end() {
    for (const Pointer p : arrays_) release(p);
    arrays_.clear();
  }
  int seed() const { return seed_; }

 private:
  const int seed_;
  void* context_ = nullptr;
  void* module_ = nullptr;
  std::vector<Pointer> arrays_;
  uint64_t state_ = 42;
};

inline void expect(const std::string& what, size_t index, double wanted, float got, double bound) {
  if (std::fabs(got - wanted) <= bound) return;  // false for NaN
  std::ostringstream text;
  text << "wrong result: " << what << "[" << index << "] wanted " << wanted << " got " << got << " bound " << bound;
  throw Stopped(text.str());
}

// C [M][N] = A [M][K] B [K][N], each element within `bound` times the sum of the terms' magnitudes.
inline void expect_product(const std::vector<float>& a, const std::vector<float>& b, const std::vector<float>& c, int M, int N, int K, double bound) {
  for (int i = 0; i < M; ++i) {
    for (int j = 0; j < N; ++j) {
      double sum = 0, magnitude = 0;
      for (int k = 0; k < K; ++k) {
        const double term = static_cast<double>(a[i * K + k]) * b[k * N + j];
        sum += term;
        magnitude += std::fabs(term);
      }
      expect("C", i * N + j, sum, c[i * N + j], bound * magnitude);
    }
  }
}

// The command line, then `body` once with each seed. 0: all was right; 3: something was found, and printed after its seed.
inline int run(int count, char** arguments, const std::function<void(Run&)>& body) {
  try {
    Options options;
    for (int i = 1; i + 1 < count; i += 2) {
      const std::string name = arguments[i], value = arguments[i + 1];
      if (name == "--ptx") options.ptx = value;
      else if (name == "--library") options.folder = value;
      else if (name == "--check") options.check = value;
      else if (name == "--seeds") options.seeds = std::atoi(value.c_str());
      else throw std::runtime_error("unknown option " + name + ": use --ptx FILE --library FOLDER --seeds N --check LIST");
    }
    library = dlopen((options.folder + "/libcuda.so.1").c_str(), RTLD_NOW);
    if (library == nullptr) throw std::runtime_error(dlerror());
    std::ifstream file(options.ptx);
    if (!file) throw std::runtime_error("cannot read " + options.ptx);
    std::ostringstream ptx;
    ptx << file.rdbuf();
    init(0);
    set_option("check", options.check.c_str());
    for (int seed = 1; seed <= options.seeds; ++seed) {
      set_option("seed", std::to_string(seed).c_str());
      try {
        Run one(ptx.str(), seed);
        body(one);
        one.end();
      } catch (const Stopped& stopped) {
        std::printf("seed %d\n%s\n", seed, stopped.what());
        return 3;
      }
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

}  // namespace sample
