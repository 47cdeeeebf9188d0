// The two ends of a pipeline over two streams (streams.cpp).
//
//   produce   x[i] = round + i
//   consume   sum[i] += x[i]
//
// launch    128 threads; grid n / 128, rounded up

extern "C" __global__ void __launch_bounds__(128) produce(float* x, int n, int round) {
  const int i = blockIdx.x * 128 + threadIdx.x;
  if (i < n) x[i] = static_cast<float>(round + i);
}

extern "C" __global__ void __launch_bounds__(128) consume(const float* x, float* sum, int n) {
  const int i = blockIdx.x * 128 + threadIdx.x;
  if (i < n) sum[i] += x[i];
}
