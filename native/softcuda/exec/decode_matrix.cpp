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
  if (!form) return multiply_integers();
  need(4, 4);
  std::vector<int> factors, registers;
  for (const auto& o : items(in_->operands[0], form->d)) registers.push_back(destination(o, 'W'));
  for (const auto& o : items(in_->operands[3], form->d)) registers.push_back(source(o, 'w'));
  for (const auto& o : items(in_->operands[1], form->a)) factors.push_back(source(o, 'w'));
  for (const auto& o : items(in_->operands[2], form->b)) factors.push_back(source(o, 'w'));
  around([&] {
    emit("#mma.factors." + std::to_string(factors.size()), factors);
    emit(form->key, registers).effect.kind = Effect::WholeWarp;
  });
}

// mma.sync.aligned.m8|m16 n8 kN.row.col[.satfinite].s32.A.B.s32[.xor|.and.popc] and m8n8k4 of f64; see ops/matrix_integer.cpp.
void Decoder::multiply_integers() {
  static const std::map<std::string, int> widths = {{"u8", 8}, {"s8", 8}, {"u4", 4}, {"s4", 4}, {"b1", 1}};
  need(4, 4);
  const auto& o = in_->operands;
  const auto all = [&](const Operand& vector, size_t n, char letter, std::vector<int>& into) {
    for (const auto& item : items(vector, n)) into.push_back(letter < 'a' ? destination(item, letter) : source(item, letter));
  };
  std::vector<int> factors, registers;
  const auto multiply = [&](const std::string& holder, const std::string& key, int64_t imm) {
    around([&] {
      emit(holder, factors);
      auto& step = emit(key, registers);
      step.imm = imm;
      step.effect.kind = Effect::WholeWarp;
    });
  };
  if (in_->opcode == "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64" || in_->opcode == "mma.sync.aligned.m8n8k4.row.col.f64.rn.f64.f64.f64") {
    all(o[0], 2, 'X', registers), all(o[3], 2, 'x', registers), all(o[1], 1, 'x', factors), all(o[2], 1, 'x', factors);
    return multiply("#mma.factors.f64", "#mma.m8n8k4.f64", 0);
  }
  size_t i = 6;
  if (parts_.size() < 10 || parts_[1] != "sync" || parts_[2] != "aligned" || parts_[4] != "row" || parts_[5] != "col") unknown();
  const bool clamps = parts_[i] == "satfinite";
  if (clamps) ++i;
  if (i + 4 > parts_.size() || parts_[i] != "s32" || parts_[i + 3] != "s32") unknown();
  const auto a = widths.find(parts_[i + 1]), b = widths.find(parts_[i + 2]);
  if (a == widths.end() || b == widths.end() || a->second != b->second) unknown();
  const int width = a->second;
  const size_t rest = parts_.size() - (i + 4);
  const bool popc = width == 1 && !clamps && rest == 2 && (parts_[i + 4] == "xor" || parts_[i + 4] == "and") && parts_[i + 5] == "popc";
  if (width == 1 ? !popc : rest != 0) unknown();
  const std::string& shape = parts_[3];
  const std::string least = std::to_string(128 / width), twice = std::to_string(256 / width);
  const bool tall = shape.compare(0, 5, "m16n8") == 0;
  const size_t rows = tall ? 2 : 1, groups = shape == "m16n8k" + twice ? 2 : 1;
  if (shape != "m16n8k" + twice && shape != "m16n8k" + least && shape != "m8n8k" + least) unknown();
  all(o[0], 2 * rows, 'W', registers), all(o[3], 2 * rows, 'w', registers), all(o[1], rows * groups, 'w', factors), all(o[2], groups, 'w', factors);
  const bool by_and = width == 1 && parts_[i + 4] == "and";
  multiply("#mma.factors." + std::to_string(factors.size()), tall ? "#mma.integers.m16" : "#mma.integers.m8",
           width | static_cast<int64_t>(groups) << 4 | (parts_[i + 1][0] == 's' ? 64 : 0) | (parts_[i + 2][0] == 's' ? 128 : 0) | (clamps ? 256 : 0) |
               (by_and ? 512 : 0));
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
  const Address a = shared_address(in_->operands[1], shared);
  std::vector<int> registers = {a.reg};
  const int n = count[1] - '0';
  for (const auto& o : items(in_->operands[0], static_cast<size_t>(n))) registers.push_back(destination(o, 'W'));
  Effect effect;
  effect.kind = Effect::Load;
  effect.space = Effect::Shared;
  effect.bytes = 16;
  effect.elements = static_cast<uint8_t>(n);
  effect.lanes = n == 4 ? ~0u : (1u << (8 * n)) - 1;  // those that hold the address of a row
  flow(key, registers, a.displacement, effect);
}

void Decoder::move_matrix() {
  if (in_->opcode != "movmatrix.sync.aligned.m8n8.trans.b16") unknown();
  need(2, 2);
  const int a = source(in_->operands[1], 'w');
  Effect effect;
  effect.kind = Effect::WholeWarp;
  flow("#movmatrix.trans", {destination(in_->operands[0], 'W'), a}, 0, effect);
}

}  // namespace softcuda
