#pragma once
// What the driver exports besides the CUDA names: for the library shims (libcublas, libcusolver) and for the Java layer.
// Plain C, since every library carries its own C++ run time.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// `rows` pieces of `width` bytes, `pitch` bytes apart.
typedef struct {
  uint64_t address;
  size_t width, pitch, rows;
  int write;
  const char* what;
} SoftcudaRange;

// Queues a library call on the stream, or captures it. `run` may be called several times (graph launches) or never, always on the
// device's thread; `destroy` is called once, when nothing can run it any more, also when this function fails. The ranges are
// checked before each run; a range that is not live device memory makes the context fail as an illegal access does.
int softcudaEnqueueCall(void* stream, const char* name, void (*run)(void*), void* argument, void (*destroy)(void*),
                        const SoftcudaRange* ranges, size_t range_count);
int softcudaEnqueue(void* stream, void (*run)(void*), void* argument, void (*destroy)(void*));
// Inside `run`: makes the call fail with this CUresult and text.
void softcudaFail(int result, const char* message);
// 0 when [address, address + bytes) is live memory of the current context.
int softcudaRequire(uint64_t address, size_t bytes, const char* what);

// "check": "memory" or another list of checks, "all", "none"; "workers": "2".
int softcudaSetOption(const char* name, const char* value);
// The calling thread's copy of the long text of the last failure; valid until its next call.
const char* softcudaLastMessage(void);
void softcudaSetLastMessage(const char* text);
// Device memory that all live contexts hold.
unsigned long long softcudaBytesInUse(void);
int softcudaNameAllocation(uint64_t address, const char* name);
// Writes the counters of all launches that have ended where option "count" says; without it they are written when the process ends.
int softcudaReport(void);
// Forgets them.
int softcudaResetCounters(void);

#ifdef __cplusplus
}
#endif
