#pragma once

extern "C" int softcuda_stub(const char* name, char* said, int result);

#define SOFTCUDA_STUB(name, result)                                            \
  extern "C" __attribute__((weak, visibility("default"))) int name(void) {     \
    static char said;                                                          \
    return softcuda_stub(#name, &said, result);                                \
  }
