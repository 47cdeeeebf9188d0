#include "decoder.h"

// Functions that CUDA's device runtime brings and no PTX contains.
namespace softcuda {

namespace {

struct Builtin {
  const char* operation;
  std::vector<size_t> results, params;  // bytes
};

const std::map<std::string, Builtin>& builtins() {
  static const std::map<std::string, Builtin> all = {
      {"vprintf", {"#vprintf", {4}, {8, 8}}},                // format, arguments
      {"__assertfail", {"#assertfail", {}, {8, 8, 4, 8, 8}}},  // expression, file, line, function, bytes of a character
      {"malloc", {"#malloc", {8}, {8}}},
      {"free", {"#free", {}, {8}}},
  };
  return all;
}

}  // namespace

bool is_builtin(const std::string& name) { return builtins().count(name) != 0; }

void Decoder::call_builtin(const std::string& name) {
  const Builtin& b = builtins().at(name);
  ptx::Function callee;
  callee.name = name;
  const auto add = [](std::vector<ptx::Variable>& to, const std::vector<size_t>& sizes) {
    for (const size_t bytes : sizes) {
      ptx::Variable v;
      v.size = v.align = bytes;
      to.push_back(v);
    }
  };
  add(callee.results, b.results);
  add(callee.params, b.params);
  std::vector<Place> results, arguments;
  actuals(callee, 0, results, arguments);
  std::vector<int> registers;
  int result = -1;
  for (const Place& place : results) registers.push_back(result = place.reg >= 0 ? place.reg : new_register(static_cast<int>(place.size)));
  for (const Place& place : arguments) registers.push_back(value(place));
  emit(b.operation, registers);
  if (results.empty() || results[0].reg >= 0) return;
  Place from;
  from.reg = result;
  from.size = results[0].size;
  pass(from, results[0]);
}

}  // namespace softcuda
