package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuCtxGetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxPopCurrent;
import static jcuda.driver.JCudaDriver.cuCtxPushCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import jcuda.CudaException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUresult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way to the driver and its libraries, for a device: no other class calls JCuda but in a
 * {@link Call} given to this one, since two things belong to the caller and stay as they are.
 *
 * <p>JCuda's exception mode ({@code setExceptionsEnabled}) is one static for the whole JVM, which
 * other threads may change at any time. It is neither read nor set: a call that throws its result
 * and one that returns it come to the same.
 *
 * <p>The thread's current context is the caller's: a call finds the device's context current, and
 * leaves current what it found. Where the device's context is current already, which {@link
 * #within} sees to for a whole update, that costs one query and a comparison.
 */
final class Driver {
  private static final Logger LOG = LoggerFactory.getLogger(Driver.class);

  /** A call of JCuda: gives its result code, or throws it where the caller wants exceptions. */
  interface Call {
    int run();
  }

  /** A thread's current context, and the calls that ask for it: made once, for no garbage. */
  private static final class Current {
    private final List<CUcontext> found = new ArrayList<>(List.of(new CUcontext())); // by depth
    private final Call get = () -> cuCtxGetCurrent(context());
    private final Call pop = () -> cuCtxPopCurrent(context());
    private int depth; // of calls of within
    private Driver together; // whose context is known to be current

    /** The context that was found last. */
    CUcontext context() {
      return found.get(depth);
    }

    /** The same, which later calls leave alone until it is forgotten. */
    CUcontext keep() {
      CUcontext kept = context();
      depth++;
      if (found.size() == depth) {
        found.add(new CUcontext());
      }
      return kept;
    }

    /** What was kept last is needed no more. */
    void forget() {
      depth--;
    }
  }

  private static final ThreadLocal<Current> CURRENT = ThreadLocal.withInitial(Current::new);

  private final CUcontext context;
  private final Call push;
  private final String device;
  private volatile boolean released;
  private volatile boolean warned;

  /**
   * @param context the device's, for as long as {@link #release} was not called
   * @param device its name, for messages
   */
  Driver(CUcontext context, String device) {
    this.context = context;
    this.push = () -> cuCtxPushCurrent(context);
    this.device = device;
  }

