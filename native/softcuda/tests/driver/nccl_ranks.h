#pragma once
// What a rank of nccl_test does, in a process of its own.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "api.h"

namespace {

struct Id {
  char bytes[128];
};

#define NCCL(name, ...) static auto* const name = find<int(__VA_ARGS__)>("libnccl.so.2", #name)
NCCL(ncclGetVersion, int*);
NCCL(ncclGetUniqueId, Id*);
NCCL(ncclCommInitRank, void**, int, Id, int);
NCCL(ncclCommDestroy, void*);
NCCL(ncclCommAbort, void*);
NCCL(ncclCommGetAsyncError, void*, int*);
NCCL(ncclCommCount, void*, int*);
NCCL(ncclCommUserRank, void*, int*);
NCCL(ncclGroupStart);
NCCL(ncclGroupEnd);
NCCL(ncclSend, const void*, size_t, int, int, void*, void*);
NCCL(ncclRecv, void*, size_t, int, int, void*, void*);
NCCL(ncclBroadcast, const void*, void*, size_t, int, int, void*, void*);
NCCL(ncclAllReduce, const void*, void*, size_t, int, int, void*, void*);
auto* const ncclGetLastError = find<const char*(void*)>("libnccl.so.2", "ncclGetLastError");
auto* const ncclGetErrorString = find<const char*(int)>("libnccl.so.2", "ncclGetErrorString");

constexpr int kFloat = 7, kSum = 0;
constexpr size_t kRing = 1 << 18;  // bytes under way between two ranks, at most

// A rank of a test.
struct Rank {
  int rank, ranks;
  void* communicator = nullptr;

