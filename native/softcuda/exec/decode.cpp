#include "../ptx/lexer.h"
#include "decoder.h"
#include "refusal.h"

namespace softcuda {

std::string Decoder::place_name() const {
  const std::string kernel = "kernel '" + all_.linked.kernel().function->name + "'";
  return part_.function->entry ? "in " + kernel : "in function '" + function_.name + "', which " + kernel + " calls";
}

void Decoder::fail(const std::string& what) const {
  ptx::syntax_error(in_->line, place_name() + ", instruction '" + in_->opcode + "': " + what);
}

void Decoder::unknown() const {
  ptx::syntax_error(in_->line, place_name() + ": instruction '" + in_->opcode +
                                   "' is not known to the software device" + way_out(in_->opcode));
}

void Decoder::need(size_t least, size_t most) const {
  const size_t n = in_->operands.size();
  if (n < least || n > most) fail("has " + std::to_string(n) + " operands");
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
  step.where = {in_->line, in_->source_file, in_->source_line, in_->call < 0 ? -1 : in_->call + static_cast<int>(part_.first_call)};
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
  if (name == "lop3") return logic_with_predicate();
  if (name == "cvta") return convert_address();
  if (name == "isspacep") return is_space();
  if (name == "ld" || name == "ldu") return load_store(true);
  if (name == "st") return load_store(false);
  if (name == "atom") return atomic(true);
  if (name == "red") return atomic(false);
  if (name == "cp") return async_copy();
  if (name == "bra") return branch();
  if (name == "brx") return branch_indexed();
  if (name == "exit" && parts_.size() == 1) return flow("#exit", {});
  if (name == "ret" && (parts_.size() == 1 || in_->opcode == "ret.uni")) return leave();
  if (name == "call" && (parts_.size() == 1 || in_->opcode == "call.uni")) return call();
  if (name == "alloca") return allocate_stack();
  if (name == "stacksave" || name == "stackrestore") return restore_stack();
  if (name == "bar" || name == "barrier") return barrier();
  if (name == "shfl") return shuffle();
  if (name == "vote") return vote();
  if (name == "match") return match();
  if (name == "redux") return redux();
  if (name == "add" || name == "addc" || name == "sub" || name == "subc" || name == "mad" || name == "madc") return carry();
  if (name == "mma") return multiply_matrices();
  if (name == "ldmatrix") return load_matrices();
  if (name == "movmatrix") return move_matrix();
  if (name == "prefetch" || name == "prefetchu" || name == "applypriority" || name == "discard" || name == "pmevent") return advise_cache();
  if (name == "createpolicy") return create_policy();
  if (name == "mbarrier") return memory_barrier();
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
  bool special_form = parts_[0] == "mov" || parts_[0] == "mma";  // packs and unpacks vectors
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

void Decoder::run() {
  draft_.begins.push_back(draft_.first_step.size());
  // Code may end with an endless loop or without ret: end it.
  static const Instruction end = [] {
    Instruction in;
    in.opcode = "ret";
    return in;
  }();
  Instruction begin;
  begin.opcode = "call";
  begin.line = function_.line;
  in_ = &begin;
  for (size_t i = 0; i < part_.arguments.size(); ++i) {
    const ptx::Variable& v = *part_.arguments[i].variable;
    if (v.in_register) names_[v.name] = draft_.arguments[part_number_][i];
  }
  if (has_prologue()) {
    draft_.first_step.push_back(draft_.steps.size());
    prologue();
  }
  if (part_.dispatches) return dispatch();
  base_ = index_ = draft_.first_step.size();
  for (const Instruction& in : function_.body) {
    draft_.first_step.push_back(draft_.steps.size());
    instruction(in);
    ++index_;
  }
  draft_.first_step.push_back(draft_.steps.size());
  instruction(end);
}

Draft decode(const Linked& linked, const Symbols& symbols, const Symbols& shared, Program& program) {
  Decoding all{linked, symbols, shared, program, {}, {}, 0};
  // Calls name the registers of parts that come later too: those of functions that call one another in a circle.
  Draft& draft = all.draft;
  const auto pin = [&](int bytes, int owner) {
    Draft::Register r;
    r.bytes = bytes;
    r.owner = owner;
    r.pinned = true;
    r.definitions = 2;
    draft.registers.push_back(r);
    return static_cast<int>(draft.registers.size()) - 1;
  };
  if (linked.stack) draft.stack_pointer = pin(8, -1);
  for (size_t p = 0; p < linked.parts.size(); ++p) {
    const Linked::Part& part = linked.parts[p];
    const int owner = static_cast<int>(p);
    draft.links.push_back(part.function->entry ? -1 : pin(4, owner));
    draft.arguments.emplace_back();
    const size_t formals = part.function->entry ? 0 : part.function->results.size() + part.function->params.size();
    for (const Argument& a : part.arguments) {
      const int r = a.in_register ? pin(a.variable->size == 8 ? 8 : 4, owner) : -1;
      draft.arguments.back().push_back(r);
      if (r < 0 || draft.arguments.back().size() <= formals) continue;
      draft.registers.back().pinned = false;  // what it passes is its own
      draft.registers.back().definitions = 0;
    }
    program.saved_frames.push_back(part.recursive ? std::make_unique<SavedFrame>() : nullptr);
    if (part.recursive) program.saved_frames.back()->stack = {part.function->name, program.stack_begin, program.stack_slack};
  }
  for (size_t p = 0; p < linked.parts.size(); ++p) Decoder(all, p).run();
  draft.begins.push_back(draft.first_step.size());
  return std::move(all.draft);
}

}  // namespace softcuda
