#include "body.h"

#include <algorithm>

#include "declarations.h"
#include "header.h"
#include "location.h"
#include "registers.h"
#include "scopes.h"

namespace softcuda::ptx {

namespace {

class Body {
 public:
  Body(Cursor& cursor, Function& function) : cursor_(cursor), f_(function), registers_(function) {}

  void run() {
    for (const auto* list : {&f_.results, &f_.params}) {
      for (const Variable& v : *list) parameter(v);
    }
    cursor_.expect("{");
    do statement();
    while (!closed_);
  }

 private:
  void parameter(const Variable& v) {
    if (v.in_register) {
      Register r;
      r.bytes = v.size == 8 ? 8 : 4;
      registers_.declare(v.name, r, v.line);
      registers_.find(v.name);
    } else if (names_.declare(v.name).empty()) {
      syntax_error(v.line, "variable '" + v.name + "' is defined twice");
    }
  }

  void statement() {
    const Token& t = cursor_.now();
    if (t.kind == Token::Kind::End) syntax_error(t.line, "'" + f_.name + "' does not end");
    if (cursor_.accept("{")) {
      registers_.open(t.line);
      return names_.open();
    }
    if (cursor_.accept("}")) {
      closed_ = !registers_.close();
      return names_.close();
    }
    if (cursor_.accept(";")) return;
    if (t.kind == Token::Kind::Directive) directive();
    else if (t.kind == Token::Kind::Word && cursor_.ahead(1).is(":")) label();
    else instruction();
  }

  void label() {
    const Token name = cursor_.take();
    cursor_.expect(":");
    const Token& what = cursor_.now();
    const bool prototype = what.is(".callprototype") || what.is(".calltargets");
    const bool fresh = what.is(".branchtargets") ? branch_targets(name.text)
                       : prototype              ? f_.prototypes.emplace(name.text, parse_prototype(cursor_)).second
                                                : f_.labels.emplace(name.text, f_.body.size()).second;
    if (!fresh) syntax_error(name.line, "label '" + name.text + "' is defined twice");
  }

  bool branch_targets(const std::string& name) {
    cursor_.take();
    std::vector<std::string> list;
    do list.push_back(cursor_.word("a label"));
    while (cursor_.accept(","));
    cursor_.expect(";");
    return f_.branch_targets.emplace(name, std::move(list)).second;
  }

  void directive() {
    const Token& t = cursor_.now();
    if (t.is(".reg")) return registers();
    if (t.is(".shared")) return variables(f_.variables, Variable::Space::Shared);
    if (t.is(".local")) return variables(f_.variables, Variable::Space::Local);
    if (t.is(".param")) return variables(f_.arguments, Variable::Space::Param);
    if (t.is(".loc")) return locations_.directive(cursor_);
    if (t.is(".pragma")) return cursor_.skip_past(";");
    syntax_error(t.line, "unknown directive '" + t.text + "' in '" + f_.name + "'");
  }

  void variables(std::vector<Variable>& into, Variable::Space space) {
    for (auto& v : parse_variables(cursor_, space, false)) {
      const std::string unique = names_.declare(v.name);
      if (unique.empty()) syntax_error(v.line, "variable '" + v.name + "' is defined twice");
      v.name = unique;
      into.push_back(std::move(v));
    }
    if (space == Variable::Space::Param) cursor_.expect(";");
  }

  void registers() {
    cursor_.take();
    if (cursor_.accept(".v2") || cursor_.accept(".v4")) syntax_error(cursor_.now().line, "vector registers are not supported");
    const Token type = cursor_.take();
    const size_t bytes = type_bytes(type.text);
    if (bytes == 0) syntax_error(type.line, "unknown register type '" + type.text + "'");
    Register r;
    r.predicate = type.is(".pred");
    r.bytes = bytes == 8 ? 8 : 4;
    do {
      const std::string name = cursor_.word("a register's name");
      if (cursor_.accept("<")) {
        const int64_t n = cursor_.integer();
        cursor_.expect(">");
        if (n < 0) syntax_error(type.line, "a negative number of registers");
        registers_.declare_range(name, static_cast<uint64_t>(n), r, type.line);
      } else {
        registers_.declare(name, r, type.line);
      }
    } while (cursor_.accept(","));
    cursor_.expect(";");
  }

  std::string predicate() {
    const Token t = cursor_.take();
    const std::string* r = registers_.find(t.text);
    if (!r || !f_.registers[*r].predicate) syntax_error(t.line, "'" + t.text + "' is not a predicate register");
    return *r;
  }

