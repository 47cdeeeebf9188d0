#include "openblas.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "../driver/hook.h"

namespace softcuda {
namespace {

constexpr const char* kLibrary = "libopenblas.so.0";

// Changes a variable of the environment until the end of the block: OpenBLAS reads its settings from there while it loads.
class Setting {
 public:
  Setting(const char* name, const char* value) : name_(name) {
    if (const char* before = getenv(name)) before_ = before;
    if (value != nullptr) {
      setenv(name, value, 1);
    } else {
      unsetenv(name);
    }
  }
  ~Setting() {
    if (before_) {
      setenv(name_, before_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* const name_;
  std::optional<std::string> before_;
};

std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return "";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

void* open_library(std::string* tried) {
  // A core type chosen for another program would choose its kernels here. The threads are ours: see Team.
  const Setting core("OPENBLAS_CORETYPE", nullptr);
  const Setting threads("OPENBLAS_NUM_THREADS", "1");
  // OpenBLAS finds its neighbours by its own run path, but the Fortran library among them has none: load what it needs first, the
  // system's if there is one. A failure means nothing yet; the next dlopen says what is missing.
  for (const char* neighbour : {"libgcc_s.so.1", "libquadmath.so.0"}) {
    if (dlopen(neighbour, RTLD_NOW | RTLD_LOCAL) == nullptr) dlopen((own_folder() + neighbour).c_str(), RTLD_NOW | RTLD_LOCAL);
  }
  for (const std::string& path : {own_folder() + kLibrary, std::string(kLibrary)}) {
    if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    const char* const error = dlerror();
    *tried += "\n  " + path + ": " + (error != nullptr ? error : "unknown error");
  }
  return nullptr;
}

template <class F>
bool find(void* library, const char* name, F* function, std::string* missing) {
  *function = reinterpret_cast<F>(dlsym(library, name));
  if (*function == nullptr) *missing += std::string(missing->empty() ? "" : ", ") + name;
  return *function != nullptr;
}

bool bind(void* library, OpenBlas* b, std::string* missing) {
  find(library, "cblas_sgemm", &b->sgemm, missing);
  find(library, "cblas_dgemm", &b->dgemm, missing);
  find(library, "cblas_ssymm", &b->ssymm, missing);
  find(library, "cblas_ssyrk", &b->ssyrk, missing);
  find(library, "cblas_strsm", &b->strsm, missing);
  find(library, "cblas_ssymv", &b->ssymv, missing);
  find(library, "cblas_strsv", &b->strsv, missing);
  find(library, "cblas_strmm", &b->strmm, missing);
  find(library, "cblas_sgemv", &b->sgemv, missing);
  find(library, "cblas_sger", &b->sger, missing);
  find(library, "cblas_sdot", &b->sdot, missing);
  find(library, "cblas_snrm2", &b->snrm2, missing);
  find(library, "cblas_sasum", &b->sasum, missing);
  find(library, "spotrf_", &b->spotrf, missing);
  find(library, "slauum_", &b->slauum, missing);
  find(library, "strtri_", &b->strtri, missing);
  find(library, "ssyevd_", &b->ssyevd, missing);
  return missing->empty();
}

}  // namespace

void OpenBlas::complain(const std::string& text) {
  fprintf(stderr, "SoftCUDA: %s\n", text.c_str());
  softcudaSetLastMessage(text.c_str());
}

const OpenBlas* OpenBlas::load() {
  std::string tried, missing;
  void* const library = open_library(&tried);
  if (library == nullptr) {
    complain(std::string("cuBLAS and cuSOLVER need OpenBLAS, ") + kLibrary + " (in the jar org.bytedeco:openblas), tried" + tried);
    return nullptr;
  }
  static OpenBlas blas;
  void (*set_threads)(int);
  if (!bind(library, &blas, &missing) || !find(library, "openblas_set_num_threads", &set_threads, &missing)) {
    complain(std::string(kLibrary) + " lacks " + missing);
    return nullptr;
  }
  set_threads(1);
  return &blas;
}

}  // namespace softcuda
