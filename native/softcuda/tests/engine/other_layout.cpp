#include "../../exec/translation.h"

// A library of translated kernels that belongs to another engine.
extern "C" __attribute__((visibility("default"))) const softcuda::TranslatedLibrary* softcuda_translations() {
  static const softcuda::TranslatedLibrary library = {softcuda::translation_layout() + 1, nullptr, 0};
  return &library;
}
