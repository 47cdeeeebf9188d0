// Ranks of NCCL that are threads of one process, with a device each.
#include <atomic>
#include <thread>

#include "nccl_ranks.h"
#include "program.h"

namespace {

constexpr int kDevices = 3;

TEST(nccl_joins_the_devices_of_a_process) {
  CHECK_EQUAL(0, softcudaSetOption("devices", "3"));
  CHECK_EQUAL(0, cuInit(0));
  for (const int ranks : {2, kDevices}) {
    Id id;
    CHECK_EQUAL(0, ncclGetUniqueId(&id));
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks; ++rank) {
      threads.emplace_back([&, rank] {
        void *context = nullptr, *communicator = nullptr;
        Ptr x = 0;
        bool ok = cuDevicePrimaryCtxRetain(&context, rank) == 0 && cuCtxSetCurrent(context) == 0 && ncclCommInitRank(&communicator, ranks, id, rank) == 0;
        ok = ok && cuMemAlloc_v2(&x, 400000) == 0 && cuMemcpyHtoD_v2(x, std::vector<float>(100000, 1.f + static_cast<float>(rank)).data(), 400000) == 0;
        void* const memory = reinterpret_cast<void*>(x);
        for (int i = 0; ok && i < 3; ++i) ok = ncclAllReduce(memory, memory, 100000, kFloat, kSum, communicator, nullptr) == 0;
        std::vector<float> sum(100000);
        ok = ok && cuMemcpyDtoH_v2(sum.data(), x, 400000) == 0;
        const float wanted = static_cast<float>(ranks == 2 ? 3 * 2 * 2 : 6 * 3 * 3);
        ok = ok && sum == std::vector<float>(100000, wanted);
        if (!ok) printf("rank %d: %s\n", rank, softcudaLastMessage());
        // With another device current, the call is no rank's.
        void* other = nullptr;
        ok = ok && cuDevicePrimaryCtxRetain(&other, (rank + 1) % kDevices) == 0 && cuCtxSetCurrent(other) == 0;
        ok = ok && ncclAllReduce(memory, memory, 1, kFloat, kSum, communicator, nullptr) == 4;
        const std::string said = ncclGetLastError(communicator);
        ok = ok && said.find("the communicator is of device " + std::to_string(rank)) != std::string::npos;
        ok = cuCtxSetCurrent(context) == 0 && ncclCommDestroy(communicator) == 0 && cuMemFree_v2(x) == 0 && ok;
        ok = cuDevicePrimaryCtxRelease_v2((rank + 1) % kDevices) == 0 && cuDevicePrimaryCtxRelease_v2(rank) == 0 && ok;
        right += ok ? 1 : 0;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK_EQUAL(ranks, right.load());
  }
}

}  // namespace

int main() { return run_all(); }
