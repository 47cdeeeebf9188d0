#include "header.h"

#include <set>

#include "declarations.h"

// What stands before a function's body.
namespace softcuda::ptx {

namespace {

// Whose parameters they are. A function's last one may be an array without a size: whatever else its caller passes.
enum class Of { Entry, Function, Results };

// "(.param .b64 a, .reg .b32 b)" behind its "(".
std::vector<Variable> parameters(Cursor& cursor, Of of) {
  std::vector<Variable> list;
  std::set<std::string> names;
  while (!cursor.accept(")")) {
    const Token& t = cursor.now();
    const bool in_register = of != Of::Entry && t.is(".reg");
    if (!t.is(".param") && !in_register) syntax_error(t.line, "expected .param but found '" + t.text + "'");
    for (auto& v : parse_variables(cursor, Variable::Space::Param, of == Of::Function)) {
      if (in_register && (v.array || v.size < 4)) syntax_error(v.line, "the parameter '" + v.name + "' cannot be a register: 4 or 8 bytes");
      if (v.name != "_" && !names.insert(v.name).second) syntax_error(v.line, "variable '" + v.name + "' is defined twice");
      if (v.dynamic && !cursor.now().is(")")) syntax_error(v.line, "the parameter '" + v.name + "' has no size, and only the last one may have none");
      v.in_register = in_register;
      list.push_back(std::move(v));
    }
    if (!cursor.now().is(")")) cursor.expect(",");
  }
  return list;
}

void extents(Cursor& cursor, const Token& directive, Function& f) {
  int n = 0;
  do {
    const int64_t extent = cursor.integer();
    if (n == 3 || extent < 1 || extent > 1024) syntax_error(directive.line, "bad extent in " + directive.text);
    f.max_threads[n++] = static_cast<int>(extent);
  } while (cursor.accept(","));
  while (n < 3) f.max_threads[n++] = 1;
}

void directive(Cursor& cursor, Function& f) {
  const Token d = cursor.take();
  if (d.is(".maxntid") || d.is(".reqntid")) {
    extents(cursor, d, f);
  } else if (d.is(".minnctapersm") || d.is(".maxnctapersm") || d.is(".maxnreg") || d.is(".abi_preserve") || d.is(".abi_preserve_control")) {
    cursor.integer();
  } else if (d.is(".pragma")) {
    cursor.skip_past(";");
  } else if (!d.is(".noreturn")) {
    syntax_error(d.line, "unknown " + std::string(f.entry ? "entry" : "function") + " directive '" + d.text + "'");
  }
}

}  // namespace

bool parse_header(Cursor& cursor, Function& f) {
  f.entry = cursor.take().is(".entry");
  while (cursor.accept(".attribute")) cursor.skip_past(")");
  if (!f.entry && cursor.accept("(")) f.results = parameters(cursor, Of::Results);
  f.line = cursor.now().line;
  f.name = cursor.word(f.entry ? "the entry's name" : "the function's name");
  if (cursor.accept("(")) f.params = parameters(cursor, f.entry ? Of::Entry : Of::Function);
  while (cursor.now().kind == Token::Kind::Directive) directive(cursor, f);
  return !cursor.accept(";");
}

Prototype parse_prototype(Cursor& cursor) {
  Prototype p;
  const Token kind = cursor.take();
  p.line = kind.line;
  if (kind.is(".calltargets")) {
    do p.targets.push_back(cursor.word("a function"));
    while (cursor.accept(","));
  } else {
    if (cursor.accept("(")) p.results = parameters(cursor, Of::Results);
    cursor.word("'_'");
    if (cursor.accept("(")) p.params = parameters(cursor, Of::Function);
    while (cursor.now().kind == Token::Kind::Directive) {
      if (!cursor.take().is(".noreturn")) cursor.integer();
    }
  }
  cursor.expect(";");
  return p;
}

}  // namespace softcuda::ptx
