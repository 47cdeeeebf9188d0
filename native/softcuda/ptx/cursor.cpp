#include "cursor.h"

namespace softcuda::ptx {

Token Cursor::take() {
  Token t = now();
  if (t.kind != Token::Kind::End) ++i_;
  return t;
}

bool Cursor::accept(const char* s) {
  if (!now().is(s)) return false;
  take();
  return true;
}

void Cursor::expect(const char* s) {
  if (!accept(s)) syntax_error(now().line, std::string("expected '") + s + "' but found '" + now().text + "'");
}

std::string Cursor::word(const char* what) {
  if (now().kind != Token::Kind::Word) syntax_error(now().line, std::string("expected ") + what + " but found '" + now().text + "'");
  return take().text;
}

int64_t Cursor::integer() {
  const bool minus = accept("-");
  if (now().kind != Token::Kind::Integer) syntax_error(now().line, "expected an integer but found '" + now().text + "'");
  const uint64_t v = take().bits;
  return static_cast<int64_t>(minus ? 0 - v : v);
}

void Cursor::skip_line() {
  const int line = now().line;
  while (now().kind != Token::Kind::End && now().line == line) take();
}

void Cursor::take_in_statement() {
  if (now().kind == Token::Kind::End) syntax_error(now().line, "the text ends inside a statement");
  take();
}

void Cursor::skip_past(const char* last) {
  while (!accept(last)) take_in_statement();
}

}  // namespace softcuda::ptx
