#pragma once
#include <cstdint>
#include <string>

namespace softcuda {

class Memory;

// For reports: what is at an address that is none of `asked`'s, where another memory of the process has it; else nothing.
using Elsewhere = std::string (*)(const Memory& asked, uint64_t address);
// Whom to ask; once, by whoever knows all memories.
void set_elsewhere(Elsewhere elsewhere);

}  // namespace softcuda
