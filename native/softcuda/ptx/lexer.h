#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace softcuda::ptx {

struct Token {
  enum class Kind { Word, Directive, Integer, Float32, Float64, String, Punctuation, End };
  Kind kind = Kind::End;
  std::string text;
  uint64_t bits = 0;
  int line = 0;
  bool is(const char* s) const { return text == s && kind != Kind::String; }
};

// Splits PTX into tokens; comments and preprocessor lines are dropped. Throws Failure(218).
// A Word is an opcode with its modifiers, a register (with .x/.y/.z) or a symbol; a Directive begins with a dot.
std::vector<Token> lex(const char* text, size_t length);

// Failure(218) "PTX line N: ...".
[[noreturn]] void syntax_error(int line, const std::string& what);

}  // namespace softcuda::ptx
