#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "lexer.h"

namespace softcuda::ptx {

// A place in the list of tokens, and what the parts of the parser ask for there. The last token is End and is never passed.
class Cursor {
 public:
  explicit Cursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& now() const { return tokens_[i_]; }
  const Token& ahead(size_t n) const { return tokens_[i_ + n < tokens_.size() ? i_ + n : tokens_.size() - 1]; }
  Token take();
  bool accept(const char* s);
  void expect(const char* s);
  // An identifier; `what` names it in the error.
  std::string word(const char* what);
  int64_t integer();
  // To the first token of the next line.
  void skip_line();
  // To behind the next `last`, which must come before the end of the text.
  void skip_past(const char* last);
  void take_in_statement();

 private:
  std::vector<Token> tokens_;
  size_t i_ = 0;
};

}  // namespace softcuda::ptx
