#pragma once
#include <cstdint>

namespace softcuda {

// Option "devices": how many devices the driver has, 1..kMostDevices; fixed once the driver is initialised.
constexpr int kMostDevices = 16;
int device_count();

// With a seed, the number of the launch that the calling thread runs next, among those of its device since the seed was set: orders are
// drawn from it, so that those of one device do not depend on the others. 0: all launches of the process are counted together.
uint64_t& launch_turn();

}  // namespace softcuda
