// Several devices: whose an address is, and copies from one device to another. No device reaches another one's memory.
#include <cstring>
#include <vector>

#include "../exec/device_count.h"
#include "context.h"
#include "devices.h"
#include "stream.h"

namespace softcuda {

std::shared_ptr<Context> owner_of(uint64_t address) {
  for (auto& context : Handles<Context>::all().snapshot()) {
    if (context->memory().find(address, nullptr, nullptr)) return context;
  }
  return nullptr;
}

std::string describe_elsewhere(const Memory& asked, uint64_t address) {
  const auto owner = owner_of(address);
  if (owner == nullptr || &owner->memory() == &asked) return "";
  const auto number = [](const Context& context) { return "device " + std::to_string(context.device().ordinal()); };
  const std::string there = owner->memory().describe(address) + ", ";
  for (const auto& context : Handles<Context>::all().snapshot()) {
    if (&context->memory() != &asked) continue;
    if (&context->device() == &owner->device()) return there + "memory of another context of " + number(*owner);
    return there + "memory of " + number(*owner) + ", which " + number(*context) + " does not reach: copy it with cuMemcpyPeer, or through the host";
  }
  return there + "memory of " + number(*owner);
}

void require_no_other_device(Context& context, uint64_t address, const char* what) {
  if (device_count() == 1) return;
  const auto owner = owner_of(address);
  if (owner == nullptr || &owner->device() == &context.device() || !owner->is_device(address, 1)) return;
  throw Failure(kInvalidValue, std::string(what) + ": " + describe_elsewhere(context.memory(), address));
}

namespace {

// What a copy has on its way: the bytes, and what the checks know of them.
struct Staged {
  explicit Staged(size_t count) : bytes(count) {}
  std::vector<char> bytes;
  std::unique_ptr<Shadow> known;
};

Touch touch_of(uint64_t address, size_t bytes, bool write) {
  Touch touch;
  touch.address = address;
  touch.width = bytes;
  touch.pitch = bytes;
  touch.rows = 1;
  touch.write = write;
  touch.may_be_uninitialised = !write;
  touch.what = write ? "copy destination" : "copy source";
  return touch;
}

void require_live(Context& context, const Touch& touch) {
  try {
    context.memory().require(touch.address, touch.width, touch.what);
  } catch (const Failure& failure) {
    throw Failure(kInvalidValue, failure.what());
  }
}

void take(Memory& memory, uint64_t from, Staged& staged) {
  memcpy(staged.bytes.data(), reinterpret_cast<const void*>(from), staged.bytes.size());
  Memory::Found found;
  if (!memory.find(from, found) || found.shadow == nullptr) return;
  staged.known = std::make_unique<Shadow>(staged.bytes.size(), false);
  staged.known->copy(0, *found.shadow, from - found.base, staged.bytes.size());
}

void give(Memory& memory, uint64_t to, const Staged& staged) {
  memcpy(reinterpret_cast<void*>(to), staged.bytes.data(), staged.bytes.size());
  Memory::Found found;
  if (!memory.find(to, found) || found.shadow == nullptr) return;
  if (staged.known != nullptr) found.shadow->copy(to - found.base, *staged.known, 0, staged.bytes.size());
  else found.shadow->initialise(to - found.base, staged.bytes.size());
}

std::shared_ptr<Context> live(CUcontext handle) {
  if (auto context = Handles<Context>::all().find(handle)) return context;
  throw Failure(kInvalidContext, "not a live context");
}

// It follows all work of both contexts, and all later work follows it: the host waits for the one and for the other, which is more than
// CUDA promises. The bytes go through the host, as between GPUs that do not reach each other.
void copy(const char* name, const std::shared_ptr<Context>& target, uint64_t to, const std::shared_ptr<Context>& source, uint64_t from, size_t bytes) {
  require_no_capture(name);
  if (bytes == 0) return;
  source->check();
  target->check();
  const Touch reads = touch_of(from, bytes, false), writes = touch_of(to, bytes, true);
  require_live(*source, reads);
  require_live(*target, writes);
  source->device().queue().wait_all();
  target->device().queue().wait_all();
  const auto staged = std::make_shared<Staged>(bytes);
  source->default_stream()->submit_and_wait(make_operation(NodeType::memcpy, name, {Access{reads}}, [=](const Execution& execution) {
    take(execution.context.memory(), from, *staged);
  }));
  target->default_stream()->submit_and_wait(make_operation(NodeType::memcpy, name, {Access{writes}}, [=](const Execution& execution) {
    give(execution.context.memory(), to, *staged);
  }));
}

}  // namespace
}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT CUresult cuMemcpyPeer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes) {
  return guarded("cuMemcpyPeer", [&] {
    current_context();
    copy("cuMemcpyPeer", live(to_context), to, live(from_context), from, bytes);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes, CUstream stream) {
  return guarded("cuMemcpyPeerAsync", [&] {
    Stream::of(stream)->synchronize();
    copy("cuMemcpyPeerAsync", live(to_context), to, live(from_context), from, bytes);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return guarded("cuDeviceCanAccessPeer", [&] {
    require_device(device);
    require_device(peer);
    require_pointer(can, "can");
    *can = 0;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuDeviceGetP2PAttribute(int* value, int attribute, CUdevice device, CUdevice peer) {
  return guarded("cuDeviceGetP2PAttribute", [&] {
    require_device(device);
    require_device(peer);
    require_pointer(value, "value");
    constexpr int kLastAttribute = 5;
    if (device == peer) throw Failure(kInvalidDevice, "device " + std::to_string(device) + " is no peer of itself");
    if (attribute < 1 || attribute > kLastAttribute) throw Failure(kInvalidValue, "there is no peer attribute " + std::to_string(attribute));
    *value = 0;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) {
  return guarded("cuCtxEnablePeerAccess", [&]() -> CUresult {
    if (flags != 0) throw Failure(kInvalidValue, "flags must be 0");
    const int here = current_context()->device().ordinal(), there = live(peer)->device().ordinal();
    throw Failure(kPeerAccessUnsupported, "device " + std::to_string(here) + " does not reach the memory of device " + std::to_string(there) +
                                              ": cuDeviceCanAccessPeer says so before; copy with cuMemcpyPeer, or through the host");
  });
}

SOFTCUDA_EXPORT CUresult cuCtxDisablePeerAccess(CUcontext peer) {
  return guarded("cuCtxDisablePeerAccess", [&]() -> CUresult {
    current_context();
    live(peer);
    throw Failure(kPeerAccessNotEnabled, "no device reaches another one's memory, so there is nothing to take back");
  });
}
