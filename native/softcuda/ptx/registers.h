#pragma once
#include <map>
#include <string>
#include <vector>

#include "ast.h"

namespace softcuda::ptx {

// The register declarations in scope. Inline PTX declares registers in nested blocks that hide outer ones of the same name.
// "%r<1000000>" stays one entry: only registers that are used become part of the function.
class RegisterNames {
 public:
  explicit RegisterNames(Function& function) : function_(function) { open(0); }

  void open(int line);
  // False when that was the outermost block.
  bool close();
  // "name", or name0 .. name<count-1>.
  void declare(const std::string& name, const Register& type, int line);
  void declare_range(const std::string& name, uint64_t count, const Register& type, int line);
  // The register's unique name in the function, or null when there is none of this name.
  const std::string* find(const std::string& name);

 private:
  struct Entry {
    Register type;
    uint64_t count;      // of a range
    std::string suffix;  // what makes the name unique
  };
  struct Scope {
    std::map<std::string, Entry> single, ranges;
    std::map<std::string, std::string> used;
  };
  std::string suffix();
  const std::string* find(Scope& scope, const std::string& name);
  const std::string* use(Scope& scope, const std::string& name, const Entry& entry);

  Function& function_;
  std::vector<Scope> scopes_;
  int number_ = 0;
};

}  // namespace softcuda::ptx
