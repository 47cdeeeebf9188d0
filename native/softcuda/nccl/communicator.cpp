#include "communicator.h"

#include <algorithm>
#include <cstring>

#include "wait.h"

namespace softcuda {
namespace {

// Bytes of an all-reduce that are summed at a time.
constexpr size_t kPart = 1 << 16;

// ncclDataType_t
enum : int { kInt32 = 2, kInt64 = 4, kFloat32 = 7, kFloat64 = 8 };

template <class T>
void add(char* to, const char* other, size_t bytes) {
  T* const sum = reinterpret_cast<T*>(to);
  const T* const values = reinterpret_cast<const T*>(other);
  for (size_t i = 0; i < bytes / sizeof(T); ++i) sum[i] += values[i];
}

void add(int type, char* to, const char* other, size_t bytes) {
  switch (type) {
    case kInt32: return add<uint32_t>(to, other, bytes);
    case kInt64: return add<uint64_t>(to, other, bytes);
    case kFloat32: return add<float>(to, other, bytes);
    default: return add<double>(to, other, bytes);
  }
}

const char* name_of(Work::Kind kind) {
  switch (kind) {
    case Work::send: return "ncclSend";
    case Work::receive: return "ncclRecv";
    case Work::broadcast: return "ncclBroadcast";
    default: return "ncclAllReduce";
  }
}

}  // namespace

std::string Work::text() const {
  std::string text = std::string(name_of(kind)) + " of " + std::to_string(bytes()) + " bytes";
  if (kind == send) text += " to rank " + std::to_string(peer);
  if (kind == receive) text += " from rank " + std::to_string(peer);
  if (kind == broadcast) text += " from rank " + std::to_string(peer);
  if (kind == all_reduce) text += " of type " + std::to_string(type);
  return text;
}

struct Communicator::Transfer {
  // What goes before the bytes: whether they are of a collective call, how many, and for messages what the sender is in.
  struct Head {
    uint64_t collective, bytes;
    char text[kTextBytes];
  };

  Transfer(bool goes_out, int other, const char* place, size_t count, uint64_t number, const std::string& what)
      : outgoing(goes_out), peer(other), memory(const_cast<char*>(place)), bytes(count), collective(number), doing(what) {
    if (!outgoing) return;
    head.collective = number;
    head.bytes = count;
    set_text(head.text, what);
  }

  bool outgoing;
  int peer;
  char* memory;
  size_t bytes;
  uint64_t collective;  // 0 for a send or a receive
  std::string doing;
  Head head = {};
  size_t head_done = 0, done = 0;
  bool over() const { return head_done == sizeof(Head) && done == bytes; }
};

Communicator::Communicator(const std::string& name, int ranks, int rank, int device)
    : ranks_(ranks), rank_(rank), device_(device), segment_(name, ranks, rank, device) {
  segment_.meet();
  for (int r = 0; r < ranks; ++r) {
    const Slot& theirs = segment_.slot(r);
    if (r == rank || theirs.process.load() != process_number() || theirs.device.load() != static_cast<uint32_t>(device)) continue;
    throw GroupFailure(kNcclInvalidUsage, "ranks " + std::to_string(std::min(r, rank)) + " and " + std::to_string(std::max(r, rank)) + " are both on device " +
                                              std::to_string(device) + " of one process, whose one thread cannot wait for itself: give each rank a device of its own " +
                                              "(option devices), or a process");
  }
}

Communicator::~Communicator() { leave(); }

void Communicator::fault(const std::string& text) {
  segment_.publish(text);
  state_.store(kNcclUnhandledCudaError);
  fail(kNcclUnhandledCudaError, text);
}

void Communicator::abort() {
  segment_.publish("rank " + std::to_string(rank_) + " has aborted the group");  // before the calls that end by it say so
  aborted_.store(true);
  leave();
}

void Communicator::leave() { segment_.slot(rank_).left.store(1); }

std::string Communicator::error() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return error_;
}

int Communicator::fail(int result, const std::string& text) {
  const std::lock_guard<std::mutex> lock(mutex_);
  error_ = text;
  return result;
}

void Communicator::run(const std::vector<Work>& group) {
  try {
    if (state() != kNcclSuccess) throw GroupFailure(state(), error());
    if (const std::string text = segment_.failure(); !text.empty()) throw GroupFailure(kNcclRemoteError, text);
    std::vector<Transfer> transfers;
    for (const Work& work : group) {
      if (work.kind == Work::broadcast) broadcast(work);
      if (work.kind == Work::all_reduce) all_reduce(work);
      if (work.kind == Work::send) transfers.emplace_back(true, work.peer, work.from, work.bytes(), 0, work.text());
      if (work.kind == Work::receive) transfers.emplace_back(false, work.peer, work.to, work.bytes(), 0, work.text());
    }
    move(&transfers);
  } catch (const GroupFailure& failure) {
    const std::string text = segment_.publish(failure.what());
    state_.store(failure.result);
    fail(failure.result, text);
    throw GroupFailure(failure.result, text);
  }
}

