#include "linked.h"

#include <algorithm>
#include <atomic>

#include "../ptx/lexer.h"
#include "../ptx/variadic.h"

namespace softcuda {

namespace {

using ptx::Function;
using ptx::Instruction;
using ptx::Operand;

bool is_call(const Instruction& in) { return in.opcode.compare(0, 4, "call") == 0; }

void add_symbols(const Operand& o, std::set<std::string>& names) {
  if (o.kind == Operand::Kind::Symbol) names.insert(o.text);
  for (const Operand& item : o.items) add_symbols(item, names);
}

// Values of function pointers: no two modules of the process share one, and none is the address of memory.
uint64_t reserve_values(size_t n) {
  static std::atomic<uint64_t> next{Functions::kStep};
  return next.fetch_add(Functions::kStep * n);
}

std::string list_of(const std::vector<ptx::Variable>& variables) {
  std::string text = "(";
  for (const auto& v : variables) text += (text.size() > 1 ? "," : "") + (v.dynamic ? "any" : std::to_string(v.size)) + (v.array ? "[]" : "");
  return text + ")";
}

[[noreturn]] void refuse(const Instruction& call, const Function& caller, const std::string& what) {
  ptx::syntax_error(call.line, "in " + std::string(caller.entry ? "kernel" : "function") + " '" + caller.name + "', instruction '" + call.opcode + "': " + what);
}

}  // namespace

Functions::Functions(const ptx::Text& text) : text(text) {
  std::set<std::string> names;
  const auto look = [&](const Function& f) {
    for (const Instruction& in : f.body) {
      for (size_t i = is_call(in) ? 1 : 0; i < in.operands.size(); ++i) add_symbols(in.operands[i], names);
    }
    for (const auto& p : f.prototypes) names.insert(p.second.targets.begin(), p.second.targets.end());
  };
  for (const auto& f : text.functions) all.push_back(&f.second);
  base = reserve_values(all.size());
  for (const Function* f : all) look(*f);
  for (const Function& f : text.entries) look(f);
  for (const auto& v : text.variables) {
    for (const auto& p : v.pointers) names.insert(p.symbol);
  }
  for (const std::string& name : names) {
    if (const Function* f = find(name)) pointed_to.insert(f->name);
  }
}

const Function* Functions::find(const std::string& name) const {
  const auto alias = text.aliases.find(name);
  const auto found = text.functions.find(alias == text.aliases.end() ? name : alias->second);
  return found == text.functions.end() ? nullptr : &found->second;
}

const Function* Functions::header(const std::string& name) const {
  if (const Function* f = find(name)) return f;
  const auto found = text.declarations.find(name);
  return found == text.declarations.end() ? nullptr : &found->second;
}

namespace {

std::string signature(const std::vector<ptx::Variable>& results, const std::vector<ptx::Variable>& params) {
  return list_of(params) + "->" + list_of(results);
}

std::string dispatcher_name(const ptx::Prototype& p) { return "an indirect call " + signature(p.results, p.params); }

ptx::Prototype prototype_of(const Instruction& call, const Function& caller, const Functions& functions) {
  const auto found = call.operands.size() == 4 ? caller.prototypes.find(call.operands[3].text) : caller.prototypes.end();
  if (found == caller.prototypes.end()) refuse(call, caller, "a call through a register needs the label of a .callprototype or of .calltargets");
  if (found->second.targets.empty()) return found->second;
  const Function* first = functions.header(found->second.targets[0]);
  if (!first) refuse(call, caller, "no function '" + found->second.targets[0] + "' is declared");
  ptx::Prototype prototype;
  prototype.results = first->results;
  prototype.params = first->params;
  return prototype;
}

}  // namespace

size_t Linked::dispatcher(const Instruction& call, const Function& caller, const Functions& all) const {
  return numbers.at(dispatcher_name(prototype_of(call, caller, all)));
}

namespace {

// Walks the calls from the kernel on and puts callees before callers: Tarjan's strongly connected components, without recursion.
class Linker {
 public:
  Linker(const Function& kernel, const Functions& functions) : functions_(functions) {
    linked_.functions = &functions;
    visit(node(kernel.name, &kernel));
    finish();
  }
  Linked take() { return std::move(linked_); }

 private:
  struct Node {
    Linked::Part part;
    std::string name;
    size_t index = SIZE_MAX, low = 0, next = 0;
    bool open = false, explored = false;
  };

  size_t node(const std::string& name, const Function* function) {
    const auto inserted = numbers_.emplace(name, nodes_.size());
    if (inserted.second) {
      nodes_.emplace_back();
      nodes_.back().part.function = function;
      nodes_.back().name = name;
    }
    return inserted.first->second;
  }

  void call(const Instruction& in, const Function& caller, std::vector<size_t>& callees) {
    const Operand& target = in.operands[0];
    if (target.kind == Operand::Kind::Register) {
      callees.push_back(dispatcher(in, caller));
      return;
    }
    const Function* header = functions_.header(target.text);
    if (!header) refuse(in, caller, "no function '" + target.text + "' is declared");
    if (declared(*header) > in.line) refuse(in, caller, "'" + target.text + "' is called before it is declared, on line " + std::to_string(declared(*header)));
    if (const Function* f = functions_.find(target.text)) {
      callees.push_back(node(f->name, f));
    } else if (!is_builtin(target.text)) {
      refuse(in, caller, "the function '" + target.text + "' has no body in this module, and there is no linking: compile it into the same PTX" +
                             (target.text.compare(0, 5, "__nv_") == 0 ? " (a function of libdevice: link libdevice.10.bc when compiling)" : ""));
    }
  }

