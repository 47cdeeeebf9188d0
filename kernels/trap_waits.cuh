// Only in builds with KRONGAUSS_TRAP_WAITS=N (kernels/build): a wait that looks in vain says what it waits for, and traps. Without
// that a flag that never comes lets a launch spin for ever.
//
// Who waits for a block that waits itself is not to blame: after N looks a wait notes its task, after 2 N that of the earliest
// task speaks and traps. Tasks are drawn in an order in which each waits only for earlier ones, so the earliest waits for
// something that really never came. After 4 N looks any does: one that had noted an earlier task got on after all.
//
// A trap takes the context and its memory with it. What is said therefore goes into memory of the host, whose address
// TrappedWait.java writes into `krongauss_trapped_wait` as it loads the module.
#pragma once

namespace krongauss {

// In memory of the host; TrappedWait.java has the same layout.
struct TrappedWait {
  unsigned said;   // 1 once all the rest is there
  int numbers[5];  // what stands for the %d of `waits`
  char kernel[40];
  char waits[128];
};

}  // namespace krongauss

extern "C" {
__device__ krongauss::TrappedWait* krongauss_trapped_wait;
__device__ unsigned krongauss_earliest_wait = ~0u;
__device__ unsigned krongauss_wait_spoken;
}

namespace krongauss {

__device__ __forceinline__ void copy_text(volatile char* to, int most, const char* from) {
  int n = 0;
#pragma unroll 1
  for (; n < most - 1 && from[n] != 0; n++) to[n] = from[n];
  to[n] = 0;
}

template <class... Numbers>
__device__ __forceinline__ void trap_wait(const char* kernel, const char* waits, Numbers... numbers) {
  static_assert(sizeof...(numbers) <= 5, "a record holds five numbers");
  if (atomicExch(&krongauss_wait_spoken, 1) != 0) return;
  volatile TrappedWait* const record = krongauss_trapped_wait;
  if (record != nullptr) {
    int n = 0;
    ((record->numbers[n++] = static_cast<int>(numbers)), ...);
    copy_text(record->kernel, sizeof record->kernel, kernel);
    copy_text(record->waits, sizeof record->waits, waits);
    __threadfence_system();
    record->said = 1;
    __threadfence_system();
  }
  __trap();
}

// The look of this number, by the block's first thread.
template <class... Numbers>
__device__ __forceinline__ void looked(unsigned look, unsigned task, const char* kernel, const char* waits, Numbers... numbers) {
  constexpr unsigned kMost = KRONGAUSS_TRAP_WAITS;
  if (look == kMost) atomicMin(&krongauss_earliest_wait, task);
  const bool earliest = look == 2 * kMost && atomicAdd(&krongauss_earliest_wait, 0) == task;
  if (earliest || look == 4 * kMost) trap_wait(kernel, waits, numbers...);
}

}  // namespace krongauss
