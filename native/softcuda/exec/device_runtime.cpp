#include <cstring>
#include <vector>

#include "block.h"
#include "print.h"

// What kernels ask of CUDA's device runtime: printf, assert, malloc and free; and calls and stacks that fail.
namespace softcuda {

void fail_stack(Warp* warp, const Op* op, uint32_t mask, const StackUse* use, uint64_t wanted) {
  const std::string what = "stack overflow in function '" + use->function + "': " + std::to_string(wanted) + " bytes more than the " +
                           std::to_string(warp->local_bytes - use->slack - use->begin) +
                           " of a thread; it calls itself too deeply, or allocates too much (cuCtxSetLimit(CU_LIMIT_STACK_SIZE) raises what there is)";
  fail_text(warp, op, mask, kIllegalAddress, what.c_str());
}

void fail_call(Warp* warp, const Op* op, uint32_t mask, uint64_t pointer) {
  const auto* use = static_cast<const StackUse*>(op->extra);
  const std::string what = "a call through the pointer " + hex(pointer) + (pointer == 0 ? ", which is null" : "") +
                           ": the module has no function of this address that fits " + use->function + " (bytes of the parameters and of the result)";
  fail_text(warp, op, mask, kInvalidPc, what.c_str());
}

namespace {

// Memory of the host that a generic address means, or null.
const char* readable(const Warp& w, uint64_t address, uint64_t& bytes) {
  uint64_t base = 0;
  size_t size = 0;
  const auto shared = reinterpret_cast<uint64_t>(w.shared), local = reinterpret_cast<uint64_t>(w.local), params = reinterpret_cast<uint64_t>(w.params);
  if (address - shared < w.shared_bytes) bytes = w.shared_bytes - (address - shared);
  else if (address - local < 32 * w.local_bytes) bytes = 32 * w.local_bytes - (address - local);
  else if (address - params < w.param_bytes) bytes = w.param_bytes - (address - params);
  else if (w.block->launch->memory->find(address, &base, &size)) bytes = size - (address - base);
  else return nullptr;
  return reinterpret_cast<const char*>(address);
}

[[noreturn]] void fail_address(Warp* warp, const Op* op, uint32_t lane, const char* what, uint64_t address) {
  const std::string text = std::string(what) + " is at " + hex(address) + ", which is " + warp->block->launch->memory->describe(address);
  fail_text(warp, op, 1u << lane, kIllegalAddress, text.c_str());
}

class LaneSource : public PrintSource {
 public:
  LaneSource(Warp* warp, const Op* op, uint32_t lane, uint64_t arguments) : warp_(warp), op_(op), lane_(lane), arguments_(arguments) {}

  void read(size_t offset, void* to, size_t bytes) const override {
    uint64_t there = 0;
    const char* from = readable(*warp_, arguments_ + offset, there);
    if (!from || there < bytes) fail_address(warp_, op_, lane_, "an argument of printf", arguments_ + offset);
    std::memcpy(to, from, bytes);
  }

  std::string text(uint64_t address) const override {
    uint64_t there = 0;
    const char* from = readable(*warp_, address, there);
    if (!from) fail_address(warp_, op_, lane_, "a string of the device runtime's", address);
    return std::string(from, strnlen(from, there));
  }

 private:
  Warp* warp_;
  const Op* op_;
  uint32_t lane_;
  uint64_t arguments_;
};

const uint64_t* longs(const Warp& w, uint32_t slot) { return reinterpret_cast<const uint64_t*>(w.registers + slot); }

}  // namespace

// Results as CUDA's: the number of arguments, -1 without a format.
void device_print(Warp* warp, const Op* op, uint32_t mask, const uint64_t* formats, const uint64_t* arguments, uint32_t* results) {
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const auto lane = static_cast<uint32_t>(__builtin_ctz(rest));
    int n = -1;
    if (formats[lane] != 0) {
      const LaneSource source(warp, op, lane, arguments[lane]);
      Prints::all().append(format_print(source.text(formats[lane]), source, n));
    }
    results[lane] = static_cast<uint32_t>(n);
  }
}

// Operands: expression, file, line, function, bytes of a character.
void device_assert(Warp* warp, const Op* op, uint32_t mask) {
  const auto lane = static_cast<uint32_t>(__builtin_ctz(mask));
  const LaneSource source(warp, op, lane, 0);
  const auto text = [&](int operand) {
    const uint64_t address = longs(*warp, op->o[operand])[lane];
    return address == 0 ? std::string("?") : source.text(address);
  };
  const uint32_t line = reinterpret_cast<const uint32_t*>(warp->registers + op->o[2])[lane];
  const std::string what = "assertion `" + text(0) + "` failed at " + text(1) + ":" + std::to_string(line) + ", in " + text(3);
  fail_text(warp, op, mask, kAssert, what.c_str());
}

uint64_t device_allocate(Warp* warp, const Op*, uint32_t, uint64_t bytes) {
  const Launch& launch = *warp->block->launch;
  return launch.memory->allocate_in_kernel(bytes, launch.config->limits.heap, "malloc in kernel " + launch.program->name);
}

void device_free(Warp* warp, const Op* op, uint32_t lane, uint64_t address) {
  if (address == 0) return;
  const std::string wrong = warp->block->launch->memory->release_in_kernel(address);
  if (!wrong.empty()) fail_text(warp, op, 1u << lane, kLaunchFailed, wrong.c_str());
}

}  // namespace softcuda
