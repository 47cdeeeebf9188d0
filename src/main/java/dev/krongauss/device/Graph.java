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
    CUgraph captured = capture(stream, work);
    try {
      long[] count = new long[1];
      Driver.check(cuGraphGetNodes(captured, null, count), "count of a graph's nodes");
      Check.that(count[0] > 0, "nothing was enqueued on the stream while it was captured");
      nodes = Math.toIntExact(count[0]);
      Driver.check(
          cuGraphInstantiate(handle, captured, 0L),
          "instantiation of a graph with " + nodes + " nodes");
    } finally {
      Driver.check(cuGraphDestroy(captured), "destruction of a graph's description");
    }
  }

  /** Enqueues the captured work; does not wait. */
  public void launch(Stream stream) {
    Check.that(!closed, "the graph is closed");
    device.bind();
    Driver.check(
        cuGraphLaunch(handle, stream.handle()), "launch of a graph with " + nodes + " nodes");
  }

  /** Kernels, copies, fills and library calls in it. */
  public int nodes() {
    return nodes;
  }

  /** Frees the graph; launches that were enqueued before still run. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.forget(this);
      device.bind();
      Driver.check(cuGraphExecDestroy(handle), "destruction of a graph");
    }
  }

  /** A capture that fails is ended too, or the stream could not be used any more. */
  private static CUgraph capture(Stream stream, Runnable work) {
    CUgraph captured = new CUgraph();
    Driver.check(
        cuStreamBeginCapture(
            stream.handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "begin of a stream capture");
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      if (cuStreamEndCapture(stream.handle(), captured) == 0) {
        cuGraphDestroy(captured);
      }
      throw e;
    }
    Driver.check(cuStreamEndCapture(stream.handle(), captured), "end of a stream capture");
    return captured;
  }
}
