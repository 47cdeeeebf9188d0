// krongauss-probe: asks the system's CUDA driver how many devices there are, in a process of its own. A process that has loaded one
// libcuda.so.1 keeps it, so the program that may need SoftCUDA instead must not ask itself.
//
// Prints one line, `devices=N version=V path=P` or `error=REASON`, and exits with 0: the answer is the line.
#include <dlfcn.h>
#include <link.h>

#include <cstdio>

namespace {

constexpr const char* kLibrary = "libcuda.so.1";

const char* path_of(void* library) {
  const link_map* map = nullptr;
  return dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr ? map->l_name : kLibrary;
}

template <class F>
F function(void* library, const char* name) {
  return reinterpret_cast<F>(dlsym(library, name));
}

int failed(const char* call, int result, const char* path, int (*name_of)(int, const char**)) {
  const char* name = nullptr;
  if (name_of == nullptr || name_of(result, &name) != 0 || name == nullptr) name = "unknown error";
  printf("error=%s of %s returned %d (%s)\n", call, path, result, name);
  return 0;
}

}  // namespace

int main() {
  void* const library = dlopen(kLibrary, RTLD_NOW);
  if (library == nullptr) {
    const char* const reason = dlerror();
    printf("error=%s\n", reason != nullptr ? reason : "libcuda.so.1 cannot be loaded");
    return 0;
  }
  const char* const path = path_of(library);
  const auto init = function<int (*)(unsigned)>(library, "cuInit");
  const auto get_count = function<int (*)(int*)>(library, "cuDeviceGetCount");
  const auto get_version = function<int (*)(int*)>(library, "cuDriverGetVersion");
  const auto name_of = function<int (*)(int, const char**)>(library, "cuGetErrorName");
  if (init == nullptr || get_count == nullptr || get_version == nullptr) {
    printf("error=%s is not a CUDA driver\n", path);
    return 0;
  }
  int devices = 0, version = 0;
  if (const int result = init(0)) return failed("cuInit", result, path, name_of);
  if (const int result = get_count(&devices)) return failed("cuDeviceGetCount", result, path, name_of);
  if (const int result = get_version(&version)) return failed("cuDriverGetVersion", result, path, name_of);
  printf("devices=%d version=%d path=%s\n", devices, version, path);
  return 0;
}
