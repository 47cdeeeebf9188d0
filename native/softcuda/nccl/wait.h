#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "segment.h"

namespace softcuda {

// A wait for other ranks. It ends with an error when one of them has ended, has failed, or waits for us as we wait for it.
class Wait {
 public:
  Wait(const Segment& segment, int ranks, int rank, const std::atomic<bool>& aborted, const std::string& doing);
  ~Wait();

  // Something has moved.
  void moved();
  // Nothing has moved: `kind` of rank `whom` is missing, or of several where that is -1. Pauses. Throws GroupFailure.
  void pause(Waits kind, int whom);

 private:
  using Clock = std::chrono::steady_clock;
  void look(int whom);
  bool mutual(int whom) const;

  Segment const& segment_;
  const int ranks_, rank_;
  const std::atomic<bool>& aborted_;
  int idle_ = 0;
  Clock::time_point next_look_;
  // Since when the peer and we have waited for each other, with its count of progress.
  Clock::time_point mutual_since_;
  uint64_t mutual_progress_ = 0;
  bool mutual_ = false;
};

}  // namespace softcuda
