// The rungs of cholesky.cu's ladder: the same matrices with one damping after the other, until all of them have an inverse.
//
// A block whose rung has no task left waits until all infos are there. They are long before the last products, so that the wait costs
// nothing, and where none says that a matrix failed the block leaves. Else it waits for the tasks of the rung to end, too, as the
// next rung writes where they read. It waits only for tasks that others have taken.
#pragma once

#include "cholesky_work.cuh"

namespace krongauss {

// An item's info, once a rung; by one thread.
__device__ __forceinline__ void settle(const Work& w, int* info, int value) {
  *info = value;
  arrive(&w.control->settled);
}

// Whether one of the infos [count] is not 0; the same in every thread of all blocks, as nobody writes there now.
__device__ __forceinline__ bool any_failed(const int* info, int count) {
  int failed = 0;
  for (int k = threadIdx.x % kWarp; k < count; k += kWarp) failed |= info[k];
  return __any_sync(kAll, failed != 0);
}

// Waits until a counter is there, or beyond: a block that is late finds others on the next rung.
__device__ __forceinline__ void await_count(const unsigned* counter, unsigned count, const char* waits, const Shared& shared) {
  if (threadIdx.x == 0) {
    Wait wait;
    while (acquire(counter) < count) wait.pause(shared.drawn, "cholesky_f32", waits, count, shared.rung);
  }
  __syncthreads();
}

// The first rung of this launch, or the next one; by one thread.
__device__ __forceinline__ void begin_rung(int rung, unsigned attempts_before, Shared& shared) {
  shared.rung = rung;
  shared.attempt = attempts_before % kAttempts + 1;
  shared.taken = 0;
}

// Whether the block goes on to the next rung, where there is one: `first` was the first of this launch, of so many items and tasks.
__device__ __forceinline__ bool climb(const Work& w, int first, int rungs, int items, int tasks, const int* info,
                                      Shared& shared) {
  const int rung = shared.rung;
  const unsigned tried = rung + 1 - first;
  if (rung + 1 == rungs) return false;
  await_count(&w.control->settled, tried * items, "waits until all %d infos of rung %d and those before are there", shared);
  if (!any_failed(info + rung * items, items)) return false;
  if (threadIdx.x == 0) arrive(&w.control->finished, shared.taken);
  await_count(&w.control->finished, tried * tasks, "waits until all %d tasks of rung %d and those before have ended", shared);
  if (threadIdx.x == 0) begin_rung(rung + 1, shared.attempt, shared);
  return true;
}

}  // namespace krongauss
