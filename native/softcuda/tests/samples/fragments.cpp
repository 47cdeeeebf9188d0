// Runs fragments.cu with tensor cores that round as badly as any (mma = worst).
#include "sample.h"

namespace {

void product(sample::Run& run, int M, int N, int K) {
  const std::vector<float> a = run.random(M * K), b = run.random(K * N);
  const sample::Pointer A = run.array(a), B = run.array(b), C = run.empty<float>(M * N);
  run.launch(nullptr, "fragments_product", N / 8, M / 16, 32, A, B, C, M, N, K);
  sample::synchronise();
  const std::vector<float> c = run.download<float>(C, M * N);
  for (int i = 0; i < M; ++i) {
    for (int j = 0; j < N; ++j) {
      double sum = 0, magnitude = 0;
      for (int k = 0; k < K; ++k) {
        const double term = static_cast<double>(a[i * K + k]) * b[k * N + j];
        sum += term;
        magnitude += std::fabs(term);
      }
      sample::expect("C", i * N + j, sum, c[i * N + j], (4 * K + 8) * 0x1p-24 * magnitude);
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  return sample::run(count, arguments, [](sample::Run& run) {
    sample::set_option("mma", "worst");
    product(run, 16, 8, 8);
    product(run, 32, 24, 40);
  });
}
