// Capture and graphs.
#include <set>

#include "libraries.h"
#include "program.h"

namespace {

TEST(a_captured_graph_repeats_its_work) {
  TestContext context;
  const Kernels kernels;
  void *stream = nullptr, *graph = nullptr, *exec = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  DeviceArray<> x(64), y(64);
  x.set(std::vector<float>(64, 1.f));
  void* const function = kernels.function("scale_add");
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  int status = 0;
  CHECK_EQUAL(0, cuStreamIsCapturing(stream, &status));
  CHECK_EQUAL(1, status);
  CHECK_EQUAL(0, launch_scale(function, x.address(), y.address(), 64, 1.f, stream));
  CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(x.address(), y.address(), 256, stream));
  CHECK_EQUAL(0, cuMemsetD32Async(y.address(), 0, 64, stream));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK(x.get()[0] == 1.f);
  size_t count = 0, edges = 0;
  CHECK_EQUAL(0, cuGraphGetNodes(graph, nullptr, &count));
  CHECK_EQUAL(3, count);
  CHECK_EQUAL(0, cuGraphGetEdges(graph, nullptr, nullptr, &edges));
  CHECK_EQUAL(2, edges);
  std::vector<void*> nodes(count);
  CHECK_EQUAL(0, cuGraphGetNodes(graph, nodes.data(), &count));
  for (int i = 0; i < 3; ++i) {
    int type = -1;
    CHECK_EQUAL(0, cuGraphNodeGetType(nodes[i], &type));
    CHECK_EQUAL(i, type);
  }
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
  CHECK_EQUAL(0, cuGraphDestroy(graph));
  for (int i = 0; i < 3; ++i) CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(0, cuGraphExecDestroy(exec));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK(x.get()[63] == 15.f);
  CHECK(y.get()[0] == 0.f);
}

TEST(kernels_that_are_skipped_do_nothing_and_the_rest_is_done) {
  TestContext context;
  const Kernels kernels;
  void *stream = nullptr, *graph = nullptr, *exec = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  DeviceArray<> x(64), y(64);
  x.set(std::vector<float>(64, 1.f));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), x.address(), x.address(), 64, 1.f, stream));
  CHECK_EQUAL(0, cuMemcpyDtoDAsync_v2(y.address(), x.address(), 256, stream));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
  {
    const Option skip("kernels", "skip", "run");
    CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
    CHECK_EQUAL(0, cuStreamSynchronize(stream));
    CHECK(y.get()[63] == 1.f);
  }
  CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK(y.get()[63] == 3.f);
  CHECK_EQUAL(kInvalidValue, softcudaSetOption("kernels", "none"));
}

const auto softcudaCalls = find<unsigned long long(const char*)>("libcuda.so.1", "softcudaCalls");

TEST(calls_are_counted_by_the_beginning_of_their_name) {
  TestContext context;
  void* stream = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  const auto waits = softcudaCalls("cuStreamSynchronize");
  const auto streams = softcudaCalls("cuStream");
  for (int i = 0; i < 3; ++i) CHECK_EQUAL(0, cuStreamSynchronize(stream));
  int status = 0;
  CHECK_EQUAL(0, cuStreamIsCapturing(stream, &status));
  CHECK_EQUAL(waits + 3, softcudaCalls("cuStreamSynchronize"));
  CHECK_EQUAL(streams + 4, softcudaCalls("cuStream"));
  CHECK_EQUAL(0, softcudaCalls("cuNoSuchFunction"));
}

