// Kernels with calls that stay calls. Built with -O3 like the others: __noinline__, pointers and recursion keep them.
#include <cassert>
#include <cstdio>
#include <cstdlib>

struct Pair {
  int a[5];
  double d;
};

__device__ __noinline__ int add(int a, int b) { return a + b; }
__device__ __noinline__ int multiply(int a, int b) { return a * b; }
__device__ __noinline__ int nested(int a) { return add(multiply(a, 3), multiply(a, a)); }
__device__ __noinline__ Pair grow(int i, Pair p) {
  p.a[i % 5] += i;
  p.d *= 2;
  return p;
}
// A barrier, shared and local memory of a function.
__device__ __noinline__ int neighbour(int v) {
  __shared__ int row[128];
  int mine[4];
  row[threadIdx.x] = v;
  __syncthreads();
  for (int k = 0; k < 4; ++k) mine[k] = row[(threadIdx.x + k) % blockDim.x];
  __syncthreads();
  return mine[v & 3] + mine[3];
}
__device__ __noinline__ int total(int v) { return __reduce_add_sync(0xffffffffu, v) + __shfl_xor_sync(0xffffffffu, v, 1); }

extern "C" __global__ void call_nested(int* y) { y[threadIdx.x] = nested(y[threadIdx.x]); }
// Lanes call the same function from two places, another one, or none; then all of the warp must be together again.
extern "C" __global__ void call_divergent(int* y) {
  const int i = threadIdx.x;
  int v = i;
  if (i % 4 == 0) v = nested(i);
  else if (i % 4 == 1) v = nested(i + 1);
  else if (i % 4 == 2) v = multiply(i, 7);
  y[i] = v + __popc(__activemask()) * 1000;
}
extern "C" __global__ void call_loop(int* y) {
  int s = 0;
  for (int k = 0; k < static_cast<int>(threadIdx.x); ++k) s = add(s, multiply(k, k));
  y[threadIdx.x] = s;
}
extern "C" __global__ void call_struct(int* y) {
  Pair p;
  for (int k = 0; k < 5; ++k) p.a[k] = k;
  p.d = 1.5;
  const Pair q = grow(threadIdx.x, p);
  y[threadIdx.x] = q.a[threadIdx.x % 5] + static_cast<int>(q.d);
}
extern "C" __global__ void call_barrier(int* y) { y[threadIdx.x] = neighbour(neighbour(threadIdx.x)); }
extern "C" __global__ void call_warp(int* y) { y[threadIdx.x] = total(threadIdx.x); }

typedef int (*Operation)(int, int);
__device__ Operation operations[2] = {add, multiply};
extern "C" __global__ void call_pointer(int* y) { y[threadIdx.x] = operations[threadIdx.x & 1](threadIdx.x, 3); }
extern "C" __global__ void call_given(int* y, unsigned long long f) { y[threadIdx.x] = reinterpret_cast<Operation>(f)(threadIdx.x, 3); }

struct Shape {
  __device__ virtual int area(int x) const = 0;
  __device__ virtual ~Shape() {}
};
struct Square : Shape {
  int side;
  __device__ explicit Square(int s) : side(s) {}
  __device__ int area(int x) const override { return side * side + x; }
};
struct Both : Shape {
  const Shape *one, *two;
  __device__ Both(const Shape* a, const Shape* b) : one(a), two(b) {}
  __device__ int area(int x) const override { return one->area(x) + two->area(x + 1); }
};
// Virtual functions that call virtual functions, on objects of the kernel's heap.
extern "C" __global__ void call_virtual(int* y) {
  const int i = threadIdx.x;
  Shape* s = new Square(i);
  Shape* t = new Square(2);
  Shape* b = i % 3 == 0 ? static_cast<Shape*>(new Both(s, t)) : new Square(7);
  Shape* c = new Both(b, s);
  y[i] = c->area(1);
  delete c;
  delete b;
  delete t;
  delete s;
}

