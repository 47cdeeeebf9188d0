package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;

import java.util.Optional;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUstream;

/**
 * A GPU, or SoftCUDA where there is none. Owns every arena, stream, event and staging buffer made
 * from it; {@link #close()} frees them all. Safe from any thread.
 *
 * <p>It lives beside other code of the JVM: all work is done in the device's primary context, and
 * every call of this library leaves the thread's current context, and JCuda's exception mode, as it
 * found them. Within a callback (of a loss, a model) the device's context is current. Several
 * devices may be open; those of one GPU share its context, and the last one closed gives it back.
 *
 * <p>The system property {@code krongauss.device} forces the kind: {@code cuda} (an error without a
 * usable GPU), {@code software}, or {@code auto} (the default). A JVM has one kind only.
 */
public final class Device implements AutoCloseable {
  private final NativeLoader.Choice choice;
  private final PrimaryContext context;
  private final Driver driver;
  private final String name;
  private final int multiprocessors;
  private final int computeCapability;
  private final Construction construction = new Construction();
  private final OpenResources resources = new OpenResources(construction);
  private final LoadedKernels kernels = new LoadedKernels(this, construction);
  private final Stream stream;
  private final Transfers transfers;
  private final Libraries libraries;
  private final Counters counters = new Counters();

  /** See {@link Devices#open}. */
  Device(NativeLoader.Choice choice, int number) {
    this.choice = choice;
    context = new PrimaryContext(number);
    name = context.deviceName();
    multiprocessors = context.multiprocessors();
    computeCapability = context.computeCapability();
    driver = new Driver(context.handle(), name);
    try {
      stream = newStream();
      transfers = new Transfers(this);
      libraries = new Libraries(this);
    } catch (RuntimeException e) {
      context.release();
      throw e;
    }
  }

  /**
   * Opens the device and logs one line that says which and why.
   *
   * @throws DeviceException if {@code -Dkrongauss.device} has an unknown value, if {@code cuda} was
   *     forced and no GPU is usable (the message lists every library tried and the reason), if this
   *     JVM already runs the other kind, if JCuda was touched before and has taken another driver
   *     or none, if a device of this JVM had a fault that only a new JVM mends, or if the driver
   *     fails
   */
  public static Device open() {
    return Devices.open(0);
  }

  /** The device's name as its driver gives it. */
  public String name() {
    return name;
  }

  /** Why this device was chosen. */
  public String reason() {
    return choice.reason();
  }

  /** Whether SoftCUDA executes the kernels. */
  public boolean isSoftware() {
    return choice.software();
  }

  public int multiprocessors() {
    return multiprocessors;
  }

  /** The compute capability times ten: 80, 86, 90, 120. */
  public int computeCapability() {
    return computeCapability;
  }

  /** The device's own stream, closed with the device. */
  public Stream stream() {
    return stream;
  }

  /** A new stream, closed with the device at the latest. */
  public Stream newStream() {
    return register(Stream.create(this));
  }

  /**
   * Wraps a stream of the caller's, made in this device's primary context ({@link #context()}, or
   * that of CUDA's runtime); it is never destroyed here.
   *
   * @throws IllegalArgumentException if it is a stream of another context
   * @throws DeviceException if it is no stream
   */
  public Stream wrap(CUstream foreign) {
    return Stream.wrap(this, foreign);
  }

  /**
   * The device's primary context, for the caller's own JCuda calls: {@code
   * cuCtxSetCurrent(device.context())}. It goes with the last device that is closed, unless the
   * caller retains it.
   */
  public CUcontext context() {
    return context.handle();
  }

  /**
   * Does work of the caller's with this device's context current, and leaves the thread's current
   * context as it was.
   */
  public void inContext(Runnable work) {
    driver.within(Device::run, work);
  }

  /** The same for work with a result. */
  public <T> T inContext(Supplier<T> work) {
    return driver.within(Supplier::get, work);
  }

  /** The same for work that is made once and given what changes, so that it leaves no garbage. */
  public <A, T> T inContext(java.util.function.Function<A, T> work, A argument) {
    return driver.within(work, argument);
  }

  private static Void run(Runnable work) {
    work.run();
    return null;
  }

