#pragma once
#include <cfenv>
#include <cstring>

#include "harness.h"

// What the sweeps over families of instructions share. Their files are compiled with -frounding-math.
namespace sweep {

using u64 = uint64_t;
using s64 = int64_t;
using u32 = uint32_t;
using s32 = int32_t;
using u128 = unsigned __int128;
using s128 = __int128;

// A number as the 64 bits of an operand.
template <class T>
struct Bits {
  static T of(u64 v) {
    T t;
    std::memcpy(&t, &v, sizeof t);
    return t;
  }
  static u64 to(T t) {
    u64 v = 0;
    std::memcpy(&v, &t, sizeof t);
    return v;
  }
};

inline const struct Mode {
  const char* name;
  int round;
} kModes[] = {{"rn", FE_TONEAREST}, {"rz", FE_TOWARDZERO}, {"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}};

template <class F>
auto rounded(int mode, F f) {
  std::fesetround(mode);
  volatile auto r = f();
  std::fesetround(FE_TONEAREST);
  return r;
}

}  // namespace sweep
