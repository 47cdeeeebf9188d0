#include <chrono>
#include <cstdio>

#include "worker.h"

// Slow paths of the operations: checks that found something, reports, growth of buffers.
namespace softcuda {

namespace {

std::string hex(uint64_t v) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
  return text;
}

std::string triple(const Dim3& d) { return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")"; }

std::string others(uint32_t mask) {
  const int n = __builtin_popcount(mask) - 1;
  return n > 0 ? "\n  " + std::to_string(n) + " more lane" + (n > 1 ? "s" : "") + " of the warp failed in the same instruction" : "";
}

}  // namespace

std::string describe_place(const Warp& warp, const Op* op, int lane) {
  const Worker& worker = *warp.worker;
  const Program& program = *worker.launch->program;
  const size_t index = static_cast<size_t>(op - program.ops.data());
  const Location& at = program.where[index];
  const Dim3& extent = worker.launch->config->block;
  const uint32_t linear = warp.index * 32 + static_cast<uint32_t>(lane);
  Dim3 thread;
  thread.x = linear % extent.x;
  thread.y = linear / extent.x % extent.y;
  thread.z = linear / extent.x / extent.y;
  std::string text = "kernel " + program.name + ", block " + triple(worker.block) + ", thread " + triple(thread) + "\n  instruction " +
                     program.text[index] + ", PTX line " + std::to_string(at.ptx_line);
  const auto file = program.files.find(at.source_file);
  if (at.source_line > 0) text += "\n  source " + (file == program.files.end() ? std::string("line ") : file->second + ":") + std::to_string(at.source_line);
  else text += "\n  source line unknown (compile with -lineinfo)";
  return text;
}

void fail_text(Warp* warp, const Op* op, uint32_t mask, int result, const char* what) {
  throw Failure(result, std::string(what) + "\n  " + describe_place(*warp, op, __builtin_ctz(mask)) + others(mask));
}

void fail_trap(Warp* warp, const Op* op, uint32_t mask) { fail_text(warp, op, mask, kIllegalInstruction, "the kernel executed a trap"); }

void fail_window(Warp* warp, const Op* op, uint32_t mask, const uint64_t* offset, uint32_t bytes, const char* space, uint64_t size) {
  uint32_t bad = 0, crooked = 0;
  for (int i = 0; i < 32; ++i) {
    if (!(mask >> i & 1)) continue;
    const bool misaligned = offset[i] % bytes != 0;
    if (misaligned) crooked |= 1u << i;
    if (misaligned || offset[i] > size || size - offset[i] < bytes) bad |= 1u << i;
  }
  const int lane = __builtin_ctz(bad);
  const bool misaligned = crooked >> lane & 1;
  throw Failure(misaligned ? kMisalignedAddress : kIllegalAddress,
                std::string(misaligned ? "misaligned" : "out-of-bounds") + " access of " + std::to_string(bytes) + " bytes to " + space +
                    " memory\n  " + describe_place(*warp, op, lane) + "\n  offset " + std::to_string(offset[lane]) + " (" + hex(offset[lane]) + "); the " +
                    space + " memory holds " + std::to_string(size) + " bytes" + others(bad));
}

void check_flat(Warp* warp, const Op* op, uint32_t mask, const uint64_t* address, uint32_t bytes, const char* what) {
  Worker& worker = *warp->worker;
  const Memory& memory = *worker.launch->memory;
  uint32_t bad = 0;
  uint64_t base = 0;
  size_t size = 0;
  for (int i = 0; i < 32; ++i) {
    if (!(mask >> i & 1)) continue;
    const uint64_t a = address[i];
    bool inside = size >= bytes && a - base <= size - bytes;
    if (!inside && memory.find(a, &base, &size)) inside = size >= bytes && a - base <= size - bytes;
    // Generic addresses may point into the windows of the block.
    if (!inside) {
      const uint64_t in_shared = a - reinterpret_cast<uint64_t>(warp->shared), in_local = a - reinterpret_cast<uint64_t>(warp->local);
      inside = (warp->shared_bytes >= bytes && in_shared <= warp->shared_bytes - bytes) ||
               (warp->local_bytes * 32 >= bytes && in_local <= warp->local_bytes * 32 - bytes);
    }
    if (!inside || a % bytes != 0) bad |= 1u << i;
  }
  if (bad == 0) {
    if (size != 0) worker.cache[static_cast<size_t>(op - warp->ops)] = {base, size};
    return;
  }
  const int lane = __builtin_ctz(bad);
  const bool misaligned = address[lane] % bytes != 0;
  throw Failure(misaligned ? kMisalignedAddress : kIllegalAddress,
                std::string(misaligned ? "misaligned" : "illegal") + " address: " + what + " of " + std::to_string(bytes) + " bytes at " +
                    hex(address[lane]) + "\n  " + describe_place(*warp, op, lane) + "\n  the address is " + memory.describe(address[lane]) + others(bad));
}

AsyncCopy* new_copy(Warp* warp) {
  auto& copies = warp->worker->copies[warp->index];
  if (warp->copy_count == copies.size()) {
    if (copies.size() >= 65536) throw Failure(kLaunchFailed, "a warp has 65536 cp.async instructions under way that nothing waits for");
    copies.resize(copies.empty() ? 16 : copies.size() * 2);
  }
  warp->copies = copies.data();
  return &warp->copies[warp->copy_count++];
}

void arrive_extra(Warp* warp, uint32_t barrier, uint32_t threads) { warp->worker->extra_arrivals[barrier] += threads; }

uint64_t nanoseconds_now() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

}  // namespace softcuda
