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
  // Where the handlers are written, for softcuda_translate: the file of ops/ and the C++ type, without namespaces.
  std::string file, type;
};

using Operations = std::unordered_map<std::string, Operation>;

// The operations compiled for this processor.
const Operations& operations();
const Operation* find_operation(const std::string& key);
// Those for AVX2, where this build has them. Keys, files and types are those of every instruction set: softcuda_translate writes AVX-512
// code on a processor that cannot run even the function that fills the table for it.
Operations narrow_operations();

// Runs a warp until it waits, has used up its turn, or has ended; sets its event.
using RunWarp = void (*)(Warp* warp);
RunWarp warp_runner();

// What the sources of ops/ call; `key` may hold alternatives: "add{.rn|}{.ftz|}.f32" gives four keys.
struct Registrar {
  // file, type: __FILE__ and __PRETTY_FUNCTION__ of the template that names the handlers' type M, or null.
  void (*add)(void* table, const char* key, const char* signature, Full full, Masked masked, const char* file, const char* type);
  void* table;
};

}  // namespace softcuda