TEST(capture_forks_and_joins_through_events) {
  TestContext context;
  void *stream = nullptr, *other = nullptr, *fork = nullptr, *join = nullptr, *graph = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cuStreamCreate(&other, 1));
  CHECK_EQUAL(0, cuEventCreate(&fork, 2));
  CHECK_EQUAL(0, cuEventCreate(&join, 2));
  DeviceArray<> x(64), y(64);
  const auto capture = [&](bool joined) {
    CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
    CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 0, 64, stream));
    CHECK_EQUAL(0, cuEventRecord(fork, stream));
    CHECK_EQUAL(0, cuStreamWaitEvent(other, fork, 0));
    CHECK_EQUAL(0, cuMemsetD32Async(y.address(), 0, 64, other));
    CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 1, 64, stream));
    CHECK_EQUAL(0, cuEventRecord(join, other));
    if (joined) CHECK_EQUAL(0, cuStreamWaitEvent(stream, join, 0));
    CHECK_EQUAL(0, cuMemsetD32Async(x.address(), 2, 64, stream));
    return cuStreamEndCapture(stream, &graph);
  };
  CHECK_EQUAL(0, capture(true));
  size_t nodes = 0, edges = 0;
  CHECK_EQUAL(0, cuGraphGetNodes(graph, nullptr, &nodes));
  CHECK_EQUAL(0, cuGraphGetEdges(graph, nullptr, nullptr, &edges));
  CHECK_EQUAL(4, nodes);
  CHECK_EQUAL(4, edges);
  CHECK_EQUAL(0, cuGraphDestroy(graph));
  CHECK_EQUAL(kCaptureUnjoined, capture(false));
  CHECK(graph == nullptr);
  CHECK_EQUAL(0, cuStreamSynchronize(other));
}

TEST(library_calls_are_captured_and_checked_at_every_launch) {
  TestContext context;
  const Kernels kernels;
  void *handle = nullptr, *stream = nullptr, *graph = nullptr, *exec = nullptr;
  CHECK_EQUAL(0, cublasCreate_v2(&handle));
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cublasSetStream_v2(handle, stream));
  const float one = 1.f, zero = 0.f;
  DeviceArray<> a(std::vector<float>{1, 2, 3, 4}), c(4);
  Ptr b = 0;
  CHECK_EQUAL(0, cuMemAlloc_v2(&b, 16));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(0, launch_scale(kernels.function("scale_add"), a.address(), b, 4, 0.f, stream));
  CHECK_EQUAL(0, cublasSgemm_v2(handle, 0, 0, 2, 2, 2, &one, a.pointer(), 2, reinterpret_cast<const float*>(b), 2, &zero, c.pointer(), 2));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  size_t nodes = 0;
  int type = -1;
  void* all[2];
  CHECK_EQUAL(0, cuGraphGetNodes(graph, nullptr, &nodes));
  CHECK_EQUAL(2, nodes);
  CHECK_EQUAL(0, cuGraphGetNodes(graph, all, &nodes));
  CHECK_EQUAL(0, cuGraphNodeGetType(all[1], &type));
  CHECK_EQUAL(0, type);
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
  CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK((c.get() == std::vector<float>{14, 20, 30, 44}));
  a.set({2, 2, 2, 2});
  CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK((c.get() == std::vector<float>{16, 16, 16, 16}));
  // A library call whose result goes to the host cannot be captured.
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  float norm = 0.f;
  CHECK_EQUAL(13, cublasSnrm2_v2(handle, 4, a.pointer(), 1, &norm));
  void* none = nullptr;
  CHECK_EQUAL(kCaptureInvalidated, cuStreamEndCapture(stream, &none));
  // Memory that was freed after the capture is found when the node runs, not before.
  {
    const Option check("check", "memory", "none");
    CHECK_EQUAL(0, cuMemFree_v2(b));
    CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
    CHECK_EQUAL(kIllegalAddress, cuStreamSynchronize(stream));
    CHECK_CONTAINS(softcudaLastMessage(), "node 0 of 2, scale_add");
    CHECK_CONTAINS(softcudaLastMessage(), "which was freed");
  }
  CHECK_EQUAL(0, cublasDestroy_v2(handle));
}

