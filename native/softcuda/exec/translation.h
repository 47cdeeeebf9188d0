#pragma once
#include <cstddef>
#include <string>

#include "program.h"
#include "warp.h"

// Kernels that softcuda_translate has turned into C++ (translate/README.md). They lie in a library of their own.
namespace softcuda {

// Handlers for the heads of basic blocks: each runs its whole block and returns the operation to go on with. `some`: for a part of the
// lanes, or null.
struct TranslatedBlock {
  uint32_t at;
  Full run;
  Masked some;
};

struct TranslatedKernel {
  const char* name;
  uint64_t fingerprint;
  const TranslatedBlock* blocks;
  uint32_t count;
};

// The kernels of one PTX file for one instruction set, "v3" or "v4".
struct TranslatedFile {
  const char* isa;
  const TranslatedKernel* kernels;
  uint32_t count;
};

struct TranslatedLibrary {
  uint64_t layout;
  const TranslatedFile* files;
  uint32_t count;
};

// A library's only entry is: extern "C" const TranslatedLibrary* softcuda_translations().
constexpr const char* kTranslations = "softcuda_translations";
using Translations = const TranslatedLibrary* (*)();

// Of what translated code and the engine share; a library with another one is refused.
constexpr uint64_t translation_layout() {
  uint64_t h = 1;
  for (const size_t v : {sizeof(Op), offsetof(Op, o), offsetof(Op, imm), sizeof(Warp), offsetof(Warp, interpreted), offsetof(Warp, active),
                         offsetof(Warp, wrote), offsetof(Warp, budget), offsetof(Warp, shared), offsetof(Warp, param_bytes)}) {
    h = h * 1000003 + v;
  }
  return h;
}

// Of everything that translated code depends on: operations, places of the registers, immediates, targets. Programs that are equal
// but for the host addresses of variables, lines and names of registers have the same one.
uint64_t fingerprint(const Program& program);

// Fills program.translated if some library has the kernel.
void use_translation(Program& program);

// Kernels of modules that are loaded from now on may be translated ones of this library. Throws Failure when it does not fit. The
// library libsoftcuda_kernels.so beside the engine's own is added by itself at the first module.
void add_translations(const std::string& path);

// For messages: the libraries in use, or why there are none.
std::string translations_in_use();

}  // namespace softcuda
