#include <string>

#include "decode.h"

namespace softcuda {

namespace {

bool is_move(const Draft::Step& s) { return !s.guarded && (s.operation->key == "mov.b32" || s.operation->key == "mov.b64"); }

// The register at the end of a chain of aliases, to which all of the chain then point: moves written last to first make one as
// long as the kernel.
int original(std::vector<Draft::Register>& registers, int r) {
  int end = r;
  while (registers[static_cast<size_t>(end)].alias >= 0) end = registers[static_cast<size_t>(end)].alias;
  while (r != end) {
    int& alias = registers[static_cast<size_t>(r)].alias;
    r = alias;
    alias = end;
  }
  return end;
}

}  // namespace

// nvcc's registers are nearly all assigned once, and an assignment comes before every use. So the target of a move that is
// its only assignment equals the source wherever it is read, if the source too is a constant or assigned only once.
void propagate_copies(Draft& draft) {
  auto& registers = draft.registers;
  for (auto& s : draft.steps) {
    if (!is_move(s)) continue;
    auto& to = registers[static_cast<size_t>(s.registers[0])];
    const int from = original(registers, s.registers[1]);
    const auto& source = registers[static_cast<size_t>(from)];
    if (to.definitions != 1 || !(source.constant >= 0 || source.definitions == 1) || from == s.registers[0]) continue;
    to.alias = from;
    s.removed = true;
  }
  for (auto& s : draft.steps) {
    for (auto& r : s.registers) {
      r = original(registers, r);
    }
  }
}

namespace {

bool is_fma(const Op& op, Full fma) { return op.full == fma; }

// How many multiply-adds from `first` share the multiplicand at `slot`.
size_t row_length(const std::vector<Op>& ops, size_t first, Full fma, uint32_t slot) {
  size_t n = 0;
  while (first + n < ops.size() && is_fma(ops[first + n], fma)) {
    const Op& op = ops[first + n];
    if (op.o[1] != slot && op.o[2] != slot) break;
    ++n;
    if (op.o[0] == slot) break;
  }
  return n;
}

}  // namespace

void fuse(Program& program) {
  const Operation* fma = find_operation("fma.rn.f32");
  const Operation *row = find_operation("#fma.row"), *run = find_operation("#fma.run");
  auto& ops = program.ops;
  const Operation* guards[2] = {find_operation("#guard.p"), find_operation("#guard.n")};
  const std::vector<Op>& plain = program.plain;
  program.plain = ops;
  const auto best_row = [&](size_t i, uint32_t& slot) {
    const size_t a = row_length(plain, i, fma->full, plain[i].o[1]), b = row_length(plain, i, fma->full, plain[i].o[2]);
    slot = a >= b ? plain[i].o[1] : plain[i].o[2];
    return a >= b ? a : b;
  };
  for (size_t i = 0; i < plain.size();) {
    if (!is_fma(plain[i], fma->full) || (i > 0 && (plain[i - 1].full == guards[0]->full || plain[i - 1].full == guards[1]->full))) {
      ++i;
      continue;
    }
    uint32_t slot = 0, ignored = 0;
    size_t n = best_row(i, slot);
    const bool shared = n >= 2;
    if (!shared) {
      while (i + n < plain.size() && is_fma(plain[i + n], fma->full) && best_row(i + n, ignored) < 2) ++n;
    }
    if (n >= 2) {
      auto r = std::make_unique<FmaRun>();
      for (size_t k = 0; k < n; ++k) {
        const Op& op = plain[i + k];
        const bool swap = shared && op.o[1] != slot;
        r->steps.push_back({op.o[0], swap ? op.o[2] : op.o[1], swap ? op.o[1] : op.o[2], op.o[3]});
      }
      r->count = static_cast<uint32_t>(n);
      r->data = r->steps.data();
      ops[i].full = shared ? row->full : run->full;
      ops[i].extra = r.get();
      program.runs.push_back(std::move(r));
    }
    i += n;
  }
}

void assemble(const Draft& draft, const Linked& linked, const std::vector<uint32_t>& offsets, Program& program) {
  std::vector<uint32_t> position(draft.steps.size() + 1);
  uint32_t count = 0;
  for (size_t i = 0; i < draft.steps.size(); ++i) {
    position[i] = count;
    if (!draft.steps[i].removed) ++count;
  }
  position[draft.steps.size()] = count;
  const auto target_of = [&](size_t instruction) { return position[draft.first_step[instruction]]; };
  for (auto& table : program.tables) {
    for (auto& t : table->targets) t = target_of(t);
    table->data = table->targets.data();
    table->count = static_cast<uint32_t>(table->targets.size());
  }
  size_t instruction = 0, last = SIZE_MAX;
  for (size_t i = 0; i < draft.steps.size(); ++i) {
    const auto& s = draft.steps[i];
    if (s.removed) continue;
    while (instruction + 1 < draft.first_step.size() && draft.first_step[instruction + 1] <= i) ++instruction;
    program.begins.push_back(instruction != last);
    last = instruction;
    Op op{};
    op.full = s.operation->full;
    op.masked = s.operation->masked;
    op.imm = s.imm;
    op.extra = s.extra;
    for (size_t k = 0; k < s.registers.size(); ++k) op.o[k] = offsets[static_cast<size_t>(s.registers[k])];
    if (s.skip_to >= 0) op.imm = target_of(static_cast<size_t>(s.skip_to));
    if (s.callee >= 0) op.imm = position[draft.first_step_of(static_cast<size_t>(s.callee))];
    if (s.above >= 0) op.imm += program.saved_frames[static_cast<size_t>(s.above)]->bytes;
    program.ops.push_back(op);
    program.effects.push_back(s.effect);
    program.operations.push_back(s.operation);
    program.where.push_back(s.where);
    program.text.push_back(s.opcode);
  }
  for (size_t p = 0; p + 1 < linked.parts.size(); ++p) {
    const Linked::Part& part = linked.parts[p];
    program.functions.push_back({part.function->name, position[draft.first_step_of(p)], position[draft.first_step_of(p + 1)],
                                 offsets[static_cast<size_t>(draft.links[p])], part.recursive, part.dispatches});
  }
  program.entry = position[draft.first_step_of(linked.parts.size() - 1)];
}

}  // namespace softcuda
