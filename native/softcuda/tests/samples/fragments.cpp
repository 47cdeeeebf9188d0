// Runs fragments.cu with tensor cores that round as badly as any (mma = worst).
#include "sample.h"

namespace {

void product(sample::Run& run, int M, int N, int K) {
  const std::vector<float> a = run.random(M * K), b = run.random(K * N);
  const sample::Pointer A = run.array(a), B = run.array(b), C = run.empty<float>(M * N);
  run.launch(nullptr, "fragments_product", N / 8, M / 16, 32, A, B, C, M, N, K);
  sample::synchronise();
  sample::expect_product(a, b, run.download<float>(C, M * N), M, N, K, (4 * K + 8) * 0x1p-24);
}

}  // namespace

int main(int count, char** arguments) {
  return sample::run(count, arguments, [](sample::Run& run) {
    sample::set_option("mma", "worst");
    product(run, 16, 8, 8);
    product(run, 32, 24, 40);
  });
}
