#include <chrono>
#include <cstdio>

#include "block.h"

// Slow paths of the operations: checks that found something, reports, growth of buffers.
namespace softcuda {

namespace {

std::string triple(const Dim3& d) { return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")"; }

std::string others(uint32_t mask) {
  const int n = __builtin_popcount(mask) - 1;
  return n > 0 ? "\n  " + std::to_string(n) + " more lane" + (n > 1 ? "s" : "") + " of the warp failed in the same instruction" : "";
}

}  // namespace

std::string hex(uint64_t v) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
  return text;
}

std::string describe_thread(const Block& block, uint32_t linear) {
  const Dim3& extent = block.launch->config->block;
  Dim3 thread;
  thread.x = linear % extent.x;
  thread.y = linear / extent.x % extent.y;
  thread.z = linear / extent.x / extent.y;
  return "thread " + triple(thread);
}

std::string describe_instruction(const Program& program, size_t op) {
  const Location& at = program.where[op];
  const auto line_of = [&](int number, int line) {
    const auto file = program.files.find(number);
    return (file == program.files.end() ? std::string("line ") : file->second + ":") + std::to_string(line);
  };
  std::string text = "instruction " + program.text[op] + ", PTX line " + std::to_string(at.ptx_line);
  if (at.source_line == 0 && at.call < 0) return text + "\n  source line unknown (compile with -lineinfo)";
  text += "\n  source " + (at.source_line > 0 ? line_of(at.source_file, at.source_line) : std::string("line unknown"));
  for (int c = at.call; c >= 0;) {
    const ptx::Call& call = program.calls[static_cast<size_t>(c)];
    text += "\n    inlined at " + line_of(call.file, call.line);
    c = call.outer;
  }
  return text;
}

namespace {

const FunctionRange* function_at(const Program& program, size_t op) {
  for (const FunctionRange& f : program.functions) {
    if (op >= f.begin && op < f.end) return &f;
  }
  return nullptr;
}

// The functions that the lane is in, innermost first, and where each was called.
std::string describe_calls(const Warp& warp, size_t op, int lane) {
  const Program& program = *warp.block->launch->program;
  std::string text;
  while (const FunctionRange* f = function_at(program, op)) {
    op = reinterpret_cast<const uint32_t*>(warp.registers + f->link)[lane] - 1;
    const bool known = op < program.where.size();
    if (!f->dispatches) text += "\n  in function " + f->name + (known ? ", called on PTX line " + std::to_string(program.where[op].ptx_line) : "");
    if (!known) break;
    if (f->recursive && function_at(program, op) && function_at(program, op)->recursive) {
      text += ", which is called from within itself";
      break;
    }
  }
  return text;
}

}  // namespace

std::string describe_place(const Warp& warp, const Op& op, int lane) {
  const Block& block = *warp.block;
  const Program& program = *block.launch->program;
  return "kernel " + program.name + ", block " + triple(block.index) + ", " + describe_thread(block, warp.index * 32 + static_cast<uint32_t>(lane)) +
         "\n  " + describe_instruction(program, index_of(warp, op)) + describe_calls(warp, index_of(warp, op), lane);
}

void fail_text(Warp* warp, const Op* op, uint32_t mask, int result, const char* what) {
  throw Failure(result, std::string(what) + "\n  " + describe_place(*warp, *op, __builtin_ctz(mask)) + others(mask));
}

void fail_trap(Warp* warp, const Op* op, uint32_t mask) { fail_text(warp, op, mask, kIllegalInstruction, "the kernel executed a trap"); }

AsyncCopy* new_copy(Warp* warp) {
  auto& copies = warp->block->copies[warp->index];
  if (warp->copy_count == copies.size()) {
    if (copies.size() >= 65536) throw Failure(kLaunchFailed, "a warp has 65536 cp.async instructions under way that nothing waits for");
    copies.resize(copies.empty() ? 16 : copies.size() * 2);
  }
  warp->copies = copies.data();
  return &warp->copies[warp->copy_count++];
}

void arrive_extra(Warp* warp, uint32_t barrier, uint32_t threads) { warp->block->extra_arrivals[barrier] += threads; }

uint64_t nanoseconds_now() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

}  // namespace softcuda
