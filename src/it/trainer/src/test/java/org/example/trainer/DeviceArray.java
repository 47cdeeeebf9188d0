package org.example.trainer;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;

import dev.krongauss.device.Matrix;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;

/** Floats in device memory that this project allocates and frees itself. */
final class DeviceArray implements AutoCloseable {
  private final CUdeviceptr pointer = new CUdeviceptr();
  private final int length;

  DeviceArray(int length) {
    this.length = length;
    check(cuMemAlloc(pointer, 4L * length), "cuMemAlloc");
  }

  /** A [rows][columns] view of the whole array, rows packed. */
  Matrix matrix(int rows, int columns) {
    return Matrix.wrap(pointer, rows, columns, columns);
  }

  void upload(float[] values) {
    check(cuMemcpyHtoD(pointer, Pointer.to(values), 4L * length), "cuMemcpyHtoD");
  }

  float[] download() {
    float[] values = new float[length];
    check(cuMemcpyDtoH(Pointer.to(values), pointer, 4L * length), "cuMemcpyDtoH");
    return values;
  }

  @Override
  public void close() {
    check(cuMemFree(pointer), "cuMemFree");
  }

  static void check(int result, String call) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw new IllegalStateException(call + ": " + CUresult.stringFor(result));
    }
  }
}
