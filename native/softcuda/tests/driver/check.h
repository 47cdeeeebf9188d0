#pragma once
// A test program is a list of TEST functions; a failed check is counted and printed, the program goes on and exits with 1.
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

struct Test {
  const char* name;
  void (*run)();
};
inline std::vector<Test>& tests() {
  static std::vector<Test> list;
  return list;
}
inline int& failures() {
  static int count = 0;
  return count;
}
inline long& checks() {
  static long count = 0;
  return count;
}

#define TEST(name)                                                         \
  static void name();                                                      \
  static const bool name##_added = (tests().push_back({#name, name}), true); \
  static void name()

#define CHECK(condition)                                                            \
  do {                                                                              \
    ++checks();                                                                     \
    if (!(condition)) {                                                             \
      ++failures();                                                                 \
      printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                \
    }                                                                               \
  } while (0)

#define CHECK_EQUAL(wanted, got)                                                                                   \
  do {                                                                                                             \
    ++checks();                                                                                                    \
    const long long wanted_value = static_cast<long long>(wanted), got_value = static_cast<long long>(got);        \
    if (wanted_value != got_value) {                                                                               \
      ++failures();                                                                                                \
      printf("%s:%d: %s: wanted %lld, got %lld\n", __FILE__, __LINE__, #got, wanted_value, got_value);             \
    }                                                                                                              \
  } while (0)

#define CHECK_CONTAINS(text, part)                                                                           \
  do {                                                                                                       \
    ++checks();                                                                                              \
    const std::string text_value = (text);                                                                   \
    if (text_value.find(part) == std::string::npos) {                                                        \
      ++failures();                                                                                          \
      printf("%s:%d: \"%s\" is not in: %s\n", __FILE__, __LINE__, part, text_value.c_str());                 \
    }                                                                                                        \
  } while (0)

inline int run_all() {
  for (const Test& test : tests()) {
    const int before = failures();
    test.run();
    printf("%s %s\n", failures() == before ? "ok    " : "FAILED", test.name);
    fflush(stdout);
  }
  printf("%zu tests, %ld checks, %d failed\n", tests().size(), checks(), failures());
  return failures() == 0 ? 0 : 1;
}
