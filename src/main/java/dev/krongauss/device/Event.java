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
  private final Driver.Call query = () -> cuEventQuery(handle());
  private final Driver.Call wait = () -> cuEventSynchronize(handle());
  private boolean closed;

  Event(Device device) {
    this.device = device;
    device.driver().check("event creation", () -> cuEventCreate(handle, 0));
  }

  /** Whether this event, or its device, is closed. */
  public boolean isClosed() {
    return closed || device.driver().released();
  }

  /** Marks the work enqueued on {@code stream} so far. */
  public void record(Stream stream) {
    device.driver().check("event record", () -> cuEventRecord(handle(), stream.handle()));
  }

  /** {@link #record}, to be repeated. */
  public Repeated recording(Stream stream) {
    return new Repeated(
        device.driver(), "event record", () -> cuEventRecord(handle(), stream.handle()));
  }

  /** {@link #synchronize}, to be repeated. */
  public Repeated waiting() {
    return new Repeated(device.driver(), "event synchronisation", wait);
  }

  /** Waits until the marked work is done. */
  public void synchronize() {
    device.driver().check("event synchronisation", wait);
  }

  /** Whether the marked work is done; never waits. */
  public boolean done() {
    int result = device.driver().result(query);
    if (result == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    if (result != CUresult.CUDA_SUCCESS) {
      throw Driver.failure("event query", result);
    }
    return true;
  }

  /** Milliseconds between {@code start} and this event, both recorded and done. */
  public double millisecondsSince(Event start) {
    float[] milliseconds = new float[1];
    device
        .driver()
        .check("event time", () -> cuEventElapsedTime(milliseconds, start.handle(), handle()));
    return milliseconds[0];
  }

  CUevent handle() {
    if (closed) {
      throw new IllegalStateException("the event is closed; take another one");
    }
    return handle;
  }

  /** Closing twice, or after the device, does nothing. */
  @Override
  public void close() {
    if (!closed && !device.driver().released()) {
      closed = true;
      device.forget(this);
      device.driver().release("destruction of an ", "event", () -> cuEventDestroy(handle));
    }
  }
}
