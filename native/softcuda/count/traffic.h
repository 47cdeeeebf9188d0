#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

// How a warp's access meets the memory: sectors of global memory, banks of shared memory.
namespace softcuda {

// The 32-byte sectors that one access of a warp touches, and which bytes of each.
class Sectors {
 public:
  void add(uint64_t address, uint32_t bytes);
  uint32_t count() const { return n_; }
  uint32_t lines() const;
  uint32_t bytes() const;
  template <class F>
  void each(F f) const {
    for (uint32_t i = 0; i < n_; ++i) f(sector_[i], touched_[i]);
  }

 private:
  void touch(uint64_t sector, uint32_t bytes);
  // An access of at most 16 bytes lies in at most two.
  uint64_t sector_[64];
  uint32_t touched_[64];
  uint32_t n_ = 0;
};

// Which bytes of global memory have been touched: a bit a byte, in pieces that are made when first needed.
class Touched {
 public:
  void add(uint64_t sector, uint32_t bytes) { chunk(sector / kSectors)[sector % kSectors] |= bytes; }
  void add(const Touched& other);
  uint64_t bytes() const;

 private:
  static constexpr uint64_t kSectors = 2048;
  using Chunk = std::array<uint32_t, kSectors>;
  Chunk& chunk(uint64_t number);

  std::unordered_map<uint64_t, std::unique_ptr<Chunk>> chunks_;
  // The last chunks used: a kernel goes through a few arrays in step.
  struct Recent {
    uint64_t number = ~uint64_t{0};
    Chunk* chunk = nullptr;
  };
  std::array<Recent, 16> recent_;
};

// Wavefronts of an access to shared memory. Accesses of 8 bytes are served in halves of a warp, those of 16 in quarters; within one
// such phase every bank gives one word at a time, to all threads that want this word.
struct Wavefronts {
  uint32_t taken = 0, ideal = 0;
};
// `apart`: threads that want the same word are served one after the other, as by an atomic operation.
Wavefronts wavefronts(const uint32_t* addresses, uint32_t lanes, uint32_t bytes, bool apart);

}  // namespace softcuda
