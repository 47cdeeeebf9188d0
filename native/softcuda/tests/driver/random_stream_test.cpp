// Streams in a random order: a missing dependency shows, a present one holds, and nothing hangs.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "program.h"

namespace {

constexpr int kSeeds = 20;

struct Streams {
  std::vector<void*> streams;
  explicit Streams(int count, unsigned flags = 1) : streams(count) {
    for (void*& stream : streams) CHECK_EQUAL(0, cuStreamCreate(&stream, flags));
  }
  ~Streams() {
    for (void* stream : streams) CHECK_EQUAL(0, cuStreamDestroy_v2(stream));
  }
  void* operator[](size_t i) const { return streams[i]; }
};

// What the host functions of a test have noted, in their order.
struct Log {
  std::vector<int> entries;
  struct Note {
    Log* log;
    int id;
  };
  std::vector<std::unique_ptr<Note>> notes;
  void submit(void* stream, int id) {
    notes.push_back(std::make_unique<Note>(Note{this, id}));
    CHECK_EQUAL(0, cuLaunchHostFunc(stream, [](void* p) {
      auto* const note = static_cast<Note*>(p);
      note->log->entries.push_back(note->id);
    }, notes.back().get()));
  }
};

// In how many seeds a program's result is wrong.
template <class Wrong>
int wrong_seeds(Wrong wrong) {
  int count = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const Option option("seed", std::to_string(seed), "0");
    TestContext context;
    count += wrong() ? 1 : 0;
  }
  return count;
}

// A producer of several steps on one stream, a consumer of as many on another.
bool consumer_reads_too_early(bool with_wait, bool long_consumer) {
  const Kernels kernels;
  void* const function = kernels.function("scale_add");
  const Streams streams(2);
  void* event = nullptr;
  CHECK_EQUAL(0, cuEventCreate(&event, 2));
  DeviceArray<> x(std::vector<float>(64, 0.f)), y(64), z(std::vector<float>(64, 0.f));
  const std::vector<float> ones(64, 1.f);
  CHECK_EQUAL(0, cuMemcpyHtoDAsync_v2(x.address(), ones.data(), 256, streams[0]));
  CHECK_EQUAL(0, launch_scale(function, x.address(), x.address(), 64, 1.f, streams[0]));
  CHECK_EQUAL(0, cuEventRecord(event, streams[0]));
  for (int i = 0; long_consumer && i < 10; ++i) CHECK_EQUAL(0, launch_scale(function, z.address(), z.address(), 64, 1.f, streams[1]));
  if (with_wait) CHECK_EQUAL(0, cuStreamWaitEvent(streams[1], event, 0));
  CHECK_EQUAL(0, launch_scale(function, x.address(), y.address(), 64, 0.f, streams[1]));
  CHECK_EQUAL(0, cuStreamSynchronize(streams[1]));
  return y.get()[63] != 6.f;
}

TEST(a_missing_wait_for_an_event_shows) {
  for (const bool long_consumer : {false, true}) {
    const int wrong = wrong_seeds([&] { return consumer_reads_too_early(false, long_consumer); });
    printf("       missing wait: wrong in %d of %d seeds\n", wrong, kSeeds);
    CHECK(wrong >= 5);
    CHECK_EQUAL(0, wrong_seeds([&] { return consumer_reads_too_early(true, long_consumer); }));
  }
}

TEST(the_default_stream_orders_blocking_streams_only) {
  const auto wrong = [](unsigned flags) {
    return wrong_seeds([&] {
      const Streams streams(2, flags);
      DeviceArray<unsigned> x(64), y(64);
      CHECK_EQUAL(0, cuCtxSynchronize());
      CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 1, 64, streams[0]));
      CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(y.address(), x.address(), 256, nullptr));
      CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 2, 64, streams[1]));
      CHECK_EQUAL(0, cuCtxSynchronize());
      return y.get()[0] != 1;
    });
  };
  CHECK_EQUAL(0, wrong(0));
  const int without = wrong(1);
  printf("       default stream: wrong in %d of %d seeds\n", without, kSeeds);
  CHECK(without >= 5);
}