  int declared(const Function& header) const {
    const auto other = functions_.text.declarations.find(header.name);
    return other == functions_.text.declarations.end() ? header.line : std::min(header.line, other->second.line);
  }

  // An indirect call as a call of a function of our own, which takes the pointer as one parameter more and calls each that it may be.
  size_t dispatcher(const Instruction& in, const Function& caller) {
    const ptx::Prototype prototype = prototype_of(in, caller, functions_);
    const std::string name = dispatcher_name(prototype);
    const auto known = numbers_.find(name);
    if (known != numbers_.end()) return known->second;
    Function& f = linked_.dispatchers.emplace_back();
    f.name = name;
    f.line = in.line;
    f.results = prototype.results;
    f.params = prototype.params;
    ptx::Variable pointer;
    pointer.space = ptx::Variable::Space::Param;
    pointer.size = pointer.align = 8;
    f.params.insert(f.params.begin(), pointer);
    for (size_t i = 0; i < f.params.size(); ++i) rename(f.params[i], "p" + std::to_string(i));
    for (size_t i = 0; i < f.results.size(); ++i) rename(f.results[i], "r" + std::to_string(i));
    const size_t n = node(name, &f);
    nodes_[n].part.dispatches = true;
    return n;
  }

  static void rename(ptx::Variable& v, const std::string& name) {
    v.name = name;
    v.in_register = false;
  }

  void explore(size_t n) {
    std::vector<size_t> callees;
    const Function& f = *nodes_[n].part.function;
    if (nodes_[n].part.dispatches) {
      const std::vector<ptx::Variable> params(f.params.begin() + 1, f.params.end());
      const std::string wanted = signature(f.results, params);
      for (size_t k = 0; k < functions_.all.size(); ++k) {
        const Function& target = *functions_.all[k];
        if (functions_.pointed_to.count(target.name) == 0 || !takes(target, wanted)) continue;
        callees.push_back(node(target.name, &target));
        nodes_[n].part.numbers.push_back(k);
      }
    } else {
      for (const Instruction& in : f.body) {
        if (is_call(in)) call(in, f, callees);
        nodes_[n].part.allocates |= in.opcode.compare(0, 6, "alloca") == 0 || in.opcode.compare(0, 5, "stack") == 0;
      }
      std::sort(callees.begin(), callees.end());
      callees.erase(std::unique(callees.begin(), callees.end()), callees.end());
    }
    nodes_[n].part.callees = std::move(callees);
    nodes_[n].explored = true;
  }

  // A function that takes any number of arguments may get none of them.
  static bool takes(const Function& f, const std::string& wanted) {
    if (signature(f.results, f.params) == wanted) return true;
    return ptx::is_variadic(f.params) && signature(f.results, {f.params.begin(), f.params.end() - 1}) == wanted;
  }

  void visit(size_t root) {
    std::vector<size_t> path = {root};
    while (!path.empty()) {
      const size_t n = path.back();
      if (!nodes_[n].explored) {
        explore(n);
        nodes_[n].index = nodes_[n].low = count_++;
        nodes_[n].open = true;
        open_.push_back(n);
      }
      Node& at = nodes_[n];
      if (at.next < at.part.callees.size()) {
        const size_t callee = at.part.callees[at.next];
        if (nodes_[callee].index == SIZE_MAX) {
          path.push_back(callee);
          continue;  // and looks at its result afterwards
        }
        if (nodes_[callee].open) at.low = std::min(at.low, nodes_[callee].low);
        at.part.recursive |= callee == n;
        ++at.next;
        continue;
      }
      if (at.low == at.index) close(n);
      path.pop_back();
    }
  }

  void close(size_t root) {
    size_t n, members = 0;
    const size_t begin = order_.size();
    do {
      n = open_.back();
      open_.pop_back();
      nodes_[n].open = false;
      nodes_[n].part.cycle = root;
      order_.push_back(n);
      ++members;
    } while (n != root);
    for (size_t i = begin; members > 1 && i < order_.size(); ++i) nodes_[order_[i]].part.recursive = true;
  }

  void finish() {
    std::vector<size_t> place(nodes_.size());
    for (size_t i = 0; i < order_.size(); ++i) place[order_[i]] = i;
    for (const size_t n : order_) {
      Node& at = nodes_[n];
      for (size_t& callee : at.part.callees) callee = place[callee];
      linked_.numbers[at.name] = linked_.parts.size();
      linked_.stack |= at.part.frame();
      linked_.parts.push_back(std::move(at.part));
    }
  }

  const Functions& functions_;
  Linked linked_;
  std::deque<Node> nodes_;
  std::map<std::string, size_t> numbers_;
  std::vector<size_t> open_, order_;
  size_t count_ = 0;
};

}  // namespace

Linked link(const Function& kernel, const Functions& functions) {
  Linked linked = Linker(kernel, functions).take();
  place_arguments(linked);
  return linked;
}

std::vector<size_t> Linked::overlay(const std::vector<size_t>& sizes, size_t begin) const {
  std::vector<size_t> begins(parts.size(), begin);
  size_t whole = begin;
  for (size_t end = parts.size(); end > 0;) {
    size_t first = end - 1;
    while (first > 0 && parts[first - 1].cycle == parts[first].cycle) --first;
    size_t at = begin;
    for (size_t p = first; p < end; ++p) at = std::max(at, begins[p]);
    for (size_t p = first; p < end; ++p) {
      begins[p] = at;
      at += sizes[p];
    }
    for (size_t p = first; p < end; ++p) {
      for (const size_t callee : parts[p].callees) begins[callee] = callee >= first && callee < end ? begins[callee] : std::max(begins[callee], at);
    }
    whole = std::max(whole, at);
    end = first;
  }
  begins.push_back(whole);
  return begins;
}

}  // namespace softcuda
