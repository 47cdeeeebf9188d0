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

  /** See {@link Stream#capture}. */
  Graph(Device device, Stream stream, Runnable work) {
    this.device = device;
    Driver driver = device.driver();
    CUgraph captured = capture(stream, work);
    try {
      long[] count = new long[1];
      driver.check("count of a graph's nodes", () -> cuGraphGetNodes(captured, null, count));
      Check.that(count[0] > 0, "nothing was enqueued on the stream while it was captured");
      nodes = Math.toIntExact(count[0]);
      driver.check(
          "instantiation of a graph, nodes: ",
          nodes,
          () -> cuGraphInstantiate(handle, captured, 0L));
    } finally {
      driver.check("destruction of a graph's description", () -> cuGraphDestroy(captured));
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

  /** A capture that fails is ended too, or the stream could not be used any more. */
  private static CUgraph capture(Stream stream, Runnable work) {
    Driver driver = stream.device().driver();
    CUgraph captured = new CUgraph();
    driver.check(
        "begin of a stream capture",
        () ->
            cuStreamBeginCapture(
                stream.handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      stream.launch().abandon();
      if (driver.result(() -> cuStreamEndCapture(stream.handle(), captured)) == 0) {
        driver.result(() -> cuGraphDestroy(captured));
      }
      throw e;
    }
    driver.check("end of a stream capture", () -> cuStreamEndCapture(stream.handle(), captured));
    return captured;
  }
}
