#include <algorithm>

#include "../ptx/variadic.h"
#include "decoder.h"

// Calls of device functions. A function has its registers to itself, so that a call is: arguments into the registers or the local memory of
// the function's parameters, the operation to return to into its link register, jump. A function that may be under way several times in a
// thread has its variables in a frame on the thread's stack, and who calls it from within keeps its own registers there too.
namespace softcuda {

namespace {

std::string plural(size_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

}  // namespace

Decoder::Address Decoder::in_frame(size_t part, uint64_t offset, int pointer) const {
  Address a;
  a.reg = all_.linked.parts[part].recursive ? pointer : -1;
  a.displacement = static_cast<int64_t>(offset);
  return a;
}

// A parameter of this function or of one of its calls.
Decoder::Place Decoder::own(int argument) const {
  const Argument& a = part_.arguments[static_cast<size_t>(argument)];
  return {draft_.arguments[part_number_][static_cast<size_t>(argument)], in_frame(part_number_, a.offset, frame_), a.variable->size, a.variable->align, a.variable->array};
}

// A parameter of a function that is called: its frame begins where the stack ends now.
Decoder::Place Decoder::of(size_t part, size_t argument) const {
  const Argument& a = all_.linked.parts[part].arguments[argument];
  return {draft_.arguments[part][argument], in_frame(part, a.offset, draft_.stack_pointer), a.variable->size, a.variable->align, a.variable->array};
}

void Decoder::access_local(bool load, int reg, const Place& place, size_t at, size_t bytes) {
  const int address = place.memory.reg >= 0 ? place.memory.reg : bits(8, 0);
  const std::string key = std::string(load ? "#ld" : "#st") + ".local.v1.u" + std::to_string(8 * bytes) + (bytes == 8 ? ".x" : ".w");
  auto& step = emit(key, {address, reg});
  step.imm = place.memory.displacement + static_cast<int64_t>(at);
  step.above = place.above;
  step.effect.kind = load ? Effect::Load : Effect::Store;
  step.effect.space = Effect::Local;
  step.effect.bytes = static_cast<uint8_t>(bytes);
  step.effect.wide = bytes == 8;
}

void Decoder::pass(const Place& from, const Place& to) {
  if (from.reg >= 0 && to.reg >= 0) {
    emit(to.size == 8 ? "mov.b64" : "mov.b32", {to.reg, from.reg});
  } else if (from.reg >= 0) {
    access_local(false, from.reg, to, 0, to.size);
  } else if (to.reg >= 0) {
    access_local(true, to.reg, from, 0, to.size);
  } else {
    const size_t step = std::min<size_t>({8, from.align, to.align});
    const size_t size = std::min(from.size, to.size);
    for (size_t at = 0; at < size;) {
      size_t bytes = step;
      while (bytes > size - at) bytes /= 2;
      const int r = new_register(bytes == 8 ? 8 : 4);
      access_local(true, r, from, at, bytes);
      access_local(false, r, to, at, bytes);
      at += bytes;
    }
  }
}

int Decoder::value(const Place& place) {
  if (place.reg >= 0) return place.reg;
  const int r = new_register(place.size == 8 ? 8 : 4);
  access_local(true, r, place, 0, place.size);
  return r;
}

// What a call passes or takes: a .param variable, a register, or a number for a parameter that is a scalar.
Decoder::Place Decoder::actual(const Operand& o, const ptx::Variable& formal, bool result) {
  const Symbol* s = o.kind == Operand::Kind::Symbol ? symbol(o.text) : nullptr;
  if (s && s->argument >= 0) {
    const Place place = own(s->argument);
    if ((formal.dynamic ? place.size > formal.size : place.size != formal.size) || place.array != formal.array) {
      fail("'" + o.text.substr(0, o.text.find('#')) + "' is " + plural(place.size, "byte") + (place.array ? " (an array)" : "") + ", the function's parameter " +
           plural(formal.size, "byte") + (formal.array ? " (an array)" : ""));
    }
    return place;
  }
  if (formal.array || (formal.size < 4 && result)) fail("the function's parameter of " + plural(formal.size, "byte") + " needs a .param variable");
  Place place;
  place.size = place.align = formal.size;
  place.reg = result ? destination(o, formal.size == 8 ? 'X' : 'W') : source(o, formal.size == 8 ? 'x' : 'w');
  return place;
}

void Decoder::actuals(const ptx::Function& callee, size_t skipped, std::vector<Place>& results, std::vector<Place>& arguments) {
  const auto &to = in_->operands[1].items, &from = in_->operands[2].items;
  const size_t wanted = callee.params.size() - skipped;
  if (to.size() != callee.results.size()) fail("takes " + plural(to.size(), "result") + " from '" + callee.name + "', which gives " + std::to_string(callee.results.size()));
  const bool none = ptx::is_variadic(callee.params) && from.size() + 1 == wanted;  // of the arguments that may be any number
  if (from.size() != wanted && !none) fail("passes " + plural(from.size(), "argument") + " to '" + callee.name + "', which takes " + std::to_string(wanted));
  for (size_t i = 0; i < from.size(); ++i) arguments.push_back(actual(from[i], callee.params[skipped + i], false));
  for (size_t i = 0; i < to.size(); ++i) results.push_back(actual(to[i], callee.results[i], true));
}

void Decoder::call() {
  const Operand& target = in_->operands[0];
  around([&] {
    std::vector<Place> results, arguments;
    if (target.kind == Operand::Kind::Register) {
      const size_t callee = all_.linked.dispatcher(*in_, function_, *all_.linked.functions);
      Place pointer;
      pointer.size = pointer.align = 8;
      pointer.reg = source(target, 'x');
      arguments.push_back(pointer);
      actuals(*all_.linked.parts[callee].function, 1, results, arguments);
      return call_part(callee, results, arguments);
    }
    const ptx::Function* f = all_.linked.functions->find(target.text);
    if (!f) return call_builtin(target.text);
    actuals(*f, 0, results, arguments);
    call_part(all_.linked.numbers.at(f->name), results, arguments);
  });
}

void Decoder::call_part(size_t callee, const std::vector<Place>& results, const std::vector<Place>& arguments) {
  const Linked::Part& part = all_.linked.parts[callee];
  const bool circle = part_.recursive && part.cycle == part_.cycle;
  const void* const frame = circle ? program_.saved_frames[part_number_].get() : nullptr;
  if (circle) emit("#push", {draft_.stack_pointer}).extra = frame;
  for (size_t i = 0; i < arguments.size(); ++i) pass(arguments[i], of(callee, results.size() + i));
  emit("#call", {draft_.links[callee]}).callee = static_cast<int>(callee);
  if (circle) emit("#pop", {draft_.stack_pointer}).extra = frame;
  for (size_t i = 0; i < results.size(); ++i) {
    Place from = of(callee, i);
    // The callee's frame lay above what was kept of ours.
    if (circle) from.above = static_cast<int>(part_number_);
    pass(from, results[i]);
  }
}

// The function of an indirect call: looks which function the pointer means, and calls that one.
void Decoder::dispatch() {
  const size_t first = function_.results.size();
  std::vector<Place> results, arguments;
  for (size_t i = 0; i < part_.arguments.size(); ++i) {
    if (i != first) (i < first ? results : arguments).push_back(own(static_cast<int>(i)));
  }
  const size_t n = all_.linked.functions->all.size();
  auto table = std::make_unique<BranchTable>();
  count_targets(n + 1);
  Constant base;
  base.bytes = 8;
  base.address = true;
  base.bits = all_.linked.functions->base;
  draft_.first_step.push_back(draft_.steps.size());
  const int pointer = value(own(static_cast<int>(first))), index = new_register(4);
  emit("#function.index", {index, pointer, constant(base)}).imm = static_cast<int64_t>(n);
  emit("#brx", {index}).extra = table.get();
  table->targets.assign(n + 1, static_cast<uint32_t>(draft_.first_step.size()));
  draft_.first_step.push_back(draft_.steps.size());
  emit("#bad.call", {pointer}).extra = stack_use();
  for (size_t i = 0; i < part_.callees.size(); ++i) {
    table->targets[part_.numbers[i]] = static_cast<uint32_t>(draft_.first_step.size());
    draft_.first_step.push_back(draft_.steps.size());
    call_part(part_.callees[i], results, arguments);
    leave();
  }
  program_.tables.push_back(std::move(table));
}

const StackUse* Decoder::stack_use() {
  program_.stack_uses.push_back(std::make_unique<StackUse>());
  StackUse& use = *program_.stack_uses.back();
  use.function = function_.name;
  use.begin = program_.stack_begin;
  use.slack = program_.stack_slack;
  return &use;
}

bool Decoder::has_prologue() const { return part_.function->entry ? all_.linked.stack : part_.frame(); }

void Decoder::prologue() {
  const int stack = draft_.stack_pointer;
  if (part_.function->entry) {
    emit("mov.b64", {stack, bits(8, program_.stack_begin)});
    return;
  }
  frame_ = new_register(8);
  emit("mov.b64", {frame_, stack});
  if (!part_.recursive) return;
  auto& step = emit("#stack.take", {stack});
  step.imm = static_cast<int64_t>(part_.local_bytes);
  step.extra = stack_use();
}

void Decoder::leave() {
  if (part_.function->entry) return flow("#exit", {});
  around([&] {
    if (part_.frame()) emit("mov.b64", {draft_.stack_pointer, frame_});
    emit("#return", {draft_.links[part_number_]});
  });
}

// alloca.TYPE d, bytes[, alignment]
void Decoder::allocate_stack() {
  if (parts_.size() != 2 || (parts_[1] != "u64" && parts_[1] != "b64")) unknown();
  need(2, 3);
  uint64_t alignment = 8;
  if (in_->operands.size() == 3) {
    const Operand& o = in_->operands[2];
    alignment = o.bits;
    if (o.kind != Operand::Kind::Integer || alignment == 0 || alignment > 4096 || (alignment & (alignment - 1)) != 0) fail("the alignment must be a power of two up to 4096");
  }
  const int bytes = source(in_->operands[1], 'x');
  auto& step = emit("#alloca", {destination(in_->operands[0], 'X'), draft_.stack_pointer, bytes});
  step.imm = static_cast<int64_t>(alignment);
  step.extra = stack_use();
}

void Decoder::restore_stack() {
  if (parts_.size() != 2 || (parts_[1] != "u64" && parts_[1] != "b64")) unknown();
  need(1, 1);
  if (parts_[0] == "stacksave") {
    emit("mov.b64", {destination(in_->operands[0], 'X'), draft_.stack_pointer});
    return;
  }
  emit("#stack.restore", {draft_.stack_pointer, source(in_->operands[0], 'x')}).extra = stack_use();
}

}  // namespace softcuda
