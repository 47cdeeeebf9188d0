// The entry points: nccl.h of NCCL 2.28, as far as they are used.
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <random>

#include "../driver/hook.h"
#include "communicator.h"

#define SOFTCUDA_EXPORT extern "C" __attribute__((visibility("default")))

using namespace softcuda;

namespace {

constexpr int kVersion = 22803;
constexpr int kLaunchFailed = 719;  // CUDA_ERROR_LAUNCH_FAILED: what the stream's next wait gives
constexpr int kSum = 0;
constexpr char kMark[] = "krongauss-nccl";

struct UniqueId {
  char bytes[128];
};

// By handle: a wrong one is found, and what streams still hold keeps the rank.
std::mutex& handles_mutex() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}

std::map<void*, std::shared_ptr<Communicator>>& handles() {
  static auto* const all = new std::map<void*, std::shared_ptr<Communicator>>;
  return *all;
}

std::shared_ptr<Communicator> of(void* handle) {
  const std::lock_guard<std::mutex> lock(handles_mutex());
  const auto found = handles().find(handle);
  return found == handles().end() ? nullptr : found->second;
}

thread_local std::string last_error;

int invalid(int result, const std::string& text, Communicator* communicator = nullptr) {
  last_error = text;
  softcudaSetLastMessage(text.c_str());
  return communicator != nullptr ? communicator->fail(result, text) : result;
}

// Bytes of an ncclDataType_t, 0 for none.
size_t element_of(int type) {
  switch (type) {
    case 0: case 1: return 1;
    case 2: case 3: case 7: return 4;
    case 4: case 5: case 8: return 8;
    case 6: case 9: return 2;
    default: return 0;
  }
}

bool can_sum(int type) { return type == 2 || type == 4 || type == 7 || type == 8; }

// What a group call gathers until its end.
struct Queued {
  std::shared_ptr<Communicator> communicator;
  void* stream;
  std::vector<Work> works;
};

thread_local int group_depth = 0;
thread_local std::vector<Queued> group_calls;

// Runs on the device's thread, once for each launch.
void run(void* argument) {
  const auto& queued = *static_cast<Queued*>(argument);
  std::string what;
  try {
    for (const Work& work : queued.works) {
      what = work.text();
      const SoftcudaRange read{reinterpret_cast<uint64_t>(work.from), work.bytes(), 0, 1, SOFTCUDA_ALL, 0, nullptr, "what is sent"};
      const SoftcudaRange written{reinterpret_cast<uint64_t>(work.to), work.bytes(), 0, 1, SOFTCUDA_ALL, 1, nullptr, "where it comes to"};
      const bool all = work.bytes() == 0 || ((work.from == nullptr || softcudaTouch(&read, 1) == 0) && (work.to == nullptr || softcudaTouch(&written, 1) == 0));
      if (!all) {
        const std::string text = "rank " + std::to_string(queued.communicator->rank()) + " is in " + what + ": " + softcudaLastMessage();
        queued.communicator->fault(text);
        softcudaFail(kLaunchFailed, text.c_str());
        return;
      }
    }
    queued.communicator->run(queued.works);
  } catch (const GroupFailure& failure) {
    softcudaFail(kLaunchFailed, failure.what());
  }
}

int submit(Queued queued) {
  const std::string name = queued.works.size() == 1 ? queued.works.front().text() : "a group of " + std::to_string(queued.works.size()) + " NCCL calls";
  Communicator* const communicator = queued.communicator.get();
  int device = 0;
  if (softcudaCurrentDevice(&device) == 0 && device != communicator->device()) {
    return invalid(kNcclInvalidArgument, "rank " + std::to_string(communicator->rank()) + ", " + name + ": the communicator is of device " +
                                             std::to_string(communicator->device()) + ", and a context of device " + std::to_string(device) + " is current", communicator);
  }
  auto* const argument = new Queued(std::move(queued));
  const int result = softcudaEnqueueCall(argument->stream, "NCCL", run, argument, [](void* p) { delete static_cast<Queued*>(p); }, nullptr, 0);
  return result == 0 ? kNcclSuccess : invalid(kNcclUnhandledCudaError, name + ": " + softcudaLastMessage(), communicator);
}

