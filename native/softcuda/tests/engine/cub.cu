// Block algorithms of CUB, as the toolkit brings them. Built with -O3, and with -G, where nothing is inlined.
#include <cub/block/block_radix_sort.cuh>
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>

constexpr int kThreads = 128, kItems = 4;

extern "C" __global__ void __launch_bounds__(kThreads) block_reduce(int* y) {
  using Reduce = cub::BlockReduce<int, kThreads>;
  __shared__ typename Reduce::TempStorage storage;
  const int sum = Reduce(storage).Sum(y[threadIdx.x]);
  __syncthreads();
  if (threadIdx.x == 0) y[0] = sum;
}

extern "C" __global__ void __launch_bounds__(kThreads) block_scan(int* y) {
  using Scan = cub::BlockScan<int, kThreads>;
  __shared__ typename Scan::TempStorage storage;
  int v = y[threadIdx.x];
  Scan(storage).ExclusiveSum(v, v);
  y[threadIdx.x] = v;
}

extern "C" __global__ void __launch_bounds__(kThreads) block_sort(int* y) {
  using Sort = cub::BlockRadixSort<int, kThreads, kItems>;
  __shared__ typename Sort::TempStorage storage;
  int v[kItems];
  for (int k = 0; k < kItems; ++k) v[k] = y[threadIdx.x * kItems + k];
  Sort(storage).Sort(v);
  for (int k = 0; k < kItems; ++k) y[threadIdx.x * kItems + k] = v[k];
}