// All ranks come to the same collective call. A rank may be one call ahead of another, never two, since it has waited for it here.
void Communicator::meet(const Work& work) {
  const uint64_t number = ++collective_;
  Slot& mine = segment_.slot(rank_);
  set_text(mine.collectives[number % 2], work.text());
  mine.collective.store(number);
  Wait wait(segment_, ranks_, rank_, aborted_, work.text());
  for (int r = 0; r < ranks_; ++r) {
    Slot& theirs = segment_.slot(r);
    while (theirs.collective.load() < number) wait.pause(Waits::collective, r);
    wait.moved();
    if (const std::string other = theirs.collectives[number % 2]; other != work.text()) {
      throw GroupFailure(kNcclInvalidUsage, "collective call " + std::to_string(number) + " of rank " + std::to_string(rank_) + " is " + work.text() + ", and that of rank " +
                                                std::to_string(r) + " is " + other + "; all ranks make the same calls in the same order");
    }
  }
}

void Communicator::broadcast(const Work& work) {
  meet(work);
  std::vector<Transfer> transfers;
  for (int r = 0; r < ranks_; ++r) {
    if (rank_ == work.peer && r != rank_) transfers.emplace_back(true, r, work.from, work.bytes(), collective_, work.text());
  }
  if (rank_ != work.peer) transfers.emplace_back(false, work.peer, work.to, work.bytes(), collective_, work.text());
  if (rank_ == work.peer && work.to != work.from) memmove(work.to, work.from, work.bytes());
  move(&transfers);
}

// Rank 0 adds in the ranks' order, a part at a time, and gives the sums back.
void Communicator::all_reduce(const Work& work) {
  meet(work);
  for (size_t at = 0; at < work.bytes(); at += kPart) {
    Work part = work;
    part.from += at;
    part.to += at;
    part.count = std::min(kPart, work.bytes() - at) / work.element;
    if (rank_ == 0) {
      sum(part);
    } else {
      std::vector<Transfer> transfers;
      transfers.emplace_back(true, 0, part.from, part.bytes(), collective_, work.text());
      transfers.emplace_back(false, 0, part.to, part.bytes(), collective_, work.text());
      move(&transfers);
    }
  }
}

void Communicator::sum(const Work& part) {
  std::vector<std::vector<char>> others(static_cast<size_t>(ranks_), std::vector<char>(part.bytes()));
  std::vector<Transfer> in, out;
  for (int r = 1; r < ranks_; ++r) in.emplace_back(false, r, others[static_cast<size_t>(r)].data(), part.bytes(), collective_, part.text());
  move(&in);
  if (part.to != part.from) memcpy(part.to, part.from, part.bytes());
  for (int r = 1; r < ranks_; ++r) add(part.type, part.to, others[static_cast<size_t>(r)].data(), part.bytes());
  for (int r = 1; r < ranks_; ++r) out.emplace_back(true, r, part.to, part.bytes(), collective_, part.text());
  move(&out);
}

// Transfers with one rank in one direction go in their order, all others side by side.
void Communicator::move(std::vector<Transfer>* transfers) {
  if (transfers->empty()) return;
  Wait wait(segment_, ranks_, rank_, aborted_, transfers->front().doing);
  for (;;) {
    bool moved = false, all = true;
    std::vector<bool> busy(2 * static_cast<size_t>(ranks_), false);
    int whom = -1;
    Waits kind = Waits::room;
    for (Transfer& transfer : *transfers) {
      const size_t way = 2 * static_cast<size_t>(transfer.peer) + (transfer.outgoing ? 1 : 0);
      if (transfer.over() || busy[way]) continue;
      moved |= step(&transfer);
      if (transfer.over()) continue;
      busy[way] = true;
      whom = all || whom == transfer.peer ? transfer.peer : -1;
      all = false;
      if (!transfer.outgoing) kind = Waits::data;
      set_text(segment_.slot(rank_).doing, transfer.doing);
    }
    if (all && std::all_of(transfers->begin(), transfers->end(), [](const Transfer& t) { return t.over(); })) return;
    if (moved) {
      wait.moved();
    } else if (!all) {
      wait.pause(kind, whom);
    }
  }
}

bool Communicator::step(Transfer* t) {
  constexpr size_t kHead = sizeof(Transfer::Head);
  Channel& channel = t->outgoing ? segment_.channel(rank_, t->peer) : segment_.channel(t->peer, rank_);
  char* const head = reinterpret_cast<char*>(&t->head);
  size_t moved = 0;
  if (t->head_done < kHead) {
    moved = t->outgoing ? channel.put(head + t->head_done, kHead - t->head_done) : channel.take(head + t->head_done, kHead - t->head_done);
    t->head_done += moved;
    if (t->head_done == kHead && !t->outgoing) compare(*t);
  }
  if (t->head_done == kHead && t->done < t->bytes) {
    const size_t more = t->outgoing ? channel.put(t->memory + t->done, t->bytes - t->done) : channel.take(t->memory + t->done, t->bytes - t->done);
    t->done += more;
    moved += more;
  }
  return moved != 0;
}

void Communicator::compare(const Transfer& t) const {
  if (t.head.collective == t.collective && t.head.bytes == t.bytes) return;
  throw GroupFailure(kNcclInvalidUsage, "rank " + std::to_string(rank_) + " is in " + t.doing + ", and what comes from rank " + std::to_string(t.peer) + " is of its " +
                                            std::string(t.head.text) + "; both sides name the same bytes, in the same order");
}

}  // namespace softcuda
