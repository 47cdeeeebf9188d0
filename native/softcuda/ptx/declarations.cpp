#include "declarations.h"

#include <cstring>
#include <map>

namespace softcuda::ptx {

size_t type_bytes(const std::string& type) {
  static const std::map<std::string, size_t> bytes = {
      {".pred", 1}, {".u8", 1},   {".s8", 1},   {".b8", 1},    {".u16", 2},    {".s16", 2},  {".b16", 2}, {".f16", 2}, {".bf16", 2}, {".u32", 4},
      {".s32", 4},  {".b32", 4},  {".f32", 4},  {".f16x2", 4}, {".bf16x2", 4}, {".tf32", 4}, {".u64", 8}, {".s64", 8}, {".b64", 8},  {".f64", 8}};
  const auto found = bytes.find(type);
  return found == bytes.end() ? 0 : found->second;
}

namespace {

constexpr size_t kLargestVariable = size_t{1} << 40;

class Declaration {
 public:
  Declaration(Cursor& cursor, Variable::Space space, bool external) : cursor_(cursor), space_(space), external_(external) {}

  std::vector<Variable> run() {
    cursor_.take();
    attributes();
    std::vector<Variable> all;
    const bool list = space_ != Variable::Space::Param;
    do all.push_back(one());
    while (list && cursor_.accept(","));
    if (list) cursor_.expect(";");
    return all;
  }

 private:
  void attributes() {
    bool pointer = false;  // what follows .ptr is about the memory pointed to
    while (cursor_.now().kind == Token::Kind::Directive) {
      const Token d = cursor_.take();
      if (d.is(".align")) {
        const int64_t n = cursor_.integer();
        if (n < 1 || n > 4096 || (n & (n - 1)) != 0) syntax_error(d.line, "an alignment of " + std::to_string(n) + " is not a power of two up to 4096");
        if (!pointer) align_ = static_cast<size_t>(n);
      } else if (d.is(".attribute")) {
        cursor_.skip_past(")");
      } else if (d.is(".ptr")) {
        pointer = true;
      } else if (d.is(".global") || d.is(".const") || d.is(".shared") || d.is(".local")) {
        continue;
      } else if ((element_ = type_bytes(d.text)) == 0) {
        syntax_error(d.line, "unknown type or attribute '" + d.text + "' in a declaration");
      }
    }
  }

  Variable one() {
    Variable v;
    v.space = space_;
    v.line = cursor_.now().line;
    v.name = cursor_.word("a variable's name");
    if (element_ == 0) syntax_error(v.line, "variable '" + v.name + "' has no type");
    v.align = align_ ? align_ : element_;
    v.size = element_;
    while (cursor_.accept("[")) {
      v.array = true;
      extent(v);
    }
    const bool may_lack_size = external_ && (space_ == Variable::Space::Shared || space_ == Variable::Space::Param);
    if (v.dynamic && !may_lack_size) syntax_error(v.line, "array '" + v.name + "' has no size");
    if (cursor_.accept("=")) {
      if (space_ != Variable::Space::Global && space_ != Variable::Space::Const) syntax_error(v.line, "'" + v.name + "' cannot have an initial value");
      initial_values(v, 0);
    }
    return v;
  }

  void extent(Variable& v) {
    if (cursor_.accept("]")) {
      v.dynamic = true;
      v.size = 0;
      return;
    }
    const int64_t n = cursor_.integer();
    if (n < 0 || (v.size && static_cast<uint64_t>(n) > kLargestVariable / v.size)) syntax_error(v.line, "array '" + v.name + "' is too large");
    v.size *= static_cast<size_t>(n);
    cursor_.expect("]");
  }

  void initial_values(Variable& v, int depth) {
    if (depth > 16) syntax_error(v.line, "the initialiser of '" + v.name + "' is nested too deeply");
    if (cursor_.accept("{")) {
      do initial_values(v, depth + 1);
      while (cursor_.accept(","));
      return cursor_.expect("}");
    }
    const size_t at = v.init.size();
    if (at + element_ > v.size) syntax_error(cursor_.now().line, "'" + v.name + "' has more initial values than elements");
    v.init.resize(at + element_);
    const Token& t = cursor_.now();
    if (t.kind == Token::Kind::Word) {
      if (element_ != 8) syntax_error(v.line, "the address initialiser of '" + v.name + "' needs a 64-bit element");
      v.pointers.push_back(pointer(at));
      return;
    }
    uint64_t bits;
    if (t.kind == Token::Kind::Float32 || t.kind == Token::Kind::Float64) {
      if ((t.kind == Token::Kind::Float64) != (element_ == 8)) syntax_error(t.line, "an initial value of '" + v.name + "' has the wrong width");
      bits = cursor_.take().bits;
    } else {
      bits = static_cast<uint64_t>(cursor_.integer());
    }
    std::memcpy(v.init.data() + at, &bits, element_);
  }

  Variable::Pointer pointer(size_t at) {
    std::string symbol = cursor_.take().text;
    if (symbol == "generic" && cursor_.accept("(")) {
      symbol = cursor_.word("a symbol");
      cursor_.expect(")");
    }
    return {at, symbol, cursor_.accept("+") ? cursor_.integer() : 0};
  }

  Cursor& cursor_;
  const Variable::Space space_;
  const bool external_;
  size_t align_ = 0, element_ = 0;
};

}  // namespace

std::vector<Variable> parse_variables(Cursor& cursor, Variable::Space space, bool external) {
  return Declaration(cursor, space, external).run();
}

}  // namespace softcuda::ptx
