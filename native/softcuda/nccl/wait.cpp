#include "wait.h"

#include <immintrin.h>

#include <algorithm>
#include <thread>

namespace softcuda {
namespace {

// Ranks may share processors: who waits long looks rarely.
constexpr int kSpins = 200;
constexpr auto kLongestPause = std::chrono::microseconds(200);
constexpr auto kBetweenLooks = std::chrono::milliseconds(20);
// What two ranks say of themselves is read at two moments; so long nothing stands still by chance.
constexpr auto kCertain = std::chrono::seconds(2);

}  // namespace

Wait::Wait(const Segment& segment, int ranks, int rank, const std::atomic<bool>& aborted, const std::string& doing)
    : segment_(segment), ranks_(ranks), rank_(rank), aborted_(aborted), next_look_(Clock::now() + kBetweenLooks) {
  set_text(segment_.slot(rank_).doing, doing);
}

Wait::~Wait() { moved(); }

void Wait::moved() {
  Slot& mine = segment_.slot(rank_);
  mine.waits.store(static_cast<uint32_t>(Waits::nothing));
  mine.progress.fetch_add(1);
  idle_ = 0;
  mutual_ = false;
}

void Wait::pause(Waits kind, int whom) {
  Slot& mine = segment_.slot(rank_);
  mine.waits_for.store(static_cast<uint32_t>(whom));
  mine.waits.store(static_cast<uint32_t>(whom < 0 ? Waits::nothing : kind));
  if (aborted_.load()) throw GroupFailure(kNcclInvalidUsage, "rank " + std::to_string(rank_) + " was aborted in " + mine.doing);
  if (++idle_ < kSpins) {
    _mm_pause();
    return;
  }
  if (Clock::now() >= next_look_) {
    look(whom);
    next_look_ = Clock::now() + kBetweenLooks;
  }
  std::this_thread::sleep_for(std::min<std::chrono::microseconds>(kLongestPause, std::chrono::microseconds(idle_ - kSpins + 1)));
}

void Wait::look(int whom) {
  if (const std::string text = segment_.failure(); !text.empty()) throw GroupFailure(kNcclRemoteError, text);
  const std::string me = "rank " + std::to_string(rank_) + " waits in " + segment_.slot(rank_).doing;
  for (int r = 0; r < ranks_; ++r) {
    if (r == rank_ || (whom >= 0 && r != whom) || segment_.alive(r)) continue;
    const bool left = segment_.slot(r).left.load() != 0;
    if (const std::string text = segment_.failure(); !text.empty()) throw GroupFailure(kNcclRemoteError, text);  // it said why before it went
    throw GroupFailure(kNcclRemoteError, me + ", and rank " + std::to_string(r) + (left ? " has left the group" : " has ended without leaving the group"));
  }
  if (whom < 0 || !mutual(whom)) {
    mutual_ = false;
    return;
  }
  const uint64_t progress = segment_.slot(whom).progress.load();
  if (!mutual_ || progress != mutual_progress_) {
    mutual_ = true;
    mutual_progress_ = progress;
    mutual_since_ = Clock::now();
  } else if (Clock::now() - mutual_since_ > kCertain) {
    throw GroupFailure(kNcclInvalidUsage, me + ", and rank " + std::to_string(whom) + " waits for rank " + std::to_string(rank_) + " in " + segment_.slot(whom).doing +
                                              ": neither can end");
  }
}

bool Wait::mutual(int whom) const {
  const Slot& theirs = segment_.slot(whom);
  if (theirs.waits_for.load() != static_cast<uint32_t>(rank_)) return false;
  switch (static_cast<Waits>(theirs.waits.load())) {
    case Waits::data: return segment_.channel(rank_, whom).empty();
    case Waits::room: return segment_.channel(whom, rank_).full();
    case Waits::collective: return segment_.slot(rank_).collective.load() < theirs.collective.load();
    default: return false;
  }
}

}  // namespace softcuda