__device__ __noinline__ int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
__noinline__ __device__ int ackermann(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}
extern "C" __global__ void recurse_ackermann(int* y) { y[threadIdx.x] = ackermann(2, threadIdx.x % 6); }
extern "C" __global__ void recurse(int* y) { y[threadIdx.x] = fibonacci(threadIdx.x % 13); }
__device__ int odd(int n);
__device__ __noinline__ int even(int n) { return n == 0 ? 1 : odd(n - 1) + 1; }
__device__ __noinline__ int odd(int n) { return n == 0 ? 100 : even(n - 1) + 2; }
extern "C" __global__ void recurse_mutually(int* y) { y[threadIdx.x] = even(threadIdx.x); }
// Each activation has a local array of its own, to which the inner ones have pointers.
__device__ __noinline__ int chain(int depth, int* outer) {
  int mine[3] = {depth, depth * 2, outer ? outer[1] : 7};
  if (depth == 0) return mine[2];
  const int below = chain(depth - 1, mine);
  if (outer) outer[0] += below;
  return below + mine[0] + mine[1] + mine[2];
}
extern "C" __global__ void recurse_locals(int* y) { y[threadIdx.x] = chain(threadIdx.x % 9, nullptr); }
__device__ __noinline__ void sort(int* v, int n) {
  if (n < 2) return;
  const int pivot = v[n / 2];
  int i = 0, j = n - 1;
  while (i <= j) {
    while (v[i] < pivot) ++i;
    while (v[j] > pivot) --j;
    if (i <= j) {
      const int t = v[i];
      v[i++] = v[j];
      v[j--] = t;
    }
  }
  sort(v, j + 1);
  sort(v + i, n - i);
}
extern "C" __global__ void recurse_sort(int* y, int n) { sort(y + threadIdx.x * n, n); }
__device__ __noinline__ Pair deep(int n, Pair p) {
  if (n == 0) return p;
  p.a[n % 5] += n;
  Pair q = deep(n - 1, p);
  q.d += p.a[n % 5];
  return q;
}
extern "C" __global__ void recurse_struct(int* y) {
  Pair p = {{1, 2, 3, 4, 5}, 0};
  p = deep(threadIdx.x % 11, p);
  y[threadIdx.x] = static_cast<int>(p.d) * 100 + p.a[2];
}
__device__ __noinline__ int endless(int n) { return n == -1 ? 1 : n * endless(n + 1) + endless(n + 2); }
extern "C" __global__ void recurse_endlessly(int* y) { y[threadIdx.x] = endless(threadIdx.x); }

extern "C" __global__ void stack_array(int* y, int n) {
  int s = 0;
  for (int round = 0; round < 3; ++round) {
    int* const v = static_cast<int*>(alloca((n + threadIdx.x) * sizeof(int)));
    for (int k = 0; k < n; ++k) v[k] = k * (round + 1);
    for (int k = 0; k < n; ++k) s += v[k * 7 % n];
  }
  y[threadIdx.x] = s;
}

// A double pow is a call of __internal_accurate_pow.
extern "C" __global__ void power(double* y, double exponent) { y[threadIdx.x] = pow(y[threadIdx.x], exponent); }

extern "C" __global__ void print(int* y, int n) {
  if (static_cast<int>(threadIdx.x) < n) y[threadIdx.x] = printf("%d %s %5.2f %llu %c %x %%|%-4d|\n", threadIdx.x, "text", 1.5, 12345678901ull, 'z', 255, -3);
}
extern "C" __global__ void check_that(int* y, int n) {
  assert(static_cast<int>(threadIdx.x) < n && "too many threads");
  y[threadIdx.x] = 1;
}
extern "C" __global__ void heap(unsigned long long* y, int n) {
  char* const p = static_cast<char*>(malloc(n));
  if (p != nullptr) p[n - 1] = 3;
  y[blockIdx.x * blockDim.x + threadIdx.x] = p == nullptr ? 0 : p[n - 1];
  free(p);
}
extern "C" __global__ void heap_after_free(int* y) {
  int* const p = static_cast<int*>(malloc(64));
  *p = 3;
  free(p);
  y[0] = *p;
}
extern "C" __global__ void heap_twice(int* y) {
  void* const p = malloc(64);
  y[0] = 1;
  free(p);
  free(p);
}
