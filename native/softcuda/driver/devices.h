#pragma once
#include <atomic>
#include <cstddef>
#include <string>

#include "queue.h"
#include "timeline.h"

namespace softcuda {

// One of the devices of option "devices": a thread with a queue, the order of what runs there, and its share of the host's memory. What
// programs make of it belongs to its contexts; devices share the engine's threads, which run one kernel at a time.
class Device {
 public:
  // Made when first asked for, and never destroyed: its thread outlives static destruction. Below device_count().
  static Device& get(int ordinal);
  // Sets an option while no device works and nothing can be submitted to one. Throws std::invalid_argument.
  static void set_option(const std::string& name, const std::string& value);

  int ordinal() const { return ordinal_; }
  Queue& queue() { return queue_; }
  Timeline& timeline() { return timeline_; }

  // Its share of the host's memory, and what of that neither its contexts nor other programs hold.
  static size_t total_memory();
  size_t free_memory() const;
  size_t held_memory() const;

  // The number of the next launch since the seed was set.
  uint64_t next_launch() { return launches_.fetch_add(1) + 1; }

 private:
  explicit Device(int ordinal) : ordinal_(ordinal), queue_(timeline_, ordinal) {}
  const int ordinal_;
  Timeline timeline_;
  Queue queue_;
  std::atomic<uint64_t> launches_{0};
};

// Whether the driver was initialised: from then on the number of devices is fixed.
bool is_initialized();

}  // namespace softcuda
