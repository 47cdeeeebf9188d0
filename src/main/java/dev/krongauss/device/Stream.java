package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamGetCtx;
import static jcuda.driver.JCudaDriver.cuStreamIsCapturing;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.util.concurrent.locks.ReentrantLock;
import jcuda.driver.CUcontext;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureStatus;
import jcuda.driver.CUstream_flags;
import jcuda.runtime.cudaStream_t;

/**
 * An in-order queue of device work: one made by {@link Device#newStream()} and owned, or a caller's
 * own wrapped by {@link Device#wrap(CUstream)} and never destroyed here.
 *
 * <p>A stream is used by one thread at a time; different threads take different streams.
 */
public final class Stream implements AutoCloseable {
  private final Device device;
  private final CUstream handle;
  private final cudaStream_t runtimeHandle;
  private final boolean owned;
  private final Launch launch;
  private final ReentrantLock turn = new ReentrantLock();
  private final int[] captureStatus = new int[1]; // of this stream, whoever asks
  private final Driver.Call captureQuery = () -> cuStreamIsCapturing(handle(), captureStatus);
  private LaunchListener listener;
  private boolean closed;

  private Stream(Device device, CUstream handle, boolean owned) {
    this.device = device;
    this.handle = handle;
    this.runtimeHandle = new cudaStream_t(handle);
    this.owned = owned;
    this.launch = new Launch(this);
  }

  /** A new stream, which does not wait for the driver's default one. */
  static Stream create(Device device) {
    CUstream created = new CUstream();
    device
        .driver()
        .check(
            "stream creation",
            () -> cuStreamCreate(created, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return new Stream(device, created, true);
  }

  /** See {@link Device#wrap}. */
  static Stream wrap(Device device, CUstream foreign) {
    CUcontext owner = new CUcontext();
    device.driver().check("query of a stream's context", () -> cuStreamGetCtx(foreign, owner));
    Check.that(
        owner.equals(device.context()),
        "the stream belongs to another context (%s) than the device's primary one (%s); make it"
            + " there: cuCtxSetCurrent(device.context()) before cuStreamCreate, or inside"
            + " device.inContext(...)",
        owner,
        device.context());
    return new Stream(device, foreign, false);
  }

  /** Whether this stream, or its device, is closed. */
  public boolean isClosed() {
    return closed || device.driver().released();
  }

  public Device device() {
    return device;
  }

  /**
   * Waits until everything enqueued so far is done; a failure of an earlier launch comes out here.
   */
  public void synchronize() {
    device.driver().check("stream synchronisation", () -> cuStreamSynchronize(handle()));
  }

  /**
   * Enqueues a copy of one matrix into another of the same shape; does not wait. What lies between
   * the rows of a view is neither read nor written.
   *
   * @throws IllegalArgumentException if the shapes differ or the matrices have elements in common
   */
  public void copy(Matrix from, Matrix to) {
    Transfers.copy(from, to, this);
  }

  /** {@link #copy}, to be repeated. */
  Repeated copying(Matrix from, Matrix to) {
    return new Repeated(device.driver(), "copy of " + from, Transfers.copying(from, to, this));
  }

  /** Enqueues filling {@code bytes} bytes with zero; does not wait. */
  public void clear(long pointer, long bytes) {
    device
        .driver()
        .check(
            "memset", () -> cuMemsetD8Async(new DevicePointer(pointer), (byte) 0, bytes, handle()));
  }

  /** Enqueues the write of one int; does not wait. */
  public void write(long pointer, int value) {
    device
        .driver()
        .check(
            "write of an int",
            () -> cuMemsetD32Async(new DevicePointer(pointer), value, 1, handle()));
  }

  /**
   * Tells of memory that a library outside CUDA, as an MPI that takes device addresses, reads or
   * writes once what has been enqueued so far is done, which the caller waits for; what is enqueued
   * behind this comes after it. SoftCUDA's checks look at it as if this stream did it; on a GPU
   * nothing happens.
   *
   * @param library for reports
   * @param written whether it writes; else it reads
   */
  public void outside(String library, long address, long bytes, boolean written) {
    device
        .driver()
        .check(
            library + " on device memory",
            () -> NativeLoader.outside(this, library, address, bytes, written));
  }

  /**
   * Tells of each kernel launch from now on.
   *
   * @param next null for none, the default, which costs nothing
   */
  public void onLaunch(LaunchListener next) {
    listener = next;
  }

  void launched(String kernel) {
    if (listener != null) {
      listener.enqueued(kernel);
    }
  }

  /** Makes later work of this stream wait for {@code event}. */
  public void await(Event event) {
    device.driver().check("wait for event", () -> cuStreamWaitEvent(handle(), event.handle(), 0));
  }

  /** {@link #await}, to be repeated. */
  public Repeated awaiting(Event event) {
    return new Repeated(
        device.driver(), "wait for event", () -> cuStreamWaitEvent(handle(), event.handle(), 0));
  }

  /**
   * Whether what is enqueued now is captured, by {@link #capture} or by the stream's owner, and not
   * run; also where that capture has failed and is still to be ended.
   */
  public boolean capturing() {
    device.driver().check("query of a stream capture", captureQuery);
    return captureStatus[0] != CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE;
  }

  /**
   * Captures what {@code work} enqueues on this stream, instead of running it, in a graph that is
   * closed with the device at the latest. {@code work} must neither wait for the device nor
   * allocate, and enqueue on no other stream than a {@link Branch}'s that it forks and joins.
   *
   * @throws DeviceException if the work did one of these, or called what cannot be captured
   */
  public Graph capture(Runnable work) {
    turn.lock();
    try {
      return device.register(device.inContext(() -> Graph.of(this, work)));
    } finally {
      turn.unlock();
    }
  }

  /**
   * Enqueues work that other threads are to find whole: while it goes on, no other thread's work
   * runs in this method for the same stream, nor in {@link #capture}. An optimiser enqueues its
   * updates so, and a prediction from another thread finds its place before or after one. May be
   * called within itself.
   */
  public void alone(Runnable work) {
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Calls of this library one behind the other, with no code of others between them: the thread's
   * current context is looked at once, not by each call.
   */
  public void together(Runnable calls) {
    device.driver().together(calls);
  }

  /** Destroys an owned stream after its work; a wrapped one is left to its owner. */
  @Override
  public void close() {
    if (closed || !owned || device.driver().released()) {
      return;
    }
    closed = true;
    device.forget(this);
    device.driver().release("destruction of a ", "stream", () -> cuStreamDestroy(handle));
  }

  /**
   * The driver's handle, for callers who mix their own JCuda calls into this stream.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public CUstream handle() {
    checkOpen();
    return handle;
  }

  /**
   * The driver's handle as a number, for libraries that are called by other means than JCuda.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public long address() {
    return new Address(runtimeHandle()).value();
  }

  cudaStream_t runtimeHandle() {
    checkOpen();
    return runtimeHandle;
  }

  Launch launch() {
    return launch;
  }

  /** The driver may have given a destroyed handle to another stream, or crash over it. */
  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the stream is closed; take another one");
    }
  }

  /** JCuda keeps the number to itself and its subclasses. */
  private static final class Address extends CUstream {
    Address(cudaStream_t stream) {
      super(stream);
    }

    long value() {
      return getNativePointer();
    }
  }
}
