// Runs flags.cu. The inputs are small integers, so every order of summation gives the same sum.
#include "sample.h"

namespace {

std::vector<float> integers(size_t n) {
  std::vector<float> x(n);
  for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i * 7 % 23) - 9.f;
  return x;
}

void scan(sample::Run& run, int n) {
  const int blocks = (n + 127) / 128;
  const std::vector<float> x = integers(n);
  const sample::Pointer X = run.array(x), prefix = run.empty<float>(n), sums = run.empty<float>(blocks);
  const sample::Pointer ticket = run.empty<unsigned>(1), flags = run.empty<unsigned>(blocks);
  sample::fill(ticket, 0, 4);
  sample::fill(flags, 0, 4 * blocks);
  run.launch(nullptr, "chained_scan", blocks, 1, 128, X, prefix, n, ticket, flags, sums);
  sample::synchronise();
  const std::vector<float> got = run.download<float>(prefix, n);
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    sum += x[i];
    sample::expect("prefix", i, sum, got[i], 0);
  }
}

void total(sample::Run& run, int n) {
  const int blocks = (n + 127) / 128;
  const std::vector<float> x = integers(n);
  const sample::Pointer X = run.array(x), partial = run.empty<float>(blocks), out = run.empty<float>(2);
  const sample::Pointer counter = run.array(std::vector<unsigned>{0});
  double sum = 0;
  for (const float each : x) sum += each;
  // Twice: the counter has to be 0 again.
  for (int i = 0; i < 2; ++i) run.launch(nullptr, "last_block_sum", blocks, 1, 128, X, n, partial, counter, out + 4 * i);
  sample::synchronise();
  const std::vector<float> got = run.download<float>(out, 2);
  for (int i = 0; i < 2; ++i) sample::expect("out", i, sum, got[i], 0);
}

}  // namespace

int main(int count, char** arguments) {
  return sample::run(count, arguments, [](sample::Run& run) {
    for (const int n : {1, 128, 129, 1000}) {
      scan(run, n);
      total(run, n);
    }
  });
}
