// Products that read one another's results, in one launch.
//
// Links are groups (groups.cuh) of which each reads what the one before wrote. The tiles of all links are tasks, link after
// link. Blocks draw them from a counter, and a tile of link l waits until all tiles of link l - 1 are there; so a block
// waits only for tasks drawn before its own, and one block alone gets to the end, too.
//
//   publish   all threads store · __syncthreads() · one thread counts its tile of the link (acquire and release)
//   consume   one thread looks until the count is that of all tiles (acquire) · __syncthreads() · all threads load
//
// The block that leaves last sets all counters back to 0, for the next launch or replay.
#pragma once

#include "flags.cuh"
#include "groups.cuh"
#include "rows.cuh"

namespace krongauss {

// In device memory, all 0 at first. Launches that share it follow one another.
struct ChainControl {
  unsigned next;                  // task to be drawn
  unsigned left;                  // blocks that have ended
  unsigned finished[kMostGroups];  // tiles of each link
};

template <class Item>
__device__ __forceinline__ int tiles_of_link(const Groups<Item>& links, int l) {
  return (l + 1 < links.count ? links.item[l + 1].first : links.blocks) - links.item[l].first;
}

// Calls work(link, index of its tile) for the tasks that this block draws; all threads of the block together. `kernel` names it
// where a wait traps.
template <class Item, class Work>
__device__ __forceinline__ void run_chain(const char* kernel, const Groups<Item>& links, ChainControl* control, Work work) {
  __shared__ int drawn;
#pragma unroll 1
  for (;;) {
    if (threadIdx.x == 0) drawn = draw(&control->next);
    __syncthreads();
    const int task = drawn;
    if (task >= links.blocks) break;
    int l = 0;
    while (l + 1 < links.count && links.item[l + 1].first <= task) l++;
    if (l > 0 && threadIdx.x == 0) {
      const unsigned all = tiles_of_link(links, l - 1);
      Wait wait;
      while (acquire(&control->finished[l - 1]) != all) {
        wait.pause(task, kernel, "tile %d of link %d waits until all %d tiles of link %d are there",
                   task - links.item[l].first, l, all, l - 1);
      }
    }
    __syncthreads();
    work(links.item[l], task - links.item[l].first);
    __syncthreads();
    if (threadIdx.x == 0) arrive(&control->finished[l]);
  }
  if (threadIdx.x == 0 && arrive(&control->left) == gridDim.x - 1) {
    for (int l = 0; l < links.count; l++) control->finished[l] = 0;
    control->next = 0;
    control->left = 0;
  }
}

}  // namespace krongauss
