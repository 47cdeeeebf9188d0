// Products that read one another's results, in one launch.
//
// Links are groups (groups.cuh) of which each reads what the one before wrote. The tiles of all links are tasks, link after
// link; where a link has few, several tasks share one tile's inner dimension (slices.cuh). Blocks draw tasks from a counter.
// The rows of a link's result, or its columns, are in at most 16 parts, each with a counter of its tiles that are there; a task
// waits for the parts that it reads, all of them of the link before. So a block waits only for tasks drawn before its own, and
// one block alone gets to the end, too.
//
//   publish   all threads store · __syncthreads() · one thread counts its tile (acquire and release)
//   consume   one thread looks until the count is that of all tiles (acquire) · __syncthreads() · all threads load
//
// The block that leaves last sets all counters back to 0, for the next launch or replay.
#pragma once

#include "flags.cuh"
#include "groups.cuh"
#include "rows.cuh"
#include "slices.cuh"

namespace krongauss {

constexpr int kParts = 16;
constexpr int kMostSliced = 1024;  // tiles of a launch that are in slices

// In device memory, all 0 at first. Launches that share it follow one another. Chain.java knows its size.
struct ChainControl {
  unsigned next;                          // task to be drawn
  unsigned left;                          // blocks that have ended
  unsigned finished[kMostGroups][kParts];  // tiles of each part of each link
  unsigned arrived[kMostSliced];          // slices of each tile that has several
};

// Tiles that are counted together.
struct Part {
  int index;
  int tiles;
};

// Rows of tiles of a result, or columns, in parts.
struct Lines {
  int count;

  __device__ __forceinline__ int of_part() const { return (count + kParts - 1) / kParts; }
  __device__ __forceinline__ int part_of(int line) const { return line / of_part(); }
  __device__ __forceinline__ int size(int part) const { return min(of_part(), count - part * of_part()); }

  // Where each line has so many tiles.
  __device__ __forceinline__ Part part(int line, int across) const {
    const int p = part_of(line);
    return {p, size(p) * across};
  }

  // Of a symmetric result in lower tiles: all tiles that have the part's lines as rows or as columns.
  __device__ __forceinline__ Part symmetric_part(int line) const {
    const int p = part_of(line);
    const int others = count - size(p);
    return {p, (count * (count + 1) - others * (others + 1)) / 2};
  }
};

// Parts that a task counts its tile in: one, which is there twice, or two.
struct Counts {
  int first;
  int second;
};

// A task that a block has drawn.
struct Task {
  const char* kernel;  // named where a wait traps
  ChainControl* control;
  int number;
  int link;
  int index;  // in the link

  // The link before: of the first one itself, which waits for nothing.
  __device__ __forceinline__ int before() const { return max(link - 1, 0); }

  // Waits for parts of the link before; all threads of the block together.
  __device__ __forceinline__ void await(Part a, Part b) const {
    if (link == 0) return;
    if (threadIdx.x == 0) {
      look(a);
      if (b.index != a.index) look(b);
    }
    __syncthreads();
  }

  __device__ __forceinline__ void await(Part a) const { await(a, a); }

 private:
  __device__ __forceinline__ void look(Part p) const {
    Wait wait;
    while (acquire(&control->finished[link - 1][p.index]) != p.tiles) {
      wait.pause(number, kernel, "task %d of link %d waits until all %d tiles of part %d of link %d are there", index, link,
                 p.tiles, p.index, link - 1);
    }
  }
};

// What a task does with its tile's inner dimension: the whole of it, or a slice. Await is called before the first read of what the
// link before has written.
template <class Await>
struct WholeTurn : Alone {
  Await wait;

  __device__ __forceinline__ explicit WholeTurn(Await w) : wait(w) {}
  __device__ __forceinline__ void await() const { wait(); }
};

template <class Await>
struct SliceTurn {
  const Slices& shared;
  const Task& task;
  float* partials;
  Await wait;

  __device__ __forceinline__ int tile() const { return task.index / shared.slices; }
  __device__ __forceinline__ int slice() const { return task.index % shared.slices; }
  __device__ __forceinline__ void await() const { wait(); }
  __device__ __forceinline__ int begin() const { return slice() * shared.steps * kDepth; }
  __device__ __forceinline__ int end(int inner) const {
    return slice() == shared.slices - 1 ? inner : begin() + shared.steps * kDepth;
  }

  template <class Tile>
  __device__ __forceinline__ bool joined(Tile& sum) const {
    if (shared.slices == 1) return true;
    float* sums = partials + static_cast<long long>(shared.partial + tile() * shared.slices) * kPartial;
    return join_slices(sum, sums, slice(), shared.slices, &task.control->arrived[shared.counter + tile()]);
  }
};

template <class Await>
SliceTurn(const Slices&, const Task&, float*, Await) -> SliceTurn<Await>;

template <class Item>
__device__ __forceinline__ Task task_of(const char* kernel, const Groups<Item>& links, ChainControl* control, int number) {
  int l = 0;
  while (l + 1 < links.count && links.item[l + 1].first <= number) l++;
  return {kernel, control, number, l, number - links.item[l].first};
}

// Calls work(task), all threads of the block together, for the tasks that this block draws; where it has stored a tile, that is
// counted in the parts that counts(task) gives. `kernel` names it where a wait traps.
template <class Item, class Work, class CountsOf>
__device__ __forceinline__ void run_chain(const char* kernel, const Groups<Item>& links, ChainControl* control, Work work,
                                          CountsOf counts) {
  __shared__ int drawn;
  __shared__ Counts parts;
  __shared__ bool last;
#pragma unroll 1
  for (;;) {
    if (threadIdx.x == 0) drawn = draw(&control->next);
    __syncthreads();
    const int number = drawn;
    if (number >= links.blocks) break;
    const Task task = task_of(kernel, links, control, number);
    if (threadIdx.x == 0) parts = counts(task);  // before the work, which others wait for
    const bool stored = work(task);
    __syncthreads();
    if (threadIdx.x == 0 && stored) {
      arrive(&control->finished[task.link][parts.first]);
      if (parts.second != parts.first) arrive(&control->finished[task.link][parts.second]);
    }
  }
  if (threadIdx.x == 0) last = arrive(&control->left) == gridDim.x - 1;
  __syncthreads();
  if (!last) return;
  for (int k = threadIdx.x; k < links.count * kParts; k += blockDim.x) control->finished[k / kParts][k % kParts] = 0;
  if (threadIdx.x == 0) {
    control->next = 0;
    control->left = 0;
  }
}

}  // namespace krongauss
