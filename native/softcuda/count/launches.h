#pragma once
#include <string>

#include "counters.h"

// The launches of the process one by one, in the order in which they have ended: what a model of their time needs. Thread-safe.
namespace softcuda {

void add_launch(const std::string& kernel, const Counters& launch, double longest);
void forget_launches();

// A line a launch, as CSV: the kernel, its blocks and their threads, counters, seconds by each limit in microseconds, the longest chain in
// clocks, and the GPU of option "gpu".
std::string launches_report();

}  // namespace softcuda