  /**
   * Makes a call in the device's context.
   *
   * @param what was tried, for the message
   * @throws DeviceException if its result is no success
   */
  void check(String what, Call call) {
    int result = result(call);
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(what, result);
    }
  }

  /** The same with a subject, whose text is made only if the call fails. */
  void check(String what, Object subject, Call call) {
    int result = result(call);
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(what + subject, result);
    }
  }

  /**
   * Makes a call that gives something back.
   *
   * @throws DeviceException if its result is no success, see {@link #releaseFailure}
   */
  void release(String what, Object subject, Call call) {
    int result = result(call);
    if (result != CUresult.CUDA_SUCCESS) {
      throw releaseFailure(what + subject, result);
    }
  }

  /** Makes a call in the device's context, whose result is an answer. */
  int result(Call call) {
    boolean entered = enter();
    try {
      return code(call);
    } finally {
      leave(entered);
    }
  }

  /**
   * Waits before memory is freed; a failure of earlier work was or will be reported by whoever
   * enqueued it, and is logged once.
   */
  void synchronizeQuietly() {
    int result = result(() -> cuCtxSynchronize());
    if (result != CUresult.CUDA_SUCCESS && !warned) {
      warned = true;
      LOG.warn("device memory is freed after a failure of the device: CUDA error {}", result);
    }
  }

  /**
   * Does work with the device's context current, to spare the calls in it their change to it. Code
   * of others in it (a loss, a model) may leave another one current.
   *
   * @param argument of the work, so that work which is done often is an object made once
   */
  <A, T> T within(Function<A, T> work, A argument) {
    boolean entered = enter();
    Current current = CURRENT.get();
    CUcontext found = current.keep();
    try {
      return work.apply(argument);
    } finally {
      if (entered && (!released || isCurrent(context))) {
        code(current.pop);
      }
      if (!isCurrent(found) && !(released && found.equals(context))) {
        warn(code(() -> cuCtxSetCurrent(found)));
      }
      current.forget();
    }
  }

  /**
   * Makes calls one behind the other, with no code of others between them: the context is looked at
   * once, not by each. May be called within itself.
   */
  void together(Runnable calls) {
    boolean entered = enter();
    Current current = CURRENT.get();
    Driver before = current.together;
    current.together = this;
    try {
      calls.run();
    } finally {
      current.together = before;
      leave(entered);
    }
  }

  /** No call may be made any more: the context is about to go, or has gone. */
  void release() {
    released = true;
  }

  /** Whether the device is closed, and all that was in its context with it. */
  boolean released() {
    return released;
  }

  /** A call that needs no context. */
  static void checkAnywhere(String what, Call call) {
    int result = code(call);
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(what, result);
    }
  }

  /** The result code of a call, returned or thrown. */
  static int code(Call call) {
    try {
      return call.run();
    } catch (CudaException e) {
      return Results.code(e);
    }
  }

  /** The exception that explains a result code; a fault is remembered for the rest of the JVM. */
  static DeviceException failure(String what, int result) {
    String detail = NativeLoader.lastSoftwareMessage();
    String failed = failed(what, result);
    String fault = Faults.note(result, detail, failed);
    return new DeviceException(
        failed + (detail.isEmpty() ? hint(result) : "\n" + detail) + TrappedWait.said() + fault);
  }

  /**
   * The same of a call that gives something back: by a fault that was reported before all of them
   * fail, and no more is said than that.
   */
  static DeviceException releaseFailure(String what, int result) {
    if (!Faults.wasReported(result, NativeLoader.lastSoftwareMessage())) {
      return failure(what, result);
    }
    String before = ", by the fault that was reported before\n";
    return new DeviceException(failed(what, result) + before + Faults.wayOut(), true);
  }

  private static String failed(String what, int result) {
    return what + " failed: " + CUresult.stringFor(result) + " (" + result + ")";
  }

  /** Returns whether the thread's context was another one, to which {@link #leave} goes back. */
  private boolean enter() {
    if (released) {
      throw new DeviceException(
          "device " + device + " is closed, and with it all that was made from it; open a new one");
    }
    Current current = CURRENT.get();
    if (current.together == this) {
      return false;
    }
    checkAnywhere("query of the thread's context", current.get);
    if (current.context().equals(context)) {
      return false;
    }
    checkAnywhere("activation of the device's context", push);
    return true;
  }

  private static void leave(boolean entered) {
    if (entered) {
      warn(code(CURRENT.get().pop));
    }
  }

  /** Throws nothing, which would hide a failure of the call. */
  private static void warn(int result) {
    if (result != CUresult.CUDA_SUCCESS) {
      LOG.warn(
          "the context that was current on thread '{}' could not be made so again: {} ({})",
          Thread.currentThread().getName(),
          CUresult.stringFor(result),
          result);
    }
  }

  private static boolean isCurrent(CUcontext wanted) {
    Current current = CURRENT.get();
    return code(current.get) == CUresult.CUDA_SUCCESS && current.context().equals(wanted);
  }

  private static String hint(int result) {
    switch (result) {
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY:
        return "; the device is out of memory: use a smaller batch or a smaller budget, or close other arenas";
      case CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU:
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
        return "; the driver cannot run this image: the kernels are built for sm_80, sm_90 and PTX compute_80: they"
            + " need a GPU of compute capability 8.0 or newer, and a driver that knows the .version of kernels/ptx";
      case CUresult.CUDA_ERROR_INVALID_HANDLE:
      case CUresult.CUDA_ERROR_INVALID_CONTEXT:
        return "; was a stream, an event or memory of another context given, or one that was destroyed?";
      case CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED:
        return "; it allocates or waits, which no capture allows: call it once, or its reserve where"
            + " it has one, before the capture";
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS:
        return "; a kernel read or wrote outside its allocations: run the same program with"
            + " -Dkrongauss.device=software -Dkrongauss.softcuda.check=memory to see where";
      default:
        return "";
    }
  }
}
