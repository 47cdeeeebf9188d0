#pragma once
#include <string>
#include <unordered_map>

#include "program.h"

namespace softcuda {

// The table of operations. A key is the PTX spelling ("fma.rn.f32") or, for operations the decoder lowers to, a name of
// our own that begins with '#'. Signature: one letter an operand, capital = written; W/w 32-bit, X/x 64-bit, P/p predicate,
// i = immediate. '!' at the end: a result must not share its register with an operand (the operation reads across lanes or
// writes before it has read everything).
struct Operation {
  std::string key, signature;
  Full full;
  Masked masked;
};

using Operations = std::unordered_map<std::string, Operation>;

// The operations compiled for this processor.
const Operations& operations();
const Operation* find_operation(const std::string& key);

// Runs a warp until it waits, has used up its turn, or has ended; sets its event.
using RunWarp = void (*)(Warp* warp);
RunWarp warp_runner();

// What the sources of ops/ call; `key` may hold alternatives: "add{.rn|}{.ftz|}.f32" gives four keys.
struct Registrar {
  void (*add)(void* table, const char* key, const char* signature, Full full, Masked masked);
  void* table;
};

}  // namespace softcuda
