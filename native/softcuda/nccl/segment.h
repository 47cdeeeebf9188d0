#pragma once
// The memory that the ranks of one group share, and what a rank knows of the others through it.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace softcuda {

// A group that cannot go on. `result` is an ncclResult_t.
struct GroupFailure : std::runtime_error {
  int result;
  GroupFailure(int code, const std::string& text) : std::runtime_error(text), result(code) {}
};

enum NcclResult : int {
  kNcclSuccess = 0,
  kNcclUnhandledCudaError = 1,
  kNcclSystemError = 2,
  kNcclInternalError = 3,
  kNcclInvalidArgument = 4,
  kNcclInvalidUsage = 5,
  kNcclRemoteError = 6
};

constexpr size_t kTextBytes = 240;
constexpr size_t kRingBytes = 1 << 18;

// Bytes from one rank to another, in order. One writes, one reads.
class alignas(64) Channel {
 public:
  // As many of these bytes as there is room for; how many.
  size_t put(const char* bytes, size_t count);
  // As many as have come, at most `count`; how many.
  size_t take(char* bytes, size_t count);
  bool empty() const { return written_.load() == read_.load(); }
  bool full() const { return written_.load() - read_.load() == kRingBytes; }

 private:
  alignas(64) std::atomic<uint64_t> written_;
  alignas(64) std::atomic<uint64_t> read_;
  char ring_[kRingBytes];
};

// What a rank waits for, of one other rank.
enum class Waits : uint32_t { nothing = 0, data = 1, room = 2, collective = 3 };

// What a rank says of itself. Its own writes come in the order text, then number.
struct alignas(64) Slot {
  std::atomic<uint32_t> attached, left;
  std::atomic<uint64_t> process;       // a random number of the process
  std::atomic<uint32_t> device;        // of that process
  std::atomic<uint64_t> collective;    // the number of the collective call that it has come to
  char collectives[2][kTextBytes];     // what that is, and the one before, by the number's parity
  std::atomic<uint64_t> progress;      // grows whenever it gets on
  std::atomic<uint32_t> waits, waits_for;
  char doing[kTextBytes];
};

// Created by the first rank that comes, attached to by the others; its name goes when all have come. A rank holds a lock of its own
// on the file, which the kernel releases with its process however that ends.
class Segment {
 public:
  Segment(const std::string& name, int ranks, int rank, int device);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // Waits until all have come.
  void meet();

  Slot& slot(int rank) const;
  Channel& channel(int from, int to) const;
  // Whether the rank's process still runs and it has not left.
  bool alive(int rank) const;

  // The first failure is everybody's. The text that holds.
  std::string publish(const std::string& text);
  // Empty while all is well.
  std::string failure() const;

 private:
  struct Header;
  bool create(const std::string& name);
  void attach(const std::string& name);
  void release();
  Header& header() const { return *static_cast<Header*>(memory_); }

  const std::string name_;
  const int ranks_, rank_;
  size_t bytes_ = 0;
  int file_ = -1;
  void* memory_ = nullptr;
};

// Copies at most kTextBytes - 1 characters and a zero.
void set_text(char* to, const std::string& text);
// A number that no other process has.
uint64_t process_number();

}  // namespace softcuda
