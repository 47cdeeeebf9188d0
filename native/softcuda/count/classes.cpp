#include "classes.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <vector>

namespace softcuda {

namespace {

using Class = InstructionClass;

// How the class follows from the rest of the spelling.
enum Rule {
  ByType,     // the last type decides: floating point, or integer
  Quotient,   // likewise, but a quotient of floating-point numbers is a special function
  Fixed,      // the class given
  BySpace,    // a load or store
};

struct Mnemonic {
  const char* name;
  Rule rule;
  Class kind;     // Fixed only
  uint8_t flops;  // where the type is a floating-point one
};

// Absolute value, negation and copied signs only touch the sign's bit: no operation of arithmetic. A comparison is none either.
constexpr Mnemonic mnemonics[] = {
    {"add", ByType, Class::Other, 1},       {"sub", ByType, Class::Other, 1},       {"mul", ByType, Class::Other, 1},
    {"fma", ByType, Class::Other, 2},       {"mad", ByType, Class::Other, 2},       {"min", ByType, Class::Other, 1},
    {"max", ByType, Class::Other, 1},       {"abs", ByType, Class::Other, 0},       {"neg", ByType, Class::Other, 0},
    {"copysign", ByType, Class::Other, 0},  {"setp", ByType, Class::Other, 0},      {"set", ByType, Class::Other, 0},
    {"testp", ByType, Class::Other, 0},     {"div", Quotient, Class::Other, 0},     {"rcp", Fixed, Class::Special, 0},
    {"sqrt", Fixed, Class::Special, 0},     {"rsqrt", Fixed, Class::Special, 0},    {"sin", Fixed, Class::Special, 0},
    {"cos", Fixed, Class::Special, 0},      {"ex2", Fixed, Class::Special, 0},      {"lg2", Fixed, Class::Special, 0},
    {"tanh", Fixed, Class::Special, 0},     {"rem", Fixed, Class::Integer, 0},      {"mul24", Fixed, Class::Integer, 0},
    {"mad24", Fixed, Class::Integer, 0},    {"sad", Fixed, Class::Integer, 0},      {"addc", Fixed, Class::Integer, 0},
    {"subc", Fixed, Class::Integer, 0},     {"madc", Fixed, Class::Integer, 0},     {"and", Fixed, Class::Integer, 0},
    {"or", Fixed, Class::Integer, 0},       {"xor", Fixed, Class::Integer, 0},      {"not", Fixed, Class::Integer, 0},
    {"cnot", Fixed, Class::Integer, 0},     {"shl", Fixed, Class::Integer, 0},      {"shr", Fixed, Class::Integer, 0},
    {"shf", Fixed, Class::Integer, 0},      {"clz", Fixed, Class::Integer, 0},      {"popc", Fixed, Class::Integer, 0},
    {"brev", Fixed, Class::Integer, 0},     {"bfind", Fixed, Class::Integer, 0},    {"fns", Fixed, Class::Integer, 0},
    {"bfe", Fixed, Class::Integer, 0},      {"bfi", Fixed, Class::Integer, 0},      {"bmsk", Fixed, Class::Integer, 0},
    {"szext", Fixed, Class::Integer, 0},    {"lop3", Fixed, Class::Integer, 0},     {"prmt", Fixed, Class::Integer, 0},
    {"selp", Fixed, Class::Integer, 0},     {"slct", Fixed, Class::Integer, 0},     {"dp4a", Fixed, Class::Integer, 0},
    {"dp2a", Fixed, Class::Integer, 0},     {"isspacep", Fixed, Class::Integer, 0}, {"cvt", Fixed, Class::Conversion, 0},
    {"cvta", Fixed, Class::Move, 0},        {"mov", Fixed, Class::Move, 0},         {"ld", BySpace, Class::LoadGlobal, 0},
    {"ldu", BySpace, Class::LoadGlobal, 0}, {"st", BySpace, Class::StoreGlobal, 0}, {"ldmatrix", Fixed, Class::LoadShared, 0},
    {"stmatrix", Fixed, Class::StoreShared, 0}, {"movmatrix", Fixed, Class::Shuffle, 0}, {"mma", Fixed, Class::Matrix, 0},
    {"atom", Fixed, Class::Atomic, 0},      {"red", Fixed, Class::Atomic, 0},       {"cp", Fixed, Class::AsyncCopy, 0},
    {"shfl", Fixed, Class::Shuffle, 0},     {"vote", Fixed, Class::Shuffle, 0},     {"match", Fixed, Class::Shuffle, 0},
    {"redux", Fixed, Class::Shuffle, 0},    {"activemask", Fixed, Class::Shuffle, 0}, {"elect", Fixed, Class::Shuffle, 0},
    {"bar", Fixed, Class::Barrier, 0},      {"barrier", Fixed, Class::Barrier, 0},  {"fence", Fixed, Class::Barrier, 0},
    {"membar", Fixed, Class::Barrier, 0},   {"bra", Fixed, Class::Control, 0},      {"brx", Fixed, Class::Control, 0},
    {"ret", Fixed, Class::Control, 0},      {"exit", Fixed, Class::Control, 0},     {"call", Fixed, Class::Control, 0},
    {"trap", Fixed, Class::Control, 0},     {"brkpt", Fixed, Class::Control, 0},    {"nanosleep", Fixed, Class::Control, 0},
    {"prefetch", Fixed, Class::Control, 0}, {"prefetchu", Fixed, Class::Control, 0},
};

struct Type {
  const char* name;
  Class kind;
  uint8_t values;
};
constexpr Type real_types[] = {{"f32", Class::Float32, 1}, {"f64", Class::Float64, 1},  {"f16", Class::Half, 1},
                               {"bf16", Class::Half, 1},   {"f16x2", Class::Half, 2},   {"bf16x2", Class::Half, 2}};

using Parts = std::vector<std::string>;

Parts split(const std::string& opcode) {
  Parts parts;
  for (size_t begin = 0;;) {
    const size_t dot = opcode.find('.', begin);
    parts.push_back(opcode.substr(begin, dot - begin));
    if (dot == std::string::npos) return parts;
    begin = dot + 1;
  }
}

bool has(const Parts& parts, const char* what) {
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& p) { return p == what || p.rfind(std::string(what) + "::", 0) == 0; });
}