TEST(waiting_for_the_default_stream_waits_for_blocking_streams) {
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const Option option("seed", std::to_string(seed), "0");
    TestContext context;
    const Streams streams(2, 0);
    Log log;
    log.submit(streams[0], 0);
    log.submit(streams[1], 1);
    if (seed % 2 == 0) {
      CHECK_EQUAL(0, cuStreamSynchronize(nullptr));
    } else {
      while (cuStreamQuery(nullptr) != 0) {}
    }
    CHECK_EQUAL(2, log.entries.size());
  }
}

TEST(a_copy_that_the_host_does_not_wait_for_is_late) {
  const int wrong = wrong_seeds([] {
    const Streams streams(1);
    void* pinned = nullptr;
    DeviceArray<> x(std::vector<float>{5.f});
    CHECK_EQUAL(0, cuMemHostAlloc(&pinned, 4, 0));
    auto* const value = static_cast<float*>(pinned);
    *value = 1.f;
    CHECK_EQUAL(0, cuMemcpyDtoHAsync_v2(pinned, x.address(), 4, streams[0]));
    const bool early = *value != 5.f;
    CHECK_EQUAL(0, cuStreamSynchronize(streams[0]));
    CHECK(*value == 5.f);
    CHECK_EQUAL(0, cuMemFreeHost(pinned));
    return early;
  });
  CHECK_EQUAL(kSeeds, wrong);
}

TEST(the_device_is_lazy) {
  int ahead = 0, behind = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const Option option("seed", std::to_string(seed), "0");
    TestContext context;
    const Streams streams(2);
    Log log;
    for (int i = 0; i < 30; ++i) log.submit(streams[1], 1);
    log.submit(streams[0], 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(log.entries.empty());
    CHECK_EQUAL(0, cuStreamSynchronize(streams[0]));
    // It ran until that had ended, no longer.
    CHECK(!log.entries.empty() && log.entries.back() == 0);
    ahead += log.entries.size() > 1;
    behind += log.entries.size() < 31;
    CHECK_EQUAL(0, cuCtxSynchronize());
    CHECK_EQUAL(31, log.entries.size());
  }
  CHECK(ahead >= 3 && behind >= 3);
}

std::vector<int> sequence_of(const std::string& seed) {
  const Option option("seed", seed, "0");
  TestContext context;
  const Streams streams(4);
  Log log;
  for (int i = 0; i < 40; ++i) log.submit(streams[i % 4], i);
  CHECK_EQUAL(0, cuStreamSynchronize(streams[2]));
  for (int i = 40; i < 80; ++i) log.submit(streams[i % 4], i);
  while (cuStreamQuery(streams[0]) != 0) {}
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK_EQUAL(80, log.entries.size());
  // Every stream is in order.
  std::map<int, int> last;
  for (int id : log.entries) {
    CHECK(last.count(id % 4) == 0 || last[id % 4] < id);
    last[id % 4] = id;
  }
  return log.entries;
}

TEST(the_same_seed_gives_the_same_order) {
  std::set<std::vector<int>> different;
  for (const char* seed : {"1", "2", "3", "18446744073709551615"}) {
    const std::vector<int> sequence = sequence_of(seed);
    CHECK(sequence == sequence_of(seed));
    different.insert(sequence);
  }
  CHECK_EQUAL(4, different.size());
}

TEST(asking_makes_progress) {
  const Option option("seed", "5", "0");
  TestContext context;
  const Streams streams(3);
  Log log;
  for (int i = 0; i < 60; ++i) log.submit(streams[i % 3], i);
  void* event = nullptr;
  CHECK_EQUAL(0, cuEventCreate(&event, 2));
  CHECK_EQUAL(0, cuEventRecord(event, streams[1]));
  int polls = 0;
  while (cuEventQuery(event) == 600 && polls < 1000) ++polls;
  CHECK(polls <= 61);
  while (cuStreamQuery(streams[0]) == 600 && polls < 1000) ++polls;
  CHECK(polls <= 61);
  CHECK_EQUAL(0, cuCtxSynchronize());
}

