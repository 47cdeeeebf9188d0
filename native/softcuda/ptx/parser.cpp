#include "parser.h"

#include <cstring>

#include "lexer.h"

namespace softcuda::ptx {
namespace {

class Parser {
 public:
  Parser(const char* text, size_t length) : tokens_(lex(text, length)) {}

  Text run() {
    while (now().kind != Token::Kind::End) top_level();
    return std::move(text_);
  }

 private:
  const Token& now() const { return tokens_[i_]; }
  const Token& ahead(size_t n) const { return tokens_[i_ + n < tokens_.size() ? i_ + n : tokens_.size() - 1]; }
  Token take() {
    Token t = now();
    if (t.kind != Token::Kind::End) ++i_;
    return t;
  }
  bool accept(const char* s) {
    if (!now().is(s)) return false;
    take();
    return true;
  }
  void expect(const char* s) {
    if (!accept(s)) syntax_error(now().line, std::string("expected '") + s + "' but found '" + now().text + "'");
  }
  std::string word(const char* what) {
    if (now().kind != Token::Kind::Word) syntax_error(now().line, std::string("expected ") + what + " but found '" + now().text + "'");
    return take().text;
  }
  int64_t integer() {
    const bool minus = accept("-");
    if (now().kind != Token::Kind::Integer) syntax_error(now().line, "expected an integer but found '" + now().text + "'");
    const auto v = static_cast<int64_t>(take().bits);
    return minus ? -v : v;
  }
  void skip_line() {
    const int line = now().line;
    while (now().kind != Token::Kind::End && now().line == line) take();
  }

  void top_level() {
    const Token& t = now();
    if (t.kind != Token::Kind::Directive) syntax_error(t.line, "expected a directive but found '" + t.text + "'");
    if (t.is(".version") || t.is(".target") || t.is(".address_size")) return skip_line();
    if (t.is(".file")) return file();
    if (t.is(".section")) return section();
    if (t.is(".pragma")) {
      while (!accept(";")) take_in_statement();
      return;
    }
    bool external = false;
    while (now().is(".visible") || now().is(".extern") || now().is(".weak") || now().is(".common")) external |= take().is(".extern");
    if (now().is(".entry")) return entry();
    if (now().is(".func")) return func(external);
    if (now().is(".global")) return variable(text_.variables, Variable::Space::Global, external);
    if (now().is(".const")) return variable(text_.variables, Variable::Space::Const, external);
    if (now().is(".shared")) return variable(module_shared_, Variable::Space::Shared, external);
    syntax_error(now().line, "unknown directive '" + now().text + "'");
  }

  void take_in_statement() {
    if (now().kind == Token::Kind::End) syntax_error(now().line, "the text ends inside a statement");
    take();
  }

  void file() {
    take();
    const auto number = static_cast<int>(integer());
    if (now().kind != Token::Kind::String) syntax_error(now().line, "expected a file name");
    text_.files[number] = take().text;
    while (accept(",")) integer();
  }

  void section() {
    take();
    while (!now().is("{")) take_in_statement();
    int depth = 0;
    do {
      if (now().is("{")) ++depth;
      if (now().is("}")) --depth;
      take_in_statement();
    } while (depth > 0);
  }

  // A device function: nvcc inlines all but recursive and __noinline__ ones. Its declaration alone does no harm.
  void func(bool) {
    const int line = now().line;
    std::string name;
    while (!now().is(";") && !now().is("{")) {
      if (now().kind == Token::Kind::Word && name.empty() && ahead(1).is("(")) name = now().text;
      take_in_statement();
    }
    if (accept(";")) return;
    syntax_error(line, "device function '" + name + "' was not inlined, calls are not supported; mark it __forceinline__");
  }

  static size_t type_bytes(const std::string& t) {
    if (t == ".pred") return 1;
    if (t == ".u8" || t == ".s8" || t == ".b8") return 1;
    if (t == ".u16" || t == ".s16" || t == ".b16" || t == ".f16" || t == ".bf16") return 2;
    if (t == ".u32" || t == ".s32" || t == ".b32" || t == ".f32" || t == ".f16x2" || t == ".bf16x2" || t == ".tf32") return 4;
    if (t == ".u64" || t == ".s64" || t == ".b64" || t == ".f64") return 8;
    return 0;
  }

