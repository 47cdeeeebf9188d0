// The inner dimension of few tiles shared out: several blocks compute one tile, each over a slice of it, and the last one
// to get there adds their sums up. The order is that of the slices whoever is last, so the same bits come out each time.
//
// partials   a tile of 64 x 64 floats each slice of a tile, one behind another
// arrived    a counter a tile, 0 before and after
#pragma once

#include "flags.cuh"
#include "tile.cuh"

namespace krongauss {

constexpr int kPartial = kTile * kTile;

// What an item has whose tiles may be in slices; written by LinkSlices.java.
struct Slices {
  unsigned short slices;
  unsigned short steps;    // of 16 inner indices in a slice
  unsigned short partial;  // index of the first sum in the workspace
  unsigned short counter;  // of the first tile
};

// Leaves the accumulators of a slice in the workspace. True for the last block of the tile to do so, which then has the sum
// over all slices in them.
template <class Tile>
__device__ __forceinline__ bool join_slices(Tile& tile, float* partials, int slice, int slices, unsigned* arrived) {
  static_assert(Tile::kRows == kTile && Tile::kColumns == kTile, "partials are those of 64 x 64");
  constexpr int kQuads = kPartial / 4 / Tile::kBlock;  // of a thread
  __shared__ bool last;
  float* acc = reinterpret_cast<float*>(tile.acc);
  const int mine = 4 * threadIdx.x;
  float* out = partials + static_cast<long long>(slice) * kPartial + mine;
#pragma unroll
  for (int i = 0; i < kQuads; i++) {
    store<4>(out + i * 4 * Tile::kBlock, {acc[4 * i], acc[4 * i + 1], acc[4 * i + 2], acc[4 * i + 3]});
  }
  __syncthreads();
  if (threadIdx.x == 0) last = arrive(arrived) == slices - 1;
  __syncthreads();
  if (!last) return false;
  if (threadIdx.x == 0) *arrived = 0;  // for the next launch
#pragma unroll 1
  for (int s = 0; s < slices; s++) {
    const float* in = partials + static_cast<long long>(s) * kPartial + mine;
#pragma unroll
    for (int i = 0; i < kQuads; i++) {
      const Pack<4> x = load<4>(in + i * 4 * Tile::kBlock);
#pragma unroll
      for (int j = 0; j < 4; j++) acc[4 * i + j] = s == 0 ? x.v[j] : acc[4 * i + j] + x.v[j];
    }
  }
  return true;
}

// A block that does not share its tile with others, nor reads what others of its launch write: what the operations on a tile
// take where nothing else is said. chain.cuh has others.
struct Alone {
  // Before the first read of an operand that others may still write.
  __device__ __forceinline__ void await() const {}
  // The block's part of the inner dimension.
  __device__ __forceinline__ int begin() const { return 0; }
  __device__ __forceinline__ int end(int inner) const { return inner; }
  // Whether the block has the whole sum in its tile, and is to store it.
  template <class Tile>
  __device__ __forceinline__ bool joined(Tile&) const {
    return true;
  }
};

}  // namespace krongauss
