#pragma once
#include "lanes.h"

// The comparisons of setp and set. Those that end in u hold for NaN too.
namespace softcuda {
namespace SOFTCUDA_ISA {

#define COMPARISON(name, expression) \
  struct name { template <class T> INLINE bool holds(T a, T b) { return expression; } };
COMPARISON(Eq, a == b)
COMPARISON(Ne, a != b && a == a && b == b)
COMPARISON(Lt, a < b)
COMPARISON(Le, a <= b)
COMPARISON(Gt, a > b)
COMPARISON(Ge, a >= b)
COMPARISON(Equ, a == b || a != a || b != b)
COMPARISON(Neu, a != b || a != a || b != b)
COMPARISON(Ltu, !(a >= b))
COMPARISON(Leu, !(a > b))
COMPARISON(Gtu, !(a <= b))
COMPARISON(Geu, !(a < b))
COMPARISON(Num, a == a && b == b)
COMPARISON(Nan, a != a || b != b)
#undef COMPARISON

// f(comparison, its name in PTX), for floating-point numbers.
template <class F>
void each_comparison(F f) {
  f(Eq(), "eq"), f(Ne(), "ne"), f(Lt(), "lt"), f(Le(), "le"), f(Gt(), "gt"), f(Ge(), "ge");
  f(Equ(), "equ"), f(Neu(), "neu"), f(Ltu(), "ltu"), f(Leu(), "leu"), f(Gtu(), "gtu"), f(Geu(), "geu");
  f(Num(), "num"), f(Nan(), "nan");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