  void variable(std::vector<Variable>& into, Variable::Space space, bool external) {
    take();
    size_t align = 0, element = 0;
    while (now().kind == Token::Kind::Directive) {
      const Token d = take();
      if (d.is(".align")) {
        align = static_cast<size_t>(integer());
      } else if (d.is(".attribute")) {
        while (!accept(")")) take_in_statement();
      } else if (d.is(".ptr") || d.is(".global") || d.is(".const") || d.is(".shared") || d.is(".local")) {
        continue;  // annotations of pointer parameters
      } else if ((element = type_bytes(d.text)) == 0) {
        syntax_error(d.line, "unknown type or attribute '" + d.text + "' in a declaration");
      }
    }
    do {
      Variable v;
      v.space = space;
      v.line = now().line;
      v.name = word("a variable's name");
      if (element == 0) syntax_error(v.line, "variable '" + v.name + "' has no type");
      v.align = align ? align : element;
      if ((v.align & (v.align - 1)) != 0 || v.align > 4096) syntax_error(v.line, "alignment of '" + v.name + "' is not a power of two");
      v.size = element;
      while (accept("[")) {
        if (accept("]")) {
          v.dynamic = true;
          v.size = 0;
        } else {
          const int64_t n = integer();
          if (n < 0 || (v.size && n > (int64_t{1} << 40) / static_cast<int64_t>(v.size))) syntax_error(v.line, "array '" + v.name + "' is too large");
          v.size *= static_cast<size_t>(n);
          expect("]");
        }
      }
      if (v.dynamic && !(external && space == Variable::Space::Shared)) syntax_error(v.line, "array '" + v.name + "' has no size");
      if (accept("=")) initialiser(v, element);
      into.push_back(std::move(v));
    } while (space != Variable::Space::Param && accept(","));
    if (space != Variable::Space::Param) expect(";");
  }

  void initialiser(Variable& v, size_t element) {
    v.init.assign(v.size, 0);
    size_t at = 0;
    initial_values(v, element, at, 0);
  }

  void initial_values(Variable& v, size_t element, size_t& at, int depth) {
    if (depth > 16) syntax_error(v.line, "the initialiser of '" + v.name + "' is nested too deeply");
    if (accept("{")) {
      do initial_values(v, element, at, depth + 1);
      while (accept(","));
      return expect("}");
    }
    if (at + element > v.size) syntax_error(now().line, "'" + v.name + "' has more initial values than elements");
    if (now().kind == Token::Kind::Word) {
      std::string symbol = take().text;
      if (symbol == "generic" && accept("(")) {
        symbol = word("a symbol");
        expect(")");
      }
      const int64_t addend = accept("+") ? integer() : 0;
      if (element != 8) syntax_error(v.line, "the address initialiser of '" + v.name + "' needs a 64-bit element");
      v.pointers.push_back({at, symbol, addend});
    } else {
      uint64_t bits;
      if (now().kind == Token::Kind::Float32 || now().kind == Token::Kind::Float64) bits = take().bits;
      else bits = static_cast<uint64_t>(integer());
      std::memcpy(v.init.data() + at, &bits, element);
    }
    at += element;
  }

  void entry() {
    take();
    f_ = Function();
    f_.line = now().line;
    f_.name = word("the entry's name");
    if (accept("(")) {
      while (!accept(")")) {
        if (!now().is(".param")) syntax_error(now().line, "expected .param but found '" + now().text + "'");
        variable(f_.params, Variable::Space::Param, false);
        accept(",");
      }
    }
    while (now().kind == Token::Kind::Directive) {
      const Token d = take();
      if (d.is(".maxntid") || d.is(".reqntid")) {
        int n = 0;
        do {
          const int64_t extent = integer();
          if (n == 3 || extent < 1 || extent > 1024) syntax_error(d.line, "bad extent in " + d.text);
          f_.max_threads[n++] = static_cast<int>(extent);
        } while (accept(","));
        while (n < 3) f_.max_threads[n++] = 1;
      } else if (d.is(".minnctapersm") || d.is(".maxnctapersm") || d.is(".maxnreg")) {
        integer();
      } else if (d.is(".pragma")) {
        while (!accept(";")) take_in_statement();
      } else {
        syntax_error(d.line, "unknown entry directive '" + d.text + "'");
      }
    }
    if (accept(";")) return;  // a declaration
    expect("{");
    scopes_.assign(1, {});
    scope_number_ = file_ = line_ = 0;
    body();
    for (const auto& v : module_shared_) f_.variables.push_back(v);
    text_.entries.push_back(std::move(f_));
  }

  void body() {
    for (;;) {
      const Token& t = now();
      if (t.kind == Token::Kind::End) syntax_error(t.line, "'" + f_.name + "' does not end");
      if (accept("{")) {
        if (scopes_.size() > 64) syntax_error(t.line, "blocks are nested too deeply");
        scopes_.push_back({});
        continue;
      }
      if (accept("}")) {
        scopes_.pop_back();
        if (scopes_.empty()) return;
        continue;
      }
      if (accept(";")) continue;
      if (t.kind == Token::Kind::Directive) {
        directive();
      } else if (t.kind == Token::Kind::Word && ahead(1).is(":")) {
        const Token label = take();
        expect(":");
        if (now().is(".branchtargets")) branch_targets(label.text);
        else if (!f_.labels.emplace(label.text, f_.body.size()).second) syntax_error(label.line, "label '" + label.text + "' is defined twice");
      } else {
        instruction();
      }
    }
  }

  void branch_targets(const std::string& label) {
    take();
    auto& list = f_.branch_targets[label];
    do list.push_back(word("a label"));
    while (accept(","));
    expect(";");
  }

