#include "path.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <utility>

#include "counter.h"

namespace softcuda {

namespace {

using Class = InstructionClass;

PathPlan::Kind kind_of(const Effect& e, const Traits& traits, const std::string& text, const Op& op) {
  const auto is = [&](const char* key) { return op.masked == find_operation(key)->masked; };
  const bool global = e.space == Effect::Flat && !traits.constant;
  switch (e.kind) {
    case Effect::Load: return global && e.order == Effect::Acquire ? PathPlan::Look : PathPlan::Access;
    case Effect::Store: return global && e.order == Effect::Release ? PathPlan::Publish : PathPlan::Access;
    case Effect::Atomic:
      if (global && e.order != Effect::Relaxed) return PathPlan::Arrive;
      return global && text.rfind("atom.relaxed", 0) == 0 ? PathPlan::Draw : PathPlan::Access;
    case Effect::AsyncCopy: return PathPlan::Copy;
    case Effect::AsyncWait: return PathPlan::AwaitCopies;
    case Effect::WarpSync: return PathPlan::Together;
    default: break;
  }
  if (traits.branch && (is("#bra.p") || is("#bra.n") || is("#brx"))) return PathPlan::Branch;
  return is("cp.async.commit_group") ? PathPlan::Commit : PathPlan::Plain;
}

float latency_of(const Effect& e, const Traits& traits) {
  if (e.kind == Effect::AsyncCopy) return latencies.global;
  if (e.kind == Effect::Load || e.kind == Effect::Atomic) {
    if (traits.constant || e.space == Effect::Parameter) return latencies.constant;
    return e.space == Effect::Shared ? latencies.shared : e.space == Effect::Local ? latencies.local : latencies.global;
  }
  if (e.kind == Effect::Vote || e.kind == Effect::Shuffle) return latencies.shuffle;
  switch (traits.kind) {
    case Class::Float64: return latencies.float64;
    case Class::Special: return latencies.special;
    case Class::Matrix: return traits.tf32 ? latencies.tf32 : latencies.half;
    case Class::LoadShared: return latencies.shared;  // ldmatrix
    case Class::Move: case Class::Control: case Class::StoreGlobal: case Class::StoreShared: return 0;
    default: return latencies.arithmetic;
  }
}

template <class F>
void each_lane(uint32_t lanes, F f) {
  for (; lanes != 0; lanes &= lanes - 1) f(static_cast<uint32_t>(__builtin_ctz(lanes)));
}

uint64_t address_of(const Warp& warp, uint32_t slot, int64_t displacement, uint32_t lane) {
  uint64_t address;
  std::memcpy(&address, warp.registers + slot + sizeof address * lane, sizeof address);
  return address + static_cast<uint64_t>(displacement);
}

}  // namespace

PathPlan::PathPlan(const Program& program, const CountPlan& counts) : steps(program.plain.size()) {
  std::unordered_map<uint32_t, uint16_t> numbers;
  const auto number = [&](uint32_t slot) { return numbers.emplace(slot, static_cast<uint16_t>(numbers.size())).first->second; };
  for (size_t i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    const CountPlan::Step& counted = counts.steps[i];
    const Effect& effect = program.effects[i];
    const Op& op = program.plain[i];
    step.kind = kind_of(effect, counted.traits, program.text[i], op);
    step.begins = program.begins[i] != 0;
    step.counted = counted.counted;
    step.pipe = counted.traits.kind;
    step.matrix_flops = counted.works ? counted.traits.matrix_flops : 0;
    step.tf32 = counted.traits.tf32;
    step.latency = counted.works ? latency_of(effect, counted.traits) : 0;
    step.global = effect.kind == Effect::AsyncCopy || (effect.space == Effect::Flat && !counted.traits.constant);
    step.stores = effect.kind == Effect::Store;
    flags = flags || step.kind == Look;
    const std::string& letters = program.operations[i]->signature;
    std::vector<uint16_t> written;
    for (size_t k = 0; k < letters.size() && k < 8 && std::isalpha(static_cast<unsigned char>(letters[k])) != 0; ++k) {
      if (letters[k] == 'i') continue;
      if (std::isupper(static_cast<unsigned char>(letters[k])) != 0) written.push_back(number(op.o[k]));
      else step.registers[step.reads++] = number(op.o[k]);
    }
    for (const uint16_t r : written) step.registers[step.reads + step.writes++] = r;
  }
  registers = static_cast<uint32_t>(numbers.size());
}

double WrittenAt::flag(uint64_t address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = flags_.find(address);
  return found == flags_.end() ? 0 : found->second;
}

void WrittenAt::publish(uint64_t address, double time) {
  const std::lock_guard<std::mutex> lock(mutex_);
  double& last = flags_[address];
  last = std::max(last, time);
}

double WrittenAt::line(uint64_t address) {
  const uint64_t line = address / kLine;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = chunks_.find(line / kLines);
  return found == chunks_.end() ? 0 : (*found->second)[line % kLines];
}

void WrittenAt::write(uint64_t address, double time) {
  const uint64_t line = address / kLine;
  const std::lock_guard<std::mutex> lock(mutex_);
  auto& chunk = chunks_[line / kLines];
  if (!chunk) chunk = std::make_unique<Chunk>(Chunk{});
  double& last = (*chunk)[line % kLines];
  last = std::max(last, time);
}

double IssueClocks::take(double time) {
  const uint64_t from = static_cast<uint64_t>(std::ceil(time)) - first_;
  size_t word = from / 64;
  uint64_t blocked = (uint64_t{1} << from % 64) - 1;  // bits before `from`
  while (word < taken_.size() && (taken_[word] | blocked) == ~uint64_t{0}) {
    ++word;
    blocked = 0;
  }
  if (word >= taken_.size()) taken_.resize(word + 1);
  const auto bit = static_cast<uint64_t>(__builtin_ctzll(~(taken_[word] | blocked)));
  taken_[word] |= uint64_t{1} << bit;
  const auto clock = static_cast<double>(first_ + 64 * word + bit);
  end_ = std::max(end_, clock + 1);
  return clock;
}

void IssueClocks::restart(double time) {
  first_ = static_cast<uint64_t>(time);
  taken_.clear();
  end_ = time;
}

void Path::restart(double time) {
  for (OfWarp& w : warps_) {
    w.clocks.restart(time);
    w.ready.assign(plan_.registers, time);
    w.floor = w.carry = w.front = time;
    w.copies = 0;
    w.issued = 0;
    w.groups.clear();
  }
  begun_ = time;
  drawn_ = false;
  sectors_ = wavefronts_ = 0;
  issued_ = {};
  matrix_ = 0;
}

void Path::step(const Warp& warp, size_t index, const Op& op, uint32_t lanes) {
  const PathPlan::Step& step = plan_.steps[index];
  OfWarp& w = warps_[warp.index];
  if (step.matrix_flops != 0) matrix_ += step.matrix_flops / gpu_.matrix_clock(step.tf32);
  double issue = step.begins ? w.floor : std::max(w.floor, w.carry);
  for (uint8_t k = 0; k < step.reads; ++k) issue = std::max(issue, w.ready[step.registers[k]]);
  if (step.counted) {
    issue = w.clocks.take(issue);
    ++w.issued;
    ++issued_[static_cast<size_t>(step.pipe)];
  }
  w.carry = issue;
  double done = issue + static_cast<double>(step.latency);
  switch (step.kind) {
    case PathPlan::Plain: break;
    case PathPlan::Branch: w.floor = w.front = std::max(w.front, issue); break;
    case PathPlan::Together: w.floor = std::max(w.floor, w.front); break;
    case PathPlan::Commit:
      w.groups.push_back(std::exchange(w.copies, 0.0));
      break;
    case PathPlan::AwaitCopies: wait_for_copies(w, op.imm); break;
    case PathPlan::Draw: drawn_ = true; break;
    default:
      done = access(warp, step, op, lanes, issue);
      w.front = std::max(w.front, issue);
      if (step.kind == PathPlan::Copy) w.copies = std::max(w.copies, done);
  }
  for (uint8_t k = 0; k < step.writes; ++k) w.ready[step.registers[step.reads + k]] = done;
}

// When the result of an access to memory is there.
double Path::access(const Warp& warp, const PathPlan::Step& step, const Op& op, uint32_t lanes, double issue) {
  const double done = issue + static_cast<double>(step.latency);
  if (!plan_.flags || !step.global || lanes == 0) return done;
  const bool copies = step.kind == PathPlan::Copy;
  const auto address = [&](uint32_t lane) { return address_of(warp, op.o[copies ? 1 : 0], copies ? op.imm >> 32 : op.imm, lane); };
  // Of several flags that a warp looks at the first lets it go on; the data behind the others have times of their own.
  const uint64_t first = address(static_cast<uint32_t>(__builtin_ctz(lanes)));
  double from = issue;
  switch (step.kind) {
    case PathPlan::Look: return std::max(issue, written_.flag(first)) + static_cast<double>(step.latency);
    case PathPlan::Publish: written_.publish(first, issue); return done;
    case PathPlan::Arrive:
      from = std::max(issue, written_.flag(first));
      written_.publish(first, issue);
      return from + static_cast<double>(step.latency);
    default: break;
  }
  uint64_t last = ~uint64_t{0};
  each_lane(lanes, [&](uint32_t lane) {
    const uint64_t at = address(lane);
    if (at / 128 == last) return;
    last = at / 128;
    if (step.stores) written_.write(at, issue);
    else from = std::max(from, written_.line(at));
  });
  return from + static_cast<double>(step.latency);
}

void Path::wait_for_copies(OfWarp& w, int64_t under_way) {
  if (under_way < 0) w.groups.push_back(std::exchange(w.copies, 0.0));
  const size_t left = under_way < 0 ? 0 : static_cast<size_t>(under_way);
  while (w.groups.size() > left) {
    w.floor = std::max(w.floor, w.groups.front());
    w.groups.erase(w.groups.begin());
  }
  w.front = std::max(w.front, w.floor);
}

double Path::work() const {
  const auto issued = [&](Class c) { return static_cast<double>(issued_[static_cast<size_t>(c)]); };
  double all = 0;
  for (const uint64_t n : issued_) all += static_cast<double>(n);
  uint64_t warp = 0;
  for (const OfWarp& w : warps_) warp = std::max(warp, w.issued);
  return std::max({static_cast<double>(warp), all / kIssueClock, 32 * (issued(Class::Float32) + issued(Class::Half)) / gpu_.fp32,
                   32 * issued(Class::Float64) / gpu_.fp64, 32 * issued(Class::Integer) / gpu_.integer, 32 * issued(Class::Special) / gpu_.special, matrix_,
                   static_cast<double>(wavefronts_), 32 * static_cast<double>(sectors_) / kFromL2Clock});
}

void Path::close_segment() {
  double end = begun_ + work();
  for (const OfWarp& w : warps_) end = std::max(end, w.front);
  longest_ = std::max(longest_, end);
  begun_ = end;
}

void Path::finish() {
  close_segment();
  for (const OfWarp& w : warps_) longest_ = std::max(longest_, w.clocks.end());
}

void Path::barrier_opens() {
  if (drawn_) {
    finish();
    return restart(static_cast<double>(latencies.global));
  }
  close_segment();
  const double open = begun_ + static_cast<double>(latencies.barrier);
  for (OfWarp& w : warps_) {
    w.floor = w.front = open;
    w.issued = 0;
  }
  begun_ = open;
  sectors_ = wavefronts_ = 0;
  issued_ = {};
  matrix_ = 0;
}

}  // namespace softcuda
