#include "lexer.h"

#include <cctype>
#include <cstring>
#include <locale>
#include <sstream>

#include "../exec/failure.h"

namespace softcuda::ptx {

void syntax_error(int line, const std::string& what) {
  throw Failure(kInvalidPtx, "PTX line " + std::to_string(line) + ": " + what);
}

namespace {

bool starts_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

class Lexer {
 public:
  Lexer(const char* text, size_t length) : p_(text), end_(text + length) {}

  std::vector<Token> run() {
    for (;;) {
      skip_blank();
      if (p_ == end_ || *p_ == '\0') break;
      tokens_.push_back(next());
    }
    Token end;
    end.line = line_;
    tokens_.push_back(end);
    return std::move(tokens_);
  }

 private:
  char at(size_t i) const { return p_ + i < end_ ? p_[i] : '\0'; }

  void skip_blank() {
    while (p_ < end_ && *p_ != '\0') {
      if (*p_ == '\n') {
        ++line_;
        ++p_;
      } else if (std::isspace(static_cast<unsigned char>(*p_))) {
        ++p_;
      } else if (*p_ == '/' && at(1) == '/') {
        while (p_ < end_ && *p_ != '\n') ++p_;
      } else if (*p_ == '/' && at(1) == '*') {
        p_ += 2;
        while (p_ < end_ && !(*p_ == '*' && at(1) == '/')) {
          if (*p_ == '\n') ++line_;
          ++p_;
        }
        if (p_ >= end_) syntax_error(line_, "a comment does not end");
        p_ += 2;
      } else {
        return;
      }
    }
  }

  Token next() {
    Token t;
    t.line = line_;
    const char c = *p_;
    if (starts_word(c) || (c == '.' && starts_word(at(1)))) {
      word(t);
    } else if (is_digit(c)) {
      number(t);
    } else if (c == '"') {
      string(t);
    } else {
      if (!std::strchr("{}()[],;:@!|+-<>=&", c)) {
        syntax_error(line_, std::string("unexpected character '") + c + "'");
      }
      t.kind = Token::Kind::Punctuation;
      t.text = c;
      ++p_;
    }
    return t;
  }

  void word(Token& t) {
    t.kind = *p_ == '.' ? Token::Kind::Directive : Token::Kind::Word;
    const char* begin = p_++;
    for (;;) {
      if (p_ < end_ && in_word(*p_)) {
        ++p_;
      } else if (t.kind == Token::Kind::Word && at(0) == '.' && in_word(at(1))) {  // ".reg.b16" is two directives
        p_ += 2;
      } else if (at(0) == ':' && at(1) == ':' && in_word(at(2))) {
        p_ += 3;
      } else {
        break;
      }
    }
    t.text.assign(begin, p_);
  }

  void number(Token& t) {
    const char* begin = p_;
    if (p_[0] == '0' && (at(1) == 'f' || at(1) == 'F')) {
      t.kind = Token::Kind::Float32;
      p_ += 2;
      t.bits = hex(8);
    } else if (p_[0] == '0' && (at(1) == 'd' || at(1) == 'D')) {
      t.kind = Token::Kind::Float64;
      p_ += 2;
      t.bits = hex(16);
    } else {
      t.kind = Token::Kind::Integer;
      unsigned base = 10;
      if (p_[0] == '0' && (at(1) == 'x' || at(1) == 'X')) {
        base = 16;
        p_ += 2;
      } else if (p_[0] == '0' && (at(1) == 'b' || at(1) == 'B')) {
        base = 2;
        p_ += 2;
      } else if (p_[0] == '0') {
        base = 8;
      }
      bool fits = true;
      for (; p_ < end_; ++p_) {
        const unsigned d = digit(*p_);
        if (d >= base) break;
        fits &= t.bits <= (UINT64_MAX - d) / base;
        t.bits = t.bits * base + d;
      }
      if (at(0) == '.' && is_digit(at(1))) {
        fraction(t, begin);
      } else {
        if (at(0) == 'U') ++p_;
        if (in_word(at(0))) syntax_error(line_, "malformed number '" + std::string(begin, p_ + 1) + "'");
        if (!fits) syntax_error(line_, "'" + std::string(begin, p_) + "' has more than 64 bits");
      }
    }
    t.text.assign(begin, p_);
  }

  // nvcc writes ".version 9.0" only; in inline PTX a decimal fraction is a double, without an exponent here.
  void fraction(Token& t, const char* begin) {
    ++p_;
    while (is_digit(at(0))) ++p_;
    if (in_word(at(0))) syntax_error(line_, "malformed number '" + std::string(begin, p_ + 1) + "'");
    double value = 0;
    std::istringstream text(std::string(begin, p_));
    text.imbue(std::locale::classic());
    if (!(text >> value)) syntax_error(line_, "malformed number '" + std::string(begin, p_) + "'");
    t.kind = Token::Kind::Float64;
    std::memcpy(&t.bits, &value, sizeof value);
  }

  static unsigned digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return 255;
  }

  uint64_t hex(int digits) {
    uint64_t v = 0;
    for (int i = 0; i < digits; ++i, ++p_) {
      const unsigned d = digit(at(0));
      if (d > 15) syntax_error(line_, "a floating-point literal needs " + std::to_string(digits) + " hexadecimal digits");
      v = v << 4 | d;
    }
    return v;
  }

  void string(Token& t) {
    t.kind = Token::Kind::String;
    ++p_;
    while (p_ < end_ && *p_ != '"') {
      if (*p_ == '\n') syntax_error(line_, "a string does not end");
      t.text += *p_++;
    }
    if (p_ >= end_) syntax_error(line_, "a string does not end");
    ++p_;
  }

  const char* p_;
  const char* end_;
  int line_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> lex(const char* text, size_t length) { return Lexer(text, length).run(); }

}  // namespace softcuda::ptx
