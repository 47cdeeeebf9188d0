package dev.krongauss.device;

import jcuda.driver.CUdeviceptr;

/** JCuda's device pointer, with the address readable and constructible as a number. */
final class DevicePointer extends CUdeviceptr {
  DevicePointer() {}

  DevicePointer(long address) {
    super(new CUdeviceptr(), address);
  }

  DevicePointer(CUdeviceptr other) {
    super(other);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
