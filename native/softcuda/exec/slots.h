#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "decode.h"

// Places of a part's registers in the register file, each the place of others when it is no longer live.
namespace softcuda {

constexpr size_t kLargestFile = size_t{1} << 24;  // bytes of a warp's registers

// Of registers of 8 bytes a lane, of 4, and of predicates.
using RegisterBytes = std::array<size_t, 3>;

inline size_t width_of(int bytes) { return bytes == 8 ? 0 : bytes == 4 ? 1 : 2; }

// By number of a register, of all parts.
struct Slots {
  std::vector<uint32_t>& offsets;  // from the beginning of the part's piece
  std::vector<char> placed;        // whether a step names it
  std::vector<size_t> local;       // place among the part's registers
  int live = 0;                    // most that are live at once, in units of 4 bytes a lane
};

// Gives the bytes of the part's pieces; apart: one for each width, else the first alone has all.
RegisterBytes place_registers(const Draft& draft, const Program& program, size_t part, const std::vector<size_t>& registers, bool apart, Slots& slots);

}  // namespace softcuda