  void instruction() {
    Instruction in;
    locations_.apply(in);
    if (cursor_.accept("@")) {
      in.guard_negated = cursor_.accept("!");
      in.guard = predicate();
    }
    in.line = cursor_.now().line;
    in.opcode = cursor_.word("an instruction");
    if (in.opcode.compare(0, 4, "call") == 0 && (in.opcode.size() == 4 || in.opcode[4] == '.')) {
      call(in);
      f_.body.push_back(std::move(in));
      return;
    }
    while (!cursor_.accept(";")) {
      in.operands.push_back(operand(0));
      while (cursor_.accept("|")) {
        in.operands.push_back(operand(0));
        in.operands.back().second = true;
      }
      if (!cursor_.now().is(";")) cursor_.expect(",");
    }
    f_.body.push_back(std::move(in));
  }

  // call[.uni] [(results),] function [, (arguments)] [, prototype];
  void call(Instruction& in) {
    Operand results, arguments;
    results.kind = arguments.kind = Operand::Kind::Vector;
    if (cursor_.accept("(")) {
      list(results);
      cursor_.expect(",");
    }
    Operand function = operand(0);
    if (function.kind != Operand::Kind::Symbol && function.kind != Operand::Kind::Register) syntax_error(in.line, "a call needs a function's name or a register");
    bool more = cursor_.accept(",");
    if (more && cursor_.accept("(")) {
      list(arguments);
      more = cursor_.accept(",");
    }
    in.operands = {std::move(function), std::move(results), std::move(arguments)};
    if (more) {
      in.operands.emplace_back();
      in.operands.back().kind = Operand::Kind::Symbol;
      in.operands.back().text = cursor_.word("a prototype's label");
    }
    cursor_.expect(";");
  }

  void list(Operand& into) {
    if (cursor_.accept(")")) return;
    do into.items.push_back(operand(1));
    while (cursor_.accept(","));
    cursor_.expect(")");
  }

  Operand operand(int depth) {
    Operand o;
    const Token t = cursor_.now();
    if (depth > 2) syntax_error(t.line, "operands are nested too deeply");
    if (cursor_.accept("!")) {
      o = operand(depth + 1);
      if (o.kind != Operand::Kind::Register && o.kind != Operand::Kind::Integer) syntax_error(t.line, "'!' needs a predicate");
      o.negated = !o.negated;
    } else if (cursor_.accept("{")) {
      o.kind = Operand::Kind::Vector;
      do o.items.push_back(operand(depth + 1));
      while (cursor_.accept(","));
      cursor_.expect("}");
    } else if (cursor_.accept("[")) {
      o.kind = Operand::Kind::Address;
      o.items.push_back(operand(depth + 1));
      o.offset = o.items[0].offset;
      o.items[0].offset = 0;
      while (cursor_.accept(",")) o.items.push_back(operand(depth + 1));  // coordinates of textures and surfaces
      cursor_.expect("]");
    } else if (t.kind == Token::Kind::Integer || t.is("-")) {
      o.bits = static_cast<uint64_t>(cursor_.integer());
    } else if (t.kind == Token::Kind::Float32 || t.kind == Token::Kind::Float64) {
      o.kind = t.kind == Token::Kind::Float32 ? Operand::Kind::Float32 : Operand::Kind::Float64;
      o.bits = cursor_.take().bits;
    } else if (t.kind == Token::Kind::Word) {
      cursor_.take();
      named(o, t.text);
    } else {
      syntax_error(t.line, "unexpected operand '" + t.text + "'");
    }
    return o;
  }

  void named(Operand& o, const std::string& text) {
    if (text == "_") {
      o.kind = Operand::Kind::Sink;
      return;
    }
    if (text == "WARP_SZ") {
      o.kind = Operand::Kind::Integer;
      o.bits = 32;
      return;
    }
    const std::string* r = registers_.find(text);
    o.kind = r || (text[0] == '%' && !parameter(text)) ? Operand::Kind::Register : Operand::Kind::Symbol;
    o.text = r ? *r : names_.find(text);
    if (cursor_.accept("+") || cursor_.now().is("-")) o.offset = cursor_.integer();
  }

  // nvcc's %VAParam is no register.
  bool parameter(const std::string& name) const {
    return std::any_of(f_.params.begin(), f_.params.end(), [&](const Variable& v) { return v.name == name; });
  }

  Cursor& cursor_;
  Function& f_;
  RegisterNames registers_;
  VariableNames names_;
  Locations locations_{f_.calls};
  bool closed_ = false;
};

}  // namespace

void parse_body(Cursor& cursor, Function& function) { Body(cursor, function).run(); }

}  // namespace softcuda::ptx
