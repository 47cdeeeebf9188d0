#include <cstring>

#include "../ptx/lexer.h"
#include "decoder.h"

// Operands of an instruction as registers: named ones, constants, addresses, special registers.
namespace softcuda {

int Decoder::new_register(int bytes) {
  Draft::Register r;
  r.bytes = bytes;
  r.owner = static_cast<int>(part_number_);
  draft_.registers.push_back(r);
  return static_cast<int>(draft_.registers.size()) - 1;
}

int Decoder::named(const std::string& name) {
  const auto known = names_.find(name);
  if (known != names_.end()) return known->second;
  const auto declared = function_.registers.find(name);
  if (declared == function_.registers.end()) fail("unknown register '" + name + "'");
  return names_[name] = new_register(declared->second.predicate ? 0 : declared->second.bytes);
}

int Decoder::constant(const Constant& c) {
  const std::string key = std::to_string(c.kind) + ":" + std::to_string(c.bytes) + ":" + std::to_string(c.bits) + ":" +
                          std::to_string(c.param_bytes) + (c.sign ? "s" : "") + (c.address ? "a" : "");
  const auto known = constants_.find(key);
  if (known != constants_.end()) return known->second;
  const int r = new_register(c.bytes);
  auto& register_of = draft_.registers[static_cast<size_t>(r)];
  register_of.constant = static_cast<int>(program_.constants.size());
  register_of.owner = -1;
  program_.constants.push_back(c);
  return constants_[key] = r;
}

int Decoder::bits(int bytes, uint64_t value) {
  Constant c;
  c.bytes = bytes;
  c.bits = bytes == 4 ? value & 0xffffffffu : bytes == 0 ? (value ? 0xffffffffu : 0u) : value;
  return constant(c);
}

// The address of a variable: of the host where it belongs to the module, an offset into its window else; the value of a function. A
// parameter of a function lies in its local memory.
int Decoder::place(int bytes, const Symbol& symbol, int64_t offset) {
  using Space = ptx::Variable::Space;
  const uint64_t address = symbol.argument < 0 ? symbol.address : part_.arguments[static_cast<size_t>(symbol.argument)].offset;
  if (part_.recursive && (symbol.space == Space::Local || symbol.argument >= 0)) {
    const int sum = temporary("add.s64", 8, {frame_, bits(8, address + static_cast<uint64_t>(offset))});
    return bytes == 8 ? sum : temporary("cvt.u32.u64", 4, {sum});
  }
  Constant c;
  c.bytes = bytes;
  c.address = symbol.space == Space::Global || symbol.space == Space::Const || symbol.space == Space::Code;
  c.bits = address + static_cast<uint64_t>(offset);
  if (bytes == 4) c.bits &= 0xffffffffu;
  return constant(c);
}

int Decoder::special(const std::string& name) {
  static const std::map<std::string, Constant::Kind> kinds = {
      {"%tid.x", Constant::TidX},       {"%tid.y", Constant::TidY},       {"%tid.z", Constant::TidZ},
      {"%ntid.x", Constant::NtidX},     {"%ntid.y", Constant::NtidY},     {"%ntid.z", Constant::NtidZ},
      {"%ctaid.x", Constant::CtaidX},   {"%ctaid.y", Constant::CtaidY},   {"%ctaid.z", Constant::CtaidZ},
      {"%nctaid.x", Constant::NctaidX}, {"%nctaid.y", Constant::NctaidY}, {"%nctaid.z", Constant::NctaidZ},
      {"%laneid", Constant::LaneId},    {"%warpid", Constant::WarpId},    {"%nwarpid", Constant::NwarpId},
      {"%lanemask_eq", Constant::LaneEq}, {"%lanemask_le", Constant::LaneLe}, {"%lanemask_lt", Constant::LaneLt},
      {"%lanemask_ge", Constant::LaneGe}, {"%lanemask_gt", Constant::LaneGt},
      {"%dynamic_smem_size", Constant::DynamicShared}, {"%total_smem_size", Constant::TotalShared},
      {"%reserved_smem_offset_begin", Constant::ReservedBegin}, {"%reserved_smem_offset_end", Constant::ReservedEnd},
      {"%reserved_smem_offset_cap", Constant::ReservedCap},     {"%reserved_smem_offset_0", Constant::ReservedBegin},
      {"%reserved_smem_offset_1", Constant::ReservedBegin},
      {"%smid", Constant::Zero},        {"%gridid", Constant::Zero}};
  static const std::map<std::string, std::pair<const char*, int>> clocks = {
      {"%clock", {"#clock", 4}}, {"%clock64", {"#clock64", 8}}, {"%globaltimer", {"#globaltimer", 8}},
      {"%globaltimer_lo", {"#globaltimer_lo", 4}}, {"%nsmid", {nullptr, 4}}};
  const auto kind = kinds.find(name);
  if (kind != kinds.end()) {
    Constant c;
    c.kind = kind->second;
    program_.reserves_shared |= c.kind >= Constant::ReservedBegin && c.kind <= Constant::ReservedCap;
    return constant(c);
  }
  const auto clock = clocks.find(name);
  if (clock == clocks.end()) fail("unknown register '" + name + "'");
  if (!clock->second.first) return bits(4, 1);
  return temporary(clock->second.first, clock->second.second, {});
}

const Symbol* Decoder::symbol(const std::string& name) const {
  for (const Symbols* symbols : {&part_.symbols, &all_.shared, &all_.symbols}) {
    const auto found = symbols->find(name);
    if (found != symbols->end()) return &found->second;
  }
  return nullptr;
}

// The register that holds an operand; one of the wrong width is converted.
int Decoder::source(const Operand& o, char letter) {
  const int bytes = letter == 'p' ? 0 : letter == 'x' ? 8 : 4;
  if (bytes == 0 && o.kind != Operand::Kind::Register && o.kind != Operand::Kind::Integer) fail("expected a predicate");
  if (bytes != 0 && o.negated) fail("'!' needs a predicate");
  if (o.offset != 0 && o.kind != Operand::Kind::Symbol) fail("an offset needs an address in brackets");
  switch (o.kind) {
    case Operand::Kind::Integer:
      if (o.negated) return bits(bytes, !o.bits);
      return bits(bytes, o.bits);
    case Operand::Kind::Float32: {
      if (bytes != 8) return bits(bytes, o.bits);
      float f;
      const auto u = static_cast<uint32_t>(o.bits);
      std::memcpy(&f, &u, sizeof f);
      const double d = f;
      uint64_t v;
      std::memcpy(&v, &d, sizeof v);
      return bits(8, v);
    }
    case Operand::Kind::Float64: {
      if (bytes == 8) return bits(8, o.bits);
      double d;
      std::memcpy(&d, &o.bits, sizeof d);
      const auto f = static_cast<float>(d);
      uint32_t v;
      std::memcpy(&v, &f, sizeof v);
      return bits(4, v);
    }
    case Operand::Kind::Symbol: {
      const Symbol* s = symbol(o.text);
      if (!s) fail("unknown symbol '" + o.text + "'");
      if (bytes != 8 && s->space != ptx::Variable::Space::Shared && s->space != ptx::Variable::Space::Local && s->space != ptx::Variable::Space::Param) {
        fail("the address of '" + o.text + "' needs 64 bits");
      }
      return place(bytes, *s, o.offset);
    }
    case Operand::Kind::Register:
      break;
    default:
      fail("unexpected kind of operand");
  }
  int r;
  if (names_.count(o.text) || function_.registers.count(o.text)) r = named(o.text);
  else r = special(o.text);
  const int have = draft_.registers[static_cast<size_t>(r)].bytes;
  if ((have == 0) != (bytes == 0)) fail("register '" + o.text + "' is of the wrong kind");
  if (o.negated) return temporary("not.pred", 0, {r});
  if (have == bytes) return r;
  return bytes == 8 ? temporary("cvt.u64.u32", 8, {r}) : temporary("cvt.u32.u64", 4, {r});
}

int Decoder::destination(const Operand& o, char letter) {
  const int bytes = letter == 'P' ? 0 : letter == 'X' ? 8 : 4;
  if (o.kind == Operand::Kind::Sink) return new_register(bytes);
  if (o.kind != Operand::Kind::Register || o.negated || o.offset != 0) fail("the result must be a register");
  const int r = named(o.text);
  const int have = draft_.registers[static_cast<size_t>(r)].bytes;
  if (have != bytes) fail("register '" + o.text + "' has the wrong width");
  return r;
}

}  // namespace softcuda
