#pragma once
#include <functional>
#include <sstream>
#include <string>
#include <vector>

// A test is TEST("name") { CHECK(...); EQUAL(got, wanted); }. A failed check is reported with its values and the test goes on.
namespace check {

struct Test {
  const char* name;
  void (*body)();
};

std::vector<Test>& tests();
void failed(const char* file, int line, const std::string& what);

struct Add {
  Add(const char* name, void (*body)()) { tests().push_back({name, body}); }
};

template <class A, class B>
void equal(const char* file, int line, const char* expression, const A& got, const B& wanted, const std::string& note = "") {
  if (got == wanted) return;
  std::ostringstream s;
  s.precision(17);
  s << expression << ": got " << got << ", wanted " << wanted << (note.empty() ? "" : " (" + note + ")");
  failed(file, line, s.str());
}

}  // namespace check

#define CHECK_JOIN2(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN2(a, b)
#define TEST(name)                                                                            \
  static void CHECK_JOIN(test_, __LINE__)();                                                  \
  static const check::Add CHECK_JOIN(add_, __LINE__)(name, CHECK_JOIN(test_, __LINE__));      \
  static void CHECK_JOIN(test_, __LINE__)()
#define CHECK(condition) \
  do {                   \
    if (!(condition)) check::failed(__FILE__, __LINE__, #condition); \
  } while (false)
#define EQUAL(got, wanted) check::equal(__FILE__, __LINE__, #got, (got), (wanted))
#define EQUAL_AT(got, wanted, note) check::equal(__FILE__, __LINE__, #got, (got), (wanted), (note))
#define CONTAINS(text, part)                                                                                     \
  do {                                                                                                           \
    if (std::string(text).find(part) == std::string::npos) {                                                     \
      check::failed(__FILE__, __LINE__, std::string("'") + (part) + "' is missing in:\n" + std::string(text));   \
    }                                                                                                            \
  } while (false)