int enqueue(void* handle, void* stream, const Work& work) {
  const std::shared_ptr<Communicator> communicator = of(handle);
  if (communicator == nullptr) return invalid(kNcclInvalidArgument, work.text() + ": this is no communicator, or one that was destroyed");
  const std::string who = "rank " + std::to_string(communicator->rank()) + ", " + work.text() + ": ";
  if (communicator->state() != kNcclSuccess) return invalid(communicator->state(), who + communicator->error(), communicator.get());
  if (work.element == 0) return invalid(kNcclInvalidArgument, who + "there is no data type " + std::to_string(work.type), communicator.get());
  const bool two = work.kind == Work::send || work.kind == Work::receive;
  if (work.peer < 0 || work.peer >= communicator->ranks() || (two && work.peer == communicator->rank())) {
    return invalid(kNcclInvalidArgument, who + "rank " + std::to_string(work.peer) + " of " + std::to_string(communicator->ranks()) + " cannot be meant", communicator.get());
  }
  if (work.kind == Work::all_reduce && !can_sum(work.type)) {
    return invalid(kNcclInvalidArgument, who + "SoftCUDA sums ints, longs, floats and doubles", communicator.get());
  }
  if (group_depth == 0) return submit(Queued{communicator, stream, {work}});
  for (Queued& queued : group_calls) {
    if (queued.communicator == communicator && queued.stream == stream) {
      queued.works.push_back(work);
      return kNcclSuccess;
    }
    if (queued.communicator == communicator) return invalid(kNcclInvalidUsage, who + "SoftCUDA takes one stream a communicator in a group", communicator.get());
  }
  group_calls.push_back(Queued{communicator, stream, {work}});
  return kNcclSuccess;
}

}  // namespace

SOFTCUDA_EXPORT int ncclGetVersion(int* version) {
  if (version == nullptr) return invalid(kNcclInvalidArgument, "ncclGetVersion: a null pointer");
  *version = kVersion;
  return kNcclSuccess;
}

SOFTCUDA_EXPORT int ncclGetUniqueId(UniqueId* id) {
  if (id == nullptr) return invalid(kNcclInvalidArgument, "ncclGetUniqueId: a null pointer");
  memset(id, 0, sizeof *id);
  static std::atomic<unsigned> count{0};
  snprintf(id->bytes, sizeof id->bytes, "%s-%016llx-%u", kMark, static_cast<unsigned long long>(process_number()), ++count);
  return kNcclSuccess;
}

SOFTCUDA_EXPORT int ncclCommInitRank(void** handle, int ranks, UniqueId id, int rank) {
  if (handle == nullptr) return invalid(kNcclInvalidArgument, "ncclCommInitRank: a null pointer");
  *handle = nullptr;
  if (ranks < 1 || rank < 0 || rank >= ranks) {
    return invalid(kNcclInvalidArgument, "ncclCommInitRank: rank " + std::to_string(rank) + " of " + std::to_string(ranks));
  }
  if (strncmp(id.bytes, kMark, strlen(kMark)) != 0 || strnlen(id.bytes, sizeof id.bytes) == sizeof id.bytes) {
    return invalid(kNcclInvalidArgument, "ncclCommInitRank: the id is none of this library's ncclGetUniqueId; all ranks take the bytes that one of them got");
  }
  int device = 0;
  if (softcudaCurrentDevice(&device) != 0) return invalid(kNcclUnhandledCudaError, std::string("ncclCommInitRank: the rank's device is that of the current context: ") + softcudaLastMessage());
  try {
    auto communicator = std::make_shared<Communicator>("/" + std::string(id.bytes), ranks, rank, device);
    const std::lock_guard<std::mutex> lock(handles_mutex());
    *handle = communicator.get();
    handles()[*handle] = std::move(communicator);
    return kNcclSuccess;
  } catch (const GroupFailure& failure) {
    return invalid(failure.result, std::string("ncclCommInitRank: ") + failure.what());
  }
}

namespace {

int forget(void* handle, const char* name, void (*last)(Communicator&)) {
  std::shared_ptr<Communicator> communicator = of(handle);
  if (communicator == nullptr) return invalid(kNcclInvalidArgument, std::string(name) + ": this is no communicator, or one that was destroyed");
  last(*communicator);
  const std::lock_guard<std::mutex> lock(handles_mutex());
  handles().erase(handle);
  return kNcclSuccess;
}

}  // namespace

// What its streams still hold keeps it; the other ranks see that it has left when that is done.
SOFTCUDA_EXPORT int ncclCommDestroy(void* handle) {
  return forget(handle, "ncclCommDestroy", [](Communicator&) {});
}

