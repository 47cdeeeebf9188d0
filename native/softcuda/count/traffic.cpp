#include "traffic.h"

#include <algorithm>

namespace softcuda {

void Sectors::add(uint64_t address, uint32_t bytes) {
  const uint32_t at = address % 32, here = std::min(bytes, 32 - at);
  touch(address / 32, static_cast<uint32_t>((uint64_t{1} << here) - 1) << at);
  if (here < bytes) touch(address / 32 + 1, (uint32_t{1} << (bytes - here)) - 1);
}

void Sectors::touch(uint64_t sector, uint32_t bytes) {
  // Backwards: neighbouring lanes mostly touch one sector.
  for (uint32_t i = n_; i-- > 0;) {
    if (sector_[i] != sector) continue;
    touched_[i] |= bytes;
    return;
  }
  sector_[n_] = sector;
  touched_[n_++] = bytes;
}

uint32_t Sectors::lines() const {
  uint64_t seen[64];
  uint32_t n = 0;
  for (uint32_t i = 0; i < n_; ++i) {
    const uint64_t line = sector_[i] / 4;
    uint32_t k = n;
    while (k > 0 && seen[k - 1] != line) --k;
    if (k == 0) seen[n++] = line;
  }
  return n;
}

uint32_t Sectors::bytes() const {
  uint32_t n = 0;
  for (uint32_t i = 0; i < n_; ++i) n += static_cast<uint32_t>(__builtin_popcount(touched_[i]));
  return n;
}

Touched::Chunk& Touched::chunk(uint64_t number) {
  Recent& recent = recent_[number % recent_.size()];
  if (recent.number != number) {
    auto& made = chunks_[number];
    if (!made) made = std::make_unique<Chunk>(Chunk{});
    recent = {number, made.get()};
  }
  return *recent.chunk;
}

void Touched::add(const Touched& other) {
  for (const auto& entry : other.chunks_) {
    Chunk& mine = chunk(entry.first);
    for (size_t i = 0; i < kSectors; ++i) mine[i] |= (*entry.second)[i];
  }
}

uint64_t Touched::bytes() const {
  uint64_t n = 0;
  for (const auto& entry : chunks_) {
    for (const uint32_t bits : *entry.second) n += static_cast<uint64_t>(__builtin_popcount(bits));
  }
  return n;
}

namespace {

class Banks {
 public:
  void add(uint32_t word, bool apart) {
    const uint32_t bank = word % 32;
    for (uint32_t i = 0; !apart && i < count_[bank]; ++i) {
      if (words_[bank][i] == word) return;
    }
    words_[bank][count_[bank]++] = word;
    most_ = std::max(most_, uint32_t{count_[bank]});
  }
  uint32_t most() const { return most_; }

 private:
  uint8_t count_[32] = {};
  uint32_t words_[32][32];
  uint32_t most_ = 0;
};

}  // namespace

Wavefronts wavefronts(const uint32_t* addresses, uint32_t lanes, uint32_t bytes, bool apart) {
  const uint32_t together = bytes <= 4 ? 32 : bytes == 8 ? 16 : 8;
  Wavefronts w;
  for (uint32_t first = 0; first < 32; first += together) {
    const uint32_t phase = lanes & static_cast<uint32_t>(((uint64_t{1} << together) - 1) << first);
    if (phase == 0) continue;
    Banks banks;
    for (uint32_t rest = phase; rest != 0; rest &= rest - 1) {
      const uint32_t address = addresses[__builtin_ctz(rest)];
      for (uint32_t at = 0; at < bytes; at += 4) banks.add((address + at) / 4, apart);
    }
    w.taken += banks.most();
    ++w.ideal;
  }
  return w;
}

}  // namespace softcuda