  void directive() {
    const Token& t = now();
    if (t.is(".reg")) return registers();
    if (t.is(".shared")) return variable(f_.variables, Variable::Space::Shared, false);
    if (t.is(".local")) return variable(f_.variables, Variable::Space::Local, false);
    if (t.is(".loc")) {
      take();
      file_ = static_cast<int>(integer());
      line_ = static_cast<int>(integer());
      return skip_line();
    }
    if (t.is(".pragma")) {
      while (!accept(";")) take_in_statement();
      return;
    }
    syntax_error(t.line, "unknown directive '" + t.text + "' in '" + f_.name + "'");
  }

  void registers() {
    take();
    if (accept(".v2") || accept(".v4")) syntax_error(now().line, "vector registers are not supported");
    const Token type = take();
    const size_t bytes = type_bytes(type.text);
    if (bytes == 0) syntax_error(type.line, "unknown register type '" + type.text + "'");
    Register r;
    r.predicate = type.is(".pred");
    r.bytes = bytes == 8 ? 8 : 4;
    do {
      const std::string name = word("a register's name");
      if (accept("<")) {
        const int64_t n = integer();
        expect(">");
        if (n < 0 || n > 1000000) syntax_error(type.line, "too many registers");
        for (int64_t k = 0; k < n; ++k) declare(name + std::to_string(k), r);
      } else {
        declare(name, r);
      }
    } while (accept(","));
    expect(";");
  }

  // Inline PTX declares registers in nested blocks that hide outer ones of the same name.
  void declare(const std::string& name, const Register& r) {
    std::string unique = name;
    if (scopes_.size() > 1) unique += "#" + std::to_string(++scope_number_);
    scopes_.back()[name] = unique;
    f_.registers[unique] = r;
  }

  const std::string* lookup(const std::string& name) const {
    for (auto s = scopes_.rbegin(); s != scopes_.rend(); ++s) {
      const auto found = s->find(name);
      if (found != s->end()) return &found->second;
    }
    return nullptr;
  }

  std::string predicate() {
    const Token t = take();
    const std::string* r = lookup(t.text);
    if (!r || !f_.registers[*r].predicate) syntax_error(t.line, "'" + t.text + "' is not a predicate register");
    return *r;
  }

  void instruction() {
    Instruction in;
    in.line = now().line;
    in.source_file = file_;
    in.source_line = line_;
    if (accept("@")) {
      in.guard_negated = accept("!");
      in.guard = predicate();
    }
    in.line = now().line;
    in.opcode = word("an instruction");
    if (in.opcode.compare(0, 4, "call") == 0) syntax_error(in.line, "instruction '" + in.opcode + "' is not supported (device functions must be inlined)");
    while (!accept(";")) {
      in.operands.push_back(operand(0));
      while (accept("|")) {
        in.operands.push_back(operand(0));
        in.operands.back().second = true;
      }
      if (!now().is(";")) expect(",");
    }
    f_.body.push_back(std::move(in));
  }

  Operand operand(int depth) {
    Operand o;
    const Token t = now();
    if (depth > 2) syntax_error(t.line, "operands are nested too deeply");
    if (accept("!")) {
      o = operand(depth + 1);
      o.negated = !o.negated;
    } else if (accept("{")) {
      o.kind = Operand::Kind::Vector;
      do o.items.push_back(operand(depth + 1));
      while (accept(","));
      expect("}");
    } else if (accept("[")) {
      o.kind = Operand::Kind::Address;
      o.items.push_back(operand(depth + 1));
      o.offset = o.items[0].offset;
      o.items[0].offset = 0;
      expect("]");
    } else if (t.kind == Token::Kind::Integer || t.is("-")) {
      o.bits = static_cast<uint64_t>(integer());
    } else if (t.kind == Token::Kind::Float32 || t.kind == Token::Kind::Float64) {
      o.kind = t.kind == Token::Kind::Float32 ? Operand::Kind::Float32 : Operand::Kind::Float64;
      o.bits = take().bits;
    } else if (t.kind == Token::Kind::Word) {
      take();
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
    const std::string* r = lookup(text);
    o.kind = r || text[0] == '%' ? Operand::Kind::Register : Operand::Kind::Symbol;
    o.text = r ? *r : text;
    if (text == "WARP_SZ") {
      o.kind = Operand::Kind::Integer;
      o.bits = 32;
    }
    if (accept("+")) o.offset = integer();
    else if (now().is("-")) o.offset = integer();
  }

  std::vector<Token> tokens_;
  size_t i_ = 0;
  Text text_;
  Function f_;
  std::vector<Variable> module_shared_;
  std::vector<std::map<std::string, std::string>> scopes_;
  int scope_number_ = 0, file_ = 0, line_ = 0;
};

}  // namespace

Text parse(const char* text, size_t length) { return Parser(text, length).run(); }

}  // namespace softcuda::ptx
