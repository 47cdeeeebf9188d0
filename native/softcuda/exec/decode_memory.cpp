#include <algorithm>
#include <set>

#include "decoder.h"

// Loads, stores, atomics and asynchronous copies.
namespace softcuda {

namespace {

// Unsigned unless the sign matters: memory only knows widths.
std::string memory_type(const std::string& t, bool load) {
  if (t == "b8" || t == "u8" || (t == "s8" && !load)) return "u8";
  if (t == "b16" || t == "u16" || t == "f16" || t == "bf16" || (t == "s16" && !load)) return "u16";
  if (t == "b32" || t == "u32" || t == "f32" || (t == "s32" && !load)) return "u32";
  if (t == "b64" || t == "u64" || t == "f64" || (t == "s64" && !load)) return "u64";
  if (t == "s8" || t == "s16" || t == "s32" || t == "s64") return t;
  return "";
}

std::string plain_space(const std::string& s) {
  if (s == "global" || s == "const") return "flat";
  if (s == "shared" || s == "shared::cta") return "shared";
  if (s == "local") return "local";
  if (s == "param" || s == "param::entry" || s == "param::func") return "param";
  return "";
}

Effect::Space space_of(const std::string& s) {
  return s == "shared" ? Effect::Shared : s == "local" ? Effect::Local : s == "param" ? Effect::Parameter : Effect::Flat;
}

// Cache hints and orderings: memory here is sequentially consistent, so they change nothing but what the race check thinks.
bool harmless(const std::string& m) {
  static const std::set<std::string> known = {"weak", "volatile", "relaxed", "acquire", "release", "acq_rel", "cta", "cluster", "gpu", "sys", "nc",
                                              "ca", "cg", "cs", "lu", "cv", "wb", "wt", "L1::evict_normal", "L1::evict_unchanged",
                                              "L1::evict_first", "L1::evict_last", "L1::no_allocate", "L2::64B", "L2::128B", "L2::256B",
                                              "L2::cache_hint", "mmio"};
  return known.count(m) != 0;
}

}  // namespace

Decoder::Address Decoder::address(const Operand& o, const std::string& space) {
  if (o.kind != Operand::Kind::Address || o.items.size() != 1) fail("expected an address in brackets");
  const Operand& base = o.items[0];
  Address a;
  a.displacement = o.offset;
  const char letter = space == "shared" ? 'w' : 'x';
  if (base.kind == Operand::Kind::Symbol) {
    const Symbol* s = symbol(base.text);
    if (!s) fail("unknown symbol '" + base.text + "'");
    if (space == "flat") {
      if (s->space != ptx::Variable::Space::Global && s->space != ptx::Variable::Space::Const) fail("'" + base.text + "' lies in another address space");
      a.reg = place(8, *s, 0);
    } else {
      const auto wanted = space == "shared" ? ptx::Variable::Space::Shared : space == "local" ? ptx::Variable::Space::Local : ptx::Variable::Space::Param;
      if (s->space != wanted) fail("'" + base.text + "' lies in another address space");
      const bool framed = part_.recursive && wanted == ptx::Variable::Space::Local;
      a.reg = framed ? frame_ : bits(letter == 'w' ? 4 : 8, 0);
      a.displacement = static_cast<int64_t>(static_cast<uint64_t>(a.displacement) + s->address);
    }
  } else {
    a.reg = source(base, letter);
  }
  if (letter == 'w' && (a.displacement < INT32_MIN || a.displacement > UINT32_MAX)) fail("the displacement is too large");
  return a;
}

// An address in shared memory; a generic one, without .shared, must point there.
Decoder::Address Decoder::shared_address(const Operand& o, bool shared) {
  Address a = address(o, shared ? "shared" : "flat");
  if (!shared) a.reg = temporary("cvt.u32.u64", 4, {temporary("cvta.to.shared.u64", 8, {a.reg})});
  return a;
}

// With .L2::cache_hint the last operand is a policy, which means nothing here.
bool Decoder::takes_hint() const { return std::find(parts_.begin(), parts_.end(), "L2::cache_hint") != parts_.end(); }

void Decoder::check_hint() {
  if (takes_hint()) source(in_->operands.back(), 'x');
}

Effect Decoder::ordered(Effect::Kind kind) const {
  Effect e;
  e.kind = kind;
  // Atomic operations are relaxed unless they say more.
  if (kind == Effect::Atomic) e.order = Effect::Relaxed;
  for (const std::string& m : parts_) {
    if (m == "relaxed" || m == "volatile") e.order = Effect::Relaxed;
    else if (m == "acquire") e.order = Effect::Acquire;
    else if (m == "release") e.order = Effect::Release;
    else if (m == "acq_rel") e.order = Effect::AcquireRelease;
    else if (m == "cta") e.scope = Effect::Block;
  }
  return e;
}

void Decoder::load_store(bool load) {
  std::string space = "flat", type;
  int n = 1;
  for (size_t i = 1; i < parts_.size(); ++i) {
    const std::string& m = parts_[i];
    if (m == "v2" || m == "v4") n = m[1] - '0';
    else if (i + 1 == parts_.size()) type = memory_type(m, load);
    else if (!plain_space(m).empty()) space = plain_space(m);
    else if (!harmless(m)) unknown();
  }
  if (type.empty()) unknown();
  need(takes_hint() ? 3 : 2, takes_hint() ? 3 : 2);
  check_hint();
  const Operand& data = in_->operands[load ? 0 : 1];
  const Operand& where = in_->operands[load ? 1 : 0];
  std::vector<Operand> items = data.kind == Operand::Kind::Vector ? data.items : std::vector<Operand>{data};
  if (static_cast<int>(items.size()) != n) fail("the vector has the wrong number of elements");
  const bool named_parameter = space == "param" && where.kind == Operand::Kind::Address && where.items[0].kind == Operand::Kind::Symbol;
  const Symbol* parameter = named_parameter ? symbol(where.items[0].text) : nullptr;
  if (parameter && parameter->argument >= 0) return access_argument(load, own(parameter->argument), items, where, type);
  if (load && named_parameter) return load_parameter(items, where, type);
  if (!load && space == "param") fail("only the parameters of functions can be stored to");
  access(load, space, items, address(where, space), type);
}

void Decoder::access(bool load, const std::string& space, const std::vector<Operand>& items, const Address& a, const std::string& type) {
  const int n = static_cast<int>(items.size());
  bool wide = type.back() == '4' && type.size() == 3 && type[1] == '6';
  for (const auto& o : items) {
    if (o.kind == Operand::Kind::Register && draft_.registers[static_cast<size_t>(named(o.text))].bytes == 8) wide = true;
  }
  std::vector<int> registers = {a.reg};
  for (const auto& o : items) registers.push_back(load ? destination(o, wide ? 'X' : 'W') : source(o, wide ? 'x' : 'w'));
  auto& step = emit(std::string(load ? "#ld." : "#st.") + space + ".v" + std::to_string(n) + "." + type + (wide ? ".x" : ".w"), registers);
  step.imm = a.displacement;
  step.effect = ordered(load ? Effect::Load : Effect::Store);
  step.effect.space = space_of(space);
  step.effect.bytes = static_cast<uint8_t>(n * std::stoi(type.substr(1)) / 8);
  step.effect.elements = static_cast<uint8_t>(n);
  step.effect.wide = wide;
}

// A parameter of a function or of a call.
void Decoder::access_argument(bool load, const Place& place, const std::vector<Operand>& items, const Operand& where, const std::string& type) {
  const size_t bytes = static_cast<size_t>(std::stoi(type.substr(1)) / 8);
  if (place.reg < 0) {
    Address a = place.memory;
    if (a.reg < 0) a.reg = bits(8, 0);
    const auto offset = static_cast<uint64_t>(where.offset);
    if (offset > place.size || items.size() * bytes > place.size - offset) fail("accesses bytes beyond the parameter's " + std::to_string(place.size));
    a.displacement += where.offset;
    return access(load, "local", items, a, type);
  }
  const bool wide = bytes == 8;
  if (!load) {
    emit(wide ? "mov.b64" : "mov.b32", {place.reg, source(items[0], wide ? 'x' : 'w')});
  } else if (!wide && items[0].kind == Operand::Kind::Register && draft_.registers[static_cast<size_t>(named(items[0].text))].bytes == 8) {
    emit(type[0] == 's' ? "cvt.s64.s32" : "cvt.u64.u32", {destination(items[0], 'X'), place.reg});
  } else {
    emit(wide ? "mov.b64" : "mov.b32", {destination(items[0], wide ? 'X' : 'W'), place.reg});
  }
}

// Parameters of a kernel never change: they are constants of the launch.
void Decoder::load_parameter(const std::vector<Operand>& to, const Operand& from, const std::string& type) {
  const Symbol* s = symbol(from.items[0].text);
  if (!s || s->space != ptx::Variable::Space::Param) fail("unknown parameter '" + from.items[0].text + "'");
  const int bytes = std::stoi(type.substr(1)) / 8;
  for (size_t k = 0; k < to.size(); ++k) {
    const bool wide = to[k].kind == Operand::Kind::Register && draft_.registers[static_cast<size_t>(named(to[k].text))].bytes == 8;
    Constant c;
    c.kind = Constant::ParamValue;
    c.bytes = wide ? 8 : 4;
    c.param_bytes = bytes;
    c.sign = type[0] == 's';
    c.bits = s->address + static_cast<uint64_t>(from.offset) + k * static_cast<size_t>(bytes);
    if (c.bits > program_.param_bytes || static_cast<size_t>(bytes) > program_.param_bytes - c.bits) fail("reads beyond the parameters");
    if (bytes == 8 && !wide) fail("the result is too narrow");
    const int v = constant(c);
    emit(wide ? "mov.b64" : "mov.b32", {destination(to[k], wide ? 'X' : 'W'), v});
  }
}

// atom[.sem][.scope][.space].op[.cache].type d, [a], b[, c]
void Decoder::atomic(bool result) {
  static const std::set<std::string> names = {"add", "min", "max", "inc", "dec", "and", "or", "xor", "exch", "cas"};
  std::string space = "flat", name;
  bool type_rounds = false;  // .noftz: of f16 and f16x2, and only of those
  for (size_t i = 1; i + 1 < parts_.size(); ++i) {
    const std::string& m = parts_[i];
    if (names.count(m) && name.empty()) name = m;
    else if (m == "noftz" && name == "add") type_rounds = true;
    else if (plain_space(m) == "flat" || plain_space(m) == "shared") space = plain_space(m);
    else if (!harmless(m)) unknown();
  }
  std::string type = parts_.back();
  if (name.empty()) unknown();
  if (name == "and" || name == "or" || name == "xor" || name == "exch" || (name == "cas" && type != "b16")) {
    type = type.size() != 3 ? "" : type.substr(1) == "32" ? "b32" : type.substr(1) == "64" ? "b64" : "";
  }
  const bool wide = !type.empty() && type.substr(1) == "64";
  const size_t first = result ? 1 : 0, sources = name == "cas" ? 2 : 1, all = first + 1 + sources + (takes_hint() ? 1 : 0);
  const std::string key = std::string(result ? "#atom." : "#red.") + space + "." + name + "." + type;
  if (!find_operation(key) || type_rounds != (type.substr(0, 3) == "f16")) unknown();
  need(all, all);
  check_hint();
  const Address a = address(in_->operands[first], space);
  std::vector<int> registers = {a.reg};
  for (size_t k = 0; k < sources; ++k) registers.push_back(source(in_->operands[first + 1 + k], wide ? 'x' : 'w'));
  if (result) registers.push_back(destination(in_->operands[0], wide ? 'X' : 'W'));
  auto& step = emit(key, registers);
  step.imm = a.displacement;
  step.effect = ordered(Effect::Atomic);
  step.effect.space = space_of(space);
  step.effect.bytes = wide ? 8 : type == "b16" || type == "f16" ? 2 : 4;
  step.effect.wide = wide;
}

// cp.async.ca|cg.shared.global [to], [from], bytes[, bytes to read or a predicate: read nothing][, policy]; wait_group n; wait_all
void Decoder::async_copy() {
  if (parts_.size() > 3 && parts_[2] == "mbarrier") return memory_barrier();
  if (in_->opcode == "cp.async.wait_all") {
    need(0, 0);
    return wait_for_copies(-1);
  }
  if (in_->opcode == "cp.async.wait_group") {
    need(1, 1);
    const Operand& groups = in_->operands[0];
    if (groups.kind != Operand::Kind::Integer || groups.bits > INT32_MAX) fail("the number of groups must be an immediate");
    return wait_for_copies(static_cast<int64_t>(groups.bits));
  }
  if (parts_.size() < 5 || parts_[1] != "async" || (parts_[2] != "ca" && parts_[2] != "cg") || plain_space(parts_[3]) != "shared" || parts_[4] != "global") unknown();
  for (size_t i = 5; i < parts_.size(); ++i) {
    if (!harmless(parts_[i])) unknown();
  }
  const size_t hint = takes_hint() ? 1 : 0, operands = in_->operands.size() - hint;
  need(3 + hint, 4 + hint);
  check_hint();
  const Operand& size = in_->operands[2];
  const uint64_t bytes = size.bits;
  if (size.kind != Operand::Kind::Integer || !(bytes == 16 || (parts_[2] == "ca" && (bytes == 4 || bytes == 8)))) fail("copies 4, 8 or 16 bytes (.cg: 16)");
  const Address to = address(in_->operands[0], "shared"), from = address(in_->operands[1], "flat");
  if (from.displacement != static_cast<int32_t>(from.displacement)) fail("the displacement is too large");
  const bool ignores = operands == 4 && in_->operands[3].kind == Operand::Kind::Register && function_.registers.count(in_->operands[3].text) &&
                       function_.registers.at(in_->operands[3].text).predicate;
  const int reads = ignores ? temporary("selp.b32", 4, {bits(4, 0), bits(4, bytes), source(in_->operands[3], 'p')})
                    : operands == 4 ? source(in_->operands[3], 'w') : bits(4, bytes);
  auto& step = emit("#cp.async", {to.reg, from.reg, reads});
  step.imm = static_cast<int64_t>(static_cast<uint64_t>(from.displacement) << 32 | static_cast<uint32_t>(to.displacement));
  step.extra = reinterpret_cast<const void*>(bytes);
  step.effect.kind = Effect::AsyncCopy;
  step.effect.bytes = static_cast<uint8_t>(bytes);
}

void Decoder::wait_for_copies(int64_t groups_under_way) {
  auto& step = emit("#cp.async.wait", {});
  step.imm = groups_under_way;
  step.effect.kind = Effect::AsyncWait;
}

}  // namespace softcuda
