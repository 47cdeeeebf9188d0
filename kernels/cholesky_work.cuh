// What the tasks of cholesky.cu see: items, tasks and their tiles in the workspace, the flags by which blocks wait for tiles.
//
// A tile has a flag for each 16 of its columns, in the order in which they are made. It holds 2 attempt + failed, where attempt counts
// the rungs that launches of this plan have tried: flags of the one before mean nothing in the next. Nothing here is in the nameless
// namespace: its name, other in each run of the compiler, would be part of the PTX, as that of the shared variable holds the types of
// the arguments.
#pragma once

#include "flags.cuh"
#include "packed_solve.cuh"

namespace krongauss {

// Written by CholeskyItem.java, in this layout.
struct Item {
  const float* S;
  float* X;
  int S_stride;
  int S_whole;
  int X_stride;
  int X_whole;
  int n;
  int L;          // index of the first tile of L, row by row
  int M;          // likewise
  int backwards;  // index of the first of the diagonal tiles taken from the end
};

struct Task {
  int item;
  int kind;
  int i;
  int j;
};

constexpr int kMostRungs = 4;

// All but `attempt` are 0 before and after a launch. Cholesky.java knows its size.
struct Control {
  unsigned attempt;           // rungs tried by the launches that have ended
  unsigned next[kMostRungs];  // task to be taken
  unsigned settled;           // infos that are there, of all rungs
  unsigned finished;          // tasks that have ended, of the rungs that failed
  unsigned left;              // blocks that have ended
};

enum Kind { kFactor, kInverse, kProduct, kDiagonal };

struct Shared {
  Stages stages;
  Columns columns[2];
  Square square;
  alignas(16) float panel[kSide * 8];      // eight columns of a diagonal tile, one after the other
  alignas(16) float solved[2][kSide * 8];  // the same of L, and those before
  int bad[2];
  int rung;
  unsigned attempt;  // its number
  unsigned taken;    // tasks of the rung that this block has taken
  unsigned drawn;    // index of the task
  Task task;         // read anew where it is needed, as is the item: products need the registers
  Item item;
  int place;         // of its damping, info and condition
  int ready;
};

// The workspace as one task sees it.
struct Work {
  float* tiles;
  unsigned* flags;
  float* sums;
  Control* control;

  __device__ __forceinline__ float* tile(int index) const { return tiles + static_cast<long long>(index) * kTileFloats; }
};

// What `p` points to is in global memory, which the compiler cannot see where `p` comes from shared memory.
template <class T>
__device__ __forceinline__ T* global(T* p) {
  __builtin_assume(__isGlobal(p));
  return p;
}

__device__ __forceinline__ void put_own(Square& square, const float (&acc)[4][4], int thread) {
#pragma unroll
  for (int p = 0; p < 4; p++) square.put(own_row(thread) + p, own_column(thread) / 4, {acc[p][0], acc[p][1], acc[p][2], acc[p][3]});
}

constexpr int kFailed = -1;

// Attempts before their numbers begin again at 1: a flag holds one and a bit, and 0 is that of a flag never written. Each attempt
// writes every flag, so that none is older than the one before.
constexpr unsigned kAttempts = (1u << 31) - 1;

__device__ __forceinline__ int tiles_of(int n) { return (n + kSide - 1) / kSide; }

// Slabs of the tile row i that are not all beyond the edge.
__device__ __forceinline__ int slabs_of(int n, int i) { return min(kSlabs, (n - i * kSide + kSlab - 1) / kSlab); }

// Waits until `begin` of [begin, end) is there; gives the end of those that are, or kFailed if one of them failed.
// a(t) and b(t) are the flags' indices. The first warp looks at 32 a time.
template <class A, class B>
__device__ __forceinline__ int await(const Work& w, int begin, int end, A a, B b, Shared& shared) {
  if (threadIdx.x < kWarp) {
    const int t = begin + threadIdx.x;
    int there = 0;
    unsigned failed = 0;
    Wait wait;
    while (there == 0) {
      unsigned x = 0;
      unsigned y = 0;
      if (t < end) {
        x = acquire(w.flags + a(t));
        y = acquire(w.flags + b(t));
      }
      const bool ready = x / 2 == shared.attempt && y / 2 == shared.attempt;
      there = __ffs(~__ballot_sync(kAll, ready)) - 1;
      failed = __ballot_sync(kAll, ready && ((x | y) & 1) != 0);
      if (there < 0) there = kWarp;
      if (there == 0) {
        const Task& task = shared.task;
        wait.pause(shared.drawn, "cholesky_f32",
                   "tile (%d, %d) of item %d, kind %d (factor, inverse, product), waits for the flag of tile %d",
                   task.i, task.j, task.item, task.kind, (x / 2 == shared.attempt ? b(t) : a(t)) / kSlabs);
      }
    }
    if (there < kWarp) failed &= (1u << there) - 1;
    if (threadIdx.x == 0) shared.ready = failed != 0 ? kFailed : begin + there;
  }
  __syncthreads();
  return shared.ready;
}

template <class A>
__device__ __forceinline__ int await(const Work& w, int begin, int end, A a, Shared& shared) {
  return await(w, begin, end, a, a, shared);
}

// The flags of a tile from `part` on: those before are out.
__device__ __forceinline__ void fail(const Work& w, int tile, int part, const Shared& shared) {
  const int flag = part + static_cast<int>(threadIdx.x);
  if (flag < kSlabs) release(w.flags + kSlabs * tile + flag, 2 * shared.attempt + 1);
}

__device__ __forceinline__ void publish(const Work& w, int tile, int part, const Shared& shared) {
  release(w.flags + kSlabs * tile + part, 2 * shared.attempt);
}

}  // namespace krongauss
