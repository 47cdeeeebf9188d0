// Runs pipeline.cu: sizes below, at and above a tile, and fewer steps than stages.
#include "sample.h"

namespace {

void product(sample::Run& run, int M, int N, int K) {
  const std::vector<float> a = run.random(M * K), b = run.random(K * N);
  const sample::Pointer A = run.array(a), B = run.array(b), C = run.empty<float>(M * N);
  run.launch(nullptr, "pipeline_product", (N + 31) / 32, (M + 31) / 32, 128, A, B, C, M, N, K);
  sample::synchronise();
  sample::expect_product(a, b, run.download<float>(C, M * N), M, N, K, K * 0x1p-24);
}

}  // namespace

int main(int count, char** arguments) {
  return sample::run(count, arguments, [](sample::Run& run) {
    product(run, 1, 4, 4);
    product(run, 31, 32, 16);
    product(run, 33, 36, 52);
    product(run, 64, 64, 128);
  });
}