SOFTCUDA_EXPORT int ncclCommAbort(void* handle) {
  return forget(handle, "ncclCommAbort", [](Communicator& communicator) { communicator.abort(); });
}

SOFTCUDA_EXPORT int ncclCommGetAsyncError(void* handle, int* result) {
  const std::shared_ptr<Communicator> communicator = of(handle);
  if (communicator == nullptr || result == nullptr) return invalid(kNcclInvalidArgument, "ncclCommGetAsyncError: no communicator, or a null pointer");
  *result = communicator->state();
  return kNcclSuccess;
}

SOFTCUDA_EXPORT int ncclCommCount(void* handle, int* count) {
  const std::shared_ptr<Communicator> communicator = of(handle);
  if (communicator == nullptr || count == nullptr) return invalid(kNcclInvalidArgument, "ncclCommCount: no communicator, or a null pointer");
  *count = communicator->ranks();
  return kNcclSuccess;
}

SOFTCUDA_EXPORT int ncclCommUserRank(void* handle, int* rank) {
  const std::shared_ptr<Communicator> communicator = of(handle);
  if (communicator == nullptr || rank == nullptr) return invalid(kNcclInvalidArgument, "ncclCommUserRank: no communicator, or a null pointer");
  *rank = communicator->rank();
  return kNcclSuccess;
}

SOFTCUDA_EXPORT const char* ncclGetErrorString(int result) {
  switch (result) {
    case kNcclSuccess: return "no error";
    case kNcclUnhandledCudaError: return "unhandled cuda error";
    case kNcclSystemError: return "unhandled system error";
    case kNcclInternalError: return "internal error";
    case kNcclInvalidArgument: return "invalid argument";
    case kNcclInvalidUsage: return "invalid usage";
    case kNcclRemoteError: return "remote process exited or there was a network error";
    default: return "unknown result code";
  }
}

// Of the communicator, or without one of the calling thread.
SOFTCUDA_EXPORT const char* ncclGetLastError(void* handle) {
  const std::shared_ptr<Communicator> communicator = of(handle);
  if (communicator != nullptr) last_error = communicator->error();
  return last_error.c_str();
}

SOFTCUDA_EXPORT int ncclGroupStart(void) {
  ++group_depth;
  return kNcclSuccess;
}

SOFTCUDA_EXPORT int ncclGroupEnd(void) {
  if (group_depth == 0) return invalid(kNcclInvalidUsage, "ncclGroupEnd without ncclGroupStart");
  if (--group_depth > 0) return kNcclSuccess;
  std::vector<Queued> calls;
  calls.swap(group_calls);
  int result = kNcclSuccess;
  for (Queued& queued : calls) {
    if (const int one = submit(std::move(queued)); result == kNcclSuccess) result = one;
  }
  return result;
}

SOFTCUDA_EXPORT int ncclSend(const void* from, size_t count, int type, int peer, void* handle, void* stream) {
  return enqueue(handle, stream, Work{Work::send, static_cast<const char*>(from), nullptr, count, element_of(type), peer, type});
}

SOFTCUDA_EXPORT int ncclRecv(void* to, size_t count, int type, int peer, void* handle, void* stream) {
  return enqueue(handle, stream, Work{Work::receive, nullptr, static_cast<char*>(to), count, element_of(type), peer, type});
}

SOFTCUDA_EXPORT int ncclBroadcast(const void* from, void* to, size_t count, int type, int root, void* handle, void* stream) {
  const std::shared_ptr<Communicator> communicator = of(handle);
  const bool sends = communicator != nullptr && communicator->rank() == root;
  return enqueue(handle, stream, Work{Work::broadcast, sends ? static_cast<const char*>(from) : nullptr, static_cast<char*>(to), count, element_of(type), root, type});
}

SOFTCUDA_EXPORT int ncclAllReduce(const void* from, void* to, size_t count, int type, int operation, void* handle, void* stream) {
  if (operation != kSum) return invalid(kNcclInvalidArgument, "ncclAllReduce: SoftCUDA has ncclSum alone, not operation " + std::to_string(operation), of(handle).get());
  return enqueue(handle, stream, Work{Work::all_reduce, static_cast<const char*>(from), static_cast<char*>(to), count, element_of(type), 0, type});
}
