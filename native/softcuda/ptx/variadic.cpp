#include "variadic.h"

#include <algorithm>

namespace softcuda::ptx {

namespace {

template <class F>
void each_function(Text& text, const F& f) {
  for (auto& entry : text.entries) f(entry);
  for (auto& function : text.functions) f(function.second);
  for (auto& declaration : text.declarations) f(declaration.second);
}

// Bytes of the largest array that is the last argument of a call.
size_t largest_last_argument(const Function& caller) {
  size_t most = 0;
  for (const Instruction& in : caller.body) {
    if (in.opcode.compare(0, 4, "call") != 0 || in.operands.size() < 3 || in.operands[2].items.empty()) continue;
    const std::string& last = in.operands[2].items.back().text;
    for (const Variable& v : caller.arguments) {
      if (v.array && v.name == last) most = std::max(most, v.size);
    }
  }
  return most;
}

}  // namespace

bool is_variadic(const std::vector<Variable>& params) { return !params.empty() && params.back().dynamic; }

void size_variadic(Text& text) {
  bool any = false;
  size_t size = 0;
  each_function(text, [&](const Function& f) {
    any |= is_variadic(f.params);
    for (const auto& p : f.prototypes) any |= is_variadic(p.second.params);
  });
  if (!any) return;
  each_function(text, [&](const Function& f) { size = std::max(size, largest_last_argument(f)); });
  each_function(text, [&](Function& f) {
    if (is_variadic(f.params)) f.params.back().size = size;
    for (auto& p : f.prototypes) {
      if (is_variadic(p.second.params)) p.second.params.back().size = size;
    }
  });
}

}  // namespace softcuda::ptx
