#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../exec/block.h"
#include "launch_checks.h"
#include "usual.h"

namespace softcuda {

// The checks of one running block: bounds and alignment, initialisation, races, barriers.
class BlockChecks : public Observer {
 public:
  BlockChecks(LaunchChecks& launch, Block& block);

  void block_begins() override;
  void before(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) override;
  void after(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) override;
  void barrier_opens(uint32_t barrier, const uint32_t* lanes, bool all) override;

 private:
  // The access of one lane, placed in the memory it belongs to.
  struct Place {
    bool shared = false;
    Shadow* shadow = nullptr;  // null: nothing is known of these bytes
    size_t offset = 0;
    uint64_t address = 0;
  };
  struct Use {
    Warp* warp;
    const Op* op;
    const Effect* effect;
    int lane;
    uint32_t bytes;
    bool read, write;
    const char* what;
  };

  // block_checks.cpp: what an operation accesses
  void forget_found();
  bool plainly_inside(const Warp& warp, const Op& op, const Effect& effect, uint32_t mask) const;
  bool found_inside(const Warp& warp, const Op& op, const Effect& effect, uint32_t mask);
  void access(Warp& warp, const Op& op, const Effect& effect, uint32_t mask);
  void issue_copy(Warp& warp, const Op& op, const Effect& effect, uint32_t mask);
  void finish_copies(Warp& warp, const Op& op, uint32_t mask);
  bool place(const Use& use, Effect::Space space, uint64_t address, Place& place);
  std::string count_others(Use use, Effect::Space space, uint32_t mask);
  void check(const Use& use, const Place& place);
  void check_init(const Use& use, const Place& place);
  void synchronise(Warp& warp, const Effect& effect, uint32_t mask, const uint64_t* addresses);

  // race_check.cpp
  void check_race(const Use& use, const Place& place);
  void several_read(const Place& place, uint32_t bytes);
  bool meets_touches(Shadow& shadow);
  void check_touches(const Use& use, const Place& place);
  void check_word(const Use& use, const Place& place, size_t at, Word& word, uint32_t bytes);
  bool ordered(const Use& use, bool shared, const Trace& other);
  bool conflicts(const Use& use, const Place& place, const Trace& other, uint32_t bytes, bool other_writes);
  bool same_value(const Use& use, const Trace& other) const;
  bool stores_again(const Use& use, const Place& place, size_t at, const Trace& other) const;
  Trace record(const Use& use, bool shared, uint32_t bytes) const;
  [[noreturn]] void report_race(const Use& use, const Place& place, const Trace& other, const char* other_what);
  std::string describe_other(bool shared, const Trace& other) const;

  // barrier_check.cpp
  void check_members(Warp& warp, const Op& op, const Effect& effect, uint32_t mask);
  void check_gathered(Warp& warp, const Op& op, const Effect& effect, uint32_t mask);
  void check_barrier(const uint32_t* lanes, bool all);

  std::string describe_place_of(const Place& place) const;

  LaunchChecks& launch_;
  Block& block_;
  BlockClocks clocks_;
  Flags shared_flags_;
  std::unique_ptr<Shadow> shared_;
  uint32_t serial_ = 0;  // of the block among those that used this shared memory
  std::vector<Memory::Found> last_found_;  // by operation: most accesses of one instruction hit one allocation
  uint64_t releases_ = 0;                  // in kernels, when those were found
};

}  // namespace softcuda
