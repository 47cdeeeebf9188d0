// Kernel launches and occupancy.
#include <algorithm>
#include <cstring>

#include "../exec/device_count.h"
#include "../exec/engine.h"
#include "../exec/print.h"
#include "devices.h"
#include "module.h"
#include "proc_address.h"
#include "stream.h"

using namespace softcuda;

namespace {

void require_shape(bool ok, const Function& function, const std::string& what) {
  if (!ok) throw Failure(kInvalidValue, "kernel " + function.kernel().name() + ": " + what);
}

std::string text(const Dim3& d) {
  return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
}

void check_shape(const Function& function, const LaunchConfig& launch) {
  const Dim3 &g = launch.grid, &b = launch.block;
  require_shape(g.x != 0 && g.y != 0 && g.z != 0 && g.x <= 2147483647u && g.y <= 65535 && g.z <= 65535, function,
                "grid " + text(g) + " is outside 1 .. (2147483647, 65535, 65535)");
  require_shape(b.x != 0 && b.y != 0 && b.z != 0 && b.x <= 1024 && b.y <= 1024 && b.z <= 64, function,
                "block " + text(b) + " is outside 1 .. (1024, 1024, 64)");
  const uint64_t threads = uint64_t{b.x} * b.y * b.z;
  require_shape(threads <= static_cast<uint64_t>(kThreadsPerBlock), function, "block " + text(b) + " has more than 1024 threads");
  if (threads > static_cast<uint64_t>(function.kernel().max_threads_per_block())) {
    throw Failure(kLaunchOutOfResources, "kernel " + function.kernel().name() + ": block " + text(b) + " has more threads than its __launch_bounds__, " +
                                             std::to_string(function.kernel().max_threads_per_block()));
  }
  require_shape(launch.dynamic_shared <= function.max_dynamic_shared(), function,
                std::to_string(launch.dynamic_shared) + " bytes of dynamic shared memory are more than " +
                    std::to_string(function.max_dynamic_shared()) +
                    " (48 KB less the static ones unless cuFuncSetAttribute(MAX_DYNAMIC_SHARED_SIZE_BYTES) raises it)");
}

std::vector<unsigned char> pack_params(const Kernel& kernel, void** params, void** extra) {
  std::vector<unsigned char> packed(kernel.param_bytes());
  if (params != nullptr) {
    size_t i = 0;
    for (const Param& param : kernel.params()) {
      if (params[i] == nullptr) throw Failure(kInvalidValue, "kernel " + kernel.name() + ": parameter " + std::to_string(i) + " is null");
      memcpy(packed.data() + param.offset, params[i++], param.size);
    }
    return packed;
  }
  const void* buffer = nullptr;
  size_t size = 0;
  for (void** at = extra; at != nullptr && at[0] != reinterpret_cast<void*>(kLaunchEnd); at += 2) {
    const auto key = reinterpret_cast<uintptr_t>(at[0]);
    if (key == kLaunchBufferPointer) {
      buffer = at[1];
    } else if (key == kLaunchBufferSize) {
      size = *static_cast<const size_t*>(at[1]);
    } else {
      throw Failure(kInvalidValue, "an unknown key in the launch's extra parameters");
    }
  }
  if (size < packed.size() || (buffer == nullptr && !packed.empty())) {
    throw Failure(kInvalidValue, "kernel " + kernel.name() + " takes " + std::to_string(packed.size()) + " bytes of parameters, given " +
                                     std::to_string(size));
  }
  if (!packed.empty()) memcpy(packed.data(), buffer, packed.size());
  return packed;
}

int blocks_per_multiprocessor(const Function& function, int threads, size_t dynamic) {
  if (threads <= 0) throw Failure(kInvalidValue, "the block size must be positive");
  const Kernel& kernel = function.kernel();
  if (threads > kernel.max_threads_per_block() || dynamic > function.max_dynamic_shared()) return 0;
  const int warps = (threads + kWarpSize - 1) / kWarpSize;
  int blocks = std::min(kBlocksPerMultiprocessor, kThreadsPerMultiprocessor / (warps * kWarpSize));
  // Registers are handed out to a warp in units of 256; shared memory to a block in units of 128 bytes beside 1 KB of the system's.
  const int per_warp = (std::max(kernel.registers(), 1) * kWarpSize + 255) / 256 * 256;
  blocks = std::min(blocks, kRegistersPerMultiprocessor / per_warp / warps);
  const size_t shared = (kernel.static_shared() + dynamic + kSharedReservedPerBlock + 127) / 128 * 128;
  return static_cast<int>(std::min<size_t>(static_cast<size_t>(blocks), kSharedPerMultiprocessor / shared));
}

}  // namespace

SOFTCUDA_EXPORT CUresult cuLaunchKernel(CUfunction handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                                        unsigned block_y, unsigned block_z, unsigned shared, CUstream stream_handle, void** params,
                                        void** extra) {
  return guarded("cuLaunchKernel", [&] {
    Prints::all().flush();
    const auto stream = Stream::of(stream_handle);
    const auto function = Handles<Function>::all().get(handle);
    if (function->context() != stream->context()) throw Failure(kInvalidHandle, "the function belongs to another context");
    LaunchConfig launch;
    launch.kernel = &function->kernel();
    launch.grid = Dim3{grid_x, grid_y, grid_z};
    launch.block = Dim3{block_x, block_y, block_z};
    launch.dynamic_shared = shared;
    launch.limits = stream->context()->limits();
    check_shape(*function, launch);
    launch.params = pack_params(function->kernel(), params, extra);
    // The operation holds the function, and with it module and kernel, until the last launch has run.
    auto operation = std::make_shared<Operation>();
    operation->name = function->kernel().name();
    operation->type = NodeType::kernel;
    operation->launches_kernel = true;
    operation->run = [function, launch = std::move(launch)](const Execution& execution) {
      launch_turn() = execution.context.device().next_launch();
      if (execution.order == nullptr) {
        execute(launch, execution.context.memory());
      } else {
        LaunchConfig numbered = launch;
        numbered.operation = execution.number;
        numbered.order = execution.order;
        execute(numbered, execution.context.memory());
      }
    };
    stream->submit(operation);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction handle, int threads, size_t dynamic) {
  return guarded("cuOccupancyMaxActiveBlocksPerMultiprocessor", [&] {
    require_pointer(blocks, "blocks");
    *blocks = blocks_per_multiprocessor(*Handles<Function>::all().get(handle), threads, dynamic);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction handle, int threads, size_t dynamic,
                                                                              unsigned) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, handle, threads, dynamic);
}

namespace {
const PerThreadForms per_thread_forms{
    SOFTCUDA_PER_THREAD(cuLaunchKernel),
};
}  // namespace
