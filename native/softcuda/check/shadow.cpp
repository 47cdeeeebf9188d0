#include "shadow.h"

#include <cstring>

#include "../exec/failure.h"

namespace softcuda {

namespace {

// Eight bytes' bits share a byte, and blocks on several threads may write side by side.
void change(uint8_t* at, unsigned mask, bool value) {
  const uint8_t old = __atomic_load_n(at, __ATOMIC_RELAXED);
  if (value && (old & mask) != mask) __atomic_fetch_or(at, static_cast<uint8_t>(mask), __ATOMIC_RELAXED);
  if (!value && (old & mask) != 0) __atomic_fetch_and(at, static_cast<uint8_t>(~mask), __ATOMIC_RELAXED);
}

unsigned span(size_t first, size_t count) { return ((1u << count) - 1) << first; }

void* zeros(size_t bytes) {
  void* p = std::calloc(bytes, 1);
  if (!p) throw Failure(kOutOfMemory, "the host has no memory for the checks; run with fewer of them (check=memory)");
  return p;
}

}  // namespace

bool Interval::overlaps(size_t offset, size_t bytes) const {
  if (bytes == 0 || offset >= end() || offset + bytes <= begin) return false;
  const size_t from = offset > begin ? offset - begin : 0, to = offset + bytes - begin;
  // Pieces may overlap one another, as columns with a pitch below their width do: those that begin up to a width before `from` count.
  const size_t step = rows > 1 && pitch > 0 ? pitch : end() - begin;
  for (size_t r = from >= width ? (from - width) / step : 0; r < rows && r * step < to; ++r) {
    const auto [first, last] = piece(part, width, r);
    if (first < last && r * step + first < to && from < r * step + last) return true;
  }
  return false;
}

bool Interval::overlaps(const Interval& other) const {
  if (begin >= other.end() || other.begin >= end()) return false;
  for (size_t r = 0; r < rows; ++r) {
    const auto [first, last] = piece(part, width, r);
    if (other.overlaps(begin + r * pitch + first, last - first)) return true;
  }
  return false;
}

Shadow::Shadow(size_t bytes, bool initialised) : bytes_(bytes), bits_(static_cast<uint8_t*>(zeros(bytes / 8 + 1))) {
  if (initialised) std::memset(bits_.get(), 0xff, bytes / 8 + 1);
}

void Shadow::reserve_words() { words_.reset(static_cast<Word*>(zeros((bytes_ / 4 + 1) * sizeof(Word)))); }

void Shadow::set(size_t offset, size_t bytes, bool value) {
  uint8_t* const bits = bits_.get();
  while (bytes > 0) {
    const size_t first = offset % 8;
    if (first == 0 && bytes >= 64) {
      const size_t whole = bytes / 8;
      std::memset(bits + offset / 8, value ? 0xff : 0, whole);
      offset += whole * 8;
      bytes -= whole * 8;
      continue;
    }
    const size_t n = bytes < 8 - first ? bytes : 8 - first;
    change(bits + offset / 8, span(first, n), value);
    offset += n;
    bytes -= n;
  }
}

size_t Shadow::first_uninitialised(size_t offset, size_t bytes) const {
  const uint8_t* const bits = bits_.get();
  const size_t end = offset + bytes;
  while (offset < end) {
    if (offset % 8 == 0 && end - offset >= 8 && bits[offset / 8] == 0xff) {
      offset += 8;
      continue;
    }
    if (!(bits[offset / 8] >> (offset % 8) & 1)) return offset;
    ++offset;
  }
  return end;
}

void Shadow::copy(size_t offset, const Shadow& from, size_t from_offset, size_t bytes) {
  while (bytes > 0) {
    if (from.initialised(from_offset, bytes)) return initialise(offset, bytes);
    // Up to the next gap as a whole, then the gap byte by byte.
    const size_t good = from.first_uninitialised(from_offset, bytes) - from_offset;
    initialise(offset, good);
    offset += good;
    from_offset += good;
    bytes -= good;
    while (bytes > 0 && !from.initialised(from_offset, 1)) {
      forget(offset++, 1);
      ++from_offset;
      --bytes;
    }
  }
}

}  // namespace softcuda
