// Streams and events, in order and in random order.
#include <atomic>
#include <chrono>
#include <thread>

#include "program.h"

namespace {

TEST(events_have_times_and_order) {
  TestContext context;
  void *stream = nullptr, *other = nullptr, *start = nullptr, *end = nullptr, *untimed = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 0));
  CHECK_EQUAL(0, cuStreamCreate(&other, 0));
  CHECK_EQUAL(0, cuEventCreate(&start, 0));
  CHECK_EQUAL(0, cuEventCreate(&end, 0));
  CHECK_EQUAL(0, cuEventCreate(&untimed, 2));
  float milliseconds = -1.f;
  CHECK_EQUAL(kInvalidHandle, cuEventElapsedTime(&milliseconds, start, end));
  CHECK_EQUAL(0, cuEventQuery(start));
  CHECK_EQUAL(0, cuEventRecord(start, stream));
  std::atomic<bool> asked{false};  // the event is not over before that, however slow this thread is
  CHECK_EQUAL(0, cuLaunchHostFunc(stream, [](void* p) {
    while (!static_cast<std::atomic<bool>*>(p)->load()) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }, &asked));
  CHECK_EQUAL(0, cuEventRecord(end, stream));
  CHECK_EQUAL(600, cuEventElapsedTime(&milliseconds, start, end));
  CHECK_EQUAL(600, cuEventQuery(end));
  asked = true;
  CHECK_EQUAL(0, cuStreamWaitEvent(other, end, 0));
  CHECK_EQUAL(0, cuStreamSynchronize(other));
  CHECK_EQUAL(0, cuEventQuery(end));
  CHECK_EQUAL(0, cuEventSynchronize(end));
  CHECK_EQUAL(0, cuEventElapsedTime(&milliseconds, start, end));
  CHECK(milliseconds >= 20.f && milliseconds < 2000.f);
  CHECK_EQUAL(0, cuEventRecord(untimed, stream));
  CHECK_EQUAL(0, cuEventSynchronize(untimed));
  CHECK_EQUAL(kInvalidHandle, cuEventElapsedTime(&milliseconds, start, untimed));
  CHECK_EQUAL(0, cuEventDestroy_v2(untimed));
  CHECK_EQUAL(kInvalidHandle, cuEventQuery(untimed));
}

}  // namespace

int main() { return run_all(); }
