package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;

/**
 * Work captured from a stream, which one launch enqueues again. Addresses and numbers are those of
 * the capture: memory it uses must live as long as the graph is launched, and what changes from
 * launch to launch must lie in device memory.
 */
public final class Graph implements AutoCloseable {
  private final Device device;
  private final CUgraphExec handle = new CUgraphExec();
  private final int nodes;
  private boolean closed;

  /** Takes the description, which is destroyed. */
  private Graph(Device device, CUgraph captured, int nodes) {
    this.device = device;
    this.nodes = nodes;
    device
        .driver()
        .check(
            "instantiation of a graph, nodes: ",
            nodes,
            () -> cuGraphInstantiate(handle, captured, 0L));
  }

  /** See {@link Stream#capture}. */
  static Graph of(Stream stream, Runnable work) {
    begin(stream);
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      abandon(stream);
      throw e;
    }
    Graph graph = end(stream);
    Check.that(graph != null, "nothing was enqueued on the stream while it was captured");
    return graph;
  }

  /** Begins a capture, which is ended or abandoned, or the stream could not be used any more. */
  static void begin(Stream stream) {
    stream
        .device()
        .driver()
        .check(
            "begin of a stream capture",
            () ->
                cuStreamBeginCapture(
                    stream.handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  }

  /** What was captured; null if that is nothing. */
  static Graph end(Stream stream) {
    Driver driver = stream.device().driver();
    CUgraph captured = new CUgraph();
    driver.check("end of a stream capture", () -> cuStreamEndCapture(stream.handle(), captured));
    try {
      long[] count = new long[1];
      driver.check("count of a graph's nodes", () -> cuGraphGetNodes(captured, null, count));
      return count[0] == 0 ? null : new Graph(stream.device(), captured, Math.toIntExact(count[0]));
    } finally {
      driver.check("destruction of a graph's description", () -> cuGraphDestroy(captured));
    }
  }

  /** Ends a capture of which nothing is wanted. */
  static void abandon(Stream stream) {
    Driver driver = stream.device().driver();
    CUgraph captured = new CUgraph();
    stream.launch().abandon();
    if (driver.result(() -> cuStreamEndCapture(stream.handle(), captured)) == 0) {
      driver.result(() -> cuGraphDestroy(captured));
    }
  }

  /** Enqueues the captured work; does not wait. */
  public void launch(Stream stream) {
    Check.that(!closed, "the graph is closed");
    device
        .driver()
        .check("launch of a graph, nodes: ", nodes, () -> cuGraphLaunch(handle, stream.handle()));
  }

  /** Its launch on a stream, to be repeated while both are open. */
  public Repeated launching(Stream stream) {
    return new Repeated(
        device.driver(), "launch of a graph", () -> cuGraphLaunch(handle, stream.handle()));
  }

  /** Kernels, copies, fills and library calls in it. */
  public int nodes() {
    return nodes;
  }

  /** Frees the graph; launches that were enqueued before still run. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed && !device.driver().released()) {
      closed = true;
      device.forget(this);
      device.driver().release("destruction of a ", "graph", () -> cuGraphExecDestroy(handle));
    }
  }
}
