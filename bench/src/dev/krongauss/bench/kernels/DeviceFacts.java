package dev.krongauss.bench.kernels;

import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** What a result must say about the device it was measured on. */
public final class DeviceFacts {
  private static final Path KERNEL_DRIVER = Path.of("/proc/driver/nvidia/version");
  private static final double KILO = 1e3;

  private final Device device;
  private final CUdevice handle = new CUdevice();

  /** Asks the driver of an open device. */
  public DeviceFacts(Device device) {
    this.device = device;
    check(JCudaDriver.cuDeviceGet(handle, 0));
  }

  /**
   * Name, capability, clocks, memory, driver and library versions; what is not to be had is null.
   */
  public Map<String, Object> asMap() throws IOException {
    int[] version = new int[1];
    check(JCudaDriver.cuDriverGetVersion(version));
    long[] memory = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(memory, handle));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("device", device.name());
    map.put("software", device.isSoftware());
    map.put("chosenBecause", device.reason());
    map.put("computeCapability", major() + "." + minor());
    map.put("multiprocessors", device.multiprocessors());
    map.put("clockMHz", clock(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE) / 1e6);
    map.put("memoryClockMHz", memoryClock() / 1e6);
    map.put("memoryBusBits", busBits());
    map.put("l2Bytes", l2Bytes());
    map.put("memoryBytes", memory[0]);
    map.put("driver", device.isSoftware() ? "SoftCUDA" : kernelDriver());
    map.put("driverApi", version[0]);
    map.put("cublas", device.blas().map(blas -> blas.version()).orElse(null));
    map.put("cusolver", device.solver().isPresent());
    map.put("peak", device.isSoftware() ? null : peak().asMap());
    return map;
  }

  /** The rates behind the roofline; for SoftCUDA there are none. */
  Peak peak() {
    boolean lanes64 = major() == 7 || major() == 8 && minor() == 0;
    return Peak.of(
        device.name(),
        device.multiprocessors(),
        lanes64,
        clock(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
        memoryClock(),
        busBits());
  }

  int l2Bytes() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  }

  private int major() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  }

  private int minor() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  private double memoryClock() {
    return clock(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
  }

  private int busBits() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
  }

  /** Hertz; the driver says kilohertz. */
  private double clock(int which) {
    return KILO * attribute(which);
  }

  private int attribute(int which) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, which, handle));
    return value[0];
  }

  /** The NVIDIA driver of this machine by its own words, or null where there is none. */
  static String kernelDriver() throws IOException {
    return Files.isReadable(KERNEL_DRIVER)
        ? Files.readString(KERNEL_DRIVER).lines().findFirst().orElse(null)
        : null;
  }

  private static void check(int result) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw new DeviceException("a query of the device failed: " + CUresult.stringFor(result));
    }
  }
}
