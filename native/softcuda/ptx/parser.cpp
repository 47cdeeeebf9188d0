#include "parser.h"

#include <set>

#include "body.h"
#include "cursor.h"
#include "declarations.h"
#include "header.h"
#include "variadic.h"

namespace softcuda::ptx {
namespace {

// The directives of a module; declarations.cpp and body.cpp parse what is inside.
class Parser {
 public:
  Parser(const char* text, size_t length) : cursor_(lex(text, length)) {}

  Text run() {
    while (cursor_.now().kind != Token::Kind::End) top_level();
    size_variadic(text_);
    return std::move(text_);
  }

 private:
  void top_level() {
    const Token& t = cursor_.now();
    if (t.kind != Token::Kind::Directive) syntax_error(t.line, "expected a directive but found '" + t.text + "'");
    if (t.is(".version") || t.is(".target") || t.is(".address_size")) return cursor_.skip_line();
    if (t.is(".file")) return file();
    if (t.is(".section")) return section();
    if (t.is(".pragma")) return cursor_.skip_past(";");
    bool external = false;
    while (cursor_.now().is(".visible") || cursor_.now().is(".extern") || cursor_.now().is(".weak") || cursor_.now().is(".common")) {
      external |= cursor_.take().is(".extern");
    }
    const Token& kind = cursor_.now();
    if (kind.is(".entry")) return entry();
    if (kind.is(".func")) return function();
    if (kind.is(".alias")) return alias();
    if (kind.is(".global")) return variables(Variable::Space::Global, external);
    if (kind.is(".const")) return variables(Variable::Space::Const, external);
    if (kind.is(".shared")) return shared(external);
    syntax_error(kind.line, "unknown directive '" + kind.text + "'");
  }

  void file() {
    cursor_.take();
    const auto number = static_cast<int>(cursor_.integer());
    if (cursor_.now().kind != Token::Kind::String) syntax_error(cursor_.now().line, "expected a file name");
    text_.files[number] = cursor_.take().text;
    while (cursor_.accept(",")) cursor_.integer();
  }

  void section() {
    cursor_.take();
    while (!cursor_.now().is("{")) cursor_.take_in_statement();
    int depth = 0;
    do {
      if (cursor_.now().is("{")) ++depth;
      if (cursor_.now().is("}")) --depth;
      cursor_.take_in_statement();
    } while (depth > 0);
  }

  // Its declaration alone does no harm.
  void function() {
    Function f;
    if (!parse_header(cursor_, f)) {
      text_.declarations.emplace(f.name, std::move(f));
      return;
    }
    if (!names_.insert(f.name).second) syntax_error(f.line, "function '" + f.name + "' is defined twice");
    parse_body(cursor_, f);
    text_.functions.emplace(f.name, std::move(f));
  }

  void alias() {
    const int line = cursor_.take().line;
    const std::string name = cursor_.word("a function");
    cursor_.expect(",");
    const std::string target = cursor_.word("a function");
    cursor_.expect(";");
    if (text_.functions.count(target) == 0 || !names_.insert(name).second) {
      syntax_error(line, ".alias needs a new name and a function with a body, not '" + name + "' and '" + target + "'");
    }
    text_.aliases[name] = target;
  }

  void entry() {
    Function f;
    if (!parse_header(cursor_, f)) return;
    if (!names_.insert(f.name).second) syntax_error(f.line, "entry '" + f.name + "' is defined twice");
    parse_body(cursor_, f);
    text_.entries.push_back(std::move(f));
  }

  // An external variable is one of another module, and there is no linking: using it is an unknown symbol.
  void variables(Variable::Space space, bool external) {
    for (auto& v : parse_variables(cursor_, space, external)) {
      if (external) continue;
      if (!variables_.insert(v.name).second) syntax_error(v.line, "variable '" + v.name + "' is defined twice");
      text_.variables.push_back(std::move(v));
    }
  }

  void shared(bool external) {
    for (auto& v : parse_variables(cursor_, Variable::Space::Shared, external)) {
      if (!variables_.insert(v.name).second) syntax_error(v.line, "variable '" + v.name + "' is defined twice");
      text_.shared.push_back(std::move(v));
    }
  }

  Cursor cursor_;
  Text text_;
  std::set<std::string> variables_, names_;  // names_: of entries and functions
};

}  // namespace

Text parse(const char* text, size_t length) { return Parser(text, length).run(); }

}  // namespace softcuda::ptx
