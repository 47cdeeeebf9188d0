// The transfer functions: one struct each, f and f' in one call, f'' from what that call gave.
//
//   struct member                    gives
//   both(h, slope, a, b)             a = f(h), b = f'(h); an unused result costs nothing after inlining
//   second(a, b)                     f''(h), from a and b
//
// `slope` is the leaky ReLU's and is ignored by the others. Everything is free of branches and saturates instead of
// overflowing. A NaN comes through in a (fmaxf would swallow it, and with it the news that a step has gone wrong).
//
// error      a: 12 eps |a|; b: 14 eps; eps = 2^-24. tanhf, expf and log1pf count 4 each (2 ulp, CUDA C++ Programming
//            Guide, "Mathematical Functions"), everything else is one rounding
// kinks      f'(0) = 0 for ReLU, `slope` for the leaky ReLU: the value of the left side
// new one    a struct here, a line in with_transfer, a constant in Transfer.java, its formulas in TransferReference.java
#pragma once

namespace krongauss {

struct Identity {
  __device__ static void both(float h, float, float& a, float& b) {
    a = h;
    b = 1.0f;
  }
  __device__ static float second(float, float) { return 0.0f; }
};

struct Tanh {
  __device__ static void both(float h, float, float& a, float& b) {
    a = tanhf(h);
    b = fmaf(-a, a, 1.0f);
  }
  __device__ static float second(float a, float b) { return -2.0f * a * b; }
};

// With e = e^{-|h|} in (0, 1] nothing overflows, and b = e / (1 + e)^2 keeps its digits where 1 - a has lost them.
struct Logistic {
  __device__ static void both(float h, float, float& a, float& b) {
    const float e = expf(-fabsf(h));
    const float r = 1.0f / (1.0f + e);
    const float small = e * r;
    a = h < 0.0f ? small : r;
    b = small * r;
  }
  __device__ static float second(float a, float b) { return b * (1.0f - 2.0f * a); }
};

struct Relu {
  __device__ static void both(float h, float, float& a, float& b) {
    a = h < 0.0f ? 0.0f : h;
    b = h > 0.0f ? 1.0f : 0.0f;
  }
  __device__ static float second(float, float) { return 0.0f; }
};

struct LeakyRelu {
  __device__ static void both(float h, float slope, float& a, float& b) {
    b = h > 0.0f ? 1.0f : slope;
    a = b * h;
  }
  __device__ static float second(float, float) { return 0.0f; }
};

// log(1 + e^h) = max(h, 0) + log1p(e^{-|h|}); f' is the logistic function.
struct Softplus {
  __device__ static void both(float h, float slope, float& a, float& b) {
    float unused;
    Logistic::both(h, slope, b, unused);
    a = (h < 0.0f ? 0.0f : h) + log1pf(expf(-fabsf(h)));
  }
  __device__ static float second(float, float b) { return b * (1.0f - b); }
};

// Calls body(F{}) for the transfer function of a code (Transfer.java): one switch outside of the caller's loop.
template <class Body>
__device__ __forceinline__ void with_transfer(int code, Body body) {
  switch (code) {
    case 0: body(Identity{}); break;
    case 1: body(Tanh{}); break;
    case 2: body(Logistic{}); break;
    case 3: body(Relu{}); break;
    case 4: body(LeakyRelu{}); break;
    case 5: body(Softplus{}); break;
    default: __trap();  // the launcher passes no other code
  }
}

}  // namespace krongauss
