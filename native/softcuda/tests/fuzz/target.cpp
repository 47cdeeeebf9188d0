#include "target.h"

#include <cstdio>
#include <cstdlib>

#include "../../ptx/parser.h"

namespace fuzz {

using namespace softcuda;

namespace {

// Large variables are allowed, but filling them is all that would be measured.
bool has_large_variables(const std::string& text) {
  if (text.find(".global") == std::string::npos && text.find(".const") == std::string::npos) return false;
  size_t bytes = 0;
  for (const auto& v : ptx::parse(text.data(), text.size()).variables) bytes += v.size;
  return bytes > size_t{1} << 24 && bytes <= size_t{1} << 31;
}

}  // namespace

void wrong(const std::string& what) {
  std::fprintf(stderr, "fuzz: %s\n", what.c_str());
  std::abort();
}

std::unique_ptr<Module> load(const std::string& text, Memory& memory) {
  const size_t before = memory.live_allocations();
  try {
    if (has_large_variables(text)) return nullptr;
    return Module::load(text.data(), text.size(), memory);
  } catch (const Failure& failure) {
    if (failure.result != kInvalidPtx) wrong("a text is refused with " + std::to_string(failure.result) + ": " + failure.what());
    if (memory.live_allocations() != before) wrong(std::string("memory is left behind after: ") + failure.what());
    return nullptr;
  }
}

}  // namespace fuzz