TEST(a_host_that_waits_in_its_own_way_gets_on) {
  const Option option("seed", "6", "0");
  TestContext context;
  const Streams streams(2);
  std::atomic<int> reached{0};
  for (int i = 0; i < 100; ++i) {
    CHECK_EQUAL(0, cuLaunchHostFunc(streams[i % 2], [](void* p) { ++*static_cast<std::atomic<int>*>(p); }, &reached));
  }
  const auto start = std::chrono::steady_clock::now();
  while (reached < 100 && std::chrono::steady_clock::now() - start < std::chrono::seconds(20)) std::this_thread::yield();
  CHECK_EQUAL(100, reached.load());
  CHECK_EQUAL(0, cuCtxSynchronize());
}

// A host function may wait for the host: a query does not wait for it.
TEST(a_query_does_not_wait_for_a_host_function) {
  const Option option("seed", "7", "0");
  TestContext context;
  const Streams streams(1);
  std::atomic<bool> go{false};
  CHECK_EQUAL(0, cuLaunchHostFunc(streams[0], [](void* flag) {
    while (!static_cast<std::atomic<bool>*>(flag)->load()) std::this_thread::yield();
  }, &go));
  CHECK_EQUAL(600, cuStreamQuery(streams[0]));
  CHECK_EQUAL(600, cuStreamQuery(streams[0]));
  go = true;
  CHECK_EQUAL(0, cuStreamSynchronize(streams[0]));
}

// What may not be done in a host function: waiting and changing the order.
TEST(host_functions_must_not_wait) {
  const Option option("seed", "8", "0");
  TestContext context;
  const Streams streams(2);
  static std::atomic<int> set, synchronised;
  set = synchronised = -1;
  static void* current;
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  CHECK_EQUAL(0, cuLaunchHostFunc(streams[0], [](void*) {
    cuCtxSetCurrent(current);
    set = softcudaSetOption("seed", "9");
    synchronised = cuCtxSynchronize();
  }, nullptr));
  CHECK_EQUAL(0, cuStreamSynchronize(streams[0]));
  CHECK_EQUAL(800, set.load());
  CHECK_EQUAL(800, synchronised.load());
}

TEST(changing_the_seed_ends_the_work_first) {
  TestContext context;
  const Streams streams(3);
  Log log;
  int submitted = 0;
  for (const char* seed : {"4", "0", "0", "9", "9", "0"}) {
    for (int i = 0; i < 20; ++i) log.submit(streams[i % 3], submitted++);
    CHECK_EQUAL(0, softcudaSetOption("seed", seed));
    CHECK_EQUAL(submitted, log.entries.size());
  }
  CHECK_EQUAL(kInvalidValue, softcudaSetOption("seed", "many"));
  CHECK_EQUAL(0, cuCtxSynchronize());
}

TEST(the_seed_may_change_while_other_threads_work) {
  TestContext context;
  void* current = nullptr;
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      cuCtxSetCurrent(current);
      void *stream = nullptr, *event = nullptr;
      Ptr x = 0;
      if (cuStreamCreate(&stream, 1) != 0 || cuEventCreate(&event, 2) != 0 || cuMemAlloc_v2(&x, 4) != 0) ++wrong;
      for (unsigned i = 1; !stop; ++i) {
        unsigned got = 0;
        if (cuMemsetD32Async(x, i, 1, stream) != 0 || cuEventRecord(event, stream) != 0 || cuEventSynchronize(event) != 0) ++wrong;
        if (cuMemcpyDtoHAsync_v2(&got, x, 4, stream) != 0 || got != i) ++wrong;
      }
      if (cuStreamDestroy_v2(stream) != 0 || cuMemFree_v2(x) != 0) ++wrong;
    });
  }
  for (int i = 0; i < 60; ++i) {
    CHECK_EQUAL(0, softcudaSetOption("seed", std::to_string(i % 3).c_str()));
    CHECK_EQUAL(0, softcudaSetOption("check", i % 2 == 0 ? "race" : "none"));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK_EQUAL(0, wrong.load());
  CHECK_EQUAL(0, softcudaSetOption("check", "none"));
  CHECK_EQUAL(0, softcudaSetOption("seed", "0"));
}

