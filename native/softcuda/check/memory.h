#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>

#include "../exec/failure.h"
#include "order.h"
#include "shadow.h"

namespace softcuda {

// The device's memory: real host memory that the driver may copy from and to directly. Every allocation is 256-byte aligned,
// filled with 0xFF (a NaN in every float format) and has a red zone of at least 256 bytes on both sides. Thread-safe.
class Memory {
 public:
  struct Block {
    uint64_t base = 0;
    size_t size = 0;
    std::string name;
  };

  Memory() = default;
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Throws Failure(2) when the host has no more memory, Failure(1) for zero bytes.
  uint64_t allocate(size_t bytes, const char* name = "");
  // Memory of the program's own becomes usable by kernels as it is: no red zones, contents kept, and release() leaves it alone.
  // Throws Failure(1) for no address, zero bytes, or a range that meets a live allocation.
  void adopt(uint64_t address, size_t bytes, const char* name);
  // Throws Failure(1) unless `address` is the base of a live allocation. The range is remembered for reports.
  void release(uint64_t address);
  // malloc and free of kernels: their blocks belong to a heap of `heap` bytes. 0 when it has no room. A block that is freed stays until the
  // launch has ended, because checks remember it. What is wrong with an address to free, or nothing.
  uint64_t allocate_in_kernel(size_t bytes, size_t heap, const std::string& name);
  std::string release_in_kernel(uint64_t address);
  void forget_released();
  // Grows when a kernel frees something: what was found before may be gone.
  uint64_t releases_in_kernels() const { return releases_in_kernels_.load(std::memory_order_relaxed); }
  // The program may write to these bytes without the driver's knowledge (page-locked memory, module variables).
  void initialise(uint64_t address, size_t bytes);
  // Gives the allocation that contains `address` a name for reports; an address outside every allocation is ignored.
  void set_name(uint64_t address, const char* name);

  size_t bytes_in_use() const;
  size_t live_allocations() const;

  bool find(uint64_t address, uint64_t* base, size_t* size) const;
  // Likewise; what the checks know of the allocation lives as long as it does.
  struct Found {
    uint64_t base = 0;
    size_t size = 0;
    Shadow* shadow = nullptr;
  };
  bool find(uint64_t address, Found& found) const;
  // Throws Failure(kIllegalAddress) unless [address, address + bytes) lies in one live allocation.
  void require(uint64_t address, size_t bytes, const char* what) const;
  // An operation other than a kernel is about to use these bytes: looks at bounds, and with the checks on at initialisation and races,
  // then remembers the access. Throws Failure. `order` may be null: every earlier operation has ended.
  void touch(const Touch& touch, uint32_t operation, const Order* order);
  // `rows` pieces of `width` bytes are copied from device to device: the destination is initialised where the source is.
  void copied(uint64_t to, size_t to_pitch, uint64_t from, size_t from_pitch, size_t width, size_t rows);

  // One sentence that places an address: inside, beyond or before which allocation, freed, or never device memory.
  std::string describe(uint64_t address) const;

 private:
  struct Live {
    size_t size;
    void* storage;  // null: adopted
    std::string name;
    std::unique_ptr<Shadow> shadow;
    bool heap = false;
  };
  void enter(uint64_t base, size_t bytes, void* storage, const char* name);
  // For reports; with the lock held.
  void remember(uint64_t address, const Live& gone);

  mutable std::shared_mutex mutex_;
  std::map<uint64_t, Live> live_;
  std::deque<Block> freed_;
  std::deque<Live> released_in_kernel_;
  size_t bytes_ = 0, heap_bytes_ = 0;
  std::atomic<uint64_t> releases_in_kernels_{0};
  uint64_t forgotten_ = 0;  // of them
};

}  // namespace softcuda
