#include <cstdio>
#include <cstring>
#include <exception>

#include "check.h"
#include "../../exec/translation.h"
#include "harness.h"

namespace check {

static int failures = 0;

std::vector<Test>& tests() {
  static std::vector<Test> list;
  return list;
}

void failed(const char* file, int line, const std::string& what) {
  if (++failures <= 50) std::printf("%s:%d: %s\n", file, line, what.c_str());
}

}  // namespace check

// engine_test [part of a test's name]
int main(int argc, char** argv) {
#ifdef TRANSLATED_KERNELS
  softcuda::add_translations(TRANSLATED_KERNELS);
#endif
  int run = 0, bad = 0;
  for (const auto& test : check::tests()) {
    if (argc > 1 && !std::strstr(test.name, argv[1])) continue;
    const int before = check::failures;
    try {
      test.body();
    } catch (const std::exception& e) {
      check::failed(test.name, 0, e.what());
    }
    ++run;
    if (check::failures != before) {
      std::printf("FAILED: %s\n", test.name);
      ++bad;
    }
  }
  // The variables of modules that stay loaded.
  if (harness::memory().live_allocations() > 24) {
    std::printf("device memory is left behind: %zu allocations\n", harness::memory().live_allocations());
    ++bad;
  }
  std::printf("%d tests, %d failed, %s\n", run, bad, softcuda::instruction_set());
  return run == 0 || bad != 0;
}
