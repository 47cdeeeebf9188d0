#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace softcuda {

// What kernels print, until the host synchronises: a ring buffer of as many bytes of text as CU_LIMIT_PRINTF_FIFO_SIZE says, in which new
// lines take the place of the oldest. Thread-safe.
class Prints {
 public:
  static Prints& all();
  // What one thread printed with one call.
  void append(std::string text);
  // Writes everything to the destination of option printf: stdout, stderr, none, or a file that is appended to; says on stderr how many calls
  // were overwritten.
  void flush();
  void set_capacity(size_t bytes);

 private:
  std::atomic<bool> pending_{false};
  std::mutex mutex_;
  std::deque<std::string> texts_;
  size_t bytes_ = 0, capacity_ = size_t{1} << 20, lost_ = 0;
};

// One call of printf with its arguments read by `read`, which copies that many bytes from an offset into the block of arguments, and `text`,
// which gives the string at an address. Returns the text; `arguments` becomes the number of arguments, as CUDA's printf returns it.
class PrintSource {
 public:
  virtual ~PrintSource() = default;
  virtual void read(size_t offset, void* to, size_t bytes) const = 0;
  virtual std::string text(uint64_t address) const = 0;
};
std::string format_print(const std::string& format, const PrintSource& source, int& arguments);

}  // namespace softcuda
