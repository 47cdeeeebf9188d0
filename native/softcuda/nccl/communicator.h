#pragma once
// One rank of a group, and the transfers that it makes with others: on the device's thread, when the stream comes to them.
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "segment.h"

namespace softcuda {

// One send or receive, or one collective call.
struct Work {
  enum Kind { send, receive, broadcast, all_reduce } kind;
  const char* from;
  char* to;
  size_t count, element;
  int peer;  // or the root
  int type;  // ncclDataType_t
  size_t bytes() const { return count * element; }
  // "ncclSend of 400 bytes to rank 1"
  std::string text() const;
};

class Communicator {
 public:
  // `device`: of this process, the rank's own.
  Communicator(const std::string& name, int ranks, int rank, int device);
  ~Communicator();

  int ranks() const { return ranks_; }
  int rank() const { return rank_; }
  int device() const { return device_; }

  // Makes the collective calls in their order, then all sends and receives at once. Called by the device's thread. Throws GroupFailure.
  void run(const std::vector<Work>& group);

  // A group cannot go on, for a reason that this rank alone has.
  void fault(const std::string& text);
  // Ends what runs and lets nothing more run; the other ranks fail.
  void abort();
  void leave();

  // An ncclResult_t, and why.
  int state() const { return state_.load(); }
  std::string error() const;
  // Keeps the text for ncclGetLastError; the result.
  int fail(int result, const std::string& text);

 private:
  // Bytes to or from a peer, after a header that says what they belong to.
  struct Transfer;

  void meet(const Work& work);
  void broadcast(const Work& work);
  void all_reduce(const Work& work);
  void sum(const Work& work);
  void move(std::vector<Transfer>* transfers);
  bool step(Transfer* transfer);
  void compare(const Transfer& transfer) const;

  const int ranks_, rank_, device_;
  Segment segment_;
  uint64_t collective_ = 0;
  std::atomic<bool> aborted_{false};
  std::atomic<int> state_{kNcclSuccess};
  mutable std::mutex mutex_;
  std::string error_;
};

}  // namespace softcuda
