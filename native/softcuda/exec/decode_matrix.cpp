#include "decoder.h"

// Tensor cores: mma, ldmatrix, movmatrix.
namespace softcuda {

namespace {

struct MatrixForm {
  const char* opcode;
  const char* key;
  size_t d, a, b;  // registers; c has as many as d
};

constexpr MatrixForm forms[] = {
    {"mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32", "#mma.m16n8k4.f32.tf32", 4, 2, 1},
    {"mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", "#mma.m16n8k8.f32.tf32", 4, 4, 2},
    {"mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32", "#mma.m16n8k8.f32.bf16", 4, 2, 1},
    {"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", "#mma.m16n8k16.f32.bf16", 4, 4, 2},
    {"mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32", "#mma.m16n8k8.f32.f16", 4, 2, 1},
    {"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", "#mma.m16n8k16.f32.f16", 4, 4, 2},
    {"mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16", "#mma.m16n8k8.f16.f16", 2, 2, 1},
    {"mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16", "#mma.m16n8k16.f16.f16", 2, 4, 2},
};

}  // namespace

// The items of a vector, or the one register that stands for a vector of one.
std::vector<Decoder::Operand> Decoder::items(const Operand& o, size_t n) const {
  const std::vector<Operand> items = o.kind == Operand::Kind::Vector ? o.items : std::vector<Operand>{o};
  if (items.size() != n) fail("has a vector of " + std::to_string(items.size()) + " registers where " + std::to_string(n) + " belong");
  return items;
}

// An operation has room for eight operands. An operation that does nothing holds a and b; the one behind it does the work.
void Decoder::multiply_matrices() {
  const MatrixForm* form = nullptr;
  for (const auto& f : forms) {
    if (in_->opcode == f.opcode) form = &f;
  }
  if (!form) unknown();
  need(4, 4);
  std::vector<int> factors, registers;
  for (const auto& o : items(in_->operands[0], form->d)) registers.push_back(destination(o, 'W'));
  for (const auto& o : items(in_->operands[3], form->d)) registers.push_back(source(o, 'w'));
  for (const auto& o : items(in_->operands[1], form->a)) factors.push_back(source(o, 'w'));
  for (const auto& o : items(in_->operands[2], form->b)) factors.push_back(source(o, 'w'));
  around([&] {
    emit("#mma.factors." + std::to_string(factors.size()), factors);
    emit(form->key, registers);
  });
}

// ldmatrix.sync.aligned.m8n8.x1|x2|x4[.trans][.shared[::cta]].b16 {d, ...}, [address]
void Decoder::load_matrices() {
  size_t i = 3;
  if (parts_.size() < 6 || parts_[1] != "sync" || parts_[2] != "aligned" || parts_[i++] != "m8n8") unknown();
  const std::string& count = parts_[i++];
  if (count != "x1" && count != "x2" && count != "x4") unknown();
  std::string key = "#ldmatrix." + count;
  if (i < parts_.size() && parts_[i] == "trans") key += "." + parts_[i++];
  const bool shared = i < parts_.size() && (parts_[i] == "shared" || parts_[i] == "shared::cta");
  if (shared) ++i;
  if (i + 1 != parts_.size() || parts_[i] != "b16") unknown();
  need(2, 2);
  Address a = address(in_->operands[1], shared ? "shared" : "flat");
  if (!shared) a.reg = temporary("cvt.u32.u64", 4, {temporary("cvta.to.shared.u64", 8, {a.reg})});
  std::vector<int> registers = {a.reg};
  for (const auto& o : items(in_->operands[0], static_cast<size_t>(count[1] - '0'))) registers.push_back(destination(o, 'W'));
  Effect effect;
  effect.kind = Effect::Load;
  effect.space = Effect::Shared;
  effect.bytes = 16;
  // The first eight lanes hold the addresses of the first matrix' rows, and so on.
  effect.lanes = count == "x1" ? 0xffu : count == "x2" ? 0xffffu : ~0u;
  flow(key, registers, a.displacement, effect);
}

void Decoder::move_matrix() {
  if (in_->opcode != "movmatrix.sync.aligned.m8n8.trans.b16") unknown();
  need(2, 2);
  const int a = source(in_->operands[1], 'w');
  flow("#movmatrix.trans", {destination(in_->operands[0], 'W'), a});
}

}  // namespace softcuda
