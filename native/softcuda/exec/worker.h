#pragma once
#include <deque>

#include "block.h"

namespace softcuda {

// A thread that runs blocks, and the blocks it keeps for that.
class Worker {
 public:
  // Claims blocks and runs them one after the other until there are none. Never throws: the first failure goes to the launch.
  void work(Launch& launch);
  // Runs all blocks in an order drawn from the launch's seed, a few at a time. Never throws.
  void work_in_order(Launch& launch);

 private:
  Block& block(size_t i) {
    while (blocks_.size() <= i) blocks_.emplace_back();
    return blocks_[i];
  }
  void run_one(Launch& launch, Block& block);

  std::deque<Block> blocks_;
};

}  // namespace softcuda
