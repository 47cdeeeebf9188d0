#pragma once
// How often each entry point was called: for tests that hold a program to its budget of waits and allocations.
#include <atomic>

namespace softcuda {

using CallCount = std::atomic<unsigned long long>;

// The count of the entry point of this name; lives for ever. The name is kept, not copied: a literal.
CallCount& calls_of(const char* entry_point);

// All calls of entry points whose names begin so.
unsigned long long calls_of_all(const char* prefix);

}  // namespace softcuda
