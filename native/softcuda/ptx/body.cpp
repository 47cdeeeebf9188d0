#include "body.h"

#include <set>

#include "declarations.h"
#include "location.h"
#include "registers.h"

namespace softcuda::ptx {

namespace {

class Body {
 public:
  Body(Cursor& cursor, Function& function) : cursor_(cursor), f_(function), registers_(function) {}

  bool run() {
    cursor_.take();
    f_.line = cursor_.now().line;
    f_.name = cursor_.word("the entry's name");
    if (cursor_.accept("(")) parameters();
    while (cursor_.now().kind == Token::Kind::Directive) entry_directive();
    if (cursor_.accept(";")) return false;
    cursor_.expect("{");
    do statement();
    while (!closed_);
    return true;
  }

 private:
  void parameters() {
    while (!cursor_.accept(")")) {
      if (!cursor_.now().is(".param")) syntax_error(cursor_.now().line, "expected .param but found '" + cursor_.now().text + "'");
      variables(f_.params, Variable::Space::Param);
      cursor_.accept(",");
    }
  }

  void entry_directive() {
    const Token d = cursor_.take();
    if (d.is(".maxntid") || d.is(".reqntid")) {
      int n = 0;
      do {
        const int64_t extent = cursor_.integer();
        if (n == 3 || extent < 1 || extent > 1024) syntax_error(d.line, "bad extent in " + d.text);
        f_.max_threads[n++] = static_cast<int>(extent);
      } while (cursor_.accept(","));
      while (n < 3) f_.max_threads[n++] = 1;
    } else if (d.is(".minnctapersm") || d.is(".maxnctapersm") || d.is(".maxnreg")) {
      cursor_.integer();
    } else if (d.is(".pragma")) {
      cursor_.skip_past(";");
    } else {
      syntax_error(d.line, "unknown entry directive '" + d.text + "'");
    }
  }

  void statement() {
    const Token& t = cursor_.now();
    if (t.kind == Token::Kind::End) syntax_error(t.line, "'" + f_.name + "' does not end");
    if (cursor_.accept("{")) return registers_.open(t.line);
    if (cursor_.accept("}")) {
      closed_ = !registers_.close();
      return;
    }
    if (cursor_.accept(";")) return;
    if (t.kind == Token::Kind::Directive) directive();
    else if (t.kind == Token::Kind::Word && cursor_.ahead(1).is(":")) label();
    else instruction();
  }

  void label() {
    const Token name = cursor_.take();
    cursor_.expect(":");
    const bool fresh = cursor_.now().is(".branchtargets") ? branch_targets(name.text) : f_.labels.emplace(name.text, f_.body.size()).second;
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
    if (t.is(".loc")) return locations_.directive(cursor_);
    if (t.is(".pragma")) return cursor_.skip_past(";");
    syntax_error(t.line, "unknown directive '" + t.text + "' in '" + f_.name + "'");
  }

  void variables(std::vector<Variable>& into, Variable::Space space) {
    for (auto& v : parse_variables(cursor_, space, false)) {
      if (!names_.insert(v.name).second) syntax_error(v.line, "variable '" + v.name + "' is defined twice");
      into.push_back(std::move(v));
    }
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
    if (in.opcode.compare(0, 4, "call") == 0) {
      syntax_error(in.line, "instruction '" + in.opcode + "' is not supported (device functions must be inlined)");
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
    o.kind = r || text[0] == '%' ? Operand::Kind::Register : Operand::Kind::Symbol;
    o.text = r ? *r : text;
    if (cursor_.accept("+") || cursor_.now().is("-")) o.offset = cursor_.integer();
  }

  Cursor& cursor_;
  Function& f_;
  RegisterNames registers_;
  std::set<std::string> names_;  // of the variables
  Locations locations_{f_.calls};
  bool closed_ = false;
};

}  // namespace

bool parse_entry(Cursor& cursor, Function& function) { return Body(cursor, function).run(); }

}  // namespace softcuda::ptx
