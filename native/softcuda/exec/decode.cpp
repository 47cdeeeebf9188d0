#include <cstring>

#include "../ptx/lexer.h"
#include "decoder.h"

namespace softcuda {

void Decoder::fail(const std::string& what) const {
  ptx::syntax_error(in_->line, "in kernel '" + function_.name + "', instruction '" + in_->opcode + "': " + what);
}

void Decoder::unknown() const {
  ptx::syntax_error(in_->line, "in kernel '" + function_.name + "': instruction '" + in_->opcode +
                                   "' is not known to the software device (see native/softcuda/exec/ops)");
}

void Decoder::need(size_t least, size_t most) const {
  const size_t n = in_->operands.size();
  if (n < least || n > most) fail("has " + std::to_string(n) + " operands");
}

int Decoder::new_register(int bytes) {
  Draft::Register r;
  r.bytes = bytes;
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
  draft_.registers[static_cast<size_t>(r)].constant = static_cast<int>(program_.constants.size());
  program_.constants.push_back(c);
  return constants_[key] = r;
}

int Decoder::bits(int bytes, uint64_t value) {
  Constant c;
  c.bytes = bytes;
  c.bits = bytes == 4 ? value & 0xffffffffu : bytes == 0 ? (value ? 0xffffffffu : 0u) : value;
  return constant(c);
}

// The address of a variable: of the host where it belongs to the module, an offset into its window else.
int Decoder::place(int bytes, const Symbol& symbol, int64_t offset) {
  Constant c;
  c.bytes = bytes;
  c.address = symbol.space == ptx::Variable::Space::Global || symbol.space == ptx::Variable::Space::Const;
  c.bits = symbol.address + static_cast<uint64_t>(offset);
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
      {"%smid", Constant::Zero},        {"%gridid", Constant::Zero}};
  static const std::map<std::string, std::pair<const char*, int>> clocks = {
      {"%clock", {"#clock", 4}}, {"%clock64", {"#clock64", 8}}, {"%globaltimer", {"#globaltimer", 8}},
      {"%globaltimer_lo", {"#globaltimer_lo", 4}}, {"%nsmid", {nullptr, 4}}};
  const auto kind = kinds.find(name);
  if (kind != kinds.end()) {
    Constant c;
    c.kind = kind->second;
    return constant(c);
  }
  const auto clock = clocks.find(name);
  if (clock == clocks.end()) fail("unknown register '" + name + "'");
  if (!clock->second.first) return bits(4, 1);
  return temporary(clock->second.first, clock->second.second, {});
}