TEST(a_library_node_s_freed_operand_is_found) {
  TestContext context;
  void *handle = nullptr, *stream = nullptr, *graph = nullptr, *exec = nullptr;
  CHECK_EQUAL(0, cublasCreate_v2(&handle));
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cublasSetStream_v2(handle, stream));
  const float one = 1.f, zero = 0.f;
  DeviceArray<> a(std::vector<float>{1, 2, 3, 4}), c(4);
  Ptr b = 0;
  CHECK_EQUAL(0, cuMemAlloc_v2(&b, 16));
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(0, cublasSgemm_v2(handle, 0, 0, 2, 2, 2, &one, a.pointer(), 2, reinterpret_cast<const float*>(b), 2, &zero, c.pointer(), 2));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
  CHECK_EQUAL(0, cuMemFree_v2(b));
  CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(kIllegalAddress, cuStreamSynchronize(stream));
  CHECK_CONTAINS(softcudaLastMessage(), "node 0 of 1, cublasSgemm");
  CHECK_CONTAINS(softcudaLastMessage(), "which was freed");
  CHECK_EQUAL(0, cublasDestroy_v2(handle));
}

TEST(an_empty_graph_launches) {
  TestContext context;
  void *stream = nullptr, *graph = nullptr, *exec = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cuGraphCreate(&graph, 0));
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
  CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
  CHECK_EQUAL(0, cuStreamSynchronize(stream));
  CHECK_EQUAL(0, cuGraphDestroy(graph));
  CHECK_EQUAL(0, cuGraphExecDestroy(exec));
  CHECK_EQUAL(kInvalidHandle, cuGraphLaunch(exec, stream));
}

// A graph of two branches of three nodes each: with a seed they run interleaved, each in order.
TEST(with_a_seed_nodes_run_in_any_order_that_the_edges_allow) {
  static std::vector<int> order;
  std::set<std::vector<int>> seen;
  for (int seed = 0; seed <= 10; ++seed) {
    const Option option("seed", std::to_string(seed), "0");
    TestContext context;
    void *stream = nullptr, *other = nullptr, *fork = nullptr, *join = nullptr, *graph = nullptr, *exec = nullptr;
    CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
    CHECK_EQUAL(0, cuStreamCreate(&other, 1));
    CHECK_EQUAL(0, cuEventCreate(&fork, 2));
    CHECK_EQUAL(0, cuEventCreate(&join, 2));
    const auto note = [](void* where, intptr_t id) {
      CHECK_EQUAL(0, cuLaunchHostFunc(where, [](void* p) { order.push_back(static_cast<int>(reinterpret_cast<intptr_t>(p))); }, reinterpret_cast<void*>(id)));
    };
    CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
    note(stream, 0);
    CHECK_EQUAL(0, cuEventRecord(fork, stream));
    CHECK_EQUAL(0, cuStreamWaitEvent(other, fork, 0));
    for (int i = 0; i < 3; ++i) {
      note(stream, 10 + i);
      note(other, 20 + i);
    }
    CHECK_EQUAL(0, cuEventRecord(join, other));
    CHECK_EQUAL(0, cuStreamWaitEvent(stream, join, 0));
    note(stream, 30);
    CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
    CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
    order.clear();
    CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
    note(stream, 40);
    CHECK_EQUAL(0, cuStreamSynchronize(stream));
    CHECK_EQUAL(9, order.size());
    CHECK(order.front() == 0 && order[7] == 30 && order[8] == 40);
    int first = 10, second = 20;
    for (int id : order) {
      if (id >= 10 && id < 20) CHECK_EQUAL(first++, id);
      if (id >= 20 && id < 30) CHECK_EQUAL(second++, id);
    }
    if (seed == 0) CHECK((order == std::vector<int>{0, 10, 20, 11, 21, 12, 22, 30, 40}));
    seen.insert(order);
  }
  CHECK(seen.size() >= 5);
}

}  // namespace

int main() { return run_all(); }
