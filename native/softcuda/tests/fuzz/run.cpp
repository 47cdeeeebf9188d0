#include <cstring>

#include "../../exec/program.h"
#include "../../ptx/parser.h"
#include "target.h"

// Loads a text and runs its kernels under all checks. Only kernels that end are run: those whose branches all lead forward, in the functions
// they call too, and which call few functions that do not call themselves.
namespace {

using namespace softcuda;

constexpr size_t kBytes = 4096;

bool forward(const ptx::Function& f, const std::string& label, size_t from) {
  const auto found = f.labels.find(label);
  return found != f.labels.end() && found->second > from;
}

bool ends(const ptx::Function& f) {
  for (size_t i = 0; i < f.body.size(); ++i) {
    const auto& in = f.body[i];
    if (in.opcode.compare(0, 3, "bra") == 0 && !forward(f, in.operands[0].text, i)) return false;
    if (in.opcode.compare(0, 3, "brx") != 0) continue;
    const auto table = f.branch_targets.find(in.operands[1].text);
    for (const auto& label : table->second) {
      if (!forward(f, label, i)) return false;
    }
  }
  return true;
}

constexpr size_t kMostCalls = 12;  // each function calling the next twice: 2^12 calls

// Whether all that may be called ends, at whatever place it is called from.
bool ends(const ptx::Text& text, const ptx::Function& kernel, const Kernel& built) {
  if (!ends(kernel) || built.program().functions.size() > kMostCalls) return false;
  for (const auto& part : built.program().functions) {
    const auto f = text.functions.find(part.name);
    if (part.recursive || (f != text.functions.end() && !ends(f->second))) return false;
  }
  return true;
}

void run(const Kernel& kernel, Memory& memory, uint64_t buffer) {
  LaunchConfig config;
  config.kernel = &kernel;
  config.grid.x = 2;
  config.block.x = static_cast<uint32_t>(kernel.max_threads_per_block() < 48 ? kernel.max_threads_per_block() : 48);
  config.dynamic_shared = 1024;
  config.params.resize(kernel.param_bytes());
  // A parameter is the buffer, or its size.
  for (const auto& p : kernel.params()) {
    const uint64_t value = p.size == 8 ? buffer : 16;
    std::memcpy(config.params.data() + p.offset, &value, p.size < 8 ? p.size : 8);
  }
  try {
    execute(config, memory);
  } catch (const Failure& failure) {
    switch (failure.result) {
      case kInvalidValue:  // too much shared memory
      case kIllegalAddress:
      case kIllegalInstruction:
      case kMisalignedAddress:
      case kLaunchFailed:
      case kAssert:
      case kInvalidPc:
        return;
      default:
        fuzz::wrong("a launch fails with " + std::to_string(failure.result) + ": " + failure.what());
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Options::global().set("check", "all");
  Options::global().set("printf", "none");
  Options::global().workers = 1;
  Memory memory;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto module = fuzz::load(text, memory);
  if (!module) return 0;
  const uint64_t buffer = memory.allocate(kBytes, "buffer");
  std::memset(reinterpret_cast<void*>(buffer), 0, kBytes);
  const ptx::Text parsed = ptx::parse(text.data(), text.size());
  for (const auto& f : parsed.entries) {
    const Kernel* const kernel = module->kernel(f.name);
    if (kernel && ends(parsed, f, *kernel)) run(*kernel, memory, buffer);
  }
  memory.release(buffer);
  return 0;
}
