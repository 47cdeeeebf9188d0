#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace softcuda {

class Context;

// The values are CUgraphNodeType's, so that a captured operation knows its node type. Library calls are kernel nodes, as on a GPU.
enum class NodeType : int { kernel = 0, memcpy = 1, memset = 2, host = 3, graph = 4, empty = 5, event_wait = 6, event_record = 7 };

// `rows` pieces of `width` bytes, `pitch` bytes apart, that an operation reads or writes. Kernels declare none: their accesses
// are checked one by one.
struct Range {
  uint64_t address = 0;
  size_t width = 0, pitch = 0, rows = 1;
  bool write = false;
  const char* what = "";

  size_t bytes() const { return rows == 0 || width == 0 ? 0 : (rows - 1) * pitch + width; }
};

// One piece of device work. Immutable and repeatable: a graph runs the same operation at every launch.
struct Operation {
  NodeType type = NodeType::empty;
  std::string name;
  std::vector<Range> ranges;
  std::function<void(Context&)> run;
  // Called on the submitting thread with the ticket under which the operation was queued; may be empty.
  std::function<void(uint64_t)> queued;
};
using OperationPtr = std::shared_ptr<const Operation>;

inline OperationPtr make_operation(NodeType type, std::string name, std::vector<Range> ranges, std::function<void(Context&)> run) {
  auto operation = std::make_shared<Operation>();
  operation->type = type;
  operation->name = std::move(name);
  operation->ranges = std::move(ranges);
  operation->run = std::move(run);
  return operation;
}

// Checks the declared ranges, then runs. Throws Failure.
void perform(const Operation& operation, Context& context);

}  // namespace softcuda