const Symbol* Decoder::symbol(const std::string& name) const {
  const auto found = symbols_.find(name);
  return found == symbols_.end() ? nullptr : &found->second;
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
      if (bytes != 8 && (s->space == ptx::Variable::Space::Global || s->space == ptx::Variable::Space::Const)) {
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

Draft::Step& Decoder::emit(const std::string& key, std::vector<int> registers, bool guarded) {
  const Operation* operation = find_operation(key);
  if (!operation) unknown();
  size_t letters = operation->signature.size();
  if (letters && operation->signature.back() == '!') --letters;
  if (letters && operation->signature[letters - 1] == 'i') --letters;
  if (letters != registers.size()) fail("has the wrong number of operands");
  Draft::Step step;
  step.opcode = in_->opcode;
  step.where = {in_->line, in_->source_file, in_->source_line, in_->call};
  if (guarded && guard_ >= 0) {
    step.operation = find_operation(in_->guard_negated ? "#guard.n" : "#guard.p");
    step.registers = {guard_};
    draft_.steps.push_back(step);
    step.guarded = true;
  }
  step.operation = operation;
  step.registers = std::move(registers);
  for (size_t i = 0; i < letters; ++i) {
    const char letter = operation->signature[i];
    if (letter >= 'A' && letter <= 'Z') ++draft_.registers[static_cast<size_t>(step.registers[i])].definitions;
  }
  draft_.steps.push_back(std::move(step));
  return draft_.steps.back();
}

int Decoder::temporary(const std::string& key, int bytes, std::vector<int> sources) {
  const int r = new_register(bytes);
  sources.insert(sources.begin(), r);
  emit(key, std::move(sources), false);
  return r;
}

// The usual case: operands in the order of the signature.
void Decoder::by_table(const Operation& operation) {
  std::vector<int> registers;
  std::string letters = operation.signature;
  if (!letters.empty() && letters.back() == '!') letters.pop_back();
  need(letters.size(), letters.size());
  int64_t imm = 0;
  int narrow = -1;  // a 64-bit register that takes a 32-bit result
  for (size_t i = 0; i < letters.size(); ++i) {
    const Operand& o = in_->operands[i];
    const char letter = letters[i];
    if (o.second) fail("takes no '|'");
    if (letter == 'i') {
      if (o.kind != Operand::Kind::Integer) fail("operand " + std::to_string(i + 1) + " must be an immediate");
      imm = static_cast<int64_t>(o.bits);
    } else if (letter >= 'A' && letter <= 'Z') {
      if (letter == 'W' && o.kind == Operand::Kind::Register && draft_.registers[static_cast<size_t>(named(o.text))].bytes == 8) {
        narrow = named(o.text);
        registers.push_back(new_register(4));
      } else {
        registers.push_back(destination(o, letter));
      }
    } else {
      registers.push_back(source(o, letter));
    }
  }
  if (narrow < 0) {
    emit(operation.key, registers).imm = imm;
    return;
  }
  const int result = registers[0];
  emit(operation.key, registers, false).imm = imm;
  const bool is_signed = parts_.size() > 2 && parts_[parts_.size() - 2][0] == 's';
  emit(is_signed ? "cvt.s64.s32" : "cvt.u64.u32", {narrow, result});
}

void Decoder::by_name() {
  const std::string& name = parts_[0];
  if (name == "mov") return move();
  if (name == "setp") return set_predicate();
  if (name == "set") return set_value();
  if (name == "testp") return test();
  if (name == "cvta") return convert_address();
  if (name == "isspacep") return is_space();
  if (name == "ld" || name == "ldu") return load_store(true);
  if (name == "st") return load_store(false);
  if (name == "atom") return atomic(true);
  if (name == "red") return atomic(false);
  if (name == "cp") return async_copy();
  if (name == "bra") return branch();
  if (name == "brx") return branch_indexed();
  if ((name == "ret" || name == "exit") && (parts_.size() == 1 || parts_[1] == "uni")) return flow("#exit", {});
  if (name == "bar" || name == "barrier") return barrier();
  if (name == "shfl") return shuffle();
  if (name == "vote") return vote();
  if (name == "match") return match();
  if (name == "redux") return redux();
  if (name == "add" || name == "addc" || name == "sub" || name == "subc" || name == "mad" || name == "madc") return carry();
  if (name == "mma") return multiply_matrices();
  if (name == "ldmatrix") return load_matrices();
  if (name == "movmatrix") return move_matrix();
  if (name == "prefetch" || name == "prefetchu") {
    emit("#nothing", {});
    return;
  }
  unknown();
}

void Decoder::instruction(const Instruction& in) {
  in_ = &in;
  parts_.clear();
  for (size_t begin = 0;;) {
    const size_t dot = in.opcode.find('.', begin);
    parts_.push_back(in.opcode.substr(begin, dot - begin));
    if (dot == std::string::npos) break;
    begin = dot + 1;
  }
  guard_ = in.guard.empty() ? -1 : named(in.guard);
  if (in.opcode == "nanosleep.u32") {
    need(1, 1);
    return flow(in.opcode, {source(in.operands[0], 'w')});
  }
  bool special_form = parts_[0] == "mov";  // packs and unpacks vectors
  for (const auto& o : in.operands) special_form |= o.kind == Operand::Kind::Vector || o.kind == Operand::Kind::Address;
  const Operation* operation = special_form ? nullptr : find_operation(in.opcode);
  if (parts_[0] == "fence" || parts_[0] == "membar") {
    if (!operation) unknown();
    emit(in.opcode, {}).effect = ordered(Effect::Fence);
    return;
  }
  if (operation && in.opcode[0] != '#') by_table(*operation);
  else by_name();
}

Draft Decoder::run() {
  draft_.labels = function_.labels;
  for (index_ = 0; index_ < function_.body.size(); ++index_) {
    draft_.first_step.push_back(draft_.steps.size());
    instruction(function_.body[index_]);
  }
  // Code may end with an endless loop or without ret: end it.
  static const Instruction end = [] {
    Instruction in;
    in.opcode = "exit";
    return in;
  }();
  draft_.first_step.push_back(draft_.steps.size());
  instruction(end);
  return std::move(draft_);
}

Draft decode(const ptx::Function& function, const Symbols& symbols, Program& program) { return Decoder(function, symbols, program).run(); }

}  // namespace softcuda
