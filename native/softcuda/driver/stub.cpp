#include "stub.h"

#include <cstdio>
#include <string>

#include "hook.h"

// Part of each of the libraries, since their names are hidden from one another.
extern "C" int softcuda_stub(const char* name, char* said, int result) {
  if (!__atomic_exchange_n(said, char{1}, __ATOMIC_RELAXED)) {
    fprintf(stderr, "SoftCUDA: %s is not supported (returns %d)\n", name, result);
  }
  softcudaSetLastMessage((std::string(name) + " is not supported by SoftCUDA").c_str());
  return result;
}
