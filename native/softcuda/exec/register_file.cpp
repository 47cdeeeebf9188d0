#include <algorithm>
#include <map>
#include <string>

#include "decode.h"
#include "slots.h"

// The register file of a warp: pieces of the parts, those of parts of which a thread is in one at most over each other.
namespace softcuda {

namespace {

size_t align_up(size_t v, size_t alignment) { return (v + alignment - 1) / alignment * alignment; }

// What a caller keeps on the stack: every place of the part's registers, once. Registers that no step names any more have no place.
void fill_frame(const Draft& draft, const std::vector<size_t>& registers, const std::vector<uint32_t>& offsets, const std::vector<char>& placed, SavedFrame& frame) {
  std::map<uint32_t, int> places;
  for (const size_t r : registers) {
    if (placed[r]) places[offsets[r]] = draft.registers[r].bytes;
  }
  for (const auto& place : places) {
    frame.slots.push_back({place.first, place.second});
    frame.bytes += place.second == 8 ? 8 : 4;
  }
  frame.bytes = static_cast<uint32_t>(align_up(frame.bytes, 16));
  frame.count = static_cast<uint32_t>(frame.slots.size());
  frame.data = frame.slots.data();
}

}  // namespace

// Constants and the stack pointer, then the registers of the parts.
void assign_slots(const Draft& draft, const Linked& linked, Program& program, std::vector<uint32_t>& offsets) {
  const size_t parts = linked.parts.size();
  offsets.assign(draft.registers.size(), 0);
  std::vector<std::vector<size_t>> registers(parts);
  size_t begin = 0;
  for (size_t r = 0; r < draft.registers.size(); ++r) {
    const Draft::Register& of = draft.registers[r];
    if (of.owner >= 0) {
      registers[static_cast<size_t>(of.owner)].push_back(r);
      continue;
    }
    offsets[r] = static_cast<uint32_t>(begin);
    begin += of.bytes == 0 ? 64 : static_cast<size_t>(of.bytes) * 32;
    if (begin > kLargestFile) {
      throw Failure(kInvalidPtx, "kernel '" + program.name + "' is too large: " + std::to_string(draft.registers.size()) + " registers and constants");
    }
    if (of.constant >= 0) program.constants[static_cast<size_t>(of.constant)].offset = offsets[r];
  }
  std::array<std::vector<size_t>, 3> sizes, begins;
  for (auto& width : sizes) width.assign(parts, 0);
  const size_t all = draft.registers.size();
  Slots slots{offsets, std::vector<char>(all, 0), std::vector<size_t>(all, 0), 0};
  const bool apart = parts > 1;  // pieces of several parts lie over each other
  for (size_t p = 0; p < parts; ++p) {
    const RegisterBytes bytes = place_registers(draft, program, p, registers[p], apart, slots);
    for (size_t width = 0; width < bytes.size(); ++width) sizes[width][p] = align_up(bytes[width], apart ? 64 : 1);
  }
  size_t end = begin;
  for (size_t width = 0; width < sizes.size(); ++width) {
    begins[width] = linked.overlay(sizes[width], end);
    end = begins[width].back();
  }
  if (end > kLargestFile) {
    throw Failure(kInvalidPtx, "kernel '" + program.name + "' and the " + std::to_string(parts - 1) + " functions it calls are too large: " +
                                   std::to_string(end / 128) + " registers are in use at once");
  }
  for (size_t p = 0; p < parts; ++p) {
    for (const size_t r : registers[p]) {
      const size_t width = apart ? width_of(draft.registers[r].bytes) : 0;
      offsets[r] += static_cast<uint32_t>(begins[width][p]);
    }
    if (linked.parts[p].recursive) fill_frame(draft, registers[p], offsets, slots.placed, *program.saved_frames[p]);
  }
  program.register_file_bytes = align_up(end, 64);
  program.registers = std::min(255, std::max(16, slots.live + 8));
}

}  // namespace softcuda
