package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventQuery;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import jcuda.driver.CUevent;
import jcuda.driver.CUresult;

/** A point in a stream that other streams and the host can wait for, with its time. */
public final class Event implements AutoCloseable {
  private final Device device;
  private final CUevent handle = new CUevent();
  private boolean closed;

  Event(Device device) {
    this.device = device;
    device.bind();
    Driver.check(cuEventCreate(handle, 0), "event creation");
  }

  /** Marks the work enqueued on {@code stream} so far. */
  public void record(Stream stream) {
    device.bind();
    Driver.check(cuEventRecord(handle, stream.handle()), "event record");
  }

  /** Waits until the marked work is done. */
  public void synchronize() {
    device.bind();
    Driver.check(cuEventSynchronize(handle), "event synchronisation");
  }

  /** Whether the marked work is done; never waits. */
  public boolean done() {
    device.bind();
    int result = cuEventQuery(handle);
    if (result == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    Driver.check(result, "event query");
    return true;
  }

  /** Milliseconds between {@code start} and this event, both recorded and done. */
  public double millisecondsSince(Event start) {
    device.bind();
    float[] milliseconds = new float[1];
    Driver.check(cuEventElapsedTime(milliseconds, start.handle, handle), "event time");
    return milliseconds[0];
  }

  CUevent handle() {
    return handle;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.bind();
      Driver.check(cuEventDestroy(handle), "event destruction");
    }
  }
}
