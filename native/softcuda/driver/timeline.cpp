#include "timeline.h"

#include <mutex>

#include "event.h"

namespace softcuda {

Lane::~Lane() {
  if (slot_ == kNone) return;
  const std::unique_lock<std::shared_mutex> lock(timeline_.mutex_);
  timeline_.slot_used_[slot_] = false;
}

View::~View() { timeline_.retire(*this); }

bool View::follows(uint32_t earlier) const {
  if (earlier < floor_) return true;
  if (earlier >= first_) return false;
  std::atomic<uint64_t>& place = answers_[earlier % answers_.size()];
  const uint64_t known = place.load(std::memory_order_relaxed);
  if (known >> 1 == earlier) return (known & 1) != 0;
  const bool yes = timeline_.answer(*this, earlier);
  place.store(uint64_t{earlier} << 1 | (yes ? 1u : 0u), std::memory_order_relaxed);
  return yes;
}

std::string View::describe(uint32_t operation) const { return timeline_.describe(operation); }

// A slot whose stream is gone can serve another one when the host knows all its operations: then new ones follow them anyway.
uint32_t Timeline::slot_for_new_lane() {
  for (size_t slot = 0; slot < slot_used_.size(); ++slot) {
    if (slot_used_[slot] || all_.at(slot) > host_.at(slot)) continue;
    slot_used_[slot] = true;
    return static_cast<uint32_t>(slot);
  }
  slot_used_.push_back(true);
  return static_cast<uint32_t>(slot_used_.size() - 1);
}

void Timeline::remember(const Lane& lane, const Operation& operation, bool in_graph) {
  const std::string* const name = &*names_.insert(operation.name).first;
  records_.push_back(Record{lane.kind_ == Lane::standard ? 0 : lane.stream_, name, lane.slot_, operation.launches_kernel, in_graph});
  ++next_;
}

std::unique_ptr<View> Timeline::submit(Lane& lane, const Operation& operation) {
  std::unique_ptr<View> view(new View(*this));
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  const size_t steps = operation.graph != nullptr ? operation.graph->steps.size() : 0;
  if (next_ > UINT32_MAX - steps - 1) {
    throw Failure(kUnknown, "more than 4294967295 operations with the race check or a seed: end the process earlier, or check a part of it");
  }
  if (lane.slot_ == Lane::kNone) lane.slot_ = slot_for_new_lane();
  Clock& before = view->before_;
  if (lane.after_ != nullptr) before = *lane.after_;
  before.join(host_);
  if (lane.kind_ == Lane::standard) before.join(lane.legacy_->of_blocking);
  if (lane.kind_ == Lane::blocking) before.join(lane.legacy_->of_default);
  const auto await = [&before](const Operation& waiting) {
    if (waiting.awaits == nullptr) return;
    if (const auto recorded = waiting.awaits->last().after) before.join(*recorded);
  };
  await(operation);

  view->slot_ = lane.slot_;
  view->first_ = next_;
  view->floor_ = known_;
  if (steps == 0) remember(lane, operation, false);
  for (size_t i = 0; i < steps; ++i) {
    const Operation& step = *operation.graph->steps[i].operation;
    await(step);
    remember(lane, step, true);
  }
  view->last_ = next_ - 1;

  auto after = std::make_shared<Clock>(before);
  after->advance(lane.slot_, view->last_);
  if (lane.kind_ == Lane::standard) lane.legacy_->of_default = *after;
  if (lane.kind_ == Lane::blocking) lane.legacy_->of_blocking.join(*after);
  all_.advance(lane.slot_, view->last_);
  lane.after_ = view->after_ = std::move(after);
  ++floors_[view->floor_];
  forget();
  return view;
}

// Drops what every operation, existing or to come, follows.
void Timeline::forget() {
  while (known_ < next_ && known_ <= host_.at(records_[known_ - oldest_].slot)) ++known_;
  uint32_t limit = floors_.empty() ? known_ : std::min(known_, floors_.begin()->first);
  if (records_.size() > kMost) {
    limit = std::max(limit, oldest_ + static_cast<uint32_t>(records_.size() - kMost / 2));
    known_ = std::max(known_, limit);
  }
  while (oldest_ < limit) {
    records_.pop_front();
    ++oldest_;
  }
}

void Timeline::host_waited(const Clock& clock) {
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  host_.join(clock);
  forget();
}

void Timeline::host_waited_for_all() {
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  host_.join(all_);
  forget();
}

Clock Timeline::everything() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return all_;
}

Clock Timeline::pending_of(const Lane& lane) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  Clock clock = lane.after_ != nullptr ? *lane.after_ : Clock();
  if (lane.kind_ == Lane::standard) clock.join(lane.legacy_->of_blocking);
  return clock;
}

size_t Timeline::remembered() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return records_.size();
}

bool Timeline::answer(const View& view, uint32_t earlier) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  if (earlier < oldest_) return true;
  return earlier <= view.before_.at(records_[earlier - oldest_].slot);
}

std::string Timeline::describe(uint32_t operation) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  if (operation < oldest_ || operation >= next_) return "an earlier operation";
  const Record& record = records_[operation - oldest_];
  return (record.kernel ? "kernel " : "") + *record.name + (record.in_graph ? " (a graph's node)" : "") +
         (record.stream == 0 ? " on the default stream" : " on stream " + std::to_string(record.stream));
}

void Timeline::retire(const View& view) {
  if (view.first_ == 0) return;  // its submission failed
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  const auto floor = floors_.find(view.floor_);
  if (--floor->second == 0) floors_.erase(floor);
  forget();
}

}  // namespace softcuda
