#pragma once
#include <string>

namespace softcuda {

// Where an instruction that is not executed probably comes from, and what to do: "; ...". The reasons stand in one table.
std::string way_out(const std::string& opcode);

}  // namespace softcuda
