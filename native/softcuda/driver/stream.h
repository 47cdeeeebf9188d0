#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "event.h"
#include "graph.h"
#include "timeline.h"

namespace softcuda {

enum class CaptureMode : int { global = 0, own_thread = 1, relaxed = 2 };
enum class CaptureStatus : int { none = 0, active = 1, invalidated = 2 };

class Stream;

// A capture in progress: the graph that grows and the streams that take part.
class Capture {
 public:
  Capture(const Stream& origin, CaptureMode mode);
  ~Capture();

  // Appends a node that follows `tails` and makes it the only tail.
  void append(const Stream& stream, OperationPtr operation, std::vector<size_t>* tails);
  // `stream` now follows `position`, which closes the branches that end there.
  void join(const Stream& stream, const std::vector<size_t>& position, std::vector<size_t>* tails);
  void invalidate() { valid_.store(false); }

  bool valid() const { return valid_.load(); }
  bool ended() const { return ended_.load(); }
  const Stream& origin() const { return origin_; }
  CaptureMode mode() const { return mode_; }
  std::thread::id thread() const { return thread_; }
  // Ends the capture whatever its state. Throws when the graph is not usable.
  std::shared_ptr<Graph> end();

 private:
  const Stream& origin_;
  const CaptureMode mode_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::atomic<bool> valid_{true}, ended_{false};
  std::mutex mutex_;
  // Streams that joined by waiting for an event of the capture and must be joined back before its end, with their tails.
  std::map<const Stream*, std::vector<size_t>> open_;
  const std::shared_ptr<Graph> graph_;
};

class Queue;

class Stream {
 public:
  static constexpr const char* kKind = "stream";

  Stream(const std::shared_ptr<Context>& context, unsigned flags, int priority, bool is_default = false);

  // The stream behind a handle: 0, 1 and 2 are the default stream. Throws unless it belongs to the current context.
  static std::shared_ptr<Stream> of(CUstream handle);

  std::shared_ptr<Context> context() const { return context_.lock(); }
  unsigned flags() const { return flags_; }
  bool is_default() const { return is_default_; }
  int priority() const { return priority_; }
  uint64_t id() const { return id_; }

  // Queues the operation, or appends it to the graph while the stream captures.
  void submit(const OperationPtr& operation);
  // Queues it and waits; then throws if the context failed. Not while a capture forbids it.
  void submit_and_wait(const OperationPtr& operation);
  void synchronize();
  // For what a stream that captures forbids: invalidates the capture and throws CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED.
  void require_not_capturing(const char* what) const;
  bool idle();

  void record(const std::shared_ptr<Event>& event, bool external);
  void wait_for(const std::shared_ptr<Event>& event, bool external);

  void begin_capture(CaptureMode mode);
  std::shared_ptr<Graph> end_capture();
  void abandon_capture();
  CaptureStatus capture_status() const;

 private:
  std::shared_ptr<Capture> active_capture() const;
  void wait_for_other_device(const Event& event);
  void check_implicit_dependency() const;
  // What synchronising waits for.
  Submitted last();

  const std::weak_ptr<Context> context_;
  Queue& queue_;
  const unsigned flags_;
  const int priority_;
  const uint64_t id_;
  const bool is_default_;
  Lane lane_;
  mutable std::mutex mutex_;
  Submitted last_;
  std::shared_ptr<Capture> capture_;
  std::vector<size_t> tails_;  // the nodes that the next captured one follows
};

// For calls that a capture in progress forbids (allocation, synchronisation): invalidates it and throws
// CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED. Which captures forbid them depends on their modes and the calling thread's.
void require_no_capture(const char* what);
// The same whatever the modes, for what concerns all streams of the context.
void require_no_capture_in(const Context& context, const char* what);
// Sets the calling thread's mode; the one before.
CaptureMode exchange_thread_mode(CaptureMode mode);

}  // namespace softcuda
