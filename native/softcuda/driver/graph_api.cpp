// Stream capture and graphs.
#include <algorithm>

#include "devices.h"
#include "graph.h"
#include "proc_address.h"
#include "stream.h"

namespace softcuda {

GraphExec::GraphExec(std::shared_ptr<Context> owner, const Graph& graph) : context_(std::move(owner)) {
  std::vector<GraphPlan::Step> steps;
  for (const auto& node : graph.nodes) steps.push_back(GraphPlan::Step{node->operation, node->dependencies});
  auto whole = std::make_shared<Operation>();
  whole->type = NodeType::graph;
  whole->name = "cuGraphLaunch";
  whole->graph = std::make_shared<GraphPlan>(std::move(steps));
  operation_ = whole;
}

}  // namespace softcuda

using namespace softcuda;

namespace {

CUresult instantiate(CUgraphExec* result, CUgraph handle) {
  require_pointer(result, "graph");
  const auto graph = Handles<Graph>::all().get(handle);
  const auto context = current_context();
  if (&graph->context()->device() != &context->device()) throw Failure(kInvalidHandle, "the graph belongs to another device");
  *result = Handles<GraphExec>::all().add(std::make_shared<GraphExec>(context, *graph));
  return kSuccess;
}

// CUDA's way to hand out lists: without an array only the count, with one at most *count elements.
void hand_out(const std::vector<void*>& all, void** array, size_t* count) {
  require_pointer(count, "count");
  if (array != nullptr) std::copy_n(all.begin(), std::min(*count, all.size()), array);
  *count = array != nullptr ? std::min(*count, all.size()) : all.size();
}

std::shared_ptr<GraphNode> node_of(CUgraphNode handle) {
  for (const auto& graph : Handles<Graph>::all().snapshot()) {
    for (const auto& node : graph->nodes) {
      if (node.get() == handle) return node;
    }
  }
  throw Failure(kInvalidValue, "not a node of a live graph");
}

}  // namespace

SOFTCUDA_EXPORT CUresult cuStreamBeginCapture_v2(CUstream handle, int mode) {
  return guarded("cuStreamBeginCapture", [&] {
    if (mode < 0 || mode > 2) throw Failure(kInvalidValue, "no such capture mode");
    Stream::of(handle)->begin_capture(static_cast<CaptureMode>(mode));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  return guarded("cuStreamEndCapture", [&] {
    require_pointer(graph, "graph");
    *graph = nullptr;
    *graph = Handles<Graph>::all().add(Stream::of(handle)->end_capture());
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuThreadExchangeStreamCaptureMode(int* mode) {
  return guarded("cuThreadExchangeStreamCaptureMode", [&] {
    require_pointer(mode, "mode");
    if (*mode < 0 || *mode > 2) throw Failure(kInvalidValue, "no such capture mode");
    *mode = static_cast<int>(exchange_thread_mode(static_cast<CaptureMode>(*mode)));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuStreamIsCapturing(CUstream handle, int* status) {
  return guarded("cuStreamIsCapturing", [&] {
    require_pointer(status, "status");
    *status = static_cast<int>(Stream::of(handle)->capture_status());
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphCreate(CUgraph* graph, unsigned flags) {
  return guarded("cuGraphCreate", [&] {
    require_pointer(graph, "graph");
    if (flags != 0) throw Failure(kInvalidValue, "flags must be 0");
    *graph = Handles<Graph>::all().add(std::make_shared<Graph>(current_context()));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphDestroy(CUgraph handle) {
  return guarded("cuGraphDestroy", [&] {
    Handles<Graph>::all().remove(handle);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphInstantiateWithFlags(CUgraphExec* result, CUgraph graph, unsigned long long) {
  return guarded("cuGraphInstantiateWithFlags", [&] { return instantiate(result, graph); });
}

SOFTCUDA_EXPORT CUresult cuGraphInstantiate_v2(CUgraphExec* result, CUgraph graph, CUgraphNode*, char*, size_t) {
  return guarded("cuGraphInstantiate", [&] { return instantiate(result, graph); });
}

SOFTCUDA_EXPORT CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return guarded("cuGraphExecDestroy", [&] {
    // A launch that is queued keeps the operations until it has run.
    Handles<GraphExec>::all().remove(handle);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphUpload(CUgraphExec exec, CUstream stream) {
  return guarded("cuGraphUpload", [&] {
    Handles<GraphExec>::all().get(exec);
    Stream::of(stream);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphLaunch(CUgraphExec exec_handle, CUstream stream_handle) {
  return guarded("cuGraphLaunch", [&] {
    const auto stream = Stream::of(stream_handle);
    const auto exec = Handles<GraphExec>::all().get(exec_handle);
    if (exec->context() != stream->context()) throw Failure(kInvalidHandle, "the graph was instantiated in another context");
    stream->submit(exec->operation());
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphGetNodes(CUgraph handle, CUgraphNode* nodes, size_t* count) {
  return guarded("cuGraphGetNodes", [&] {
    std::vector<void*> all;
    for (const auto& node : Handles<Graph>::all().get(handle)->nodes) all.push_back(node.get());
    hand_out(all, nodes, count);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphGetRootNodes(CUgraph handle, CUgraphNode* nodes, size_t* count) {
  return guarded("cuGraphGetRootNodes", [&] {
    std::vector<void*> roots;
    for (const auto& node : Handles<Graph>::all().get(handle)->nodes) {
      if (node->dependencies.empty()) roots.push_back(node.get());
    }
    hand_out(roots, nodes, count);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphGetEdges(CUgraph handle, CUgraphNode* from, CUgraphNode* to, size_t* count) {
  return guarded("cuGraphGetEdges", [&] {
    const auto graph = Handles<Graph>::all().get(handle);
    std::vector<void*> sources, targets;
    for (const auto& node : graph->nodes) {
      for (size_t dependency : node->dependencies) {
        sources.push_back(graph->nodes[dependency].get());
        targets.push_back(node.get());
      }
    }
    require_pointer(count, "count");
    size_t again = *count;
    hand_out(sources, from, count);
    if (to != nullptr) hand_out(targets, to, &again);
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuGraphNodeGetType(CUgraphNode handle, int* type) {
  return guarded("cuGraphNodeGetType", [&] {
    require_pointer(type, "type");
    *type = static_cast<int>(node_of(handle)->operation->type);
    return kSuccess;
  });
}

namespace {
const PerThreadForms per_thread_forms{
    SOFTCUDA_PER_THREAD(cuStreamBeginCapture_v2),
    SOFTCUDA_PER_THREAD(cuStreamEndCapture),
    SOFTCUDA_PER_THREAD(cuStreamIsCapturing),
    SOFTCUDA_PER_THREAD(cuGraphUpload),
    SOFTCUDA_PER_THREAD(cuGraphLaunch),
};
}  // namespace
