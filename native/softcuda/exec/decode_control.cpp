#include "decoder.h"

// Branches, barriers and the operations of a whole warp.
namespace softcuda {

namespace {

constexpr size_t kMostTargets = size_t{1} << 20;

Effect effect(Effect::Kind kind, uint8_t members = 0) {
  Effect e;
  e.kind = kind;
  e.members = members;
  return e;
}

Effect shuffle_effect(const std::string& mode) {
  Effect e = effect(Effect::Shuffle, 5);
  e.shuffle = mode == "up" ? Effect::Up : mode == "down" ? Effect::Down : mode == "bfly" ? Effect::Butterfly : Effect::Index;
  return e;
}

}  // namespace

void Decoder::flow(const std::string& key, std::vector<int> registers, int64_t imm, const Effect& effect) {
  around([&] {
    auto& step = emit(key, registers);
    step.imm = imm;
    step.effect = effect;
  });
}

void Decoder::branch() {
  need(1, 1);
  if (parts_.size() > 2 || (parts_.size() == 2 && parts_[1] != "uni")) unknown();
  const std::string& label = in_->operands[0].text;
  const auto found = function_.labels.find(label);
  if (in_->operands[0].kind != Operand::Kind::Symbol || found == function_.labels.end()) fail("unknown label '" + label + "'");
  const int guard = guard_, target = static_cast<int>(base_ + found->second);
  guard_ = -1;
  if (guard < 0) emit("#bra", {}).skip_to = target;
  else emit(in_->guard_negated ? "#bra.n" : "#bra.p", {guard}).skip_to = target;
}

void Decoder::count_targets(size_t n) {
  all_.targets += n;
  if (all_.targets > kMostTargets) fail("the tables of the kernel's brx.idx have more than " + std::to_string(kMostTargets) + " entries together");
}

void Decoder::branch_indexed() {
  need(2, 2);
  const auto list = function_.branch_targets.find(in_->operands[1].text);
  if (parts_.size() < 2 || parts_[1] != "idx" || list == function_.branch_targets.end()) fail("needs a .branchtargets table");
  count_targets(list->second.size());
  auto table = std::make_unique<BranchTable>();
  for (const auto& label : list->second) {
    const auto found = function_.labels.find(label);
    if (found == function_.labels.end()) fail("unknown label '" + label + "'");
    table->targets.push_back(static_cast<uint32_t>(base_ + found->second));  // PTX instruction; assemble() makes it an operation
  }
  const int a = source(in_->operands[0], 'w');
  const BranchTable* extra = table.get();
  program_.tables.push_back(std::move(table));
  around([&] { emit("#brx", {a}).extra = extra; });
}

// bar[.cta].sync|arrive|red, barrier[.cta].…[.aligned] a[, b]; bar.warp.sync members
void Decoder::barrier() {
  std::string form;
  for (size_t i = 1; i < parts_.size(); ++i) {
    if (parts_[i] != "cta" && parts_[i] != "aligned") form += (form.empty() ? "" : ".") + parts_[i];
  }
  if (form == "warp.sync") {
    need(1, 1);
    const int members = source(in_->operands[0], 'w');
    around([&] {
      auto& step = emit("#bar.warp.sync", {members});
      step.effect = effect(Effect::WarpSync);
      // Lanes may meet at different instructions of this kind, and know them by this.
      static const char kMeet = 0;
      step.extra = &kMeet;
    });
    return;
  }
  if (form == "sync" || form == "arrive") {
    need(1, 2);
    if (form == "arrive" && in_->operands.size() == 1) fail("needs a thread count");
    const int id = source(in_->operands[0], 'w');
    const int count = in_->operands.size() == 2 ? source(in_->operands[1], 'w') : bits(4, 0);
    if (form == "sync") return flow("#bar.sync", {id, count}, 0, effect(Effect::Barrier));
    emit("#bar.arrive", {id, count}).effect = effect(Effect::Arrive);
    return;
  }
  const int kind = form == "red.popc.u32" ? 1 : form == "red.and.pred" ? 2 : form == "red.or.pred" ? 3 : 0;
  if (kind == 0) unknown();
  need(3, 4);
  const int id = source(in_->operands[1], 'w');
  const int count = in_->operands.size() == 4 ? source(in_->operands[2], 'w') : bits(4, 0);
  const int p = source(in_->operands.back(), 'p');
  flow(kind == 1 ? "#bar.red.w" : "#bar.red.p", {id, count, p, destination(in_->operands[0], kind == 1 ? 'W' : 'P')}, kind,
       effect(Effect::Barrier));
}

void Decoder::shuffle() {
  if (parts_.size() != 4 || parts_[1] != "sync" || parts_[3] != "b32") unknown();
  const bool two = in_->operands.size() == 6 && in_->operands[1].second;
  need(two ? 6 : 5, two ? 6 : 5);
  const size_t k = two ? 2 : 1;
  std::vector<int> registers = {destination(in_->operands[0], 'W'), two ? destination(in_->operands[1], 'P') : new_register(0)};
  for (size_t i = k; i < k + 4; ++i) registers.push_back(source(in_->operands[i], 'w'));
  flow("#shfl." + parts_[2], registers, 0, shuffle_effect(parts_[2]));
}

void Decoder::vote() {
  need(3, 3);
  if (parts_.size() != 4 || parts_[1] != "sync" || parts_[3] != (parts_[2] == "ballot" ? "b32" : "pred")) unknown();
  const int p = source(in_->operands[1], 'p'), members = source(in_->operands[2], 'w');
  flow("#vote." + parts_[2], {destination(in_->operands[0], parts_[2] == "ballot" ? 'W' : 'P'), p, members}, 0, effect(Effect::Vote, 2));
}

void Decoder::match() {
  if (parts_.size() != 4 || parts_[2] != "sync" || (parts_[3] != "b32" && parts_[3] != "b64")) unknown();
  const char letter = parts_[3] == "b64" ? 'x' : 'w';
  const std::string key = "#match." + parts_[1] + "." + parts_[3];
  const bool two = in_->operands.size() > 1 && in_->operands[1].second;
  const size_t k = two ? 2 : 1;
  need(k + 2, k + 2);
  const int a = source(in_->operands[k], letter), members = source(in_->operands[k + 1], 'w');
  const int d = destination(in_->operands[0], 'W');
  if (parts_[1] == "any") return flow(key, {d, a, members}, 0, effect(Effect::Vote, 2));
  flow(key, {d, two ? destination(in_->operands[1], 'P') : new_register(0), a, members}, 0, effect(Effect::Vote, 3));
}

void Decoder::redux() {
  need(3, 3);
  if (parts_.size() != 4 || parts_[1] != "sync") unknown();
  const int a = source(in_->operands[1], 'w'), members = source(in_->operands[2], 'w');
  flow("#redux." + parts_[2] + "." + parts_[3], {destination(in_->operands[0], 'W'), a, members}, 0, effect(Effect::Vote, 2));
}

}  // namespace softcuda
