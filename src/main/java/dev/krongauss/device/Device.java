package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuStreamCreate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A GPU, or SoftCUDA where there is none. Owns every arena, stream and staging buffer made from it;
 * {@link #close()} frees them all. Safe from any thread.
 *
 * <p>The system property {@code krongauss.device} forces the kind: {@code cuda} (an error without a
 * usable GPU), {@code software}, or {@code auto} (the default). A JVM has one kind only.
 */
public final class Device implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Device.class);

  private final NativeLoader.Choice choice;
  private final CUdevice handle = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final String name;
  private final int multiprocessors;
  private final int computeCapability;
  private final Map<String, Module> modules = new ConcurrentHashMap<>();
  private final Map<String, Module> userModules = new ConcurrentHashMap<>();
  private final List<AutoCloseable> resources = new ArrayList<>();
  private final Stream stream;
  private final Transfers transfers;
  private final Optional<Blas> blas;
  private final Optional<Solver> solver;
  private final Counters counters = new Counters();
  private boolean closed;

  private Device(NativeLoader.Choice choice) {
    this.choice = choice;
    Driver.check(cuInit(0), "initialisation of the CUDA driver");
    Driver.check(cuDeviceGet(handle, 0), "query of device 0");
    Driver.check(cuDevicePrimaryCtxRetain(context, handle), "creation of the device's context");
    bind();
    byte[] text = new byte[256];
    Driver.check(cuDeviceGetName(text, text.length, handle), "query of the device's name");
    name = new String(text, java.nio.charset.StandardCharsets.UTF_8).trim();
    multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    computeCapability =
        10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    stream = newStream();
    transfers = new Transfers(this);
    blas = Blas.open(this);
    solver = Solver.open(this);
  }

  /**
   * Opens the device and logs one line that says which and why.
   *
   * @throws DeviceException if {@code -Dkrongauss.device} has an unknown value, if {@code cuda} was
   *     forced and no GPU is usable (the message lists every library tried and the reason), if this
   *     JVM already runs the other kind, or if the driver fails
   */
  public static Device open() {
    NativeLoader.Choice choice = NativeLoader.load();
    Device device = new Device(choice);
    LOG.info(
        "device {} because {}; {}, {}",
        device.name,
        choice.reason(),
        device.blas.isPresent()
            ? "cuBLAS " + device.blas.get().version()
            : "no cuBLAS (" + Blas.missing() + ")",
        device.solver.isPresent() ? "cuSOLVER" : "no cuSOLVER (" + Solver.missing() + ")");
    return device;
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
    bind();
    CUstream created = new CUstream();
    Driver.check(cuStreamCreate(created, CUstream_flags.CU_STREAM_NON_BLOCKING), "stream creation");
    return register(new Stream(this, created, true));
  }

  /**
   * Wraps a stream of the caller's, made in this device's primary context; it is never destroyed
   * here.
   */
  public Stream wrap(CUstream foreign) {
    return new Stream(this, foreign, false);
  }

  /** A new, unrecorded event; its maker closes it. */
  public Event newEvent() {
    return new Event(this);
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
   * The kernel {@code kernel} of {@code kernels/<file>.cu}; its module is loaded once.
   *
   * @throws DeviceException if the image is not in the jar or the driver refuses it
   */
  public Function function(String file, String kernel) {
    bind();
    return modules.computeIfAbsent(file, f -> Module.load(this, f)).function(kernel);
  }

  /**
   * A kernel of PTX that a user has given; each text is loaded once.
   *
   * @param name of the PTX, for messages
   * @throws DeviceException if the driver refuses the PTX, or it has no such kernel
   */
  public Function userFunction(String name, String ptx, String kernel) {
    bind();
    return userModules
        .computeIfAbsent(ptx, text -> Module.loadPtx(this, name, text))
        .function(kernel);
  }

  /** cuBLAS, where its library loads. */
  public Optional<Blas> blas() {
    return blas;
  }

  /** cuSOLVER, where its library loads. */
  public Optional<Solver> solver() {
    return solver;
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
    bind();
    Driver.check(cuCtxSynchronize(), "device synchronisation");
  }

  /** Frees everything made from this device. Closing twice does nothing. */
  @Override
  public void close() {
    List<AutoCloseable> open;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      open = new ArrayList<>(resources);
    }
    for (int i = open.size() - 1; i >= 0; i--) {
      closeResource(open.get(i));
    }
    solver.ifPresent(Solver::close);
    blas.ifPresent(Blas::close);
    modules.values().forEach(Module::close);
    userModules.values().forEach(Module::close);
    Driver.check(cuDevicePrimaryCtxRelease(handle), "release of the device's context");
  }

  @Override
  public String toString() {
    return name + " (" + choice.reason() + ")";
  }

  /**
   * Makes this device's context current for the calling thread; cheap, and needed once a thread.
   */
  void bind() {
    Driver.check(cuCtxSetCurrent(context), "activation of the device's context");
  }

  /**
   * Waits before memory is freed; a failure of earlier work was or will be reported by whoever
   * enqueued it.
   */
  void synchronizeQuietly() {
    bind();
    int result = cuCtxSynchronize();
    if (result != 0) {
      LOG.warn("device memory is freed after a failure of the device: CUDA error {}", result);
    }
  }

  Transfers transfers() {
    return transfers;
  }

  Counters counters() {
    return counters;
  }

  synchronized void forget(AutoCloseable resource) {
    resources.remove(resource);
  }

  private int attribute(int which) {
    int[] value = new int[1];
    Driver.check(cuDeviceGetAttribute(value, which, handle), "query of a device attribute");
    return value[0];
  }

  synchronized <T extends AutoCloseable> T register(T resource) {
    Check.that(!closed, "the device is closed; open a new one");
    resources.add(resource);
    return resource;
  }

  private static void closeResource(AutoCloseable resource) {
    try {
      resource.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new DeviceException("closing " + resource + " failed", e);
    }
  }
}
