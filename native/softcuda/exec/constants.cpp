#include <cstring>

#include "block.h"

// What a register holds for a whole launch or block: immediates, parameters, and the special registers of PTX.
namespace softcuda {

uint64_t Block::value(const Warp& w, const Constant& c, uint32_t lane) const {
  const LaunchConfig& config = *launch->config;
  const Dim3 &b = config.block, &g = config.grid;
  const uint32_t linear = w.index * 32 + lane;
  switch (c.kind) {
    case Constant::Bits: return c.bits;
    case Constant::ParamValue: {
      uint64_t v = 0;
      std::memcpy(&v, params.data() + c.bits, static_cast<size_t>(c.param_bytes));
      const int shift = 64 - 8 * c.param_bytes;
      return c.sign ? static_cast<uint64_t>(static_cast<int64_t>(v << shift) >> shift) : v;
    }
    case Constant::TidX: return linear % b.x;
    case Constant::TidY: return linear / b.x % b.y;
    case Constant::TidZ: return linear / b.x / b.y;
    case Constant::NtidX: return b.x;
    case Constant::NtidY: return b.y;
    case Constant::NtidZ: return b.z;
    case Constant::CtaidX: return index.x;
    case Constant::CtaidY: return index.y;
    case Constant::CtaidZ: return index.z;
    case Constant::NctaidX: return g.x;
    case Constant::NctaidY: return g.y;
    case Constant::NctaidZ: return g.z;
    case Constant::LaneId: return lane;
    case Constant::WarpId: return w.index;
    case Constant::NwarpId: return warps.size();
    case Constant::LaneEq: return 1u << lane;
    case Constant::LaneLe: return (2ull << lane) - 1;
    case Constant::LaneLt: return (1u << lane) - 1;
    case Constant::LaneGe: return 0xffffffffu << lane;
    case Constant::LaneGt: return 0xfffffffeull << lane;
    case Constant::DynamicShared: return config.dynamic_shared;
    case Constant::TotalShared: return own_shared_bytes;
    case Constant::ReservedBegin: return reserved_begin();
    case Constant::ReservedEnd: return reserved_begin() + kReservedUsed;
    case Constant::ReservedCap: return reserved_begin() + kReserved;
    case Constant::Zero: return 0;
  }
  return 0;
}

void Block::fill(Warp& w, const Constant& c) {
  char* at = w.registers + c.offset;
  if (c.bytes == 0) {
    *reinterpret_cast<uint32_t*>(at) = static_cast<uint32_t>(c.bits);
    return;
  }
  auto* words = reinterpret_cast<uint32_t*>(at);
  auto* quads = reinterpret_cast<uint64_t*>(at);
  if (c.varies()) {
    for (uint32_t lane = 0; lane < 32; ++lane) words[lane] = static_cast<uint32_t>(value(w, c, lane));
    return;
  }
  const uint64_t v = value(w, c, 0);
  if (c.bytes == 8) {
    for (uint32_t lane = 0; lane < 32; ++lane) quads[lane] = v;
  } else {
    for (uint32_t lane = 0; lane < 32; ++lane) words[lane] = static_cast<uint32_t>(v);
  }
}

}  // namespace softcuda
