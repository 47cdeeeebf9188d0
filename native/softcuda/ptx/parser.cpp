#include "parser.h"

#include <set>

#include "body.h"
#include "cursor.h"
#include "declarations.h"

namespace softcuda::ptx {
namespace {

constexpr size_t kMostShared = 65536;  // copies of the module's shared variables in its entries

// The directives of a module; declarations.cpp and body.cpp parse what is inside.
class Parser {
 public:
  Parser(const char* text, size_t length) : cursor_(lex(text, length)) {}

  Text run() {
    while (cursor_.now().kind != Token::Kind::End) top_level();
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
    if (kind.is(".func")) return func();
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

  // A device function: nvcc inlines all but recursive and __noinline__ ones. Its declaration alone does no harm.
  void func() {
    const int line = cursor_.now().line;
    std::string name;
    while (!cursor_.now().is(";") && !cursor_.now().is("{")) {
      if (cursor_.now().kind == Token::Kind::Word && name.empty() && cursor_.ahead(1).is("(")) name = cursor_.now().text;
      cursor_.take_in_statement();
    }
    if (cursor_.accept(";")) return;
    syntax_error(line, "device function '" + name + "' was not inlined, calls are not supported; mark it __forceinline__");
  }

  void entry() {
    Function f;
    if (!parse_entry(cursor_, f)) return;
    if (!entries_.insert(f.name).second) syntax_error(f.line, "entry '" + f.name + "' is defined twice");
    if (entries_.size() * shared_.size() > kMostShared) {
      syntax_error(f.line, std::to_string(entries_.size()) + " entries with " + std::to_string(shared_.size()) + " shared variables each are too many");
    }
    std::set<std::string> own;
    for (const auto& v : f.variables) own.insert(v.name);
    for (const auto& v : shared_) {
      if (own.count(v.name) != 0) syntax_error(f.line, "'" + v.name + "' is a shared variable of the module and a variable of '" + f.name + "'");
      f.variables.push_back(v);
    }
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
      shared_.push_back(std::move(v));
    }
  }

  Cursor cursor_;
  Text text_;
  std::vector<Variable> shared_;  // belong to every entry that follows
  std::set<std::string> variables_, entries_;
};

}  // namespace

Text parse(const char* text, size_t length) { return Parser(text, length).run(); }

}  // namespace softcuda::ptx