// Many streams and events, work, waits and queries at random: all runs once, after all it depends on.
void stress(uint64_t seed, int steps) {
  TestContext context;
  constexpr int kStreams = 12, kEvents = 40;
  const Streams blocking(4, 0), independent(kStreams - 5, 1);
  std::vector<void*> streams = {nullptr};
  streams.insert(streams.end(), blocking.streams.begin(), blocking.streams.end());
  streams.insert(streams.end(), independent.streams.begin(), independent.streams.end());
  struct Event {
    void* handle = nullptr;
    int after = -1;
  };
  std::vector<Event> events(kEvents);
  for (Event& event : events) CHECK_EQUAL(0, cuEventCreate(&event.handle, 2));
  Log log;
  std::vector<std::vector<int>> needed;  // of each piece of work, the last before it on its stream and on those it waits for
  std::vector<std::set<int>> tails(streams.size());
  Random random(seed);
  const auto below = [&](int n) { return std::min(n - 1, static_cast<int>((random.next() + 1.f) / 2.f * static_cast<float>(n))); };
  std::vector<std::set<int>> recorded(kEvents);
  for (int step = 0; step < steps; ++step) {
    const int s = below(static_cast<int>(streams.size()));
    const int e = below(kEvents);
    const int kind = below(20);
    if (kind < 10) {
      std::vector<int> before(tails[s].begin(), tails[s].end());
      if (s == 0) {
        for (int b = 1; b <= 4; ++b) before.insert(before.end(), tails[b].begin(), tails[b].end());
      } else if (s <= 4) {
        before.insert(before.end(), tails[0].begin(), tails[0].end());
      }
      const int id = static_cast<int>(needed.size());
      log.submit(streams[s], id);
      needed.push_back(before);
      tails[s] = {id};
    } else if (kind < 14) {
      CHECK_EQUAL(0, cuEventRecord(events[e].handle, streams[s]));
      recorded[e] = tails[s];
    } else if (kind < 18) {
      CHECK_EQUAL(0, cuStreamWaitEvent(streams[s], events[e].handle, 0));
      tails[s].insert(recorded[e].begin(), recorded[e].end());
    } else if (step % 7 == 0) {
      CHECK_EQUAL(0, cuStreamSynchronize(streams[s]));
    } else if (step % 7 == 1) {
      CHECK_EQUAL(0, cuEventSynchronize(events[e].handle));
    } else if (step % 7 == 2) {
      const int result = cuStreamQuery(streams[s]);
      CHECK(result == 0 || result == 600);
    }
  }
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK_EQUAL(needed.size(), log.entries.size());
  std::vector<int> place(needed.size(), -1);
  for (size_t i = 0; i < log.entries.size(); ++i) {
    CHECK_EQUAL(-1, place[log.entries[i]]);
    place[log.entries[i]] = static_cast<int>(i);
  }
  int wrong = 0;
  for (size_t id = 0; id < needed.size(); ++id) {
    for (int before : needed[id]) wrong += place[before] >= place[id];
  }
  CHECK_EQUAL(0, wrong);
}

TEST(many_streams_and_events) {
  for (int seed = 0; seed <= kSeeds; ++seed) {
    const Option option("seed", std::to_string(seed), "0"), check("check", seed % 2 == 0 ? "race" : "none", "none");
    stress(static_cast<uint64_t>(seed) + 1, 600);
  }
}

TEST(a_failure_ends_the_work_of_its_context_only) {
  const Option option("seed", "3", "0");
  const Option check("check", "memory", "none");
  Log log;
  {
    TestContext context;
    const Streams streams(2);
    const Kernels kernels;
    log.submit(streams[1], 1);
    Ptr null = 0;
    void* params[] = {&null};
    CHECK_EQUAL(0, cuLaunchKernel(kernels.function("read_null"), 1, 1, 1, 32, 1, 1, 0, streams[0], params, nullptr));
    CHECK_EQUAL(kIllegalAddress, cuStreamSynchronize(streams[0]));
  }
  TestContext next;
  const Streams more(1);
  log.submit(more[0], 2);
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK_EQUAL(2, log.entries.back());
}

}  // namespace

int main() { return run_all(); }
