// Classes, a closure, virtual functions and recursion without CUDA's headers. At -O0 everything lies in local memory and every one is a call.
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))

struct Vector {
  float x, y, z;
  __device__ Vector(float a, float b, float c) : x(a), y(b), z(c) {}
  __device__ Vector operator+(const Vector& o) const { return Vector(x + o.x, y + o.y, z + o.z); }
};
template <class F>
__device__ float twice(F f, float x) {
  return f(f(x));
}
struct Base {
  __device__ virtual float f(float x) { return x; }
};
struct Scaled : Base {
  float k;
  __device__ explicit Scaled(float k) : k(k) {}
  __device__ float f(float x) override { return k * x; }
};
__device__ int gcd(int a, int b) { return b == 0 ? a : gcd(b, a % b); }

// v(x) = f(x) + 3 + (n + 1), f the identity or i + n times; y[i] = v(v(2)) + gcd(12, i)
extern "C" __global__ void classes(float* y, int n) {
  const int i = __nvvm_read_ptx_sreg_tid_x();
  const Vector v(i, 1, 2), w = v + Vector(n, n, n);
  Scaled scaled(w.x);
  Base base;
  Base* const p = i & 1 ? &scaled : &base;
  const float c = 3;
  y[i] = twice([&](float x) { return p->f(x) + c + w.y; }, 2.0f) + gcd(12, i);
}
