// A Gaussian with learned variance: outputs mean m and log variance v, one target t.
// E = 1/2 (v + (t - m)^2 e^-v); C is a square root of the Fisher diag(e^-v, 1/2), which is positive where the Hessian need not be.
#include "custom_loss.cuh"

extern "C" __global__ void loss_evaluate(const float* h, int h_stride, const float* t, int t_stride, float* gradient,
                                         int gradient_stride, float* values, int N, int d) {
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= N) return;
  const float r = h[n * h_stride] - t[n * t_stride];
  const float v = h[n * h_stride + 1];
  const float precision = expf(-v);
  values[n] = 0.5f * (v + r * r * precision);
  if (gradient != nullptr) {
    gradient[n * gradient_stride] = r * precision;
    gradient[n * gradient_stride + 1] = 0.5f * (1.0f - r * r * precision);
  }
}

extern "C" __global__ void loss_square_root(const float* h, int h_stride, const float* t, int t_stride, float* C,
                                            int C_stride, int N, int d, int K) {
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= N) return;
  float* first = C + n * K * C_stride;
  float* second = first + C_stride;
  first[0] = expf(-0.5f * h[n * h_stride + 1]);
  first[1] = 0.0f;
  second[0] = 0.0f;
  second[1] = 0.70710678f;
}

// t = m + e^{v/2} z with a standard normal z.
extern "C" __global__ void loss_sampled_gradient(const float* h, int h_stride, float* gradient, int gradient_stride,
                                                 int N, int d, long long seed, const int* step) {
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= N) return;
  const uint4 words = krongauss::drawn(n, 0, seed, step);
  const float z = krongauss::normal_pair(words.x, words.y).x;
  gradient[n * gradient_stride] = -z * expf(-0.5f * h[n * h_stride + 1]);
  gradient[n * gradient_stride + 1] = 0.5f * (1.0f - z * z);
}

extern "C" __global__ void loss_hessian_vector(const float* h, int h_stride, const float* t, int t_stride,
                                               const float* v, int v_stride, float* product, int product_stride, int N,
                                               int d) {
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= N) return;
  const float r = h[n * h_stride] - t[n * t_stride];
  const float precision = expf(-h[n * h_stride + 1]);
  const float x = v[n * v_stride];
  const float y = v[n * v_stride + 1];
  product[n * product_stride] = precision * (x - r * y);
  product[n * product_stride + 1] = precision * (0.5f * r * r * y - r * x);
}
