#include "layout.h"

#include <algorithm>

#include "../ptx/lexer.h"

namespace softcuda {

namespace {

// What a GPU of compute capability 8.0 and its compiler accept at most.
constexpr size_t kMaxParamBytes = 32764, kMaxLocalBytes = 512 * 1024;
constexpr size_t kFrameAlign = 16;

size_t align_up(size_t v, size_t alignment) { return (v + alignment - 1) / alignment * alignment; }

void find_symbols(const ptx::Operand& o, std::set<std::string>& names) {
  if (o.kind == ptx::Operand::Kind::Symbol) names.insert(o.text);
  for (const auto& item : o.items) find_symbols(item, names);
}

class Layout {
 public:
  Layout(Linked& linked, Symbols& shared, Program& program) : linked_(linked), shared_(shared), p_(program) {}

  void run() {
    parameters();
    shared();
    local();
  }

 private:
  void parameters() {
    Linked::Part& kernel = linked_.parts.back();
    for (const auto& v : kernel.function->params) {
      const size_t offset = align_up(p_.param_bytes, v.align);
      p_.params.push_back({offset, v.size});
      p_.param_bytes = offset + v.size;
      limit(v, p_.param_bytes, kMaxParamBytes, "parameters");
      kernel.symbols[v.name] = {v.space, offset};
    }
  }

  void add_shared(const ptx::Variable& v, Symbols& symbols) {
    if (v.dynamic) {
      dynamic_align_ = std::max(dynamic_align_, v.align);
      dynamic_.push_back(&symbols[v.name]);
      *dynamic_.back() = {v.space, 0};
      return;
    }
    const size_t offset = align_up(p_.static_shared, v.align);
    p_.static_shared = offset + v.size;
    limit(v, p_.static_shared, kMaxSharedBytes, "shared memory");
    symbols[v.name] = {v.space, offset};
  }

  // The kernel's own variables, those of the functions, and those of the module that any of them names.
  void shared() {
    std::set<std::string> used;
    for (auto part = linked_.parts.rbegin(); part != linked_.parts.rend(); ++part) {
      for (const auto& v : part->function->variables) {
        if (v.space == ptx::Variable::Space::Shared) add_shared(v, part->symbols);
      }
      if (linked_.functions->text.shared.empty()) continue;
      for (const auto& in : part->function->body) {
        for (const auto& o : in.operands) find_symbols(o, used);
      }
    }
    for (const auto& v : linked_.functions->text.shared) {
      if (used.count(v.name) != 0) add_shared(v, shared_);
    }
    p_.dynamic_shared_offset = static_cast<uint32_t>(align_up(p_.static_shared, dynamic_align_));
    for (Symbol* symbol : dynamic_) symbol->address = p_.dynamic_shared_offset;
  }

  void local() {
    std::vector<size_t> fixed(linked_.parts.size());
    size_t largest_frame = 0;
    for (size_t i = 0; i < linked_.parts.size(); ++i) {
      Linked::Part& part = linked_.parts[i];
      local_of(part);
      if (part.recursive) largest_frame = std::max(largest_frame, part.local_bytes);
      else fixed[i] = linked_.parts.size() > 1 ? align_up(part.local_bytes, kFrameAlign) : part.local_bytes;
    }
    const std::vector<size_t> begins = linked_.overlay(fixed, 0);
    for (size_t i = 0; i < linked_.parts.size(); ++i) {
      Linked::Part& part = linked_.parts[i];
      if (part.recursive) continue;
      part.local_begin = begins[i];
      for (auto& s : part.symbols) {
        if (s.second.space == ptx::Variable::Space::Local) s.second.address += part.local_begin;
      }
      for (auto& a : part.arguments) a.offset += part.local_begin;
    }
    p_.local_bytes = begins.back();
    if (p_.local_bytes > kMaxLocalBytes) {
      ptx::syntax_error(linked_.kernel().function->line, "kernel '" + linked_.kernel().function->name + "' and the functions it calls need " +
                                                             std::to_string(p_.local_bytes) + " bytes of local memory a thread, of at most " + std::to_string(kMaxLocalBytes));
    }
    if (!linked_.stack) return;
    p_.local_bytes = align_up(p_.local_bytes, kFrameAlign);
    p_.stack_begin = p_.local_bytes;
    // A caller stores arguments before the callee's frame has been looked at.
    p_.stack_slack = align_up(largest_frame, kFrameAlign) + 64;
  }

  void local_of(Linked::Part& part) {
    const auto take = [&](const ptx::Variable& v) {
      const size_t offset = align_up(part.local_bytes, v.align);
      part.local_bytes = offset + v.size;
      limit(v, part.local_bytes, kMaxLocalBytes, "local memory a thread");
      return offset;
    };
    for (const auto& v : part.function->variables) {
      if (v.space == ptx::Variable::Space::Local) part.symbols[v.name] = {v.space, take(v)};
    }
    for (auto& a : part.arguments) {
      if (!a.in_register) a.offset = take(*a.variable);
    }
    if (part.recursive) part.local_bytes = align_up(part.local_bytes, kFrameAlign);
  }

  Linked& linked_;
  Symbols& shared_;
  Program& p_;
  size_t dynamic_align_ = 16;
  std::vector<Symbol*> dynamic_;
};

}  // namespace

void limit(const ptx::Variable& v, size_t bytes, size_t most, const char* what) {
  if (bytes <= most) return;
  ptx::syntax_error(v.line, "with '" + v.name + "' there are " + std::to_string(bytes) + " bytes of " + what + ", of at most " + std::to_string(most));
}

void lay_out(Linked& linked, Symbols& shared, Program& program) { Layout(linked, shared, program).run(); }

}  // namespace softcuda