  Rank(const Id& id, int all, int mine) : rank(mine), ranks(all) {
    CHECK_EQUAL(0, ncclCommInitRank(&communicator, all, id, mine));
    if (communicator == nullptr) printf("%s\n", ncclGetLastError(nullptr));
  }
  int exchange(const DeviceArray<>& out, const DeviceArray<>& in, size_t count, int peer) const {
    CHECK_EQUAL(0, ncclGroupStart());
    ncclSend(out.pointer(), count, kFloat, peer, communicator, nullptr);
    ncclRecv(in.pointer(), count, kFloat, peer, communicator, nullptr);
    return ncclGroupEnd();
  }
  // Waits; says what went wrong, for the test that started us.
  void expect_failure() const {
    const int result = cuStreamSynchronize(nullptr);
    int state = 0;
    CHECK_EQUAL(0, ncclCommGetAsyncError(communicator, &state));
    CHECK(state != 0);
    printf("failed %d: %s\nstream: %s\n", result, ncclGetLastError(communicator), softcudaLastMessage());
    CHECK_EQUAL(state, ncclBroadcast(nullptr, nullptr, 0, kFloat, 0, communicator, nullptr));  // nothing more is taken
  }
};

std::vector<float> values(int rank, size_t count) { return Random(static_cast<uint64_t>(rank) + 1).vector(count); }

void everything(const Rank& r) {
  for (const size_t count : {size_t{1}, size_t{1000}, kRing / 4 - 1, kRing / 4, 3 * (kRing / 4) + 5}) {
    for (int distance = 1; distance < r.ranks; distance *= 2) {
      const int peer = r.rank ^ distance;
      const DeviceArray<> out(values(r.rank, count)), in(count);
      CHECK_EQUAL(0, r.exchange(out, in, count, peer));
      CHECK(in.get() == values(peer, count));
    }
    for (int root = 0; root < r.ranks; ++root) {
      const DeviceArray<> place(values(r.rank, count));
      CHECK_EQUAL(0, ncclBroadcast(place.pointer(), place.pointer(), count, kFloat, root, r.communicator, nullptr));
      CHECK(place.get() == values(root, count));
    }
    std::vector<float> sum = values(0, count);
    for (int other = 1; other < r.ranks; ++other) {
      const std::vector<float> more = values(other, count);
      for (size_t i = 0; i < count; ++i) sum[i] += more[i];
    }
    const DeviceArray<> mine(values(r.rank, count)), all(count);
    CHECK_EQUAL(0, ncclAllReduce(mine.pointer(), all.pointer(), count, kFloat, kSum, r.communicator, nullptr));
    CHECK(all.get() == sum);
    CHECK_EQUAL(0, ncclAllReduce(mine.pointer(), mine.pointer(), count, kFloat, kSum, r.communicator, nullptr));
    CHECK(mine.get() == sum);
  }
  int count = 0, rank = -1;
  CHECK_EQUAL(0, ncclCommCount(r.communicator, &count));
  CHECK_EQUAL(0, ncclCommUserRank(r.communicator, &rank));
  CHECK_EQUAL(r.ranks, count);
  CHECK_EQUAL(r.rank, rank);
}

// The same graph, launched three times.
void captured(const Rank& r) {
  void *stream = nullptr, *graph = nullptr, *executable = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  const DeviceArray<> sum(std::vector<float>{1.f});
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(0, ncclAllReduce(sum.pointer(), sum.pointer(), 1, kFloat, kSum, r.communicator, stream));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&executable, graph, 0));
  for (int i = 0; i < 3; ++i) CHECK_EQUAL(0, cuGraphLaunch(executable, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK(sum.get() == std::vector<float>{static_cast<float>(r.ranks * r.ranks * r.ranks)});
  cuGraphExecDestroy(executable);
  cuGraphDestroy(graph);
  cuStreamDestroy_v2(stream);
}

void other_count(const Rank& r) {
  const DeviceArray<> out(std::vector<float>(20)), in(20);
  CHECK_EQUAL(0, r.exchange(out, in, r.rank == 0 ? 10 : 20, 1 - r.rank));
  r.expect_failure();
}

void other_collective(const Rank& r) {
  const DeviceArray<> place(std::vector<float>(20));
  if (r.rank == 0) {
    ncclBroadcast(place.pointer(), place.pointer(), 20, kFloat, 0, r.communicator, nullptr);
  } else {
    ncclAllReduce(place.pointer(), place.pointer(), 20, kFloat, kSum, r.communicator, nullptr);
  }
  r.expect_failure();
}

// One receives, the other is in a collective call.
void each_waits(const Rank& r) {
  const DeviceArray<> place(std::vector<float>(20));
  if (r.rank == 0) {
    ncclRecv(place.pointer(), 20, kFloat, 1, r.communicator, nullptr);
  } else {
    ncclBroadcast(place.pointer(), place.pointer(), 20, kFloat, 0, r.communicator, nullptr);
  }
  r.expect_failure();
}

void freed(const Rank& r) {
  Ptr out = 0;
  CHECK_EQUAL(0, cuMemAlloc_v2(&out, 400));
  const DeviceArray<> in(100);
  if (r.rank == 0) {
    CHECK_EQUAL(0, cuMemFree_v2(out));
  } else {
    CHECK_EQUAL(0, cuMemcpyHtoD_v2(out, std::vector<float>(100).data(), 400));
  }
  ncclGroupStart();
  ncclSend(reinterpret_cast<void*>(out), 100, kFloat, 1 - r.rank, r.communicator, nullptr);
  ncclRecv(in.pointer(), 100, kFloat, 1 - r.rank, r.communicator, nullptr);
  CHECK_EQUAL(0, ncclGroupEnd());
  r.expect_failure();
}

void killed(const Rank& r) {
  if (r.rank == 1) raise(SIGKILL);
  const DeviceArray<> in(20);
  ncclRecv(in.pointer(), 20, kFloat, 1, r.communicator, nullptr);
  r.expect_failure();
}

void left(const Rank& r) {
  if (r.rank == 1) {
    CHECK_EQUAL(0, ncclCommDestroy(r.communicator));
    return;
  }
  const DeviceArray<> in(20);
  ncclRecv(in.pointer(), 20, kFloat, 1, r.communicator, nullptr);
  r.expect_failure();
}

// Rank 0 gives up, from another thread.
void aborted(const Rank& r) {
  const DeviceArray<> in(20);
  if (r.rank == 0) {
    ncclRecv(in.pointer(), 20, kFloat, 1, r.communicator, nullptr);
    std::thread watchdog([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      CHECK_EQUAL(0, ncclCommAbort(r.communicator));
    });
    CHECK(cuStreamSynchronize(nullptr) != 0);
    watchdog.join();
    printf("failed: %s\n", softcudaLastMessage());
  } else {
    ncclRecv(in.pointer(), 20, kFloat, r.rank == 1 ? 2 : 0, r.communicator, nullptr);
    r.expect_failure();
  }
}

struct Program {
  const char* name;
  void (*run)(const Rank&);
};
constexpr Program kPrograms[] = {{"everything", everything},   {"captured", captured}, {"other_count", other_count}, {"other_collective", other_collective},
                                 {"each_waits", each_waits},   {"freed", freed},       {"killed", killed},           {"left", left},
                                 {"aborted", aborted}};

[[maybe_unused]] int run_rank(const std::string& program, const Id& id, int ranks, int rank) {
  TestContext context;
  for (const Program& known : kPrograms) {
    if (program != known.name) continue;
    const Rank mine(id, ranks, rank);
    if (mine.communicator != nullptr) known.run(mine);
    if (program == "everything" || program == "captured") CHECK_EQUAL(0, ncclCommDestroy(mine.communicator));
  }
  fflush(stdout);
  _exit(failures() == 0 ? 0 : 1);  // a context that has failed is not taken down in order
}

}  // namespace
