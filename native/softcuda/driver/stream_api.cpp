// Streams, events and host functions.
#include <algorithm>

#include "devices.h"
#include "proc_address.h"
#include "stream.h"

using namespace softcuda;

namespace {

CUresult create_stream(CUstream* result, unsigned flags, int priority) {
  require_pointer(result, "stream");
  if (flags > 1) throw Failure(kInvalidValue, "stream flags are CU_STREAM_DEFAULT or CU_STREAM_NON_BLOCKING");
  const auto context = current_context();
  *result = Handles<Stream>::all().add(std::make_shared<Stream>(context, flags, std::clamp(priority, -5, 0)));
  return kSuccess;
}

}  // namespace

SOFTCUDA_EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
  return guarded("cuStreamCreate", [&] { return create_stream(stream, flags, 0); });
}

SOFTCUDA_EXPORT CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int priority) {
  return guarded("cuStreamCreateWithPriority", [&] { return create_stream(stream, flags, priority); });
}

SOFTCUDA_EXPORT CUresult cuStreamDestroy_v2(CUstream handle) {
  return guarded("cuStreamDestroy", [&] {
    // Its queued work still runs, as on a GPU.
    Handles<Stream>::all().remove(handle)->abandon_capture();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamSynchronize(CUstream handle) {
  return guarded("cuStreamSynchronize", [&] {
    Stream::of(handle)->synchronize();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamQuery(CUstream handle) {
  return guarded("cuStreamQuery", [&] { 
    const auto stream = Stream::of(handle);
    const bool ended = stream->idle();
    stream->context()->check();
    return ended ? +kSuccess : +kNotReady;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) {
  return guarded("cuStreamWaitEvent", [&] {
    Stream::of(stream)->wait_for(Handles<Event>::all().get(event), (flags & 1u) != 0);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamGetCtx(CUstream handle, CUcontext* context) {
  return guarded("cuStreamGetCtx", [&] {
    require_pointer(context, "context");
    // Asked of a stream of any context; the default stream's is the current one.
    const bool standard = reinterpret_cast<uintptr_t>(handle) <= 2;
    *context = (standard ? Stream::of(handle) : Handles<Stream>::all().get(handle))->context().get();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamGetFlags(CUstream handle, unsigned* flags) {
  return guarded("cuStreamGetFlags", [&] {
    require_pointer(flags, "flags");
    *flags = Stream::of(handle)->flags();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamGetPriority(CUstream handle, int* priority) {
  return guarded("cuStreamGetPriority", [&] {
    require_pointer(priority, "priority");
    *priority = Stream::of(handle)->priority();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamGetId(CUstream handle, unsigned long long* id) {
  return guarded("cuStreamGetId", [&] {
    require_pointer(id, "id");
    *id = Stream::of(handle)->id();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void* argument) {
  return guarded("cuLaunchHostFunc", [&] {
    if (function == nullptr) throw Failure(kInvalidValue, "the function is null");
    Stream::of(handle)->submit(make_operation(NodeType::host, "cuLaunchHostFunc", {}, [=](const Execution&) { function(argument); }));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* argument, unsigned flags) {
  return guarded("cuStreamAddCallback", [&] {
    if (callback == nullptr || flags != 0) throw Failure(kInvalidValue, "a callback and flags 0 are needed");
    const auto stream = Stream::of(handle);
    stream->require_not_capturing("cuStreamAddCallback");
    stream->submit(make_operation(NodeType::host, "cuStreamAddCallback", {}, [=](const Execution&) { callback(handle, kSuccess, argument); }));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuEventCreate(CUevent* result, unsigned flags) {
  return guarded("cuEventCreate", [&] {
    require_pointer(result, "event");
    constexpr unsigned kAllFlags = 7;
    if ((flags & ~kAllFlags) != 0) throw Failure(kInvalidValue, "unknown event flags");
    *result = Handles<Event>::all().add(std::make_shared<Event>(current_context(), flags));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuEventDestroy_v2(CUevent handle) {
  return guarded("cuEventDestroy", [&] {
    Handles<Event>::all().remove(handle);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuEventRecord(CUevent event, CUstream stream) {
  return guarded("cuEventRecord", [&] {
    Stream::of(stream)->record(Handles<Event>::all().get(event), false);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned flags) {
  return guarded("cuEventRecordWithFlags", [&] {
    Stream::of(stream)->record(Handles<Event>::all().get(event), (flags & 1u) != 0);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuEventQuery(CUevent handle) {
  return guarded("cuEventQuery", [&] {
    const auto event = Handles<Event>::all().get(handle);
    event->context()->check();
    event->require_outside_capture();
    require_no_capture("querying an event");
    const bool ended = event->context()->device().queue().poll(event->last());
    event->context()->check();
    return ended ? +kSuccess : +kNotReady;
  });
}

SOFTCUDA_EXPORT CUresult cuEventSynchronize(CUevent handle) {
  return guarded("cuEventSynchronize", [&] {
    const auto event = Handles<Event>::all().get(handle);
    event->context()->check();
    event->require_outside_capture();
    require_no_capture("synchronising an event");
    event->context()->device().queue().wait(event->last());
    event->context()->check();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuEventElapsedTime(float* milliseconds, CUevent start_handle, CUevent end_handle) {
  return guarded("cuEventElapsedTime", [&] {
    require_pointer(milliseconds, "milliseconds");
    const auto start = Handles<Event>::all().get(start_handle), end = Handles<Event>::all().get(end_handle);
    start->context()->check();
    start->require_outside_capture();
    end->require_outside_capture();
    if (&start->context()->device() != &end->context()->device()) {
      throw Failure(kInvalidHandle, "the events are of device " + std::to_string(start->context()->device().ordinal()) + " and of device " +
                                        std::to_string(end->context()->device().ordinal()) + ": time passes between two of one device");
    }
    if (!start->timed() || !end->timed()) throw Failure(kInvalidHandle, "an event was created with CU_EVENT_DISABLE_TIMING");
    const Submitted first = start->last(), last = end->last();
    if (first.ticket == 0 || last.ticket == 0) throw Failure(kInvalidHandle, "an event was never recorded");
    Queue& queue = start->context()->device().queue();
    if (!queue.poll(first) || !queue.poll(last)) return +kNotReady;
    *milliseconds = static_cast<float>(static_cast<double>(end->nanoseconds() - start->nanoseconds()) * 1e-6);
    return +kSuccess;
  });
}

// Since CUDA 12.8.
SOFTCUDA_EXPORT CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) { return cuEventElapsedTime(milliseconds, start, end); }

namespace {
const PerThreadForms per_thread_forms{
    SOFTCUDA_PER_THREAD(cuStreamSynchronize),
    SOFTCUDA_PER_THREAD(cuStreamQuery),
    SOFTCUDA_PER_THREAD(cuStreamWaitEvent),
    SOFTCUDA_PER_THREAD(cuStreamGetCtx),
    SOFTCUDA_PER_THREAD(cuStreamGetFlags),
    SOFTCUDA_PER_THREAD(cuStreamGetPriority),
    SOFTCUDA_PER_THREAD(cuStreamGetId),
    SOFTCUDA_PER_THREAD(cuLaunchHostFunc),
    SOFTCUDA_PER_THREAD(cuStreamAddCallback),
    SOFTCUDA_PER_THREAD(cuEventRecord),
    SOFTCUDA_PER_THREAD(cuEventRecordWithFlags),
};
}  // namespace
