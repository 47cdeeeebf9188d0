#include <algorithm>
#include <set>
#include <utility>

#include "stream.h"

namespace softcuda {
namespace {

// All captures in progress; the count lets the common case (none) pass without the lock.
std::mutex captures_mutex;
std::atomic<int> capture_count{0};
std::set<Capture*>& captures() {
  static auto* const instance = new std::set<Capture*>;
  return *instance;
}

// How this thread takes part in the captures of all: cuThreadExchangeStreamCaptureMode.
thread_local CaptureMode thread_mode = CaptureMode::global;

void forget(Capture* capture) {
  std::lock_guard<std::mutex> lock(captures_mutex);
  captures().erase(capture);
  capture_count = static_cast<int>(captures().size());
}

}  // namespace

Capture::Capture(const Stream& origin, CaptureMode mode)
    : origin_(origin), mode_(mode), graph_(std::make_shared<Graph>(origin.context())) {
  std::lock_guard<std::mutex> lock(captures_mutex);
  captures().insert(this);
  capture_count = static_cast<int>(captures().size());
}

Capture::~Capture() { forget(this); }

void Capture::append(const Stream& stream, OperationPtr operation, std::vector<size_t>* tails) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto node = std::make_shared<GraphNode>();
  node->operation = std::move(operation);
  node->dependencies = *tails;
  *tails = {graph_->nodes.size()};
  graph_->nodes.push_back(std::move(node));
  if (&stream != &origin_) open_[&stream] = *tails;
}

void Capture::join(const Stream& stream, const std::vector<size_t>& position, std::vector<size_t>* tails) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto reached = [&](size_t node) { return std::find(position.begin(), position.end(), node) != position.end(); };
  for (auto it = open_.begin(); it != open_.end();) {
    const bool closed = it->first != &stream && std::all_of(it->second.begin(), it->second.end(), reached);
    it = closed ? open_.erase(it) : std::next(it);
  }
  for (size_t node : position) {
    if (std::find(tails->begin(), tails->end(), node) == tails->end()) tails->push_back(node);
  }
  if (&stream != &origin_) open_[&stream] = *tails;
}

std::shared_ptr<Graph> Capture::end() {
  ended_.store(true);
  forget(this);
  if (!valid()) throw Failure(kCaptureInvalidated, "the capture was invalidated by an earlier error");
  std::lock_guard<std::mutex> lock(mutex_);
  if (!open_.empty()) {
    throw Failure(kCaptureUnjoined, "the capture forked into another stream that was not joined: record an event there and wait for it on the "
                                    "origin stream before the end");
  }
  return graph_;
}

CaptureMode exchange_thread_mode(CaptureMode mode) { return std::exchange(thread_mode, mode); }

// Invalidates the captures for which `conflicts` holds, and throws if there is one.
template <class Conflicts>
void refuse_during_capture(const char* what, const Conflicts& conflicts) {
  if (capture_count.load() == 0) return;
  std::lock_guard<std::mutex> lock(captures_mutex);
  bool found = false;
  for (Capture* capture : captures()) {
    if (!conflicts(*capture)) continue;
    capture->invalidate();
    found = true;
  }
  if (found) throw Failure(kCaptureUnsupported, std::string(what) + " is not allowed while a stream captures: do it before the capture");
}

void require_no_capture(const char* what) {
  if (thread_mode == CaptureMode::relaxed) return;
  refuse_during_capture(what, [](const Capture& capture) {
    if (capture.thread() == std::this_thread::get_id()) return capture.mode() != CaptureMode::relaxed;
    return capture.mode() == CaptureMode::global && thread_mode == CaptureMode::global;
  });
}

void require_no_capture_in(const Context& context, const char* what) {
  refuse_during_capture(what, [&](const Capture& capture) { return capture.origin().context().get() == &context; });
}

void Stream::check_implicit_dependency() const {
  if (!is_default_ || capture_count.load() == 0) return;
  std::lock_guard<std::mutex> lock(captures_mutex);
  for (Capture* capture : captures()) {
    constexpr unsigned kNonBlocking = 1;
    if (capture->origin().context() == context() && (capture->origin().flags() & kNonBlocking) == 0) {
      capture->invalidate();
      throw Failure(kCaptureImplicit, "work on the default stream while a blocking stream captures: pass the capturing stream instead");
    }
  }
}

std::shared_ptr<Capture> Stream::active_capture() const {
  return capture_ != nullptr && !capture_->ended() ? capture_ : nullptr;
}

void Stream::begin_capture(CaptureMode mode) {
  if (is_default_) throw Failure(kCaptureUnsupported, "the default stream cannot capture");
  std::lock_guard<std::mutex> lock(mutex_);
  if (active_capture()) throw Failure(kInvalidValue, "the stream is capturing already");
  tails_.clear();
  capture_ = std::make_shared<Capture>(*this, mode);
}

std::shared_ptr<Graph> Stream::end_capture() {
  std::shared_ptr<Capture> capture;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    capture = active_capture();
    if (!capture) throw Failure(kInvalidValue, "the stream is not capturing");
    if (&capture->origin() != this) throw Failure(kCaptureUnmatched, "the capture began on another stream");
    if (capture->mode() != CaptureMode::relaxed && capture->thread() != std::this_thread::get_id()) {
      throw Failure(kCaptureWrongThread, "the thread that began a capture ends it, unless its mode is CU_STREAM_CAPTURE_MODE_RELAXED");
    }
    capture_.reset();
    tails_.clear();
  }
  return capture->end();
}

void Stream::abandon_capture() {
  std::shared_ptr<Capture> capture;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    capture = active_capture();
    capture_.reset();
  }
  if (!capture) return;
  capture->invalidate();
  try {
    capture->end();
  } catch (const Failure&) {
    // An abandoned capture has no graph: its end always says so.
  }
}

CaptureStatus Stream::capture_status() const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto capture = active_capture();
  if (!capture) return CaptureStatus::none;
  return capture->valid() ? CaptureStatus::active : CaptureStatus::invalidated;
}

}  // namespace softcuda
