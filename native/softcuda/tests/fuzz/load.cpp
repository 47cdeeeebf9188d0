#include "target.h"

// PTX text to kernels: lexer, parser, decoder, copies, slots, fusing.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  softcuda::Memory memory;
  fuzz::load(std::string(reinterpret_cast<const char*>(data), size), memory);
  if (memory.live_allocations() != 0) fuzz::wrong("an unloaded module leaves memory behind");
  return 0;
}
