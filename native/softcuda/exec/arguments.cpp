#include <set>

#include "../ptx/declarations.h"
#include "../ptx/lexer.h"
#include "linked.h"

// Which parameters of functions and calls can be registers.
namespace softcuda {

namespace {

using ptx::Instruction;
using ptx::Operand;

// ld.param.TYPE r, [name] or st.param.TYPE [name], r of the whole variable.
bool whole(const Instruction& in, const Operand& address, size_t bytes) {
  const std::string& opcode = in.opcode;
  if (opcode.compare(0, 8, "ld.param") != 0 && opcode.compare(0, 8, "st.param") != 0) return false;
  if (opcode.find(".v2") != std::string::npos || opcode.find(".v4") != std::string::npos) return false;
  return address.offset == 0 && ptx::type_bytes(opcode.substr(opcode.rfind('.'))) == bytes;
}

// The names that are used in another way: by parts, or by their address.
class Uses {
 public:
  explicit Uses(const Linked::Part& part) : part_(part) {
    for (const Instruction& in : part.function->body) {
      if (in.opcode.compare(0, 4, "call") == 0) continue;
      for (const Operand& o : in.operands) look(in, o);
    }
  }
  bool apart(const std::string& name) const { return apart_.count(name) != 0; }

 private:
  void look(const Instruction& in, const Operand& o) {
    if (o.kind == Operand::Kind::Vector) {
      for (const Operand& item : o.items) look(in, item);
    } else if (o.kind == Operand::Kind::Symbol) {
      apart_.insert(o.text);
    } else if (o.kind == Operand::Kind::Address && o.items[0].kind == Operand::Kind::Symbol) {
      const auto known = part_.symbols.find(o.items[0].text);
      if (known == part_.symbols.end() || known->second.argument < 0) return;
      const ptx::Variable& v = *part_.arguments[static_cast<size_t>(known->second.argument)].variable;
      if (!whole(in, o, v.size)) apart_.insert(v.name);
    }
  }

  const Linked::Part& part_;
  std::set<std::string> apart_;
};

void add(Linked::Part& part, const std::vector<ptx::Variable>& variables) {
  for (const ptx::Variable& v : variables) {
    if (v.in_register && part.recursive) {
      ptx::syntax_error(v.line, "function '" + part.function->name + "' calls itself and has the parameter '" + v.name + "' in a register: make it a .param");
    }
    part.symbols[v.name] = {ptx::Variable::Space::Param, 0, static_cast<int>(part.arguments.size())};
    part.arguments.push_back({&v});
  }
}

}  // namespace

void place_arguments(Linked& linked) {
  for (Linked::Part& part : linked.parts) {
    if (!part.function->entry) {
      add(part, part.function->results);
      add(part, part.function->params);
    }
    add(part, part.function->arguments);
    if (part.arguments.empty()) continue;
    const Uses uses(part);
    for (Argument& a : part.arguments) {
      const ptx::Variable& v = *a.variable;
      const bool scalar = !v.array && (v.size == 4 || v.size == 8);
      a.in_register = v.in_register || (scalar && !part.recursive && !uses.apart(v.name));
    }
  }
}

}  // namespace softcuda
