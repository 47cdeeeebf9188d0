#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "context.h"
#include "operation.h"

namespace softcuda {

struct GraphNode {
  static constexpr const char* kKind = "graph node";
  OperationPtr operation;
  std::vector<size_t> dependencies;  // indices of nodes of the same graph
};

// Nodes in an order that respects all dependencies: the order in which they were captured.
class Graph {
 public:
  static constexpr const char* kKind = "graph";
  explicit Graph(std::shared_ptr<Context> owner) : context_(std::move(owner)) {}
  const std::shared_ptr<Context>& context() const { return context_; }
  std::vector<std::shared_ptr<GraphNode>> nodes;

 private:
  const std::shared_ptr<Context> context_;
};

// A graph that can be launched: a copy that later changes of the graph do not reach.
class GraphExec {
 public:
  static constexpr const char* kKind = "executable graph";
  GraphExec(std::shared_ptr<Context> owner, const Graph& graph);
  const std::shared_ptr<Context>& context() const { return context_; }
  // The operation that one launch submits.
  const OperationPtr& operation() const { return operation_; }

 private:
  const std::shared_ptr<Context> context_;
  OperationPtr operation_;
};

}  // namespace softcuda
