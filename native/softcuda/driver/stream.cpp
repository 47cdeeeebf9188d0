#include "stream.h"

#include <algorithm>

#include "proc_address.h"
#include "devices.h"
#include "queue.h"

namespace softcuda {
namespace {

std::atomic<uint64_t> next_stream_id{1};

constexpr unsigned kNonBlocking = 1;

// The calling thread's own stream in the context: it orders with the default stream as any blocking one.
std::shared_ptr<Stream> stream_of_thread(const std::shared_ptr<Context>& context) {
  thread_local std::vector<std::shared_ptr<Stream>> streams;
  streams.erase(std::remove_if(streams.begin(), streams.end(), [](const auto& stream) { return stream->context() == nullptr; }), streams.end());
  for (const auto& stream : streams) {
    if (stream->context() == context) return stream;
  }
  streams.push_back(std::make_shared<Stream>(context, 0, 0));
  return streams.back();
}

}  // namespace

void Event::require_outside_capture() const {
  std::vector<size_t> position;
  const auto recorded_in = capture(&position);
  if (recorded_in && !recorded_in->ended()) throw Failure(kCapturedEvent, "the event's last record belongs to a capture in progress");
}

Stream::Stream(const std::shared_ptr<Context>& context, unsigned flags, int priority, bool is_default)
    : context_(context),
      queue_(context->device().queue()),
      flags_(flags),
      priority_(priority),
      id_(next_stream_id++),
      is_default_(is_default),
      lane_(context->device().timeline(), is_default                    ? Lane::standard
            : (flags & kNonBlocking) != 0 ? Lane::independent
                                          : Lane::blocking,
            context->legacy(), id_) {}

std::shared_ptr<Stream> Stream::of(CUstream handle) {
  const std::shared_ptr<Context> context = current_context();
  // 0 is the default stream; 1 and 2 are CU_STREAM_LEGACY and CU_STREAM_PER_THREAD.
  const auto number = reinterpret_cast<uintptr_t>(handle);
  if (number == 2 || (number == 0 && PerThreadDefaultStream::on())) return stream_of_thread(context);
  if (number <= 1) return context->default_stream();
  std::shared_ptr<Stream> stream = Handles<Stream>::all().get(handle);
  if (stream->context() != context) throw Failure(kInvalidHandle, "the stream belongs to another context");
  return stream;
}

void Stream::submit(const OperationPtr& operation) {
  check_implicit_dependency();
  std::lock_guard<std::mutex> lock(mutex_);
  if (const auto capture = active_capture()) {
    if (!capture->valid()) throw Failure(kCaptureInvalidated, "the capture was invalidated by an earlier error");
    capture->append(*this, operation, &tails_);
    return;
  }
  // Under the lock, so that tickets of one stream never go back.
  last_ = queue_.push(context(), operation, lane_);
}

void Stream::submit_and_wait(const OperationPtr& operation) {
  require_not_capturing(operation->name.c_str());
  require_no_capture(operation->name.c_str());
  const std::shared_ptr<Context> owner = context();
  queue_.push_and_wait(owner, operation, lane_);
  owner->check();
}

void Stream::synchronize() {
  require_not_capturing("synchronising a stream");
  require_no_capture("synchronising a stream");
  queue_.wait(last());
  context()->check();
}

bool Stream::idle() {
  require_not_capturing("querying a stream");
  require_no_capture("querying a stream");
  return queue_.poll(last());
}

Submitted Stream::last() {
  // The default stream waits for the blocking ones; an empty operation there is a point that follows all of it.
  if (is_default_ && queue_.ordered()) {
    const Clock pending = context()->device().timeline().pending_of(lane_);
    std::lock_guard<std::mutex> lock(mutex_);
    if (!(last_.after != nullptr ? *last_.after : Clock()).covers(pending)) {
      last_ = queue_.push(context(), make_operation(NodeType::empty, "synchronisation", {}, [](const Execution&) {}), lane_);
    }
    return last_;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  return last_;
}

void Stream::require_not_capturing(const char* what) const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (const auto capture = active_capture()) {
    capture->invalidate();
    throw Failure(kCaptureUnsupported, std::string(what) + " is not allowed on a stream that captures");
  }
}

void Stream::record(const std::shared_ptr<Event>& event, bool external) {
  if (event->context() != context()) throw Failure(kInvalidHandle, "the event belongs to another context than the stream");
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto capture = active_capture();
    if (capture && !external) {
      event->captured(capture, tails_);
      return;
    }
  }
  auto operation = std::make_shared<Operation>();
  operation->type = NodeType::event_record;
  operation->name = "cuEventRecord";
  operation->run = [event](const Execution&) { event->reached(); };
  operation->records = event;
  submit(operation);
  event->captured(nullptr, {});
}

void Stream::wait_for(const std::shared_ptr<Event>& event, bool external) {
  std::vector<size_t> position;
  const auto theirs = event->capture(&position);
  if (&event->context()->device() != &context()->device()) return wait_for_other_device(*event);
  std::unique_lock<std::mutex> lock(mutex_);
  const auto ours = active_capture();
  if (theirs && !theirs->ended() && !external) {
    if (ours && ours != theirs) {
      ours->invalidate();
      theirs->invalidate();
      throw Failure(kCaptureMerge, "waiting for an event of another capture would merge the two");
    }
    if (!ours) {
      capture_ = theirs;
      tails_.clear();
    }
    theirs->join(*this, position, &tails_);
    return;
  }
  if (ours && !external) {
    ours->invalidate();
    throw Failure(kCaptureIsolation, "a captured stream waits for an event that was recorded outside the capture");
  }
  lock.unlock();
  // Nothing to do at run time: the device has run the record before it comes to the wait.
  auto operation = std::make_shared<Operation>();
  operation->type = NodeType::event_wait;
  operation->name = "cuStreamWaitEvent";
  operation->run = [](const Execution&) {};
  operation->awaits = event;
  submit(operation);
}

// Each device runs its own queue, so the host waits in the stream's place, which is more than was asked for.
void Stream::wait_for_other_device(const Event& event) {
  event.require_outside_capture();
  require_not_capturing("waiting for an event of another device");
  require_no_capture("waiting for an event of another device");
  event.context()->device().queue().wait(event.last());
  event.context()->check();
}

}  // namespace softcuda
