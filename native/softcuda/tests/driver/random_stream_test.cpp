// Streams in a random order: a missing dependency shows, a present one holds, and the device is lazy.
#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "streams.h"

namespace {

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

// An upload, at once followed by a kernel that reads it on a stream that does not wait for the default one.
int seeds_that_read_old_values(unsigned flags, bool two_dimensional, bool with_wait) {
  return wrong_seeds([=] {
    const Kernels kernels;
    const Streams streams(1, flags);
    DeviceArray<> x(std::vector<float>(64, 1.f)), y(64);
    CHECK_EQUAL(0, cuCtxSynchronize());
    std::vector<float> values(64, 5.f);
    if (two_dimensional) {
      Copy2D copy{};
      copy.from_type = kHost, copy.from_host = values.data(), copy.from_pitch = 32;
      copy.to_type = kDevice, copy.to_device = x.address(), copy.to_pitch = 32;
      copy.width = 32, copy.height = 8;
      CHECK_EQUAL(0, cuMemcpy2D_v2(&copy));
    } else {
      CHECK_EQUAL(0, cuMemcpyHtoD_v2(x.address(), values.data(), 256));
    }
    std::fill(values.begin(), values.end(), 0.f);  // it has been read
    if (with_wait) CHECK_EQUAL(0, cuStreamSynchronize(nullptr));
    CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), x.address(), y.address(), 64, 0.f, streams[0]));
    CHECK_EQUAL(0, cuStreamSynchronize(streams[0]));
    const std::vector<float> got = y.get();
    CHECK(got[63] == 10.f || got[63] == 2.f);
    return got[63] != 10.f;
  });
}

TEST(a_copy_from_pageable_memory_is_late_for_streams_that_do_not_wait) {
  for (const bool two_dimensional : {false, true}) {
    const int wrong = seeds_that_read_old_values(1, two_dimensional, false);
    printf("       upload without a wait: old values in %d of %d seeds\n", wrong, kSeeds);
    CHECK(wrong >= 5);
    CHECK_EQUAL(0, seeds_that_read_old_values(1, two_dimensional, true));
    CHECK_EQUAL(0, seeds_that_read_old_values(0, two_dimensional, false));
  }
}

TEST(copies_within_the_device_are_late_also_without_a_stream) {
  for (const int form : {0, 1, 2}) {
    const int wrong = wrong_seeds([form] {
      const Streams streams(1);
      DeviceArray<unsigned> x(std::vector<unsigned>{7}), y(std::vector<unsigned>{1}), z(1);
      CHECK_EQUAL(0, cuCtxSynchronize());
      Copy2D copy{};
      copy.from_type = copy.to_type = kDevice, copy.from_device = x.address(), copy.to_device = y.address(), copy.width = 4, copy.height = 1;
      CHECK_EQUAL(0, form == 0   ? cuMemcpyDtoD_v2(y.address(), x.address(), 4)
                     : form == 1 ? cuMemcpy(y.address(), x.address(), 4)
                                 : cuMemcpy2D_v2(&copy));
      CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(z.address(), y.address(), 4, streams[0]));
      CHECK_EQUAL(0, cuStreamSynchronize(streams[0]));
      return z.get()[0] != 7;
    });
    printf("       copy within the device: old values in %d of %d seeds\n", wrong, kSeeds);
    CHECK(wrong >= 5);
  }
}

// What a call without a stream has done when it returns: to host memory, from page-locked memory, and fills of it.
TEST(calls_that_promise_it_have_ended_when_they_return) {
  CHECK_EQUAL(0, wrong_seeds([] {
    const Streams streams(1);
    void *pinned = nullptr, *other = nullptr;
    DeviceArray<unsigned> x(std::vector<unsigned>{7}), y(1);
    CHECK_EQUAL(0, cuMemHostAlloc(&pinned, 4, 0));
    CHECK_EQUAL(0, cuMemHostAlloc(&other, 4, 0));
    auto* const value = static_cast<unsigned*>(pinned);
    *value = 1;
    CHECK_EQUAL(0, cuMemcpyDtoH_v2(pinned, x.address(), 4));
    bool wrong = *value != 7;
    CHECK_EQUAL(0, cuMemcpy(reinterpret_cast<Ptr>(other), reinterpret_cast<Ptr>(pinned), 4));
    wrong |= *static_cast<unsigned*>(other) != 7;
    CHECK_EQUAL(0, cuMemsetD32_v2(reinterpret_cast<Ptr>(pinned), 9, 1));
    wrong |= *value != 9;
    CHECK_EQUAL(0, cuMemcpyHtoD_v2(x.address(), pinned, 4));
    CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(y.address(), x.address(), 4, streams[0]));
    CHECK_EQUAL(0, cuStreamSynchronize(streams[0]));
    wrong |= y.get()[0] != 9;
    CHECK_EQUAL(0, cuMemFreeHost(pinned));
    CHECK_EQUAL(0, cuMemFreeHost(other));
    return wrong;
  }));
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

}  // namespace

int main() { return run_all(); }
