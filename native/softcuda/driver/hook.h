#pragma once
// What the driver exports besides the CUDA names: for the library shims (libcublas, libcusolver) and for the Java layer.
// Plain C, since every library carries its own C++ run time.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SOFTCUDA_ALL = 0, SOFTCUDA_UP_TO = 1, SOFTCUDA_FROM = 2 };

// `rows` pieces of `width` bytes, `pitch` bytes apart, read or written.
typedef struct {
  uint64_t address;
  size_t width, pitch, rows;
  // Of piece r all; or, of a triangle of four-byte elements, elements 0..r; or elements r and above.
  int part;
  int write;
  // Null, or a float in device memory that an earlier range contains: zero when the call runs means that this range is not used.
  const float* unless_zero;
  const char* what;
} SoftcudaRange;

// Queues a library call on the stream, or captures it. `run` may be called several times (graph launches) or never, always on the
// device's thread; `destroy` is called once, when nothing can run it any more, also when this function fails. Before each run the
// ranges are looked at in their order: they must be live device memory, with the checks on what is read must be initialised and no
// other operation may race with it, and what is written is initialised then. A range that is not live makes the context fail as an
// illegal access does. Declare what the call uses, no more: a byte too many read is a false alarm.
int softcudaEnqueueCall(void* stream, const char* name, void (*run)(void*), void* argument, void (*destroy)(void*),
                        const SoftcudaRange* ranges, size_t range_count);
// With option "capture" = "device", for library calls that a device cannot capture: if `stream` captures, invalidates the capture and returns
// its error.
int softcudaRefuseCaptured(void* stream, const char* name);
// Likewise for what allocates or waits, if any capture in progress forbids that to this thread.
int softcudaRefuseDuringCapture(const char* name);
// Inside `run`: looks at ranges that were not known before. Not 0: the call has failed, `run` must return.
int softcudaTouch(const SoftcudaRange* ranges, size_t range_count);
// Queues a look at memory that a library outside CUDA will read (`write` 0) or write once this much of the stream is done, as an MPI that is
// given device addresses: as if the stream did it. `name` is what the checks call it.
int softcudaOutside(void* stream, const char* name, uint64_t address, size_t bytes, int write);
// Inside `run`: makes the call fail with this CUresult and text.
void softcudaFail(int result, const char* message);
// The number of the current context's device. The result is a CUresult.
int softcudaCurrentDevice(int* device);
// Processors that this process may use: option "processors".
int softcudaProcessors(void);
// Sets "check", "processors", "workers", "seed", "mma", "count", "engine", "capture", "fault", "kernels" or "devices", see exec/options.h, when the device has done all its work; not from a host
// function; "devices" before cuInit alone. With another seed, or the same again, the device's random order begins anew.
int softcudaSetOption(const char* name, const char* value);
// The calling thread's copy of the long text of the last failure; valid until its next call.
const char* softcudaLastMessage(void);
void softcudaSetLastMessage(const char* text);
// Device memory that all live contexts hold.
unsigned long long softcudaBytesInUse(void);
// Live objects of a kind: "context", "stream", "event", "module", "function", "graph" or "executable graph".
unsigned long long softcudaObjects(const char* kind);
int softcudaNameAllocation(uint64_t address, const char* name);
// Calls since the library was loaded of the CUDA functions whose names, without _v2, begin so.
unsigned long long softcudaCalls(const char* prefix);
// Writes the counters of all launches that have ended where option "count" says; without it they are written when the process ends.
int softcudaReport(void);
// Forgets them.
int softcudaResetCounters(void);

#ifdef __cplusplus
}
#endif
