#pragma once
#include <cstdint>

#include "../exec/options.h"
#include "clocks.h"
#include "memory.h"
#include "order.h"

namespace softcuda {

struct Launch;

// What the checks of one launch share: which are on, and how it stands to earlier operations. Without the race check several threads
// use it at once, and only read.
class LaunchChecks {
 public:
  LaunchChecks(const Options& options, Memory& device_memory, uint32_t number, const Order* earlier)
      : memory(options.check_memory),
        init(options.check_init),
        race(options.check_race),
        same(options.check_same),
        barrier(options.check_barrier),
        device(device_memory),
        operation(number),
        order(earlier) {}

  // Whether the operation with this number had ended before this launch began.
  bool follows(uint32_t earlier) {
    if (!order) return true;
    if (earlier == last_asked_) return last_answer_;
    last_asked_ = earlier;
    return last_answer_ = order->follows(earlier);
  }

  const bool memory, init, race, same, barrier;
  Memory& device;
  const uint32_t operation;
  const Order* const order;
  Flags flags;  // in global memory

 private:
  uint32_t last_asked_ = 0;
  bool last_answer_ = false;
};

}  // namespace softcuda