  /** A new, unrecorded event, closed with the device at the latest. */
  public Event newEvent() {
    return register(new Event(this));
  }

  /** A new arena, closed with the device at the latest. */
  public Arena newArena(String arenaName) {
    return register(new Arena(this, arenaName));
  }

  /** Pinned host memory of {@code bytes} bytes, closed with the device at the latest. */
  public Staging staging(long bytes) {
    return register(new Staging(this, bytes));
  }

  /**
   * Page-locks and maps {@code bytes} bytes of the caller's at this address on the host, so that
   * kernels use them where they lie; released with the device at the latest.
   *
   * @throws IllegalArgumentException if the address is no multiple of 4 or there are no bytes
   * @throws DeviceException if the driver refuses, as for memory that is registered already
   */
  public HostMemory register(long address, long bytes) {
    return register(new HostMemory(this, address, bytes));
  }

  /**
   * Makes something of several parts: if that fails, all of this device's that the calling thread
   * has made by then is closed, and what failed is thrown.
   */
  public <T> T allOrNothing(Supplier<T> make) {
    return construction.of(make);
  }

  /**
   * The kernel {@code kernel} of {@code kernels/<file>.cu}; its module is loaded once.
   *
   * @throws DeviceException if the image is not in the jar or the driver refuses it
   */
  public Function function(String file, String kernel) {
    return kernels.function(file, kernel);
  }

  /**
   * Kernels of PTX that a user has given; who asks for them closes them. A text that several ask
   * for is loaded once.
   *
   * @param ptxName of the PTX, for messages
   * @throws DeviceException if the driver refuses the PTX
   */
  public PtxModule ptx(String ptxName, String text) {
    return kernels.ptx(ptxName, text);
  }

  /**
   * A kernel of PTX that a user has given, kept until the device is closed; {@link #ptx} gives
   * kernels back before. A text is loaded once.
   *
   * @param ptxName of the PTX, for messages
   * @throws DeviceException if the driver refuses the PTX, or it has no such kernel
   */
  public Function userFunction(String ptxName, String text, String kernel) {
    return kernels.userFunction(ptxName, text, kernel);
  }

  /** cuBLAS, where its library loads. */
  public Optional<Blas> blas() {
    return libraries.blas();
  }

  /** cuSOLVER, where its library loads. */
  public Optional<Solver> solver() {
    return libraries.solver();
  }

  /** Bytes of device memory held through arenas of this device. */
  public long allocatedBytes() {
    return usage().deviceBytes();
  }

  /** Memory held and bytes copied. */
  public Usage usage() {
    return counters.usage();
  }

  /** {@link Usage#peakDeviceBytes()} counts anew, from what is held now. */
  public void resetPeak() {
    counters.resetPeak();
  }

  /** Waits for everything enqueued on any stream. */
  public void synchronize() {
    driver.check("device synchronisation", () -> cuCtxSynchronize());
  }

  /**
   * Frees everything made from this device. Closing twice does nothing.
   *
   * @throws DeviceException if something could not be freed, as after a fault of the device; the
   *     rest is freed all the same, and the message says whether a new JVM is needed
   */
  @Override
  public void close() {
    if (!resources.end()) {
      return;
    }
    Closing closing = new Closing();
    closing.attempt(() -> inContext(() -> closeAll(closing)));
    driver.release();
    closing.attempt(context::release);
    closing.end("device " + name);
  }

  @Override
  public String toString() {
    return name + " (" + choice.reason() + ")";
  }

  /** The way to the driver, in this device's context. */
  Driver driver() {
    return driver;
  }

  Transfers transfers() {
    return transfers;
  }

  /** True once: whoever gets it logs which image the kernels run from. */
  boolean firstImage() {
    return kernels.firstImage();
  }

  Counters counters() {
    return counters;
  }

  Libraries libraries() {
    return libraries;
  }

  void forget(AutoCloseable resource) {
    resources.forget(resource);
  }

  <T extends AutoCloseable> T register(T resource) {
    return resources.add(resource);
  }

  private void closeAll(Closing closing) {
    resources.close(closing);
    libraries.close(closing);
    kernels.close(closing);
  }
}
