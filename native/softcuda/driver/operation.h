#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../check/order.h"

namespace softcuda {

class Context;
class Event;
struct GraphPlan;

// The values are CUgraphNodeType's, so that a captured operation knows its node type. Library calls are kernel nodes, as on a GPU.
enum class NodeType : int { kernel = 0, memcpy = 1, memset = 2, host = 3, graph = 4, empty = 5, event_wait = 6, event_record = 7 };

// Memory that an operation uses. Kernels declare none: their accesses are checked one by one.
struct Access {
  Touch touch;
  // A scalar in device memory, used by an access before this one: zero when the operation runs means that this one does not happen
  // (beta of a product). Null: it always does.
  const float* unless_zero = nullptr;
};

inline size_t extent(const Touch& touch) {
  return touch.rows == 0 || touch.width == 0 ? 0 : (touch.rows - 1) * touch.pitch + touch.width;
}

// One run of an operation. Without race check and seed operations have no number and no order.
struct Execution {
  Context& context;
  uint32_t number = 0;
  const Order* order = nullptr;
};

// One piece of device work. Immutable and repeatable: a graph runs the same operation at every launch.
struct Operation {
  NodeType type = NodeType::empty;
  std::string name;
  bool launches_kernel = false;
  std::vector<Access> accesses;
  std::function<void(const Execution&)> run;
  // The event whose point in the stream this is, or for which the stream waits here.
  std::shared_ptr<Event> records, awaits;
  // A graph launch: its nodes are the work, and `run` is empty.
  std::shared_ptr<const GraphPlan> graph;
};
using OperationPtr = std::shared_ptr<const Operation>;

// What a graph launch runs: nodes in an order that respects their dependencies.
struct GraphPlan {
  struct Step {
    OperationPtr operation;
    std::vector<size_t> dependencies;
  };
  explicit GraphPlan(std::vector<Step> all) : steps(std::move(all)) {}
  const std::vector<Step> steps;
  // Whether a path of dependencies leads from `earlier` to `step`.
  bool precedes(size_t earlier, size_t step) const;

 private:
  mutable std::once_flag once_;
  mutable std::vector<std::vector<bool>> ancestors_;  // of each step; computed when first asked for
};

inline OperationPtr make_operation(NodeType type, std::string name, std::vector<Access> accesses, std::function<void(const Execution&)> run) {
  auto operation = std::make_shared<Operation>();
  operation->type = type;
  operation->name = std::move(name);
  operation->accesses = std::move(accesses);
  operation->run = std::move(run);
  return operation;
}

// Checks and remembers the declared accesses, then runs; not for graph launches. Throws Failure.
void perform(const Operation& operation, const Execution& execution);

}  // namespace softcuda
