#pragma once
#include <cstdint>
#include <string>

namespace softcuda {

enum class InstructionClass : uint8_t {
  Integer,  // and logic, shifts, comparisons of integers, selections
  Float32,
  Float64,
  Half,  // f16 and bf16
  Special,  // reciprocals, roots, exponentials, logarithms, sines, quotients
  Matrix,   // mma
  Conversion,
  Move,
  LoadGlobal,  // and generic addresses
  StoreGlobal,
  LoadShared,
  StoreShared,
  Local,     // loads and stores
  Constant,  // loads of constants and parameters
  Atomic,
  AsyncCopy,  // cp.async, its groups and waits
  Shuffle,    // and votes, matches, reductions of a warp
  Barrier,    // and fences
  Control,    // branches, exits
  Other,
};
constexpr int kInstructionClasses = static_cast<int>(InstructionClass::Other) + 1;
const char* name_of(InstructionClass c);

// What an instruction counts as, found from its PTX spelling.
struct Traits {
  InstructionClass kind = InstructionClass::Other;
  uint8_t flops = 0;          // of one thread: fma 2, of a packed pair twice that; matrix products not included
  uint32_t matrix_flops = 0;  // of a warp: 2 m n k
  bool tf32 = false;          // whose factors are TF32, else half
  bool special = false;
  bool branch = false;
  bool constant = false;  // reads constant memory
  bool generic = false;   // the address may mean any space
};

Traits classify(const std::string& opcode);

}  // namespace softcuda
