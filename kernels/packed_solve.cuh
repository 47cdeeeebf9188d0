// Triangular solves of packed tiles (packed.cuh): x L^T = x, or x L = x, for each row x of a tile, in the registers of eight threads.
//
// Warp w has 8 columns of all rows, a thread those of two. The columns of one warp after the other are solved, in registers, and then
// taken off all that follow; column by column, which leaves many independent updates after each step instead of one chain.
#pragma once

#include "packed.cuh"

namespace krongauss {

// The coefficients of a part of a triangular solve: of column j of -L, with the reciprocal of L_jj on the diagonal, at v[64 j],
// so that the coefficients of x_j lie side by side.
struct alignas(16) Columns {
  float v[kSlab * kSide];
};

// Columns 16 part .. 16 part + 15, a quad a thread; the next barrier makes them visible.
__device__ __forceinline__ void put_columns(Columns& columns, const Pack<4>& x, int part, int thread) {
  const int column = kSlab * part + thread / 16;
  store_shared(columns.v + 4 * thread, {-x.v[0], -x.v[1], -x.v[2], -x.v[3]});
  if (column / 4 != thread % 16) return;
  float* diagonal = columns.v + 4 * thread + column % 4;
  *diagonal = -1.0f / *diagonal;
}

__device__ __forceinline__ Pack<4> fetch_columns(const float* L, int part, int thread) {
  return load<4>(L + part * kSlab * kSide + 4 * thread);
}

constexpr int kPart = 8;  // columns that a warp solves

// x[q] += y column[q] for two rows, from q = FROM on, of the column J behind `column`.
template <int FROM, int J>
__device__ __forceinline__ void take_off(float (&x)[2][kPart], float y0, float y1, const float* column) {
  unrolled<FROM / 4, kPart / 4>([&](auto quad) {
    const Pack<4> l = load_shared<J * kSide + 4 * quad>(column);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int q = 4 * quad + i;
      if (q < FROM) continue;
      x[0][q] = fmaf(y0, l.v[i], x[0][q]);
      x[1][q] = fmaf(y1, l.v[i], x[1][q]);
    }
  });
}

// Columns 8 part .. 8 part + 7 of two rows.
__device__ __forceinline__ void load_part(float (&x)[2][kPart], const Square& tile, int part, bool backward, int lane) {
#pragma unroll
  for (int q = 0; q < 2; q++) {
    const float* at = tile.v + Square::place(lane, 2 * part + q ^ (backward ? 15 : 0));
    const Pack<4> y[2] = {load_shared(at), load_shared<kWarp * kSide>(at)};
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int i = 0; i < 4; i++) x[p][4 * q + i] = y[p].v[backward ? 3 - i : i];
    }
  }
}

// To the square, and negated to the tile at `out`.
__device__ __forceinline__ void store_part(Square& tile, float* out, const float (&x)[2][kPart], int part, bool backward, int lane) {
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int q = 0; q < 2; q++) {
      const float* y = x[p] + 4 * q;
      const Pack<4> quad = backward ? Pack<4>{y[3], y[2], y[1], y[0]} : Pack<4>{y[0], y[1], y[2], y[3]};
      const int r = lane + kWarp * p;
      const int at = 2 * part + q ^ (backward ? 15 : 0);
      tile.put(r, at, quad);
      store_global(out + r * kSide + 4 * at, Pack<4>{-quad.v[0], -quad.v[1], -quad.v[2], -quad.v[3]});
    }
  }
}

// Solves each row of the tile: x L^T = x, or where the rows and the triangle are taken from their ends (`backward`), x L = x, and
// stores it negated. `there` of the triangle's four parts are in memory, the first one in columns[0] then; await(part) waits for more
// and gives how many, or less than `part` where they never come; solved(part) is called by one thread once the part is stored. Gives
// the number of those that are.
template <class Await, class Solved>
__device__ __forceinline__ int substitute_rows(Square& tile, Columns (&columns)[2], const float* L, int there, bool backward, float* out,
                                               Await await, Solved solved) {
  const int thread = thread_anew();
  const int lane = thread % kWarp;
  const int warp = thread / kWarp;
  const int mine = backward ? kSide / kPart - 1 - warp : warp;
  float x[2][kPart];
  __syncwarp();
  load_part(x, tile, mine, backward, lane);
  bool fetched = there > 0;
#pragma unroll 1
  for (int part = 0; part < kSlabs; part++) {
    Columns& now = columns[part & 1];
    if (!fetched) {
      there = await(part);
      if (there < part) return part;
      put_columns(now, fetch_columns(L, part, thread), part, thread);
      __syncthreads();
    }
    fetched = part + 1 < min(there, kSlabs);
    Pack<4> next = {};
#pragma unroll 1
    for (int half = 0; half < 2; half++) {
      const float* column = now.v + half * kPart * kSide + kPart * mine;
      const int step = 2 * part + half;
      if (mine == step) {
        unrolled<0, kPart>([&](auto j) {
          const float reciprocal = column[j * kSide + j];
          x[0][j] *= reciprocal;
          x[1][j] *= reciprocal;
          take_off<j + 1, j>(x, x[0][j], x[1][j], column);
        });
        store_part(tile, out, x, step, backward, lane);
      }
      if (half == 1 && fetched) put_columns(columns[part + 1 & 1], next, part + 1, thread);
      __syncthreads();
      if (half == 0 && fetched) next = fetch_columns(L, part + 1, thread);
      if (half == 1 && mine == step && lane == 0) solved(part);
      if (mine <= step) continue;
      float y[2][kPart];
      load_part(y, tile, step, backward, lane);
      unrolled<0, kPart>([&](auto j) { take_off<0, j>(x, y[0][j], y[1][j], column); });
    }
  }
  return kSlabs;
}

}  // namespace krongauss