void by_type(const Parts& parts, uint8_t flops, Traits& t) {
  t.kind = Class::Integer;
  for (const Type& type : real_types) {
    if (parts.back() != type.name) continue;
    t.kind = type.kind;
    t.flops = static_cast<uint8_t>(flops * type.values);
  }
}

void by_space(const Parts& parts, Class global, Traits& t) {
  t.kind = global;
  t.constant = has(parts, "const") || has(parts, "param");
  if (t.constant) t.kind = Class::Constant;
  else if (has(parts, "local")) t.kind = Class::Local;
  else if (has(parts, "shared")) t.kind = global == Class::LoadGlobal ? Class::LoadShared : Class::StoreShared;
  else t.generic = !has(parts, "global");
}

// mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32: 16 x 8 results of 8 products.
void by_shape(const Parts& parts, Traits& t) {
  for (const std::string& p : parts) {
    if (p.size() < 6 || p[0] != 'm' || p.find('n') == std::string::npos || p.find('k') == std::string::npos) continue;
    const auto number = [&](char letter) { return static_cast<uint32_t>(std::atoi(p.c_str() + p.find(letter) + 1)); };
    t.matrix_flops = 2 * number('m') * number('n') * number('k');
  }
  t.tf32 = has(parts, "tf32");
}

}  // namespace

Traits classify(const std::string& opcode) {
  const Parts parts = split(opcode);
  Traits t;
  const auto* m = std::find_if(std::begin(mnemonics), std::end(mnemonics), [&](const Mnemonic& k) { return parts[0] == k.name; });
  if (m == std::end(mnemonics)) return t;
  switch (m->rule) {
    case ByType: by_type(parts, m->flops, t); break;
    case Quotient:
      by_type(parts, 0, t);
      if (t.kind != Class::Integer) t.kind = Class::Special;
      break;
    case Fixed: t.kind = m->kind; break;
    case BySpace: by_space(parts, m->kind, t); break;
  }
  t.special = t.kind == Class::Special;
  t.branch = parts[0] == "bra" || parts[0] == "brx";
  if (t.kind == Class::Matrix) by_shape(parts, t);
  if (t.kind == Class::Atomic) t.generic = !has(parts, "global") && !has(parts, "shared");
  return t;
}

const char* name_of(Class c) {
  static const char* const names[kInstructionClasses] = {
      "integer",     "float32",     "float64",      "half",  "special",  "matrix", "conversion", "move",   "load_global", "store_global",
      "load_shared", "store_shared", "local", "constant", "atomic", "async_copy", "shuffle",    "barrier", "control",     "other"};
  return names[static_cast<int>(c)];
}

}  // namespace softcuda
