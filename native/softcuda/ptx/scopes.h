#pragma once
#include <map>
#include <string>
#include <vector>

namespace softcuda::ptx {

// The names of a function's variables. Each call sequence is a block with variables of its own, so that the same names come again and
// again; in a nested block a variable hides an outer one.
class VariableNames {
 public:
  VariableNames() : scopes_(1) {}
  void open() { scopes_.emplace_back(); }
  void close() { scopes_.pop_back(); }
  // The name that is unique in the function, empty when this block has one of this name already.
  std::string declare(const std::string& name) {
    const std::string unique = scopes_.size() == 1 ? name : name + "#" + std::to_string(++number_);
    return scopes_.back().emplace(name, unique).second ? unique : "";
  }
  // The unique name, or `name` itself when the function has no such variable.
  const std::string& find(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->find(name);
      if (found != scope->end()) return found->second;
    }
    return name;
  }

 private:
  std::vector<std::map<std::string, std::string>> scopes_;
  int number_ = 0;
};

}  // namespace softcuda::ptx
