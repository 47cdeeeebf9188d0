#include "registers.h"

#include "lexer.h"

namespace softcuda::ptx {

namespace {

constexpr size_t kDeepest = 64;
constexpr uint64_t kLargestRange = 1000000;
constexpr size_t kMostDigits = 6;  // of a number below kLargestRange

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void RegisterNames::open(int line) {
  if (scopes_.size() > kDeepest) syntax_error(line, "blocks are nested too deeply");
  scopes_.emplace_back();
}

bool RegisterNames::close() {
  scopes_.pop_back();
  return !scopes_.empty();
}

std::string RegisterNames::suffix() { return scopes_.size() > 1 ? "#" + std::to_string(++number_) : ""; }

void RegisterNames::declare(const std::string& name, const Register& type, int line) {
  if (!scopes_.back().single.emplace(name, Entry{type, 0, suffix()}).second) syntax_error(line, "register '" + name + "' is declared twice");
}

void RegisterNames::declare_range(const std::string& name, uint64_t count, const Register& type, int line) {
  if (count > kLargestRange) syntax_error(line, "too many registers");
  if (!scopes_.back().ranges.emplace(name, Entry{type, count, suffix()}).second) syntax_error(line, "registers '" + name + "' are declared twice");
}

const std::string* RegisterNames::find(const std::string& name) {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const std::string* found = find(*scope, name)) return found;
  }
  return nullptr;
}

const std::string* RegisterNames::find(Scope& scope, const std::string& name) {
  const auto used = scope.used.find(name);
  if (used != scope.used.end()) return &used->second;
  const auto single = scope.single.find(name);
  if (single != scope.single.end()) return use(scope, name, single->second);
  // "%rd12" is number 12 of "%rd" or number 2 of "%rd1".
  uint64_t number = 0, weight = 1;
  for (size_t digits = 1; digits < name.size() && digits <= kMostDigits && is_digit(name[name.size() - digits]); ++digits) {
    const char first = name[name.size() - digits];
    number += weight * static_cast<uint64_t>(first - '0');
    weight *= 10;
    if (first == '0' && digits > 1) continue;
    const auto range = scope.ranges.find(name.substr(0, name.size() - digits));
    if (range != scope.ranges.end() && number < range->second.count) return use(scope, name, range->second);
  }
  return nullptr;
}

const std::string* RegisterNames::use(Scope& scope, const std::string& name, const Entry& entry) {
  const std::string& unique = scope.used.emplace(name, name + entry.suffix).first->second;
  function_.registers.emplace(unique, entry.type);
  return &unique;
}

}  // namespace softcuda::ptx
