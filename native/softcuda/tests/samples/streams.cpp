// One stream fills a buffer, another adds it up, round after round, with two buffers in turn: the reader waits until a buffer
// is full, the writer until it has been read.
#include "sample.h"

int main(int count, char** arguments) {
  return sample::run(count, arguments, [](sample::Run& run) {
    constexpr int kRounds = 6, n = 300;
    const sample::Pointer sum = run.array(std::vector<float>(n, 0.f));
    const sample::Pointer buffer[2] = {run.empty<float>(n), run.empty<float>(n)};
    void* const writer = run.stream();
    void* const reader = run.stream();
    void* const full[2] = {run.event(), run.event()};
    void* const free[2] = {run.event(), run.event()};
    for (int round = 0; round < kRounds; ++round) {
      const int b = round % 2;
      if (round >= 2) sample::wait_event(writer, free[b], 0);
      run.launch(writer, "produce", (n + 127) / 128, 1, 128, buffer[b], n, round);
      sample::record_event(full[b], writer);
      sample::wait_event(reader, full[b], 0);
      run.launch(reader, "consume", (n + 127) / 128, 1, 128, buffer[b], sum, n);
      sample::record_event(free[b], reader);
    }
    sample::synchronise();
    const std::vector<float> got = run.download<float>(sum, n);
    for (int i = 0; i < n; ++i) sample::expect("sum", i, kRounds * (kRounds - 1) / 2 + kRounds * i, got[i], 0);
  });
}
