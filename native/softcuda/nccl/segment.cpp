#include "segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

namespace softcuda {
namespace {

constexpr uint32_t kReady = 0x6b6e6363;
constexpr auto kMeetingTime = std::chrono::seconds(60);

[[noreturn]] void fail_with_errno(const std::string& what) {
  throw GroupFailure(kNcclSystemError, what + ": " + strerror(errno));
}

// OFD locks belong to the open file: two ranks of one process have two.
struct flock lock_of(int rank, short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = rank;
  lock.l_len = 1;
  return lock;
}

}  // namespace

void set_text(char* to, const std::string& text) { snprintf(to, kTextBytes, "%s", text.c_str()); }

uint64_t process_number() {
  static const uint64_t number = [] {
    uint64_t value = 0;
    FILE* const random = fopen("/dev/urandom", "rb");
    if (random != nullptr) {
      if (fread(&value, sizeof value, 1, random) != 1) value = 0;
      fclose(random);
    }
    return value != 0 ? value : static_cast<uint64_t>(getpid()) + 1;
  }();
  return number;
}

size_t Channel::put(const char* bytes, size_t count) {
  const uint64_t written = written_.load();
  count = std::min<size_t>(count, kRingBytes - (written - read_.load()));
  const size_t at = written % kRingBytes, first = std::min(count, kRingBytes - at);
  memcpy(ring_ + at, bytes, first);
  memcpy(ring_, bytes + first, count - first);
  written_.store(written + count);
  return count;
}

size_t Channel::take(char* bytes, size_t count) {
  const uint64_t read = read_.load();
  count = std::min<size_t>(count, written_.load() - read);
  const size_t at = read % kRingBytes, first = std::min(count, kRingBytes - at);
  memcpy(bytes, ring_ + at, first);
  memcpy(bytes + first, ring_, count - first);
  read_.store(read + count);
  return count;
}

struct alignas(64) Segment::Header {
  std::atomic<uint32_t> ready;
  uint32_t ranks;
  std::atomic<uint32_t> failed;  // 1 while the text is being written, 2 when it is there
  char text[4 * kTextBytes];
};

Segment::Segment(const std::string& name, int ranks, int rank, int device) : name_(name), ranks_(ranks), rank_(rank) {
  const size_t pairs = static_cast<size_t>(ranks) * static_cast<size_t>(ranks);
  bytes_ = sizeof(Header) + static_cast<size_t>(ranks) * sizeof(Slot) + pairs * sizeof(Channel);
  try {
    if (!create(name)) attach(name);
    struct flock mine = lock_of(rank, F_WRLCK);
    if (fcntl(file_, F_OFD_SETLK, &mine) != 0 || slot(rank).attached.load() != 0) {
      throw GroupFailure(kNcclInvalidArgument, "rank " + std::to_string(rank) + " of " + std::to_string(ranks) + " is there already; give each rank its own number");
    }
  } catch (const GroupFailure&) {
    release();
    throw;
  }
  slot(rank).process.store(process_number());
  slot(rank).device.store(static_cast<uint32_t>(device));
  slot(rank).attached.store(1);
}

bool Segment::create(const std::string& name) {
  file_ = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file_ < 0) {
    if (errno == EEXIST) return false;
    fail_with_errno("shared memory " + name + " cannot be made");
  }
  if (ftruncate(file_, static_cast<off_t>(bytes_)) != 0) {
    shm_unlink(name.c_str());
    fail_with_errno("shared memory of " + std::to_string(bytes_) + " bytes");
  }
  memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (memory_ == MAP_FAILED) {
    memory_ = nullptr;
    shm_unlink(name.c_str());
    fail_with_errno("mapping of shared memory");
  }
  header().ranks = static_cast<uint32_t>(ranks_);  // all else is zero
  header().ready.store(kReady);
  return true;
}

void Segment::attach(const std::string& name) {
  file_ = shm_open(name.c_str(), O_RDWR, 0600);
  if (file_ < 0) fail_with_errno("shared memory " + name + " of this ncclUniqueId; it serves one group once");
  const auto end = std::chrono::steady_clock::now() + kMeetingTime;
  struct stat state = {};
  while (fstat(file_, &state) == 0 && state.st_size < static_cast<off_t>(sizeof(Header)) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const size_t there = static_cast<size_t>(state.st_size);
  memory_ = there < sizeof(Header) ? MAP_FAILED : mmap(nullptr, there, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (memory_ == MAP_FAILED) {
    memory_ = nullptr;
    fail_with_errno("mapping of shared memory");
  }
  while (header().ready.load() != kReady && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const uint32_t others = header().ranks;
  if (there != bytes_ || others != static_cast<uint32_t>(ranks_)) {
    munmap(memory_, there);
    memory_ = nullptr;
    throw GroupFailure(kNcclInvalidArgument, "rank " + std::to_string(rank_) + " is one of " + std::to_string(ranks_) + ", and the rank that came first one of " +
                                                 std::to_string(others) + "; all ranks name the same number");
  }
}

Segment::~Segment() { release(); }

void Segment::release() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
  if (file_ >= 0) close(file_);  // and the lock with it
}

void Segment::meet() {
  const auto end = std::chrono::steady_clock::now() + kMeetingTime;
  for (int r = 0; r < ranks_; ++r) {
    while (slot(r).attached.load() == 0) {
      if (const std::string text = failure(); !text.empty()) throw GroupFailure(kNcclRemoteError, text);
      if (std::chrono::steady_clock::now() > end) {
        shm_unlink(name_.c_str());
        throw GroupFailure(kNcclRemoteError, publish("rank " + std::to_string(rank_) + " has waited 60 s for rank " + std::to_string(r) + " in ncclCommInitRank"));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  shm_unlink(name_.c_str());  // the first one that comes here; others find nothing
}

Slot& Segment::slot(int rank) const { return reinterpret_cast<Slot*>(static_cast<char*>(memory_) + sizeof(Header))[rank]; }

Channel& Segment::channel(int from, int to) const {
  auto* const channels = reinterpret_cast<Channel*>(static_cast<char*>(memory_) + sizeof(Header) + static_cast<size_t>(ranks_) * sizeof(Slot));
  return channels[from * ranks_ + to];
}

bool Segment::alive(int rank) const {
  if (slot(rank).left.load() != 0) return false;
  struct flock lock = lock_of(rank, F_WRLCK);
  return fcntl(file_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

std::string Segment::publish(const std::string& text) {
  uint32_t none = 0;
  if (header().failed.compare_exchange_strong(none, 1)) {
    snprintf(header().text, sizeof header().text, "%s", text.c_str());
    header().failed.store(2);
    return text;
  }
  for (int i = 0; i < 1000 && header().failed.load() != 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return failure().empty() ? text : failure();
}

std::string Segment::failure() const { return header().failed.load() == 2 ? header().text : ""; }

}  // namespace softcuda
